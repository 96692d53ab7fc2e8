import { abandonable } from './abandonable.ts'
import { sleep, type Clock } from './clock.ts'

/**
 * Gives work a time limit, by a clock.
 *
 * @param ms      `Infinity` for none.
 * @param limit   Aborts with what `late` makes when the time is over; not afterwards.
 * @param signal  What ends the wait: that of `limit`, or one that follows it.
 * @returns What `work` gave; rejects with the signal's reason when it aborts first.
 */
export function withTimeLimit<T>(
  clock: Clock,
  ms: number,
  limit: AbortController,
  late: () => unknown,
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const over = new AbortController()
  if (ms < Infinity) {
    sleep(clock, ms, over.signal).then(
      () => limit.abort(late()),
      () => {},
    )
  }
  return abandonable(work, signal).finally(() => over.abort())
}
