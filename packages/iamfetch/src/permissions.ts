import type { CognitoCredentials, CredentialStatus } from '@iamfetch/cognito'
import { checkOptions, invalidOption, later, listeners, type OptionNames } from '@iamfetch/core'

/** What one role may do with one route, as the table says. */
export interface RoutePermission {
  /** `allow`, `deny` or `depends`. A text, because JSON that is imported has no narrower type. */
  readonly effect: string
  /** The statement of the role's policy that decides. `undefined` if no statement allows the route, or if it needs no permission. */
  readonly statement?: string
  /** For `depends`: what decides when the call is made, such as `aws:SourceIp`. */
  readonly dependsOn?: readonly string[]
}

/** The file that `npx @iamfetch/local permissions` and the Vite plugin write. */
export interface PermissionTable {
  readonly version: number
  readonly groups: readonly { readonly group: string; readonly role: string }[]
  readonly defaultRole?: string | null
  readonly alwaysDefaultRole: boolean
  readonly guestRole?: string | null
  readonly roles: {
    readonly [role: string]: { readonly [route: string]: RoutePermission }
  }
}

/** The routes of a table. */
export type RouteOf<Table extends PermissionTable> = {
  [Role in keyof Table['roles']]: keyof Table['roles'][Role]
}[keyof Table['roles']] &
  string

/** A hint, and where it comes from. */
export interface PermissionHint extends RoutePermission {
  /** The name of the user's role in the table. */
  readonly role: string
}

/** What `onEvent` receives: a call had another outcome than the table says, so the table is older than the policies. */
export interface OutdatedEvent {
  readonly type: 'outdated'
  readonly route: string
  readonly role: string
  /** What the table says. The call had the opposite outcome. */
  readonly expected: 'allow' | 'deny'
}

/** The options of {@link createPermissions}. */
export interface PermissionsOptions {
  /** Receives what calls prove. Nothing in an event is secret. */
  readonly onEvent?: ((event: OutdatedEvent) => void) | undefined
}

/** Hints about what the user who is signed in may call. Created by {@link createPermissions}. */
export interface Permissions<Route extends string = string> {
  /**
   * Whether the user may call a route, as far as the table tells. It is a hint for a page: IAM decides when the call is made.
   *
   * `undefined` while that is not known: before the token was read, if a condition decides (`depends`), and if the role is not in the
   * table. `false` if nobody is signed in, unless the route needs no permission.
   */
  can(route: Route): boolean | undefined
  /** The entry of the table for the user's role. `undefined` if the role is not known. */
  hint(route: Route): PermissionHint | undefined
  /** Calls `listener` when hints may have changed. @returns A function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * Returns a `fetch` that compares the outcome of calls with the table. A route that the gateway refuses although the table allows it
   * becomes `false` for this user and role, one that succeeds becomes `true`, and `onEvent` reports it.
   *
   * @param fetch  What `createIamFetch` returned.
   */
  watch(fetch: typeof globalThis.fetch, options?: WatchOptions): typeof globalThis.fetch
}

/** The options of `watch`. */
export interface WatchOptions {
  /** The URL of the API with its stage. Defaults to paths alone: calls with a whole URL are not compared. */
  readonly baseUrl?: string | undefined
  /** The name of the API, if several APIs have the same route. */
  readonly api?: string | undefined
}

const OPTIONS: OptionNames<PermissionsOptions> = { onEvent: true }
const WATCH_OPTIONS: OptionNames<WatchOptions> = { baseUrl: true, api: true }

/**
 * Answers what the user who is signed in may call, from a table that was written when the page was built. It asks no service.
 *
 * It is a hint, for example to disable a button: IAM decides when a call is made, and a page that hides a button protects nothing.
 *
 * It follows the role that the token predicts, `switchRole`, sign-out and other users. With the credentials of `withRole` it follows
 * that role.
 *
 * @param table        What `npx @iamfetch/local permissions` wrote.
 * @param credentials  What `cognitoCredentials` returned.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const permissions = createPermissions(table, credentials)
 * const iamFetch = permissions.watch(createIamFetch({ baseUrl, credentials }), { baseUrl })
 * if (permissions.can('POST /notes') === false) hideForm()
 * ```
 */
export function createPermissions<const Table extends PermissionTable>(
  table: Table,
  credentials: Pick<CognitoCredentials, 'status' | 'subscribe'>,
  options: PermissionsOptions = {},
): Permissions<RouteOf<Table>> {
  checkOptions('createPermissions', options, OPTIONS)
  const { roles }: PermissionTable = table
  if (table.version !== 1) {
    throw invalidOption('createPermissions', '"table" must be of version 1', table.version)
  }
  const [firstRole = {}] = Object.values(roles)
  const own = listeners()
  /** What calls of the present user with the present role proved. */
  let proven = { caller: '', routes: new Map<string, boolean>() }
  const callerNow = (): { role: string | null | undefined; name: string } => {
    const status = credentials.status()
    const role = roleOf(table, status)
    const name = JSON.stringify([status.issuer, status.sub, role])
    if (name !== proven.caller) proven = { caller: name, routes: new Map() }
    return { role, name }
  }

  const expected = (route: string, role: string | null | undefined): boolean | undefined => {
    if (isOpen(firstRole[route])) return true
    if (role === undefined || !firstRole[route]) return undefined
    const effect = role === null ? 'deny' : roles[role]?.[route]?.effect
    return effect === 'depends' ? undefined : effect === 'allow'
  }
  const compare = (route: string, role: string, allowed: boolean): void => {
    const before = proven.routes.get(route)
    const said = expected(route, role)
    if (said === undefined || (before ?? said) === allowed) return
    proven.routes.set(route, allowed)
    own.notify()
    if (said === allowed) return
    const event = { type: 'outdated', route, role, expected: said ? 'allow' : 'deny' } as const
    later(() => options.onEvent?.(event))
  }
  return {
    can(route) {
      const { role } = callerNow()
      return proven.routes.get(route) ?? expected(route, role)
    },
    hint(route) {
      const { role } = callerNow()
      const found = typeof role === 'string' ? roles[role]?.[route] : undefined
      return found && typeof role === 'string' ? { role, ...found } : undefined
    },
    subscribe(listener) {
      const ends = [own.subscribe(listener), credentials.subscribe(listener)]
      return () => ends.forEach((end) => end())
    },
    watch(fetch, given = {}) {
      checkOptions('watch', given, WATCH_OPTIONS)
      const { baseUrl = '', api } = given
      return async (input, init) => {
        const { role, name } = callerNow()
        const response = await fetch(input, init)
        const route = routeIn(firstRole, requested(input, init, baseUrl), api)
        if (route !== undefined && typeof role === 'string') {
          const refused = response.status === 403 && (await isOfGateway(response))
          // The user may be another one by now.
          if ((response.ok || refused) && callerNow().name === name) compare(route, role, !refused)
        }
        return response
      }
    },
  }
}

/** A route that needs no permission is allowed without a statement. */
const isOpen = (permission: RoutePermission | undefined): boolean =>
  permission?.effect === 'allow' && permission.statement === undefined

/** The name of the user's role in the table; `null` if the user has none, `undefined` if it is not known. */
function roleOf(table: PermissionTable, status: CredentialStatus): string | null | undefined {
  const { signedIn, identityId, role, roles = [], preferredRole, groups } = status
  const { defaultRole, guestRole } = table
  if (signedIn === undefined) return undefined
  if (!signedIn) return identityId === undefined && guestRole ? undefined : (guestRole ?? null)
  if (table.alwaysDefaultRole) return defaultRole
  const arn = role ?? (preferredRole || (roles.length === 1 ? roles[0] : undefined))
  if (arn === undefined) return defaultRole
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  if (Object.hasOwn(table.roles, name)) return name
  if (role !== undefined) return undefined
  // A deployment may have given the role another name. The groups in the table are in the order of their precedence.
  return table.groups.find(({ group }) => groups.includes(group))?.role
}

interface Requested {
  method: string
  path: string
}

function requested(
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
function routeIn(
  routes: Readonly<Record<string, RoutePermission>>,
  { method, path }: Requested,
  api: string | undefined,
): string | undefined {
  const parametersOf = (route: string): number => route.split('{').length
  return Object.keys(routes)
    .filter((route) => {
      const parts = route.split(' ')
      const pattern = parts.pop() ?? ''
      if (parts.pop() !== method) return false
      return parts.every((name) => name === api) && isFitting(pattern.split('/'), path.split('/'))
    })
    .sort((a, b) => parametersOf(a) - parametersOf(b))[0]
}

function isFitting(pattern: readonly string[], path: readonly string[]): boolean {
  const isGreedy = pattern.at(-1)?.endsWith('+}')
  if (isGreedy ? path.length < pattern.length : path.length !== pattern.length) return false
  return pattern.every((part, i) => (part.startsWith('{') ? path[i] !== '' : part === path[i]))
}

/**
 * Whether a 403 comes from the gateway and not from the application. An HTTP API does not say more than `Forbidden`.
 */
async function isOfGateway(response: Response): Promise<boolean> {
  const text = await response.clone().text()
  return (
    text === '{"message":"Forbidden"}' || text.includes(' not authorized to perform: execute-api')
  )
}
