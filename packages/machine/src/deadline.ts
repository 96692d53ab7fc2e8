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
  const late = sleep(clock, ms, alarm.signal).then(() => {
    const error = new IamFetchError('DEADLINE_EXCEEDED', `${what} took over ${ms} ms.`, {
      remedy: 'Try again. If it stays so, look at the network between here and there.',
      retryable: true,
    })
    work.abort(error)
    throw error
  })
  try {
    return await Promise.race([begin(work.signal), late])
  } finally {
    alarm.abort()
  }
}
