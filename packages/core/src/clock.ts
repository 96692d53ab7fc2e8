import { abandonable } from './abandonable.ts'

/**
 * The source of the time. `Date` is one: `{ clock: Date }`.
 *
 * Nothing in these packages reads the time in another way, so that tests can pass a clock of their own.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /**
   * Waits `ms` milliseconds; rejects with the signal's reason if that aborts first.
   * Defaults to a wait by the platform's `setTimeout`.
   */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>
}

/** What {@link ServerClock.follow} did. */
export type Followed =
  /** The clock has the reported time now. */
  | 'changed'
  /** The reported time is the clock's time, or it is unusable. */
  | 'unchanged'
  /** The reported time is later than this server may move the clock. The clock did not change. */
  | 'too-late'

/**
 * A clock that is corrected by what servers report. Created by {@link serverClock}.
 *
 * A signature is accepted around its date, so the party that chooses the date chooses how long a captured request can be replayed.
 * Therefore there are two kinds of servers: the one that issues the credentials sets the time ({@link learn}), and the
 * called API may move it forward by minutes only ({@link follow}).
 */
export interface ServerClock extends Clock {
  /** How many milliseconds the server's time is ahead of the local clock; 0 until a server corrected it. */
  readonly offsetMs: number
  /**
   * Takes over the time that the issuer of the credentials reports.
   *
   * @param serverTime  The reported time, in milliseconds since the epoch. Not from a cached response: see {@link serverTimeOf}.
   * @param sentAt      `clock.now()` of this clock when the request was sent. The response is assumed to have been written
   *   half-way between then and now. Defaults to now.
   * @returns Whether the offset changed. A difference that whole seconds and the round trip can explain changes
   *   nothing, nor does a response that took more than 15 minutes (the bound of `@aws-sdk/core`).
   */
  learn(serverTime: number, sentAt?: number): boolean
  /**
   * Notes the time that the issuer reports without taking it over: from now on, `follow` is limited by it.
   *
   * For a time that is too coarse to sign with, such as the expiry of fresh credentials minus their usual lifetime.
   */
  limit(serverTime: number): void
  /**
   * Takes over the time that the called API reports: backward without a limit, forward by at most 5 minutes beyond the
   * time that the issuer reported, in total over any number of responses.
   *
   * @param serverTime  As for `learn`.
   * @param sentAt      As for `learn`.
   * @param latest      The latest time to accept if the issuer has not reported the time, in milliseconds since the epoch:
   *   the expiry of the credentials. Defaults to 15 minutes after the local time, for credentials that do not expire, also if it is `NaN`.
   */
  follow(serverTime: number, sentAt: number, latest?: number): Followed
}

/** How far the called API may move the clock beyond the time that the issuer of the credentials reported. */
const FORWARD_MS = 300_000
/** How far it may move the clock of credentials that do not expire, for which no issuer reports a time. */
const FORWARD_WITHOUT_ISSUER_MS = 900_000
/** The time of a response that took longer is not usable. */
const MAX_ROUND_TRIP_MS = 900_000

/**
 * Creates a clock that is corrected by servers, on top of a local one.
 *
 * Pass the same one to the exchange and to the signer, and a device whose clock is wrong signs correctly from the first call.
 *
 * @param local  The clock to correct. A `ServerClock` is returned as it is. Defaults to `Date`.
 * @example
 * ```ts
 * const clock = serverClock()
 * const sentAt = clock.now()
 * const response = await fetch(url)
 * clock.learn(serverTimeOf(response.headers), sentAt)
 * ```
 */
export function serverClock(local: Clock | ServerClock = Date): ServerClock {
  if ('follow' in local) return local
  /** The offset by the issuer's time. */
  let issuerOffsetMs: number | undefined
  /** When the offset changed last, by the local clock. */
  let movedAt = -Infinity

  const moveTo = (offsetMs: number): void => {
    clock.offsetMs = offsetMs
    movedAt = local.now()
  }

  /** How far a reported time is from this clock's; `undefined` if it is unusable. */
  const differenceOf = (serverTime: number, sentAt: number): Difference | undefined => {
    const sinceSentMs = clock.now() - sentAt
    if (!Number.isFinite(serverTime) || !(sinceSentMs >= 0 && sinceSentMs <= MAX_ROUND_TRIP_MS)) {
      return undefined
    }
    // `sentAt` is by the clock as it was. If it has been moved since, only the time since then is certain: a server could
    // otherwise make the trip look longer, and the time of the issuer later, by moving the clock while the issuer responds.
    const sinceMoveMs = local.now() - movedAt
    const roundTripMs = sinceMoveMs >= 0 ? Math.min(sinceSentMs, sinceMoveMs) : sinceSentMs
    const ms = serverTime - clock.now() + roundTripMs / 2
    // A `Date` header counts whole seconds.
    return { ms, isSignificant: Math.abs(ms) > 1_000 + roundTripMs / 2 }
  }

  const clock = {
    offsetMs: 0,
    now: () => local.now() + clock.offsetMs,
    sleep: (ms: number, signal?: AbortSignal) => sleep(local, ms, signal),
    learn(serverTime: number, sentAt: number = clock.now()) {
      const difference = differenceOf(serverTime, sentAt)
      if (!difference) return false
      issuerOffsetMs = clock.offsetMs + Math.round(difference.ms)
      if (difference.isSignificant) moveTo(issuerOffsetMs)
      return difference.isSignificant
    },
    limit(serverTime: number) {
      if (Number.isFinite(serverTime)) issuerOffsetMs = serverTime - local.now()
    },
    follow(serverTime: number, sentAt: number, latest?: number): Followed {
      const difference = differenceOf(serverTime, sentAt)
      if (!difference?.isSignificant) return 'unchanged'
      const offsetMs = clock.offsetMs + Math.round(difference.ms)
      if (difference.ms > 0 && offsetMs > latestOffsetMs(latest)) return 'too-late'
      moveTo(offsetMs)
      return 'changed'
    },
  }

  const latestOffsetMs = (latest: number | undefined): number => {
    if (issuerOffsetMs !== undefined) return issuerOffsetMs + FORWARD_MS
    // Credentials whose expiry cannot be read are credentials without one.
    if (Number.isFinite(latest)) return latest! - local.now()
    return FORWARD_WITHOUT_ISSUER_MS
  }
  return clock
}

interface Difference {
  ms: number
  /** Whether it is more than whole seconds and the round trip explain. */
  isSignificant: boolean
}

/**
 * Reads a server's time from its response, in milliseconds since the epoch.
 *
 * @returns `NaN` if the response does not contain it, and for a response with an `Age`, which a cache stored: its time is old.
 * @see [RFC 9111 §5.1](https://www.rfc-editor.org/rfc/rfc9111#section-5.1)
 */
export const serverTimeOf = (headers: Headers): number =>
  headers.has('age') ? NaN : Date.parse(headers.get('date') ?? '')

/** A timer of the platform that is set to more ends at once. */
const LONGEST_TIMER_MS = 2_147_483_647

/**
 * Waits by a clock, for 24 days at most: longer waits end then.
 *
 * @param clock   Its `sleep` is used if it has one.
 * @param ms      Milliseconds.
 * @param signal  Ends the wait at once; the promise then rejects with the signal's reason.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout>
  return abandonable(
    () =>
      clock.sleep?.(ms, signal) ??
      new Promise<void>((wake) => {
        timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS))
      }),
    signal,
  ).finally(() => clearTimeout(timer))
}
