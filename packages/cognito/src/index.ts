export {
  cognitoCredentials,
  type CognitoCredentials,
  type CognitoEvent,
  type CognitoOptions,
  type RoleChange,
} from './credentials.ts'
export { decodeIdToken, type IdTokenClaims } from './id-token.ts'
export type { IdentityStore } from './identity.ts'
export type { IdTokenSource } from './login.ts'
export { explainRole, type RoleClaims, type RoleExplanation } from './role.ts'
export type { CredentialStatus } from './status.ts'
export { followTabs, type TabChannel, type TabOptions } from './tabs.ts'
