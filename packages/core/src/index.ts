export { backoffMs, retryAfterMs, type BackoffOptions } from './backoff.ts'
export { serverClock, sleep, type Clock, type ServerClock } from './clock.ts'
export type { Credentials, CredentialsProvider, CredentialsSource } from './credentials.ts'
export { IamFetchError, type ErrorCode, type ErrorDetails } from './error.ts'
export {
  abandonable,
  fresh,
  type Fresh,
  type FreshOptions,
  type FreshStatus,
  type Load,
  type LoadContext,
  type Loaded,
} from './fresh.ts'
