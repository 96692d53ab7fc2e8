import { checkOptions, type OptionNames } from './options.ts'

/** How long to wait before the next try. */
export interface BackoffOptions {
  /** Upper bound of the first wait, in milliseconds. @default 1000 */
  baseMs?: number | undefined
  /** Upper bound of every wait, in milliseconds. @default 60000 */
  capMs?: number | undefined
  /** A number in [0, 1). @default Math.random */
  random?: (() => number) | undefined
}

const NAMES: OptionNames<BackoffOptions> = {
  baseMs: 'number',
  capMs: 'number',
  random: 'function',
}

/**
 * Draws a wait with full jitter: uniform between 0 and `baseMs · 2^attempt`, at most `capMs`.
 *
 * @param attempt  0 for the first wait.
 * @returns Milliseconds.
 * @see [Exponential backoff and jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
 */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  checkOptions('backoffMs', options, NAMES)
  const { baseMs = 1_000, capMs = 60_000, random = Math.random } = options
  return random() * Math.min(capMs, baseMs * 2 ** attempt)
}

/**
 * Reads a `Retry-After` header: whole seconds, or an HTTP date.
 *
 * @param value  The header's value; `null` or `undefined` if the response has none.
 * @param now    Milliseconds since the epoch, to turn a date into a wait.
 * @returns Milliseconds to wait; `undefined` if the header is missing or is neither of the two forms.
 * @see [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)
 */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  // All three forms of an HTTP date begin with the name of a day; `Date.parse` reads much else as a date.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined
  // The form of `asctime` names no zone and means GMT.
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
