export type { AssertionClaims } from './client-assertion.ts'
export { cognitoClientToken, type CognitoClientTokenOptions } from './client-token.ts'
export { countEvents, type MachineTokenEvent, type MachineTokenStats } from './events.ts'
export type { StoreOperation } from './fleet.ts'
export { machineToken, type MachineToken, type TokenCall } from './machine-token.ts'
export type { CounterMeter, EventAttributes } from '@iamfetch/core'
export { oauthTokenEndpoint, type OAuthTokenEndpointOptions } from './oauth-endpoint.ts'
export type { MachineTokenOptions } from './options.ts'
export {
  privateKeyJwt,
  type AssertionAlgorithm,
  type PrivateKeyJwt,
  type PrivateKeyJwtOptions,
} from './private-key-jwt.ts'
export type { ClientSecret, SecretPair } from './secret.ts'
export { memoryStore, type MemoryStoreOptions, type TokenStore } from './store.ts'
export type { AccessToken } from './stored-token.ts'
export type {
  TokenEndpoint,
  TokenGrant,
  TokenParameters,
  TokenRequest,
  TokenResponse,
} from './token-endpoint.ts'
