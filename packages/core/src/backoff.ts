/** How long to wait before the next try. */
export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds. @default 1000 */
  baseMs?: number | undefined
  /** Upper bound of every wait, in milliseconds. @default 60000 */
  capMs?: number | undefined
  /** A number in [0, 1). @default Math.random */
  random?: (() => number) | undefined
}

/**
 * Draws a wait with full jitter: uniform between 0 and `baseMs · 2^attempt`, at most `capMs`.
 *
 * @param attempt  0 for the first wait.
 * @returns Milliseconds.
 * @see [Exponential backoff and jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
 */
export function backoffMs(
  attempt: number,
  { baseMs = 1_000, capMs = 60_000, random = Math.random }: BackoffOptions = {},
): number {
  return random() * Math.min(capMs, baseMs * 2 ** attempt)
}

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date.
 *
 * @param value  The header's text, nothing where there is none.
 * @param now    Milliseconds since the epoch, to turn a date into a wait.
 * @returns Milliseconds to wait, or `undefined` when there is nothing to go by.
 * @see [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)
 */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  const ms = Number(value) * 1_000 || Date.parse(value ?? '') - now
  return isNaN(ms) ? undefined : Math.max(0, ms)
}
