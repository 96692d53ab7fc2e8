import type { PolicyDocument } from '@iamfetch/policy'

/** A role whose credentials an identity pool may issue. */
export interface RoleDefinition {
  /** What the role may do. */
  policy: PolicyDocument
  /**
   * Who may assume it. Defaults to what AWS requires, the identity pool's ID as `aud` and
   * `authenticated` (`unauthenticated` for guests) in `amr`.
   */
  trust?: PolicyDocument
  /** @default `<name of the group>Role` */
  roleName?: string
}

/** A user pool group with its role. */
export interface GroupDefinition extends RoleDefinition {
  /** The lowest number wins when a user is in several groups. Without one the group never wins. */
  precedence?: number
}

/** A role that a service of yours runs with, as the execution role of a Lambda function. */
export interface ServiceRoleDefinition {
  /** What it may do: call an API, read a secret, rotate that of an app client. */
  policy: PolicyDocument
  /** @default `<name of the role>Role` */
  roleName?: string
}
