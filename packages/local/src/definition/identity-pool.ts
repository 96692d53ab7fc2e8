import type { RoleDefinition } from './role.ts'

/**
 * One rule of an identity pool: which role a claim of the ID token leads to.
 *
 * @see [AWS: rules](https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html#using-rules-to-assign-roles-to-users)
 */
export interface RoleMappingRule {
  /** The name of the claim, such as `custom:department`. */
  claim: string
  /** How the claim is compared. A claim that is a list is compared as its JSON (unverified). */
  match: 'Equals' | 'NotEqual' | 'StartsWith' | 'Contains'
  value: string
  role: RoleDefinition
}

/** How the identity pool chooses a role. */
export interface IdentityPoolDefinition {
  /**
   * `token`: from the claims `cognito:roles` and `cognito:preferred_role`. `rules`: by the first of `rules` that matches.
   * `none`: always the default role.
   *
   * @default 'token'
   */
  roleMapping?: 'token' | 'rules' | 'none'
  /** With `roleMapping: 'rules'`: up to 25, in their order. If none matches, `ambiguousRoleResolution` decides. */
  rules?: readonly RoleMappingRule[]
  /** The IDs of the app clients whose ID tokens are accepted. Defaults to every client that people sign in with. */
  clientIds?: readonly string[]
  /** What happens when the claims do not decide. @default 'Deny' */
  ambiguousRoleResolution?: 'AuthenticatedRole' | 'Deny'
  /** The default role for signed-in users. Defaults to a role without permissions. */
  authenticatedRole?: RoleDefinition
  /** The role for guests. Defaults to none: guests are refused. */
  unauthenticatedRole?: RoleDefinition
  /** How long session credentials last, in seconds. @default 3600 */
  sessionSeconds?: number
  /**
   * Attributes for access control: principal tags of a session by the claim of the ID token that has their value, such as
   * `{ tenant: 'custom:tenant' }`, for `${aws:PrincipalTag/tenant}` in policies. A claim that the token does not have sets no
   * tag. A role with its own `trust` has to allow `sts:TagSession` as well. `default` is `{ username: 'sub', client: 'aud' }`.
   *
   * @default none
   * @see [AWS: attributes for access control](https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html)
   */
  principalTags?: Record<string, string> | 'default'
}
