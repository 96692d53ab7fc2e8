import type { Clock } from '../faults/faults.ts'

/** The integration timeouts of API Gateway. */
export const INTEGRATION_TIMEOUT_MS = { http: 30_000, rest: 29_000 }

/** What {@link Timeout} resolves with. */
export const TIMED_OUT: unique symbol = Symbol('timed out')

/** A time limit. */
export interface Timeout {
  /** Resolves with {@link TIMED_OUT} after the time, unless it was ended. It never rejects. */
  over: Promise<typeof TIMED_OUT>
  end(): void
}

/** Waits by the stack's clock, or by the platform's timer, which costs less. */
export function startTimeout(clock: Clock, ms: number): Timeout {
  if (clock.sleep) {
    const ended = new AbortController()
    const never = new Promise<never>(() => {})
    const over = clock.sleep(ms, ended.signal).then(
      (): typeof TIMED_OUT => TIMED_OUT,
      () => never,
    )
    return { over, end: () => ended.abort() }
  }
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<typeof TIMED_OUT>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms)
  })
  return { over, end: () => clearTimeout(timer) }
}
