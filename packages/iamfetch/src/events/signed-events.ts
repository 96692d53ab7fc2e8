import {
  backoffMs,
  callerChanged,
  checkOptions,
  ending,
  invalidOption,
  isSameOwner,
  sleep,
  throwIfEnded,
  type Clock,
  type Ending,
  type OptionNames,
  type Owner,
} from '@iamfetch/core'
import { withOnCaller } from '../on-caller.ts'
import { checkStream, isTransient, textOf } from './connection.ts'
import { eventParser, type ServerSentEvent } from './event-parser.ts'

/**
 * The shortest wait that a stream may set, as in Firefox.
 *
 * @see [Gecko: `MIN_RECONNECTION_TIME_VALUE`](https://searchfox.org/mozilla-central/source/dom/base/EventSource.cpp)
 */
const LEAST_RETRY_MS = 500
/** The longest, so that no server keeps a client away for days. */
const LONGEST_RETRY_MS = 600_000

/** How {@link signedEvents} opens a stream, and when it opens it again. */
export interface SignedEventsOptions {
  /** @default 'GET' */
  method?: string | undefined
  headers?: HeadersInit | undefined
  /** Sent with each connection. Not a stream, which can be read once. */
  body?: Exclude<BodyInit, ReadableStream> | null | undefined
  /** Ends the stream: the next read rejects with its reason. */
  signal?: AbortSignal | undefined
  /** The ID of the last event that was received before. Defaults to none. */
  lastEventId?: string | undefined
  /** Whether the stream is opened again when its connection ends. @default true for GET, else false */
  reconnect?: boolean | undefined
  /** How many connections may fail one after the other, without an event, before the error is thrown. @default 10 */
  attempts?: number | undefined
  /**
   * The wait before a new connection, in milliseconds, until the stream sends a `retry`. A `retry` below 500 counts as 500, or as
   * this wait if it is shorter: no server makes a client connect without a pause. One above 10 minutes counts as 10 minutes.
   *
   * @default 1000
   */
  retryMs?: number | undefined
  /** The longest wait that jitter adds to it, in milliseconds; it doubles with each failure. @default 30000 */
  maxRetryMs?: number | undefined
  /** The longest event, in characters. @default 1048576 */
  maxEventLength?: number | undefined
  /** The time that waits take. @default Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for the waits. @default Math.random */
  random?: (() => number) | undefined
}

const OPTION_NAMES: OptionNames<SignedEventsOptions> = {
  method: 'string',
  headers: true,
  body: true,
  signal: true,
  lastEventId: 'string',
  reconnect: 'boolean',
  attempts: 'number',
  retryMs: 'number',
  maxRetryMs: 'number',
  maxEventLength: 'number',
  clock: 'clock',
  random: 'function',
}

/**
 * Opens a stream of server-sent events and reads it as an async iterator.
 *
 * Each connection is a separate call: signed again, with credentials and a clock that are right at that time, and with
 * `Last-Event-ID`. When a connection ends or breaks, the next one follows after the time that the stream set (`retry`), with
 * jitter, and with a longer wait after each failure. A 204 ends the stream, as does leaving the loop.
 *
 * The stream belongs to the user who is signed in when its first event is read. It ends with `CALLER_CHANGED` when another user
 * signs in, and with `CLEARED` after `clear()`, at once with `cognitoCredentials`, otherwise before the next connection. It is never
 * opened again for another user.
 *
 * A page needs `Last-Event-ID` in the `Access-Control-Allow-Headers` of the API.
 *
 * @param iamFetch  What `createIamFetch` or `createTokenFetch` returned, or a function around it that passes `init` on.
 * @param url       As for `iamFetch`.
 * @returns The events in order. It throws {@link IamFetchError}: `CALLER_CHANGED`, `CLEARED`, `FORBIDDEN` for a 401 or 403,
 *   `UNEXPECTED_ANSWER` for what is not a stream of events or an event that is too long, what `iamFetch` throws, and after
 *   `attempts` failures the last one.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [HTML: server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html)
 * @example
 * ```ts
 * for await (const { event, data } of signedEvents(iamFetch, '/notes/events', { signal })) {
 *   if (event === 'note') console.log(JSON.parse(data))
 * }
 * ```
 */
export function signedEvents(
  iamFetch: typeof globalThis.fetch,
  url: string | URL,
  options: SignedEventsOptions = {},
): AsyncGenerator<ServerSentEvent, void, void> {
  checkOptions('signedEvents', options, OPTION_NAMES)
  if (typeof iamFetch !== 'function') {
    throw invalidOption('signedEvents', '"iamFetch" must be a function', iamFetch)
  }
  if (typeof options.body === 'object' && options.body !== null && 'getReader' in options.body) {
    throw invalidOption('signedEvents', '"body" must not be a stream, which can be sent only once')
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\0\r\n]/.test(options.lastEventId ?? '')) {
    throw invalidOption('signedEvents', '"lastEventId" must not contain a line break or a NUL')
  }
  const {
    attempts = 10,
    retryMs = 1_000,
    maxRetryMs = 30_000,
    maxEventLength = 1_048_576,
  } = options
  for (const [name, value] of Object.entries({ attempts, retryMs, maxRetryMs, maxEventLength })) {
    if (!(value > 0)) throw invalidOption('signedEvents', `"${name}" must be above 0`, value)
  }
  return read({
    ...options,
    iamFetch,
    url,
    attempts,
    retryMs,
    maxRetryMs,
    maxEventLength,
    reconnect: options.reconnect ?? (options.method ?? 'GET').toUpperCase() === 'GET',
    clock: options.clock ?? Date,
  })
}

/** The options with their defaults. */
interface Settings extends SignedEventsOptions {
  readonly iamFetch: typeof globalThis.fetch
  readonly url: string | URL
  readonly attempts: number
  readonly retryMs: number
  readonly maxRetryMs: number
  readonly maxEventLength: number
  readonly reconnect: boolean
  readonly clock: Clock
}

/** The user whom a stream belongs to, through all of its connections. */
interface Belonging {
  /** Aborts with the signal of the options, at the end of the sign-in, and when the loop is left. */
  readonly signal: AbortSignal
  readonly ended: Ending
  /** Throws if a connection would be another user's. */
  readonly check: (owner: Owner) => void
  readonly isKnown: () => boolean
  readonly close: () => void
}

function belonging(signal: AbortSignal | undefined): Belonging {
  const controller = new AbortController()
  const ended = ending()
  const abort = (): void => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  ended.onEnd((error) => controller.abort(error))
  let first: Owner | undefined
  let stop: (() => void) | undefined
  return {
    signal: controller.signal,
    ended,
    isKnown: () => first !== undefined,
    check(owner) {
      if (first && !isSameOwner(first, owner)) throw callerChanged()
      if (first) return
      first = owner
      stop = owner.signIn?.onEnd(ended.end)
    },
    close() {
      stop?.()
      signal?.removeEventListener('abort', abort)
      controller.abort()
    },
  }
}

/** What the connections of a stream have in common. */
interface Progress {
  lastEventId: string
  retryMs: number
  /** Connections that failed since the last one that brought something. */
  failures: number
}

async function* read(settings: Settings): AsyncGenerator<ServerSentEvent, void, void> {
  const { signal, clock, random, maxRetryMs } = settings
  const user = belonging(signal)
  const progress: Progress = {
    lastEventId: settings.lastEventId ?? '',
    retryMs: settings.retryMs,
    failures: 0,
  }
  try {
    for (;;) {
      const isOver = yield* connection(settings, user, progress)
      if (isOver || !settings.reconnect) return
      const { retryMs, failures } = progress
      const backoff = backoffMs(failures, { baseMs: retryMs, capMs: maxRetryMs, random })
      await sleep(clock, retryMs + backoff, user.signal)
    }
  } catch (error) {
    // Whatever failed because of it: the reason is that the user is not the present one any more, or that the caller ended it.
    throwIfEnded(user.ended)
    if (signal?.aborted) throw signal.reason
    throw error
  } finally {
    user.close()
  }
}

/** Reads one connection. @returns Whether the stream has ended: a 204. */
async function* connection(
  settings: Settings,
  user: Belonging,
  progress: Progress,
): AsyncGenerator<ServerSentEvent, boolean, void> {
  const { maxEventLength, attempts, reconnect } = settings
  // Until it brings something.
  progress.failures++
  try {
    const response = await open(settings, user, progress.lastEventId)
    if (response.status === 204) return true
    await checkStream(response)
    const parser = eventParser(progress.lastEventId, maxEventLength)
    for await (const text of textOf(response, user.signal)) {
      if (text !== '') progress.failures = 0
      const events = parser.push(text)
      // A server must not cause connections without a pause.
      const leastMs = Math.min(LEAST_RETRY_MS, settings.retryMs)
      const askedMs = Math.min(parser.retryMs ?? progress.retryMs, LONGEST_RETRY_MS)
      progress.retryMs = Math.max(askedMs, leastMs)
      for (const event of events) {
        throwIfEnded(user.ended)
        // Before the event is handed out: the loop may be left with it.
        progress.lastEventId = event.id
        yield event
      }
      progress.lastEventId = parser.lastEventId
    }
    user.signal.throwIfAborted()
  } catch (error) {
    const isFinal = !reconnect || progress.failures >= attempts || !isTransient(error)
    if (isFinal || user.signal.aborted) throw error
  }
  return false
}

async function open(
  { iamFetch, url, method = 'GET', headers: given, body }: Settings,
  user: Belonging,
  lastEventId: string,
): Promise<Response> {
  user.signal.throwIfAborted()
  const headers = new Headers(given)
  headers.set('accept', 'text/event-stream')
  if (lastEventId !== '') headers.set('last-event-id', asBytes(lastEventId))
  const init: RequestInit = { method, headers, signal: user.signal, cache: 'no-store' }
  if (body != null) init.body = body
  const response = await iamFetch(url, withOnCaller(init, user.check))
  if (user.isKnown()) return response
  response.body?.cancel().catch(() => {})
  throw invalidOption(
    'signedEvents',
    '"iamFetch" must be what createIamFetch or createTokenFetch returned, or pass "init" on to it: it did not report who is calling',
  )
}

/** A header holds bytes, one for each character; an ID is text in UTF-8. */
const asBytes = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('')
