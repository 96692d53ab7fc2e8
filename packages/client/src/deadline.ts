import { abandonable, IamFetchError, sleep, type Clock } from '@iamfetch/core'

/**
 * Runs `work` until it ends, the caller's signal aborts or the time is up, at whatever point it is then.
 *
 * The signal that `work` is given goes on being the caller's after its end, so that a body can still be aborted; the
 * deadline is over by then.
 *
 * @param deadlineMs  Milliseconds; `Infinity` for none.
 */
export async function withDeadline<T>(
  deadlineMs: number,
  callers: AbortSignal | null | undefined,
  clock: Clock,
  work: (signal: AbortSignal | null) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  let signal = callers ?? null
  if (deadlineMs < Infinity) {
    const deadline = new AbortController()
    signal = callers ? AbortSignal.any([callers, deadline.signal]) : deadline.signal
    sleep(clock, deadlineMs, over.signal).then(
      () => deadline.abort(tooLate(deadlineMs)),
      () => {},
    )
  }
  try {
    return await (signal ? abandonable(() => work(signal), signal) : work(signal))
  } finally {
    over.abort()
  }
}

const tooLate = (ms: number): IamFetchError =>
  new IamFetchError('DEADLINE_EXCEEDED', `No answer within ${ms} ms.`, {
    remedy: 'Raise deadlineMs or repeat the call; it may have been carried out.',
    retryable: true,
  })
