import type { JWTPayload } from 'jose'
import type { IdentityPoolDefinition } from '../definition/definition.ts'
import { refuse } from '../aws-json/service-error.ts'

/** What a role is chosen from. */
export interface RoleQuestion {
  /** The claims of the ID token, already verified. */
  claims: JWTPayload
  /** `CustomRoleArn` of the request. */
  customRoleArn: string | undefined
  mapping: Pick<IdentityPoolDefinition, 'roleMapping' | 'ambiguousRoleResolution'>
  /** ARN of the default role for signed-in users. */
  authenticatedRole: string
  /** `provider:client`, for the refusal. */
  provider: string
}

/**
 * Chooses the role of a session as an identity pool does: the one that was asked for, if the token holds it;
 * else the preferred one; else the only one; else what the pool does with the ambiguous.
 *
 * @returns The role's ARN.
 * @throws a refusal `NotAuthorizedException`. Its words for a role that the token does not hold are unverified,
 *   and so is that a pool without mapping refuses every other role than its own.
 * @see [AWS: role-based access control](https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html)
 */
export function chooseRole(question: RoleQuestion): string {
  const { claims, customRoleArn, mapping, authenticatedRole, provider } = question
  const mapped = mapping.roleMapping !== 'none'
  const roles = mapped ? listed(claims['cognito:roles']) : [authenticatedRole]
  if (customRoleArn !== undefined) {
    if (roles.includes(customRoleArn)) return customRoleArn
    throw refuse(
      'NotAuthorizedException',
      `Role ${customRoleArn} is not allowed for this identity.`,
      mapped
        ? `cognito:roles holds ${roles.join(', ') || 'nothing'}`
        : 'the pool has no role mapping',
    )
  }
  const preferred = mapped ? claims['cognito:preferred_role'] : undefined
  if (typeof preferred === 'string') return preferred
  if (roles.length === 1) return roles[0]!
  if (mapping.ambiguousRoleResolution === 'AuthenticatedRole') return authenticatedRole
  throw refuse(
    'NotAuthorizedException',
    `The ambiguous role mapping rules for: ${provider} denied this request.`,
    roles.length
      ? `several roles and no preferred one: ${roles.join(', ')}`
      : 'the user has no role',
  )
}

const listed = (claim: unknown): string[] => (Array.isArray(claim) ? claim.map(String) : [])
