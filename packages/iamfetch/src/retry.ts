import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'

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
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
}

const NAMES: OptionNames<RetryOptions> = { attempts: true, methods: true, random: 'function' }

/**
 * Checks the option `retry`.
 *
 * @param owner  The function that was given the options.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkRetry(owner: string, retry: RetryOptions): void {
  checkOptions(owner, retry, NAMES, 'retry')
  const { attempts = 1, methods = [] }: Readonly<Record<string, unknown>> = { ...retry }
  if (!(typeof attempts === 'number' && attempts > 0)) {
    throw invalidOption(owner, '"retry.attempts" must be above 0', attempts)
  }
  if (!Array.isArray(methods) || !methods.every((method) => typeof method === 'string')) {
    throw invalidOption(owner, '"retry.methods" must be an array of HTTP methods', methods)
  }
}
