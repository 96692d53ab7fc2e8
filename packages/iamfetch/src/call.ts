import { IamFetchError, later, sleep, type ServerClock } from '@iamfetch/core'
import type { AttemptOptions } from './attempts.ts'
import type { CallAuthorization } from './authorization.ts'
import type { Destinations } from './destination.ts'
import type { AttemptEvent, RetryReason } from './event.ts'
import type { Progress } from './outcome.ts'
import type { Platform } from './platform.ts'

/** What does not change from call to call. */
export interface Sender {
  /** The public function, for errors about its options. */
  readonly name: string
  readonly options: AttemptOptions
  readonly platform: Platform
  readonly destinations: Destinations
  readonly clock: ServerClock
}

/** A call under way. */
export interface Call {
  readonly sender: Sender
  readonly authorization: CallAuthorization
  /** What the outcome event reports. */
  readonly progress: Progress
  /** Aborts by the caller, and at the deadline if there is one. */
  readonly signal: AbortSignal | undefined
  /** Aborts at the deadline. */
  readonly deadline: AbortController | undefined
  /** When the deadline is, by the local clock. */
  readonly endsAt: number
  /** What was corrected after a refusal: each at most once. */
  readonly corrected: Set<RetryReason>
  attempt: number
  failures: number
  /** The body was not there at once, so another user may have signed in. */
  waited: boolean
  /** A request is under way: what ends the call then ends only what would follow. */
  isInFlight: boolean
  /** A response that will be the result unless another attempt follows. */
  response: Response | undefined
  /** The result has been decided. Nothing more is sent. */
  isOver: boolean
  /** Ends the wait before the next attempt. `undefined` until the first wait. */
  endPause: (() => void) | undefined
}

/** Does the work of a call and ends its wait at once on an abort, at the deadline, and when it may not be sent any more. */
export function settle(call: Call, work: () => Promise<Response>): Promise<Response> {
  const { signal, authorization, deadline } = call
  const { clock, options } = call.sender
  return new Promise<Response>((resolve, reject) => {
    const timer = deadline && new AbortController()
    const abandon = (): void => finish(() => reject(signal?.reason))
    const stop = authorization.ended.onEnd((error) => {
      if (!call.isInFlight) finish(() => reject(error))
    })
    const finish = (decide: () => void): void => {
      if (call.isOver) return
      call.isOver = true
      timer?.abort()
      call.endPause?.()
      signal?.removeEventListener('abort', abandon)
      stop()
      authorization.close()
      decide()
    }
    const endAtDeadline = (): void => {
      const { response } = call
      // A response that has come is not lost, whatever was still to be done about it.
      if (response) return finish(() => resolve(response))
      const error = tooLate(options.deadlineMs)
      // Not left to the signal: the one of React Native forgets its reason.
      finish(() => reject(error))
      deadline?.abort(error)
    }
    signal?.addEventListener('abort', abandon)
    if (timer) sleep(clock, options.deadlineMs!, timer.signal).then(endAtDeadline, () => {})
    work().then(
      (response) => finish(() => resolve(response)),
      (error: unknown) => finish(() => reject(error)),
    )
  })
}

/** Throws if nothing more may be sent in a call. */
export function throwIfOver({ authorization, signal, isOver }: Call): void {
  if (authorization.ended.error) throw authorization.ended.error
  if (signal?.aborted) throw signal.reason
  if (isOver) throw new Error('The call has ended.')
}

/** Waits, but not longer than the call goes on. */
export async function waitInCall(call: Call, ms: number): Promise<void> {
  const over = new AbortController()
  call.endPause = () => over.abort()
  await sleep(call.sender.clock, ms, over.signal)
}

type OwnPart<E> = E extends unknown ? Omit<E, 'url' | 'method' | 'attempt'> : never

/** Reports what happens in a call. The outcome is the last event of a call. */
export function emit(call: Call, event: OwnPart<AttemptEvent>): void {
  const { onEvent } = call.sender.options
  if (!onEvent || call.isOver) return
  const { url, method } = call.progress
  const { attempt } = call
  later(() => onEvent({ url, method, attempt, ...event }))
}

/** The error of a call that took too long. */
const tooLate = (ms: number | undefined): IamFetchError =>
  new IamFetchError(
    'DEADLINE_EXCEEDED',
    `The API did not respond within ${ms} ms ("deadlineMs").`,
    {
      remedy:
        'Check whether the request was carried out before you repeat it, or raise "deadlineMs".',
      retryable: true,
    },
  )
