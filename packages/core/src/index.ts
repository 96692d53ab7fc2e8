export { abandonable } from './abandonable.ts'
export { awsDomain, isAwsHost } from './aws-domain.ts'
export { backoffMs, retryAfterMs, type BackoffOptions } from './backoff.ts'
export { serverClock, serverTimeOf, sleep, type Clock, type ServerClock } from './clock.ts'
export type { Credentials, CredentialsProvider, CredentialsSource } from './credentials.ts'
export { withDeadline } from './deadline.ts'
export {
  docsUrl,
  IamFetchError,
  isIamFetchError,
  type ErrorCode,
  type ErrorDetails,
} from './error.ts'
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
export { gatewayMessage } from './gateway-message.ts'
export { jwtHeader, jwtPayload, type JwtClaims } from './jwt.ts'
export { later, listeners, type Listeners } from './listeners.ts'
export {
  checkOptions,
  describeValue,
  invalidOption,
  type InvalidOptionError,
  type OptionNames,
} from './options.ts'
export { requestIdOf } from './request-id.ts'
export { MAX_RESPONSE_BYTES, readText } from './response-text.ts'
export { isSecureUrl } from './secure-url.ts'
export { withTimeLimit } from './time-limit.ts'
