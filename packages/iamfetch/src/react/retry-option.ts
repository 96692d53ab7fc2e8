import { isIamFetchError } from '@iamfetch/core'
import { isForAnotherCaller } from './caller.ts'

type RetryFunction = (failures: number, error: unknown) => boolean

/** Wraps the `retry` option: a call for a caller who has gone is never repeated, whatever the page configures. */
export function retryUnlessChanged(given: unknown): RetryFunction {
  return (failures, error) => {
    if (isForAnotherCaller(error)) return false
    if (typeof given === 'function') return Boolean(given(failures, error))
    return given === true || (typeof given === 'number' && failures < given)
  }
}

/** The default of queries: up to two retries of errors that are `retryable` and have not been retried yet. */
export const retryByDefault: RetryFunction = (failures, error) =>
  failures < 2 &&
  isIamFetchError(error) &&
  error.retryable &&
  !isForAnotherCaller(error) &&
  !SENT_OFTEN_ENOUGH.includes(error.code)

/** Errors of calls that the signing `fetch` has sent three times already. */
const SENT_OFTEN_ENOUGH = ['NETWORK_OR_CORS', 'THROTTLED', 'SERVICE_UNAVAILABLE']
