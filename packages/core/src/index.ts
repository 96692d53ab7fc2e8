export { abandonable } from './abandonable.ts'
export { awsDomain } from './aws-domain.ts'
export { backoffMs, retryAfterMs, type BackoffOptions } from './backoff.ts'
export { serverClock, serverTimeOf, sleep, type Clock, type ServerClock } from './clock.ts'
export type { Credentials, CredentialsProvider, CredentialsSource } from './credentials.ts'
export { IamFetchError, type ErrorCode, type ErrorDetails } from './error.ts'
export {
  cleared,
  fresh,
  type Fresh,
  type FreshOptions,
  type FreshStatus,
  type Load,
  type LoadContext,
  type Loaded,
} from './fresh.ts'
export { later, listeners, type Listeners } from './listeners.ts'
export { withTimeLimit } from './time-limit.ts'
