import {
  backoffMs,
  IamFetchError,
  later,
  retryAfterMs,
  sleep,
  withTimeLimit,
  type ServerClock,
} from '@iamfetch/core'
import { bufferRequest } from '@iamfetch/sigv4'
import type { DestinationOptions, Destinations } from './destination.ts'
import type { FetchEvent, RetryReason } from './event.ts'
import { withinLimits } from './limits.ts'
import { networkError, refuseRedirect } from './network.ts'
import type { Platform } from './platform.ts'
import type { RetryOptions } from './retry.ts'

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

/** A 400, 401 or 403, and what is known of the request that it refuses. */
export interface Refused {
  response: Response
  /** When the request left, by the server clock. */
  sentAt: number
  /** The clock's offset that it was authorized with. */
  offsetMs: number
  /** What was healed in this call before. */
  healed: ReadonlySet<RetryReason | undefined>
}

/** What authorizes each attempt anew: the parts in which signing and a bearer token differ. */
export interface Authorization<T> {
  /** Gives the credentials or the token of this moment. */
  readonly get: () => Promise<T>
  /** Makes the request that leaves. */
  readonly authorize: (held: T, url: string, init: RequestInit) => Promise<Request>
  /** Tries to remove the reason of a refusal. @returns What was healed; nothing where a replay would be no better. */
  readonly heal: (held: T, refused: Refused) => Promise<'token' | 'clock' | undefined>
}

type OwnPart<E> = E extends unknown ? Omit<E, 'url' | 'method' | 'attempt'> : never

/**
 * Makes a `fetch` that sends each request as often as it takes and is safe, newly authorized each time.
 *
 * What is sent again and why is the table in the README.
 */
export function attemptsWith<T>(
  options: AttemptOptions & Partial<Platform>,
  { resolve }: Destinations,
  clock: ServerClock,
  { get, authorize, heal }: Authorization<T>,
): typeof globalThis.fetch {
  const {
    deadlineMs = Infinity,
    fetch = (request) => globalThis.fetch(request),
    buffer = bufferRequest,
    any = (signals) => AbortSignal.any(signals),
  } = options
  const { attempts = 3, methods = IDEMPOTENT, random } = options.retry ?? {}
  if (!(deadlineMs > 0)) throw TypeError('deadlineMs: above 0')
  if (!(attempts > 0)) throw TypeError('retry.attempts: above 0')
  // Local time: what is learnt of the server's meanwhile must not stretch or shorten a deadline.
  const localNow = (): number => clock.now() - clock.offsetMs

  const send = async (
    input: RequestInfo | URL,
    given: RequestInit | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Response> => {
    const endsAt = localNow() + deadlineMs
    const target = resolve(input).href
    const { init } = await buffer(input, given)
    const url = target.replace(/[?#].*/, '')
    const healed = new Set<RetryReason | undefined>()
    for (let attempt = 1, failures = 0; ; attempt++) {
      const held = await get()
      const heldAt = performance.now()
      const { offsetMs } = clock
      const request = await authorize(held, target, {
        ...init,
        redirect: 'manual',
        signal: signal!,
      })
      const { method } = request
      const emit = (event: OwnPart<FetchEvent>): void =>
        later(() => options.onEvent?.({ url, method, attempt, ...event }))
      // The last look before anything leaves: whatever a signer did, whatever `mode` made of the headers.
      resolve(request)
      if (!request.headers.has('authorization')) throw unauthorized()
      withinLimits(request)
      signal?.throwIfAborted()
      const sentAt = clock.now()
      const leftAt = performance.now()
      emit({ type: 'signed', signMs: leftAt - heldAt })
      let response: Response | undefined
      let failure: unknown
      try {
        response = await fetch(request)
      } catch (error) {
        failure = networkError(error, `${method} ${url}`)
      }
      let reason: RetryReason | undefined = 'network'
      let waitMs = 0
      if (response) {
        const { status } = response
        if (init.redirect !== 'manual') refuseRedirect(response, url)
        if (status === 429) reason = 'throttled'
        else if (/50[0234]/.test(`${status}`)) reason = 'server-error'
        else {
          reason = /40[013]/.test(`${status}`)
            ? await heal(held, { response, sentAt, offsetMs, healed })
            : undefined
          healed.add(reason)
          if (reason === 'clock') emit({ type: 'clock-corrected', offsetMs: clock.offsetMs })
        }
      }
      if (!healed.has(reason)) {
        waitMs =
          ++failures < attempts && (reason === 'throttled' || methods.includes(method))
            ? (retryAfterMs(response?.headers.get('retry-after'), clock.now()) ??
              backoffMs(failures - 1, { baseMs: 200, random }))
            : Infinity
      }
      // A longer wait, also one that `Retry-After` asks for, is the caller's to decide on.
      if (!reason || waitMs > 20_000 || waitMs >= endsAt - localNow()) {
        if (response) return response
        throw failure
      }
      // Nobody reads it; a body left lying would hold its connection.
      response?.body?.cancel().catch(() => {})
      emit({ type: 'retry', reason, waitMs })
      if (waitMs) await sleep(clock, waitMs, signal)
    }
  }

  return async (input, init) => {
    const { signal: callers }: RequestInit = init?.signal === undefined ? Object(input) : init
    const limit = new AbortController()
    const signal =
      deadlineMs < Infinity ? any([limit.signal].concat(callers ?? [])) : (callers ?? undefined)
    const work = (): Promise<Response> => send(input, init, signal)
    return withTimeLimit(clock, deadlineMs, limit, () => tooLate(deadlineMs), work, signal)
  }
}

/** What ends a call that took too long. */
export const tooLate = (ms: number): IamFetchError =>
  new IamFetchError('DEADLINE_EXCEEDED', `No answer within ${ms} ms.`, {
    remedy: 'Raise deadlineMs. It may have been done.',
    retryable: true,
  })

const unauthorized = (): IamFetchError =>
  new IamFetchError('HEADER_NOT_SIGNABLE', 'Nothing authorizes it.', {
    remedy: 'Leave mode no-cors out.',
  })

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
