export { createIamFetch, type IamFetchOptions, type SignerContext } from './iam-fetch.ts'
export { signWebSocketUrl, type WebSocketUrlOptions } from './web-socket.ts'
export { createTokenFetch, type TokenFetchOptions, type TokenSource } from './token-fetch.ts'
export type { AttemptOptions } from './attempts.ts'
export type { DestinationOptions } from './destination.ts'
export type { AttemptEvent, FetchEvent, OutcomeEvent, RetryReason } from './event.ts'
export type { RetryOptions } from './retry.ts'
export {
  describeRefusal,
  type DescribedRefusal,
  type DescribeRefusalOptions,
  type Refusal,
  type RefusalCode,
} from './refusal.ts'
export { IamFetchError, isIamFetchError } from '@iamfetch/core'
export type {
  Clock,
  Credentials,
  CredentialsProvider,
  CredentialsSource,
  ErrorCode,
  ServerClock,
} from '@iamfetch/core'
export {
  createSigner,
  presignParts,
  regionOf,
  sha256Hex,
  signParts,
  type Parts,
  type Payload,
  type Signed,
  type Signer,
  type SignerOptions,
  type SigningContext,
} from '@iamfetch/sigv4'
export {
  cognitoCredentials,
  decodeIdToken,
  explainRole,
  followTabs,
  type CognitoCredentials,
  type CognitoEvent,
  type CognitoOptions,
  type CredentialStatus,
  type IdentityStore,
  type IdTokenClaims,
  type IdTokenSource,
  type RoleChange,
  type RoleClaims,
  type RoleExplanation,
  type TabChannel,
  type TabOptions,
} from '@iamfetch/cognito'
