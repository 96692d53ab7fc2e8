import type { PolicyDocument } from '@iamfetch/policy'
import type { ChosenByRule } from './role-choice.ts'
import type { IdentityPoolDefinition } from '../definition/identity-pool.ts'
import type { Roles } from '../iam/roles.ts'
import type { Role } from '../iam/sessions.ts'

/** The default roles of the identity pool. */
export function identityPoolRoles(
  roles: Roles,
  { authenticatedRole, unauthenticatedRole, rules = [] }: IdentityPoolDefinition,
): {
  authenticated: Role
  unauthenticated: Role | undefined
  rules: ChosenByRule[]
} {
  const name = authenticatedRole?.roleName ?? 'AuthenticatedRole'
  return {
    authenticated: roles.add(name, authenticatedRole ?? { policy: NOTHING }),
    unauthenticated:
      unauthenticatedRole &&
      roles.add(unauthenticatedRole.roleName ?? 'UnauthenticatedRole', unauthenticatedRole, true),
    rules: rules.map(({ role, ...rule }, i) => ({
      ...rule,
      roleArn: roles.add(role.roleName ?? `Rule${i + 1}Role`, role).arn,
    })),
  }
}

/** IAM wants a statement. This one allows what needs no permission. */
const NOTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
}
