import { abandonable } from './abandonable.ts'
import { sleep, type Clock } from './clock.ts'

/**
 * Runs work with a time limit, by a clock.
 *
 * @param ms    Milliseconds; `Infinity` for no limit.
 * @param createReason  Creates the reason if the work takes too long.
 * @param work  Its signal aborts with that reason when the time has passed.
 * @returns The result of the work; rejects with the reason if the time passes first.
 */
export function withTimeLimit<T>(
  clock: Clock,
  ms: number,
  createReason: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const finished = new AbortController()
  if (ms < Infinity) {
    sleep(clock, ms, finished.signal).then(
      () => limit.abort(createReason()),
      () => {},
    )
  }
  return abandonable(() => work(limit.signal), limit.signal).finally(() => finished.abort())
}
