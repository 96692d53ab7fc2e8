import { checkOptions, invalidOption } from '@iamfetch/core'
import type { IdTokenClaims } from './id-token.ts'

/** Which role an exchange will give, as far as the token can tell. */
export interface RoleExplanation {
  /**
   * - `custom`: the role that was requested.
   * - `preferred`: the one that the token prefers, or the only one in it.
   * - `ambiguous`: several roles and none preferred; the pool denies or gives its default role.
   * - `pool-default`: no role in the token; the pool's role for signed-in users.
   * - `denied-locally`: the role that was requested is not in the token.
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

/** The claims that name roles. */
export type RoleClaims = Pick<IdTokenClaims, 'cognito:roles' | 'cognito:preferred_role'>

/**
 * Predicts which role the identity pool will choose for a token, how sure that is, and what to change if it is the wrong one.
 *
 * A prediction for pools whose role mapping is "Choose role from token": the pool's settings cannot be seen from here.
 *
 * @param claims        From `decodeIdToken`, or from a status.
 * @param options.role  The ARN of the role that will be requested.
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
  const candidates = rolesOf(claims) ?? []
  const decision =
    options.role === undefined
      ? decisionByToken(claims, candidates)
      : decisionFor(options.role, claims, candidates)
  return { ...decision, candidates }
}

type Decision = Omit<RoleExplanation, 'candidates'>

/** What the pool does if a role is requested. */
function decisionFor(role: string, claims: RoleClaims, candidates: readonly string[]): Decision {
  if (candidates.includes(role)) {
    return {
      outcome: 'custom',
      role,
      certainty: 'claims',
      reason: `${role} was requested, and cognito:roles contains it.`,
      remedies: [],
    }
  }
  if (claims['cognito:roles'] === undefined) {
    return {
      outcome: 'custom',
      role,
      certainty: 'assumption',
      reason: `${role} was requested; the token names no roles, so the identity pool decides.`,
      remedies: [
        'Give the group of the user an IAM role, then get a new ID token: refreshIdentity().',
      ],
    }
  }
  return {
    outcome: 'denied-locally',
    certainty: 'claims',
    reason: `${role} was requested, and cognito:roles does not contain it.`,
    remedies: [
      ...(candidates.length > 0 ? [`Request one of these roles: ${candidates.join(', ')}.`] : []),
      'Put the user into the group of that role, then get a new ID token: refreshIdentity().',
    ],
  }
}

/** What the pool does if no role is requested. */
function decisionByToken(claims: RoleClaims, candidates: readonly string[]): Decision {
  const role = likelyRole(claims)
  if (claims['cognito:preferred_role'] && role) {
    return {
      outcome: 'preferred',
      role,
      certainty: 'claims',
      reason: `cognito:preferred_role is ${role}: the group with the lowest precedence number has it.`,
      remedies: [
        'Get another role of the token with withRole(arn).',
        'If the default role comes back instead, set the identity pool to "Choose role from token".',
      ],
    }
  }
  if (role) {
    return {
      outcome: 'preferred',
      role,
      certainty: 'assumption',
      reason: `${role} is the only role in the token, and none is marked as preferred.`,
      remedies: ['Give the group a precedence, so that its role is the preferred one.'],
    }
  }
  if (candidates.length > 1) {
    return {
      outcome: 'ambiguous',
      certainty: 'assumption',
      reason: `The token contains ${candidates.length} roles and prefers none.`,
      remedies: [
        'Give the groups different precedence numbers, or choose a role with withRole(arn).',
      ],
    }
  }
  return {
    outcome: 'pool-default',
    certainty: 'assumption',
    reason: 'The token names no role, so the pool gives its default role for signed-in users.',
    remedies: [
      'Put the user into a group that has an IAM role, then get a new ID token: refreshIdentity().',
    ],
  }
}

/** The roles in the token; `undefined` if it does not name roles. */
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
