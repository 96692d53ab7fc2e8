/** Why a request is sent once more. */
export type RetryReason =
  /** The session or bearer token was refused and there is a new one. */
  | 'token'
  /** The signature's date was refused and the clock is corrected. */
  | 'clock'
  /** 429. */
  | 'throttled'
  /** 500, 502, 503 or 504. */
  | 'server-error'
  | 'network'

/** What every event tells. Never a query, a header, a body, a token or a secret. */
interface OfAttempt {
  /** Without query and fragment. */
  url: string
  method: string
  /** 1 for the first. */
  attempt: number
}

/**
 * What a fetch tells its `onEvent`, in the order in which it happens.
 *
 * Durations are milliseconds with fractions, by the platform's monotonic timer.
 */
export type FetchEvent = OfAttempt &
  (
    | /** The request leaves; its signature took `signMs`, waiting for credentials aside. */
      { type: 'signed'; signMs: number }
    /** The clock's new offset from the local time, in milliseconds. */
    | { type: 'clock-corrected'; offsetMs: number }
    /** Another attempt follows after `waitMs`. */
    | { type: 'retry'; reason: RetryReason; waitMs: number }
  )
