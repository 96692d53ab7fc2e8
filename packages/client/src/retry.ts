import { backoffMs, retryAfterMs, type Clock } from '@iamfetch/core'
import { wrong } from './destination.ts'
import type { RetryReason } from './event.ts'

/** When a request is sent again after an answer or a failure that may pass. */
export interface RetryOptions {
  /**
   * How often a request is sent at most; 1 for once. The replays after a refused token and a refused clock
   * come on top, once each a call.
   * @default 3
   */
  attempts?: number | undefined
  /**
   * The methods that are sent again after 500, 502, 503, 504 and network failures. Add `POST` only where the
   * API tells a repeated request from a new one.
   * @default GET, HEAD, OPTIONS, PUT, DELETE
   */
  methods?: readonly string[] | undefined
  /** Upper bound of the first wait, in milliseconds; it doubles with each. @default 200 */
  baseMs?: number | undefined
  /** Longest wait, in milliseconds. A longer `Retry-After` ends the retries. @default 20000 */
  capMs?: number | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
}

/** What came of an attempt. */
export interface Outcome {
  response?: Response
  failure?: unknown
  /** What may be better next time; nothing where this is the answer. */
  reason?: RetryReason | undefined
}

/** How long to wait before the next attempt, in milliseconds; nothing when there is to be none. */
export type RetryRule = (
  outcome: Outcome,
  call: { method: string; failures: number; leftMs: number },
) => number | undefined

/**
 * Decides what is sent again: at once what was healed, 429 for every method, all else only for methods that
 * may be repeated. `Retry-After` is honoured; without it the wait has full jitter.
 */
export function retryRule(options: RetryOptions | undefined, clock: Clock): RetryRule {
  const { attempts = 3, methods = IDEMPOTENT, baseMs = 200, capMs = 20_000, random } = options ?? {}
  if (!(attempts > 0)) throw wrong('retry.attempts', 'a number above 0')
  return ({ reason, response }, { method, failures, leftMs }) => {
    if (reason === 'token' || reason === 'clock') return 0
    if (!reason || (reason !== 'throttled' && !methods.includes(method))) return undefined
    const after = retryAfterMs(response?.headers.get('retry-after') ?? null, clock.now())
    const waitMs = after ?? backoffMs(failures, { baseMs, capMs, random })
    return failures + 1 < attempts && waitMs <= capMs && waitMs < leftMs ? waitMs : undefined
  }
}

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
