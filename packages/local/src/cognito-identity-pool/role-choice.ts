import type { JWTPayload } from 'jose'
import type { IdentityPoolDefinition, RoleMappingRule } from '../definition/identity-pool.ts'
import { refuse } from '../aws-json/service-error.ts'

/** A rule with the ARN of its role. */
export type ChosenByRule = Omit<RoleMappingRule, 'role'> & { roleArn: string }

/** The facts from which a role is chosen. */
export interface RoleQuestion {
  /** The claims of the ID token, already verified. */
  claims: JWTPayload
  /** `CustomRoleArn` of the request. */
  customRoleArn: string | undefined
  mapping: Pick<IdentityPoolDefinition, 'roleMapping' | 'ambiguousRoleResolution'>
  /** With `roleMapping: 'rules'`. @default none */
  rules?: readonly ChosenByRule[] | undefined
  /** ARN of the default role for signed-in users. */
  authenticatedRole: string
  /** `provider:client`, for the refusal. */
  provider: string
}

/**
 * Chooses the role of a session as an identity pool does: the one that was requested, if the token contains it;
 * else the preferred one; else the only one; else what the pool does with the ambiguous. With rules, the first that matches
 * gives the role; that a request cannot request another one then is unverified.
 *
 * @returns The role's ARN.
 * @throws a refusal `NotAuthorizedException`. Its words for a role that the token does not contain are unverified,
 *   and so is that a pool without mapping refuses every other role than its own.
 * @see [AWS: role-based access control](https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html)
 */
export function chooseRole(question: RoleQuestion): string {
  const { claims, customRoleArn, mapping, authenticatedRole, provider } = question
  const mapped = mapping.roleMapping !== 'none'
  const byRules = mapping.roleMapping === 'rules'
  const roles = candidates(question)
  if (customRoleArn !== undefined) {
    if (roles.includes(customRoleArn)) return customRoleArn
    throw refuse(
      'NotAuthorizedException',
      `Role ${customRoleArn} is not allowed for this identity.`,
      whatIsThere(mapping.roleMapping, roles),
    )
  }
  const preferred = mapped && !byRules ? claims['cognito:preferred_role'] : undefined
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

function whatIsThere(
  mapping: IdentityPoolDefinition['roleMapping'],
  roles: readonly string[],
): string {
  if (mapping === 'none') return 'the pool has no role mapping'
  if (mapping === 'rules') return `the rules give ${roles.join(', ') || 'no role'}`
  return `cognito:roles holds ${roles.join(', ') || 'nothing'}`
}

/** The roles in the claims. */
function candidates({ claims, mapping, rules = [], authenticatedRole }: RoleQuestion): string[] {
  if (mapping.roleMapping === 'none') return [authenticatedRole]
  if (mapping.roleMapping !== 'rules') return listed(claims['cognito:roles'])
  const rule = rules.find(
    (candidate) =>
      Object.hasOwn(claims, candidate.claim) && matches(candidate, claims[candidate.claim]),
  )
  return rule ? [rule.roleArn] : []
}

/** A claim that the token does not have matches no rule, `NotEqual` included (unverified). */
function matches({ match, value }: ChosenByRule, claim: unknown): boolean {
  if (claim === undefined || claim === null) return false
  const text = typeof claim === 'string' ? claim : JSON.stringify(claim)
  if (match === 'Equals') return text === value
  if (match === 'NotEqual') return text !== value
  return match === 'StartsWith' ? text.startsWith(value) : text.includes(value)
}

const listed = (claim: unknown): string[] => (Array.isArray(claim) ? claim.map(String) : [])
