import type { JWTPayload } from 'jose'
import type { Ids } from '../ids.ts'
import type { SignedIn } from './sign-ins.ts'
import type { Group, User } from './users.ts'

/** What both kinds of token contain about the sign-in. */
export interface Issue {
  ids: Ids
  user: User
  signedIn: SignedIn
  /** Seconds since the epoch. */
  now: number
  lifeSeconds: number
  eventId: string
  jti: string
}

/**
 * The claims of an ID token.
 *
 * @see [AWS: understanding the ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)
 */
export function idClaims(issue: Issue): JWTPayload {
  const { user, signedIn } = issue
  const roles = [...new Set(user.groups.flatMap(({ role }) => role?.arn ?? []))]
  return {
    ...attributeClaims(user.attributes),
    ...shared(issue),
    'cognito:roles': roles.length > 0 ? roles : undefined,
    'cognito:preferred_role': preferredRole(user.groups),
    'cognito:username': user.username,
    aud: signedIn.clientId,
    token_use: 'id',
  }
}

/**
 * The claims of an access token. It has an `aud` only if the app requested a `resource`, and an identity pool does not accept it.
 *
 * @see [AWS: understanding the access token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html)
 */
export function accessClaims(issue: Issue): JWTPayload {
  return {
    ...shared(issue),
    client_id: issue.signedIn.clientId,
    ...(issue.signedIn.resource !== undefined && { aud: issue.signedIn.resource }),
    token_use: 'access',
    scope: issue.signedIn.scopes?.join(' ') ?? 'aws.cognito.signin.user.admin',
    // Tokens of the OAuth endpoints have it.
    version: issue.signedIn.scopes && 2,
    username: issue.user.username,
  }
}

/**
 * Chooses the preferred role: that of the group with the lowest precedence. A group without one comes after every number,
 * and a tie between different roles has none. Groups without a role do not count (unverified).
 *
 * If no group has a precedence, no role is preferred: a real token of such a group had none (unverified, one sample). AWS's
 * page says that a sole role is preferred.
 *
 * @see [AWS: CreateGroup](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html#CognitoUserPools-CreateGroup-request-Precedence)
 * @see [AWS: adding groups to a user pool](https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html)
 */
export function preferredRole(groups: readonly Group[]): string | undefined {
  const withRole = groups.filter(({ role }) => role)
  const lowest = Math.min(...withRole.map(({ precedence = Infinity }) => precedence))
  const first = withRole.filter(({ precedence }) => precedence === lowest)
  const roles = new Set(first.flatMap(({ role }) => role?.arn ?? []))
  return roles.size === 1 ? [...roles][0] : undefined
}

/** Attributes are strings; the claims of the two `…_verified` ones are booleans. */
const attributeClaims = (attributes: User['attributes']): JWTPayload =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      /^(email|phone_number)_verified$/.test(name) ? value === 'true' : value,
    ]),
  )

// A member that is undefined is not there in the token.
const shared = ({ ids, user, signedIn, now, lifeSeconds, eventId, jti }: Issue): JWTPayload => ({
  sub: user.sub,
  'cognito:groups': user.groups.length > 0 ? user.groups.map(({ name }) => name) : undefined,
  iss: ids.issuer,
  origin_jti: signedIn.originJti,
  event_id: eventId,
  auth_time: signedIn.authTime,
  iat: now,
  exp: now + lifeSeconds,
  jti,
})
