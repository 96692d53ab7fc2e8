export { abandonable } from './abandonable.ts'
export { awsDomain, checkEndpoint, isAwsHost, labelsAtAws } from './aws-domain.ts'
export { backoffMs, retryAfterMs, type BackoffOptions } from './backoff.ts'
export {
  serverClock,
  serverTimeOf,
  sleep,
  type Clock,
  type Followed,
  type ServerClock,
} from './clock.ts'
export type {
  CallCredentials,
  Credentials,
  CredentialsProvider,
  CredentialsSource,
} from './credentials.ts'
export { withDeadline } from './deadline.ts'
export { ending, throwIfEnded, unlessEnded, type Ending } from './ending.ts'
export {
  docsUrl,
  IamFetchError,
  isIamFetchError,
  type ErrorCode,
  type ErrorDetails,
} from './error.ts'
export {
  fresh,
  type Fresh,
  type FreshOptions,
  type FreshStatus,
  type Load,
  type LoadContext,
  type Loaded,
} from './fresh.ts'
export { eventCounter, type CounterMeter, type EventAttributes } from './event-counter.ts'
export { gatewayMessage, messageIn } from './gateway-message.ts'
export { hideSecrets } from './hide-secrets.ts'
export { jsonObject } from './json-object.ts'
export { jwtHeader, jwtPayload, type JwtClaims } from './jwt.ts'
export { isOffline } from './offline.ts'
export { later, listeners, type Listeners } from './listeners.ts'
export {
  checkOptions,
  copyOptions,
  describeValue,
  invalidOption,
  type InvalidOptionError,
  type OptionNames,
} from './options.ts'
export {
  callerChanged,
  cleared,
  isSameOwner,
  ownerOf,
  ownerOfToken,
  setOwner,
  type Owner,
} from './owner.ts'
export { requestIdOf } from './request-id.ts'
export { MAX_RESPONSE_BYTES, readText, readTextWhile } from './response-text.ts'
export { checkSecureUrl, isSecureUrl } from './secure-url.ts'
export {
  followSignIns,
  startCallOf,
  type SignedIn,
  type SignInListener,
  type SignIns,
  type TokenRead,
  type TokenReader,
} from './sign-ins.ts'
export { tokenSourceError } from './token-source-error.ts'
export { withTimeLimit } from './time-limit.ts'
