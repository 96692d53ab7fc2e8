import type { ErrorCode } from '@iamfetch/core'

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

/** What every event contains. Never a query, a header, a body, a token or a secret. */
interface OfCall {
  /** Without query and fragment. Empty if the call was refused because of its URL (`ORIGIN_NOT_ALLOWED`). */
  url: string
  method: string
}

/** What happens during one attempt of a call. */
export type AttemptEvent = OfCall & {
  /** 1 for the first. */
  attempt: number
} & (
    | /** The request is about to be sent; its signature took `signMs`, without the wait for credentials. */
      { type: 'signed'; signMs: number }
    /** The clock's new offset from the local time, in milliseconds. */
    | { type: 'clock-corrected'; offsetMs: number }
    /** Another attempt follows after `waitMs`. */
    | { type: 'retry'; reason: RetryReason; waitMs: number }
  )

/** How a call ended. Each call reports exactly one, and no other event follows it. */
export type OutcomeEvent = OfCall & {
  /** From the call to its result; the body of a response may take longer. */
  durationMs: number
  /** How many requests were sent; 0 if the call failed before. */
  attempts: number
} & (
    | /** The call returned a `Response`, whatever its status; 0 for a redirect that a browser hides. */
      { type: 'response'; status: number }
    /**
     * The call was rejected. `code` is the one of the error, `ABORTED` if its signal ended the call, and `undefined` for an error of
     * another origin, for example one that `beforeSign` threw.
     */
    | { type: 'error'; code: ErrorCode | 'ABORTED' | undefined }
  )

/**
 * What `onEvent` receives, in the order in which it happens.
 *
 * Durations are milliseconds with fractions, by the platform's monotonic timer.
 */
export type FetchEvent = AttemptEvent | OutcomeEvent
