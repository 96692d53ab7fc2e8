import { sleep, type Clock } from './clock.ts'
import { IamFetchError } from './error.ts'
import { withTimeLimit } from './time-limit.ts'

/**
 * Runs a piece of work with a time limit, with the error that reports it.
 *
 * @param clock  Measures the time.
 * @param ms     The limit, in milliseconds.
 * @param what   What took too long, for the message: `The token endpoint`.
 * @param begin  Starts the work. Its signal aborts when the time has passed; a result that comes later is ignored.
 * @throws {@link IamFetchError} `DEADLINE_EXCEEDED`, retryable; whatever `begin` threw.
 */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  what: string,
  begin: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const tooLate = (): IamFetchError =>
    new IamFetchError('DEADLINE_EXCEEDED', `${what} took longer than ${ms} ms.`, {
      remedy: 'Repeat the call. If this happens again, check the network to the service.',
      retryable: true,
    })
  // In an async function, so that a `begin` that throws at once is a rejection.
  return withTimeLimit(afterOneTurn(clock), ms, tooLate, async (signal) => begin(signal))
}

/**
 * A clock whose `sleep` ends one turn of the event loop later: a process that was busy finds its timer before the response
 * that arrived in time, and that response still counts.
 */
function afterOneTurn(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      await sleep(clock, ms, signal)
      await new Promise((resolve) => setTimeout(resolve))
      signal?.throwIfAborted()
    },
  }
}
