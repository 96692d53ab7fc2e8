import {
  backoffMs,
  checkOptions,
  invalidOption,
  retryAfterMs,
  type OptionNames,
} from '@iamfetch/core'

/** When a request is sent again after a response or a failure that may be temporary. */
export interface RetryOptions {
  /**
   * How often a request is sent at most; 1 for once. The replays after a refused token and a refused clock
   * come on top, once each a call.
   * @default 3
   */
  attempts?: number | undefined
  /**
   * The methods that are sent again after 500, 502, 503, 504 and network failures. Add `POST` only where the
   * API distinguishes a repeated request from a new one.
   * @default GET, HEAD, OPTIONS, PUT, DELETE
   */
  methods?: readonly string[] | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
}

const NAMES: OptionNames<RetryOptions> = {
  attempts: 'number',
  methods: 'strings',
  random: 'function',
}

/**
 * Checks the option `retry`.
 *
 * @param owner  The function that was given the options.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkRetry(owner: string, retry: RetryOptions): void {
  checkOptions(owner, retry, NAMES, 'retry')
  const { attempts = 1, methods = [] } = retry
  if (!(attempts > 0)) throw invalidOption(owner, '"retry.attempts" must be above 0', attempts)
  for (const method of methods) {
    // A method in another case would never match.
    if (/^[A-Z-]+$/.test(method)) continue
    throw invalidOption(owner, '"retry.methods" must contain HTTP methods in capitals', method)
  }
}

const IDEMPOTENT: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
/** The caller decides about a longer wait, also about one that `Retry-After` requests. */
const LONGEST_WAIT_MS = 20_000

/**
 * How long to wait before a request is sent again, in milliseconds; `undefined` if it is not.
 *
 * @param failures  How many attempts have failed.
 * @param method    The method of a request that may have been carried out; `undefined` if it was not.
 * @param response  The response of the last attempt, if there was one.
 * @param now       By the clock, for a `Retry-After` that is a date.
 */
export function waitBeforeReplay(
  { attempts = 3, methods = IDEMPOTENT, random }: RetryOptions = {},
  failures: number,
  method: string | undefined,
  response: Response | undefined,
  now: number,
): number | undefined {
  if (failures >= attempts) return undefined
  if (method !== undefined && !methods.includes(method)) return undefined
  const waitMs =
    retryAfterMs(response?.headers.get('retry-after'), now) ??
    backoffMs(failures - 1, { baseMs: 200, random })
  return waitMs <= LONGEST_WAIT_MS ? waitMs : undefined
}
