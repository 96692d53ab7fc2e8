export type { DeveloperAccess, DeveloperAccessOptions, RouteOptions, UserRules } from './access.ts'
export type { KeyAuthorizer, KeyAuthorizerEvent, KeyAuthorizerOptions } from './authorizer.ts'
export type { KeyPatch, NewKey } from './check.ts'
export { cognitoIssuer, type CognitoIssuerOptions } from './cognito-issuer.ts'
export type { RevokeOptions } from './change.ts'
export type { KeyUser } from './create.ts'
export { createDeveloperAccess } from './developer-access.ts'
export type { ClientPool, IssuedClient, IssuedSecret, KeyIssuer, PresentedKey } from './issuer.ts'
export type { KeySource } from './key-source.ts'
export type { Key, KeyRow, SecretRow } from './key.ts'
export type { Limits } from './limits.ts'
export { opaqueIssuer, type OpaqueIssuerOptions } from './opaque-issuer.ts'
export type { KeyHolder } from './held-scopes.ts'
export type { FindProfile, KeyOwner, Profile } from './owner.ts'
export type { Rotation } from './rotate.ts'
export type { ShownKey } from './shown-key.ts'
export type {
  KeyChange,
  KeyEvent,
  KeyStore,
  Once,
  Outcome,
  OwnedKey,
  StoredUser,
  UserName,
} from './store.ts'
export type { SweepReport } from './sweep.ts'
export type { IdOf, OwnerOptions } from './with-owner.ts'
