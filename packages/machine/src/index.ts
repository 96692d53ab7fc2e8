export type { AccessToken } from './access-token.ts'
export { cognitoClientToken, type CognitoClientTokenOptions } from './client-token.ts'
export type { StoreOperation } from './fleet.ts'
export { machineToken, type MachineToken, type TokenCall } from './machine-token.ts'
export {
  countEvents,
  type CounterMeter,
  type MachineTokenEvent,
  type MachineTokenStats,
} from './meters.ts'
export type { Fetch } from './mint.ts'
export type { MachineTokenOptions } from './options.ts'
export { oauthTokenEndpoint, type OAuthTokenEndpointOptions } from './oauth-endpoint.ts'
export type { ClientSecret, SecretPair } from './secret.ts'
export type { TokenAnswer, TokenAsk, TokenGrant, TokenRequest, TokenSource } from './source.ts'
export { memoryStore, type MemoryStoreOptions, type TokenStore } from './store.ts'
