import { checkOptions, later, type OptionNames } from '@iamfetch/core'
import type { OutdatedEvent, Permissions } from './permissions.ts'
import { reportedAs } from './on-caller.ts'
import { refusalText } from './refusal-text.ts'

/** The options of {@link watchPermissions}. */
export interface WatchOptions {
  /** The URL of the API with its stage. Defaults to paths alone: calls with a whole URL are not compared. */
  readonly baseUrl?: string | undefined
  /** The name of the API, if several APIs have the same route. */
  readonly api?: string | undefined
  /** Receives each route for which a call proved the table outdated, once for a user and role. */
  readonly onEvent?: ((event: OutdatedEvent) => void) | undefined
}

const OPTIONS: OptionNames<WatchOptions> = { baseUrl: 'string', api: 'string', onEvent: 'function' }

/**
 * Returns a `fetch` that compares the outcome of calls with the table of permissions. A route that the gateway refuses although the
 * table allows it becomes `false` for this user and role, one that succeeds becomes `true`, and `onEvent` reports it.
 *
 * A 403 of the application proves nothing. An HTTP API says no more than `Forbidden`, also to a signature that is wrong, so wrap what
 * `createIamFetch` returned, which has corrected the clock and the session before.
 *
 * @param permissions  What `createPermissions` returned.
 * @param fetch        What `createIamFetch` returned.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const iamFetch = watchPermissions(permissions, createIamFetch({ baseUrl, credentials }), {
 *   baseUrl,
 *   onEvent: ({ route }) => console.warn(`The table of permissions is outdated: ${route}`),
 * })
 * ```
 */
export function watchPermissions(
  permissions: Permissions,
  fetch: typeof globalThis.fetch,
  options: WatchOptions = {},
): typeof globalThis.fetch {
  checkOptions('watchPermissions', options, OPTIONS)
  const { baseUrl = '', api, onEvent } = options
  const outer: typeof globalThis.fetch = async (input, init) => {
    const note = permissions.observe()
    // Read now, as by `fetch`: the caller may change it afterwards.
    const route = routeOf(permissions.routes, requestOf(input, init, baseUrl), api)
    const response = await fetch(input, reportedAs(outer, fetch, init))
    if (route === undefined) return response
    const refused = response.status === 403 && (await isOfGateway(response))
    if (!response.ok && !refused) return response
    const event = note(route, !refused)
    if (event) later(() => onEvent?.(event))
    return response
  }
  return outer
}

interface Requested {
  method: string
  path: string
}

function requestOf(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  baseUrl: string,
): Requested {
  const isRequest = typeof input === 'object' && 'url' in input
  const url = isRequest ? input.url : String(input)
  const method = init?.method ?? (isRequest ? input.method : 'GET')
  const path = url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url
  return { method: method.toUpperCase(), path: path.split(/[?#]/)[0] ?? '' }
}

/** The route that a request goes to: of those that fit, the one with the fewest parameters. */
function routeOf(
  routes: readonly string[],
  { method, path }: Requested,
  api: string | undefined,
): string | undefined {
  let best: string | undefined
  // The table is about values without a slash. IAM may decide a call with an escaped one by another path (unverified).
  if (/%2f/i.test(path)) return best
  for (const route of routes) {
    const parts = route.split(' ')
    const pattern = parts.pop() ?? ''
    const isOfApi = parts.pop() === method && parts.every((name) => name === api)
    if (!isOfApi || !isFitting(pattern.split('/'), path.split('/'))) continue
    if (best === undefined || parametersOf(route) < parametersOf(best)) best = route
  }
  return best
}

const parametersOf = (route: string): number => route.split('{').length - 1

/** Whether a path fits the pattern of a route, both split at their slashes. */
export function isFitting(pattern: readonly string[], path: readonly string[]): boolean {
  const isGreedy = pattern.at(-1)?.endsWith('+}')
  if (isGreedy ? path.length < pattern.length : path.length !== pattern.length) return false
  return pattern.every((part, i) => (part.startsWith('{') ? path[i] !== '' : part === path[i]))
}

/** Whether a 403 comes from the gateway and not from the application. */
async function isOfGateway(response: Response): Promise<boolean> {
  const text = await refusalText(response)
  return (
    text === '{"message":"Forbidden"}' || text.includes(' not authorized to perform: execute-api')
  )
}
