import type { AttemptOptions } from './attempts.ts'
import { allOptionsOf } from './call-copy.ts'
import type { FetchEvent } from './event.ts'
import { reportedAs, withOnCaller, type OnCaller } from './on-caller.ts'

/** One request that a call sends. */
export interface ObservedRequest {
  readonly url: string
  readonly method: string
  /** How many requests of the call were sent before. */
  readonly resent: number
  /** As it goes out: signed, with its body as text or bytes. */
  readonly init: RequestInit
}

/** What follows one call from its start to its end. */
export interface CallObserver {
  /** Receives who makes the call. */
  readonly onCaller?: OnCaller
  /** Runs the call. A context that is active during the call is set up here. */
  readonly run: (call: () => Promise<Response>) => Promise<Response>
  /** Sends one request, with these options or with others. */
  readonly attempt: (
    request: ObservedRequest,
    send: (init: RequestInit) => Promise<Response>,
  ) => Promise<Response>
  /** The call has ended, with a response or with an error. */
  readonly end: (outcome: { response: Response } | { error: unknown }) => void
}

/** Takes a call along to its attempts. `fetch` ignores members of its options that it does not know. */
const CALL = Symbol('iamfetch call')

interface InitOfCall extends RequestInit {
  [CALL]?: { observer: CallObserver; requests: number }
}

/**
 * Creates a `fetch` with `createIamFetch` or `createTokenFetch`, and an observer for each of its calls.
 *
 * `fetch` and `onEvent` of the options still work as they do without observers.
 *
 * @param start    Called when a call starts.
 * @param onEvent  Receives every event; which call it belongs to is not part of it.
 */
export function observedFetch<Options extends AttemptOptions>(
  create: (options: Options) => typeof globalThis.fetch,
  options: Options,
  start: () => CallObserver,
  onEvent: (event: FetchEvent) => void,
): typeof globalThis.fetch {
  const send: typeof globalThis.fetch = (input, given: InitOfCall = {}) => {
    const { fetch = globalThis.fetch } = options
    const { [CALL]: call, ...init } = given
    if (!call) return fetch(input, init)
    const url = typeof input === 'object' && 'url' in input ? input.url : new URL(input).href
    const { method = 'GET' } = init
    const request = { url, method, resent: call.requests++, init }
    return call.observer.attempt(request, (changed) => fetch(input, changed))
  }
  const observed = create({
    ...options,
    fetch: send,
    onEvent(event) {
      onEvent(event)
      options.onEvent?.(event)
    },
  })
  const outer: typeof globalThis.fetch = async (input, given) => {
    const observer = start()
    const init = reportedAs(outer, observed, allOptionsOf(given))
    const known = observer.onCaller ? withOnCaller(init, observer.onCaller) : init
    const ofCall: InitOfCall = { ...known, [CALL]: { observer, requests: 0 } }
    let response: Response
    try {
      response = await observer.run(() => observed(input, ofCall))
    } catch (error) {
      observer.end({ error })
      throw error
    }
    observer.end({ response })
    return response
  }
  return outer
}

/**
 * Finds the call that an event belongs to if the event does not name it: the only one under way that it can belong to.
 *
 * @returns `undefined` if several calls to the URL are under way.
 */
export function onlyCallOf<Call extends { url: string | undefined; method: string | undefined }>(
  event: FetchEvent,
  open: Iterable<Call>,
): Call | undefined {
  const possible = [...open].filter(
    ({ url, method }) => url === undefined || (url === event.url && method === event.method),
  )
  return possible.length === 1 ? possible[0] : undefined
}

/** A URL as events have it. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*/, '')
