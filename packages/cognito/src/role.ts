import { checkOptions, invalidOption } from '@iamfetch/core'
import type { IdTokenClaims } from './id-token.ts'

/** Which role an exchange will give, as far as the token can tell. */
export interface RoleExplanation {
  /**
   * - `custom`: the role that was asked for.
   * - `preferred`: the one that the token prefers, or the only one in it.
   * - `ambiguous`: several roles and none preferred; the pool denies or gives its default role.
   * - `pool-default`: no role in the token; the pool's role for signed-in users.
   * - `denied-locally`: the role that was asked for is not in the token.
   */
  readonly outcome: 'custom' | 'preferred' | 'ambiguous' | 'pool-default' | 'denied-locally'
  /** The role's ARN, where one can be named. */
  readonly role?: string
  /** Every role in the token. */
  readonly candidates: readonly string[]
  /** `claims`: the token says so, and a pool that chooses the role from the token obeys. `assumption`: the pool decides. */
  readonly certainty: 'claims' | 'assumption'
  readonly reason: string
  /** What to change if it is the wrong role. */
  readonly remedies: readonly string[]
}

/** The claims that speak of roles. */
export type RoleClaims = Pick<IdTokenClaims, 'cognito:roles' | 'cognito:preferred_role'>

/**
 * Predicts which role the identity pool will choose for a token, how sure that is, and what to change if it is the wrong one.
 *
 * A prediction for pools whose role mapping is "Choose role from token": the pool's settings cannot be seen from here.
 *
 * @param claims        From `decodeIdToken`, or from a status.
 * @param options.role  The ARN of the role that will be asked for.
 * @see [AWS: role-based access control](https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html)
 * @example
 * ```ts
 * const { role, reason } = explainRole(decodeIdToken(await readToken({ forceRefresh: false })))
 * console.log(role, reason)
 * ```
 */
export function explainRole(
  claims: RoleClaims,
  options: { role?: string | undefined } = {},
): RoleExplanation {
  checkOptions('explainRole', options, { role: 'string' })
  if (typeof claims !== 'object' || claims === null) {
    throw invalidOption('explainRole', '"claims" must be the claims of an ID token', claims)
  }
  const { role } = options
  const candidates = rolesOf(claims) ?? []
  const likely = likelyRole(claims)
  const tell = (
    outcome: RoleExplanation['outcome'],
    arn: string | undefined,
    certainty: RoleExplanation['certainty'],
    reason: string,
    ...remedies: string[]
  ): RoleExplanation => ({
    outcome,
    ...(arn && { role: arn }),
    candidates,
    certainty,
    reason,
    remedies,
  })
  if (role !== undefined) {
    if (candidates.includes(role)) {
      return tell('custom', role, 'claims', `${role} was asked for, and cognito:roles holds it.`)
    }
    if (claims['cognito:roles'] !== undefined) {
      return tell(
        'denied-locally',
        undefined,
        'claims',
        `${role} was asked for, and cognito:roles does not hold it.`,
        `Ask for one of: ${candidates.join(', ') || 'none is held'}.`,
        'Put the user into the group of that role, then get a new ID token: refreshIdentity().',
      )
    }
    return tell(
      'custom',
      role,
      'assumption',
      `${role} was asked for; the token names no roles, so the identity pool decides.`,
      'Give the group of the user an IAM role, then get a new ID token: refreshIdentity().',
    )
  }
  if (claims['cognito:preferred_role']) {
    return tell(
      'preferred',
      likely,
      'claims',
      `cognito:preferred_role is ${likely}: the group with the lowest precedence number has it.`,
      'Another role of the token: withRole(arn).',
      'If the default role comes back instead, set the identity pool to "Choose role from token".',
    )
  }
  if (likely) {
    return tell(
      'preferred',
      likely,
      'assumption',
      `${likely} is the only role in the token, and none is marked as preferred.`,
      'Give the group a precedence, so that its role is the preferred one.',
    )
  }
  if (candidates.length > 1) {
    return tell(
      'ambiguous',
      undefined,
      'assumption',
      `The token holds ${candidates.length} roles and prefers none.`,
      'Give the groups different precedence numbers, or choose: withRole(arn).',
    )
  }
  return tell(
    'pool-default',
    undefined,
    'assumption',
    'The token names no role, so the pool gives its default role for signed-in users.',
    'Put the user into a group that has an IAM role, then get a new ID token: refreshIdentity().',
  )
}

/** The roles in the token; `undefined` where it does not speak of roles. */
export function rolesOf({ 'cognito:roles': roles }: RoleClaims): readonly string[] | undefined {
  // Documented as a comma-separated string; real tokens carry an array (aws-sdk-net#943).
  if (typeof roles === 'string') return roles.match(/[^\s,]+/g) ?? []
  return Array.isArray(roles) ? (roles as readonly string[]) : undefined
}

/** The role that a pool which chooses from the token will most likely give. */
export function likelyRole(claims: RoleClaims = {}): string | undefined {
  const [only, ...others] = rolesOf(claims) ?? []
  return claims['cognito:preferred_role'] || (others[0] ? undefined : only)
}
