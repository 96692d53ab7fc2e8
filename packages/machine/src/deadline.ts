import { IamFetchError, sleep, type Clock } from '@iamfetch/core'

/**
 * Gives something a time limit, by a clock.
 *
 * @param what   What took too long, for the message.
 * @param begin  Gets a signal that aborts when the time is over. What it does afterwards concerns nobody.
 * @throws {@link IamFetchError} `DEADLINE_EXCEEDED`, retryable; what `begin` threw.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  what: string,
  begin: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const work = new AbortController()
  const alarm = new AbortController()
  const late = sleep(clock, ms, alarm.signal).then(async () => {
    // A process that was busy itself finds the alarm before the answer that came in time: that one still counts.
    await new Promise((resolve) => setTimeout(resolve))
    alarm.signal.throwIfAborted()
    const error = new IamFetchError('DEADLINE_EXCEEDED', `${what} took over ${ms} ms.`, {
      remedy: 'Try again. If it stays so, look at the network between here and there.',
      retryable: true,
    })
    work.abort(error)
    throw error
  })
  try {
    // In a function of its own, so that what throws at once leaves nobody waiting for `late`.
    const begun = (async () => begin(work.signal))()
    return await Promise.race([begun, late])
  } finally {
    alarm.abort()
  }
}
