import { abandonable } from './abandonable.ts'

/**
 * Where the time comes from. `Date` is one: `{ clock: Date }`.
 *
 * Tests hand in a clock of their own; nothing in these packages reads the time in any other way.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Waits `ms` milliseconds; rejects with the signal's reason when it aborts first.
   * Left out, the platform's `setTimeout` waits.
   */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>
}

/** A clock that is corrected by what a server says the time is. Made by {@link serverClock}. */
export interface ServerClock extends Clock {
  /** How many milliseconds the server's time is ahead of the local clock; 0 until something was learnt. */
  readonly offsetMs: number
  /**
   * Takes over the server's time.
   *
   * @param serverTime  What the server said, in milliseconds since the epoch.
   * @param sentAt      `clock.now()` of when the request left, taken from this very clock; the answer is
   *   assumed to have been written half-way between then and now.
   * @returns Whether the offset changed. A difference that whole seconds and the round trip can
   *   explain changes nothing; nor does an answer that took over 15 minutes (the bound that
   *   `@aws-sdk/core` uses too).
   */
  learn(serverTime: number, sentAt?: number): boolean
}

/**
 * Makes a clock that learns its offset from servers, on top of a local one.
 *
 * Hand the same one to the exchange and to the signer and a skewed laptop signs correctly from the first call.
 *
 * @param local  The clock to correct; one that learns already is given back as it is. Defaults to `Date`.
 */
export function serverClock(local: Clock | ServerClock = Date): ServerClock {
  if ('learn' in local) return local
  const clock = {
    offsetMs: 0,
    now: () => local.now() + clock.offsetMs,
    sleep: (ms: number, signal?: AbortSignal) => sleep(local, ms, signal),
    learn(serverTime: number, sentAt: number = clock.now()) {
      const roundTrip = clock.now() - sentAt
      const difference = serverTime - sentAt - roundTrip / 2
      // A `Date` header counts whole seconds, so less is no skew.
      const known =
        roundTrip >= 0 && roundTrip <= 900_000 && Math.abs(difference) > 1_000 + roundTrip / 2
      if (known) clock.offsetMs += Math.round(difference)
      return known
    },
  }
  return clock
}

/**
 * Reads a server's time from its answer, in milliseconds since the epoch; `NaN` where there is none to go by: an
 * answer with an `Age` was kept somewhere.
 *
 * @see [RFC 9111 §5.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.1)
 */
export const serverTimeOf = (headers: Headers): number =>
  headers.has('age') ? NaN : Date.parse(headers.get('date') ?? '')

/**
 * Waits by a clock.
 *
 * @param clock   Its `sleep` is used where it has one.
 * @param ms      Milliseconds.
 * @param signal  Ends the wait at once; the promise then rejects with the signal's reason.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  return abandonable(
    () => clock.sleep?.(ms, signal) ?? new Promise<void>((wake) => (timer = setTimeout(wake, ms))),
    signal,
  ).finally(() => clearTimeout(timer))
}
