import type { Clock } from '@iamfetch/core'

/** A clock whose time changes only when a test moves it. */
export interface FixedClock extends Clock {
  /** Moves the time; sleeps that end by then are over when the promise resolves. */
  advance(ms: number): Promise<void>
  /** Sets the time without ending waits, like the clock of a laptop that was corrected or that slept. */
  jump(ms: number): void
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** The length of each sleep that was requested so far, in milliseconds. */
  readonly sleeps: readonly number[]
}

/**
 * Creates a clock for tests.
 *
 * @param startAt    Milliseconds since the epoch.
 * @param autoSleep  Whether a sleep moves the time by itself and ends at once.
 */
export function fixedClock(
  startAt: number = Date.UTC(2026, 0, 1),
  { autoSleep = false }: { autoSleep?: boolean } = {},
): FixedClock {
  let now = startAt
  const sleeps: number[] = []
  const waiting = new Set<{ until: number; wake: () => void }>()
  return {
    now: () => now,
    sleeps,
    jump(ms) {
      now += ms
    },
    async advance(ms) {
      now += ms
      for (const sleeper of waiting) if (sleeper.until <= now) sleeper.wake()
      await settled()
    },
    sleep(ms, signal) {
      sleeps.push(ms)
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (autoSleep) {
        now += ms
        return Promise.resolve()
      }
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          waiting.delete(sleeper)
          reject(signal?.reason)
        }
        const sleeper = {
          until: now + ms,
          wake: () => {
            waiting.delete(sleeper)
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        waiting.add(sleeper)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
  }
}

/** Runs every promise that can continue; no time passes. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
