import type { PolicyDocument } from '@iamfetch/policy'
import type { ChosenByRule } from './role-choice.ts'
import type { StackDefinition } from '../definition/definition.ts'
import { poolRoleNames } from '../iam/pool-role-names.ts'
import type { Roles } from '../iam/roles.ts'
import type { Role } from '../iam/sessions.ts'

/** The default roles of the identity pool. */
export function identityPoolRoles(
  roles: Roles,
  definition: StackDefinition,
): {
  authenticated: Role
  unauthenticated: Role | undefined
  rules: ChosenByRule[]
} {
  const { authenticatedRole, unauthenticatedRole, rules = [] } = definition.identityPool ?? {}
  const names = poolRoleNames(definition)
  return {
    authenticated: roles.add(names.authenticated, authenticatedRole ?? { policy: NOTHING }),
    unauthenticated:
      unauthenticatedRole && roles.add(names.unauthenticated, unauthenticatedRole, true),
    rules: rules.map(({ role, ...rule }, i) => ({
      ...rule,
      roleArn: roles.add(names.rules[i] ?? '', role).arn,
    })),
  }
}

/** IAM wants a statement. This one allows what needs no permission. */
const NOTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
}
