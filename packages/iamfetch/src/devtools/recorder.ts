import type { CognitoOptions } from '@iamfetch/cognito'
import {
  checkOptions,
  hideSecrets,
  invalidOption,
  isIamFetchError,
  listeners,
  type OptionNames,
  type Owner,
} from '@iamfetch/core'
import type { AttemptOptions } from '../attempts.ts'
import type { FetchEvent } from '../event.ts'
import { explain, type Explanation } from '../explain.ts'
import { observedFetch, onlyCallOf, withoutQuery, type CallObserver } from '../observed-fetch.ts'
import { localControls, type LocalControls } from './local-controls.ts'

/** One request of a call. */
export interface DevtoolsAttempt {
  /** From sending it to the headers of its response. `undefined` while it is under way. */
  readonly durationMs: number | undefined
  /** `undefined` if it is under way, or had no response that can be read. */
  readonly status: number | undefined
}

/** What is known of a call. */
export interface DevtoolsCall {
  readonly id: number
  /** Empty until the first request is sent. */
  readonly method: string
  /** Without query and fragment. Empty until the first request is sent. */
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** How long the exchange of the ID token took that the call waited for. 0 if it waited for none. */
  readonly exchangeMs: number
  /** How long the signatures took. `undefined` if several calls to the URL were under way, so that it is not known whose was whose. */
  readonly signMs: number | undefined
  readonly attempts: readonly DevtoolsAttempt[]
  /** What was corrected, and why something was sent again. */
  readonly notes: readonly string[]
  /** From the call to its result. `undefined` while it is under way. */
  readonly durationMs: number | undefined
  /** The status of the response. */
  readonly status: number | undefined
  /** The code of the error, if the call was rejected; the name of an error of another origin. */
  readonly code: string | undefined
  /** Why the call did not succeed. */
  readonly explanation: Pick<Explanation, 'message' | 'remedy' | 'responsible'> | undefined
}

/** What {@link createDevtools} takes. */
export interface DevtoolsOptions {
  /**
   * Where the dev server takes orders for the local stack: `/__iamfetch` with the Vite plugin of `@iamfetch/local`. Without it, the
   * panel has no buttons that make the local stack misbehave.
   */
  localStack?: string | undefined
  /** How many calls are kept. @default 50 */
  keep?: number | undefined
}

/** What {@link createDevtools} returns. */
export interface Devtools {
  /** Creates a `fetch` whose calls the panel shows, with `createIamFetch` or `createTokenFetch` and its options. */
  readonly observeFetch: <Options extends AttemptOptions>(
    create: (options: Options) => typeof globalThis.fetch,
    options: Options,
  ) => typeof globalThis.fetch
  /** Returns options of `cognitoCredentials` with which the panel knows how long the exchange took. */
  readonly observeCognito: (options: CognitoOptions) => CognitoOptions
  /** The calls of the signed-in user, the newest first. The same array until something changes. */
  readonly calls: () => readonly DevtoolsCall[]
  /** Forgets the calls that have ended. */
  readonly clear: () => void
  /** Calls `listener` after changes of `calls()`. @returns A function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void
  /** Injects failures into the local stack; `undefined` without the option `localStack`. */
  readonly controls: LocalControls | undefined
}

const OPTION_NAMES: OptionNames<DevtoolsOptions> = { localStack: 'string', keep: 'number' }

/** An exchange, by the monotonic timer. */
interface Interval {
  readonly from: number
  to: number
}

/**
 * Creates what the panel `IamDevtools` shows: the calls of a page, their attempts, timing and explanations. For development.
 *
 * It keeps no query, header, body, token or key. When another user signs in, or the user signs out, it forgets all calls.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const devtools = createDevtools({ localStack: '/__iamfetch' })
 * const credentials = cognitoCredentials(devtools.observeCognito({ identityPoolId, idToken }))
 * const iamFetch = devtools.observeFetch(createIamFetch, { baseUrl, credentials })
 * ```
 */
export function createDevtools(options: DevtoolsOptions = {}): Devtools {
  checkOptions('createDevtools', options, OPTION_NAMES)
  const { localStack, keep = 50 } = options
  if (!Number.isInteger(keep) || keep < 1) {
    throw invalidOption('createDevtools', '"keep" must be a whole number above 0', keep)
  }
  const { notify, subscribe } = listeners()
  const exchanges: Interval[] = []
  let calls: readonly DevtoolsCall[] = []
  /** Whose calls are kept, as far as it is known. */
  let present: string | undefined

  const change = (next: readonly DevtoolsCall[]): void => {
    calls = next
    notify()
  }
  const log: CallLog = {
    exchanges,
    all: () => calls,
    add: (call) => change([call, ...calls].slice(0, keep)),
    update(id, changed) {
      change(calls.map((call) => (call.id === id ? { ...call, ...changed(call) } : call)))
    },
    // Not every kind of credentials reports that another user signed in.
    belongsTo(id, { issuer, subject }) {
      if (subject === undefined) return
      const name = JSON.stringify([issuer, subject])
      if (present !== undefined && present !== name) change(calls.filter((call) => call.id === id))
      present = name
    },
  }
  return {
    observeFetch: (create, of) => observedFetch(create, of, () => observe(log), note(log)),
    observeCognito: (of) => ({
      ...of,
      async fetch(input, init) {
        const { fetch = globalThis.fetch } = of
        const interval = { from: performance.now(), to: Infinity }
        // Those of calls that ended long ago are of no use.
        exchanges.splice(0, Math.max(0, exchanges.length - keep))
        exchanges.push(interval)
        return fetch(input, init).finally(() => (interval.to = performance.now()))
      },
      onEvent(event) {
        if (event.type === 'user-changed' || event.type === 'signed-out') change([])
        of.onEvent?.(event)
      },
    }),
    calls: () => calls,
    clear: () => change(calls.filter(({ durationMs }) => durationMs === undefined)),
    subscribe,
    controls: localStack === undefined ? undefined : localControls(localStack),
  }
}

/** The calls, and what changes them. */
interface CallLog {
  readonly exchanges: readonly Interval[]
  readonly all: () => readonly DevtoolsCall[]
  readonly add: (call: DevtoolsCall) => void
  /** Changes a call, unless it was forgotten. */
  readonly update: (id: number, changed: (call: DevtoolsCall) => Partial<DevtoolsCall>) => void
  /** Notes whose a call is, and forgets the calls of another user. */
  readonly belongsTo: (id: number, owner: Owner) => void
}

let lastId = 0

// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
function observe({ exchanges, add, update, belongsTo }: CallLog): CallObserver {
  const id = ++lastId
  const from = performance.now()
  add({
    id,
    method: '',
    url: '',
    startedAt: Date.now(),
    exchangeMs: 0,
    signMs: undefined,
    attempts: [],
    notes: [],
    durationMs: undefined,
    status: undefined,
    code: undefined,
    explanation: undefined,
  })
  const exchangeMs = (to: number): number => overlapMs(exchanges, from, to)
  /** The request of the last response, for an explanation. */
  let last: { response: Response; request: () => Request } | undefined
  return {
    onCaller: (owner) => belongsTo(id, owner),
    run: (call) => call(),
    async attempt({ url, method, init }, send) {
      const sentAt = performance.now()
      const pending: DevtoolsAttempt = { durationMs: undefined, status: undefined }
      update(id, ({ attempts }) => ({
        method,
        url: withoutQuery(url),
        exchangeMs: exchangeMs(sentAt),
        attempts: [...attempts, pending],
      }))
      let status: number | undefined
      try {
        const response = await send(init)
        status = response.status
        last = { response, request: () => new Request(url, { ...init, signal: null }) }
        return response
      } finally {
        const durationMs = performance.now() - sentAt
        update(id, ({ attempts }) => ({
          attempts: attempts.map((attempt) =>
            attempt === pending ? { durationMs, status } : attempt,
          ),
        }))
      }
    },
    end(outcome) {
      const now = performance.now()
      const ended = { durationMs: now - from, exchangeMs: exchangeMs(now) }
      if ('error' in outcome) {
        update(id, () => ({ ...ended, code: codeOf(outcome.error) }))
        if (isIamFetchError(outcome.error)) void explainLater(outcome.error)
        return
      }
      const { response } = outcome
      update(id, () => ({ ...ended, status: response.status }))
      if (response.ok || response.status === 0) return
      const request = last?.response === response ? last.request() : undefined
      // A copy, made before the page reads the response.
      void explainLater(response.clone(), request)
    },
  }

  async function explainLater(answer: unknown, request?: Request): Promise<void> {
    const { message, remedy, responsible } = await explain(answer, { request })
    update(id, () => ({ explanation: { message, remedy, responsible } }))
  }
}

/** Adds what an event says to the call that it belongs to, if that is known. */
const note =
  ({ all, update }: CallLog) =>
  (event: FetchEvent): void => {
    const open = all()
      .filter(({ durationMs }) => durationMs === undefined)
      .map(({ id, url, method }) => ({ id, url: url || undefined, method: method || undefined }))
    const call = onlyCallOf(event, open)
    if (!call) return
    if (event.type === 'signed') {
      update(call.id, ({ signMs = 0 }) => ({ signMs: signMs + event.signMs }))
    }
    const text = textOf(event)
    if (text) update(call.id, ({ notes }) => ({ notes: [...notes, text] }))
  }

function textOf(event: FetchEvent): string | undefined {
  if (event.type === 'clock-corrected') {
    const seconds = Math.round(event.offsetMs / 1_000)
    return `The clock was corrected: the server is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}.`
  }
  if (event.type !== 'retry') return undefined
  const wait = event.waitMs > 0 ? ` after ${Math.round(event.waitMs)} ms` : ''
  return `Sent again${wait}, because of ${REASONS[event.reason]}.`
}

const REASONS = {
  token: 'a session or token that was refused',
  clock: 'a wrong clock',
  throttled: 'too many requests (429)',
  'server-error': 'an error of the server',
  network: 'the network',
}

/** How long exchanges were under way in a span of time. */
function overlapMs(exchanges: readonly Interval[], from: number, to: number): number {
  let total = 0
  for (const exchange of exchanges) {
    total += Math.max(0, Math.min(exchange.to, to) - Math.max(exchange.from, from))
  }
  return total
}

/** The code or the name of an error, never its text, and no name that may be a secret. */
function codeOf(error: unknown): string {
  if (isIamFetchError(error)) return error.code
  return error instanceof Error ? hideSecrets(error.name.slice(0, 100)) : 'Error'
}
