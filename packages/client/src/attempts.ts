import { IamFetchError, sleep, type ServerClock } from '@iamfetch/core'
import { bufferRequest } from '@iamfetch/sigv4'
import { withDeadline } from './deadline.ts'
import { destinationsOf, isRequest, wrong, type DestinationOptions } from './destination.ts'
import type { FetchEvent, RetryReason } from './event.ts'
import { isRedirect, networkError, redirectError } from './network.ts'
import { refusalText } from './refusal-text.ts'
import { retryRule, type Outcome, type RetryOptions } from './retry.ts'

/** What `createIamFetch` and `createTokenFetch` have in common. */
export interface AttemptOptions extends DestinationOptions {
  /** When a request is sent again. */
  retry?: RetryOptions | undefined
  /**
   * How long a call may take until its answer's headers are here, attempts and waits together, in
   * milliseconds. A body may take longer; a signal ends it.
   * @default none
   */
  deadlineMs?: number | undefined
  /** What sends. @default the platform's `fetch`, looked up at each call */
  fetch?: ((input: Request) => Promise<Response>) | undefined
  /** Hears what happens, without secrets. */
  onEvent?: ((event: FetchEvent) => void) | undefined
}

/** A refusal, and what is known of the request that it refuses. */
export interface Refused {
  response: Response
  /** The answer's JSON text; '' where it is none. */
  text: string
  /** When the request left, by the server clock. */
  sentAt: number
  /** What was healed in this call before. */
  healed: readonly RetryReason[]
}

/** A request that is ready to leave, and what to do if it is refused. */
export interface Authorized {
  request: Request
  /** How long asking for the credentials or the token took, in milliseconds. */
  waitedMs: number
  /** Tries to remove the reason of a 401 or 403. @returns What was healed; nothing where a replay would be no better. */
  heal(refused: Refused): Promise<'token' | 'clock' | undefined>
}

/** Puts the authorization on one attempt, with the credentials and the time of this moment. */
export type Authorize = (url: string, init: RequestInit) => Promise<Authorized>

type OwnPart<E> = E extends unknown ? Omit<E, 'url' | 'method' | 'attempt'> : never

/** Milliseconds by the monotonic timer. It measures only: nothing is decided by it. */
export const timer = (): number => performance.now()

/**
 * Makes a `fetch` that sends each request as often as it takes and is safe, newly authorized each time.
 *
 * What is sent again and why is the table in the README.
 */
export function attemptsWith(
  options: AttemptOptions,
  clock: ServerClock,
  authorize: Authorize,
): typeof globalThis.fetch {
  const { deadlineMs = Infinity, fetch = (request) => globalThis.fetch(request) } = options
  const { resolve } = destinationsOf(options)
  const waitBefore = retryRule(options.retry, clock)
  if (!(deadlineMs > 0)) throw wrong('deadlineMs', 'a number above 0')
  // Local time: what is learnt of the server's meanwhile must not stretch or shorten a deadline.
  const localNow = (): number => clock.now() - clock.offsetMs

  const send = async (
    input: RequestInfo | URL,
    given: RequestInit | undefined,
    signal: AbortSignal | null,
  ): Promise<Response> => {
    const endsAt = localNow() + deadlineMs
    const target = resolve(input).href
    const { init } = await bufferRequest(isRequest(input) ? input : target, given)
    const method = (init.method ?? 'GET').toUpperCase()
    const url = target.replace(/[?#].*/, '')
    const healed: RetryReason[] = []
    let attempt = 0
    let failures = 0

    const emit = (event: OwnPart<FetchEvent>): void => {
      // A listener's fault is its own: it surfaces as unhandled and harms no call.
      void Promise.resolve({ url, method, attempt, ...event }).then(options.onEvent)
    }

    const sendOnce = async (): Promise<Outcome> => {
      const startedAt = timer()
      const authorized = await authorize(target, { ...init, redirect: 'manual', signal })
      const { request, waitedMs } = authorized
      // The last look before anything leaves: whatever a signer did, whatever `mode` made of the headers.
      resolve(request)
      if (!request.headers.has('authorization')) throw unauthorized()
      signal?.throwIfAborted()
      const sentAt = clock.now()
      const leftAt = timer()
      emit({ type: 'signed', waitedMs, signMs: leftAt - startedAt - waitedMs })
      let response: Response
      try {
        response = await fetch(request)
      } catch (error) {
        signal?.throwIfAborted()
        const failure = networkError(error, method, url)
        return { failure, reason: failure === error ? undefined : 'network' }
      }
      const { status } = response
      emit({ type: 'answered', status, networkMs: timer() - leftAt })
      if (init.redirect !== 'manual' && isRedirect(response)) throw redirectError(response, url)
      if (status === 429) return { response, reason: 'throttled' }
      if ([500, 502, 503, 504].includes(status)) return { response, reason: 'server-error' }
      if (status !== 401 && status !== 403) return { response }
      const { offsetMs } = clock
      const text = await refusalText(response)
      const reason = await authorized.heal({ response, text, sentAt, healed })
      if (clock.offsetMs !== offsetMs) emit({ type: 'clock-corrected', offsetMs: clock.offsetMs })
      if (reason) healed.push(reason)
      else emit({ type: 'refused', status })
      return { response, reason }
    }

    for (;;) {
      attempt++
      emit({ type: 'attempt' })
      const outcome = await sendOnce()
      signal?.throwIfAborted()
      const { response, failure, reason } = outcome
      const waitMs = waitBefore(outcome, { method, failures, leftMs: endsAt - localNow() })
      if (!reason || waitMs === undefined) {
        if (response) return response
        throw failure
      }
      // Nobody reads it; a body left lying would hold its connection.
      response?.body?.cancel().catch(() => {})
      emit({ type: 'retry', reason, waitMs })
      if (healed.at(-1) !== reason) {
        failures++
        await sleep(clock, waitMs, signal ?? undefined)
      }
    }
  }

  return (input, init) => {
    const callers = init?.signal === undefined && isRequest(input) ? input.signal : init?.signal
    return withDeadline(deadlineMs, callers, clock, (signal) => send(input, init, signal))
  }
}

const unauthorized = (): IamFetchError =>
  new IamFetchError('HEADER_NOT_SIGNABLE', 'The request has no authorization.', {
    remedy: "A signer has to set it; mode 'no-cors' drops it.",
  })
