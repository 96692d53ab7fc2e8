import { readText } from './claims.ts'
import type { IamEvidence } from './events.ts'
import { refusal } from './refusal.ts'
import { providerName, type CallerOptions } from './trust.ts'

/** Whom an identity pool's credentials stand for. */
export interface PoolIdentity {
  kind: 'user' | 'guest'
  identityId: string
  identityPoolId: string
  /** The user pool and the user in it; nothing for a guest and for another identity provider's user. */
  user?: { userPoolId: string; sub: string }
}

/**
 * Reads whom an identity pool's credentials stand for.
 *
 * A user of a user pool has exactly these logins, in the event's `amr` or, joined by commas, in
 * `cognitoAuthenticationProvider`:
 *
 * ```
 * cognito-idp.<region>.amazonaws.com/<pool>
 * cognito-idp.<region>.amazonaws.com/<pool>:CognitoSignIn:<sub>
 * ```
 *
 * Each is compared in full with the pools of the allow-list. Any other login beside them is refused: another
 * provider chooses its own subjects, and one with a comma in it could spell out somebody else's entry.
 *
 * @throws {@link IamFetchError} `CALLER_NOT_TRUSTED` for a pool that is not in the allow-list,
 *   `CALLER_MISMATCH` for logins that do not name exactly one user.
 * @see [AWS: $context variables](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html)
 * @see Observed on AWS: anomalyco/guide#706
 */
export function readIdentity(
  { identityId, identityPoolId, type, logins }: NonNullable<IamEvidence['cognito']>,
  { userPools = [], identityPools }: CallerOptions,
): PoolIdentity {
  if (!isIdentityId(identityId) || !isIdentityId(identityPoolId)) {
    throw refusal(
      'CALLER_MISMATCH',
      'The event has no well-formed identity ID and identity pool ID.',
    )
  }
  if (identityPools && !identityPools.includes(identityPoolId)) {
    throw refusal('CALLER_NOT_TRUSTED', 'The identity pool is not one of identityPools.')
  }
  const ids = { identityId, identityPoolId }
  if (type === 'unauthenticated' && logins.length === 0) return { kind: 'guest', ...ids }
  if (type !== 'authenticated' || logins.length === 0) {
    throw refusal('CALLER_MISMATCH', 'The event does not say how the identity signed in.')
  }
  const users = logins.map((login) => readLogin(login, userPools))
  const named = users.filter((user) => user !== undefined)
  if (named.length === 0) {
    const ofUserPool = logins.some((login) => /cognito-idp|CognitoSignIn/i.test(String(login)))
    if (identityPools && !ofUserPool) return { kind: 'user', ...ids }
    throw refusal('CALLER_NOT_TRUSTED', 'No login of the identity is of one of userPools.')
  }
  const subs = named.flatMap(({ userPoolId, sub }) =>
    sub === undefined ? [] : [{ userPoolId, sub }],
  )
  const [user] = subs
  if (named.length !== users.length || subs.length !== 1 || !user) {
    throw refusal('CALLER_MISMATCH', 'The logins of the identity do not name exactly one user.')
  }
  if (named.some(({ userPoolId }) => userPoolId !== user.userPoolId)) {
    throw refusal('CALLER_MISMATCH', 'The logins of the identity are of two user pools.')
  }
  return { kind: 'user', ...ids, user }
}

/** The entry's pool and, unless it is the pool's name alone, the user. Nothing for any other text. */
function readLogin(
  login: unknown,
  userPools: NonNullable<CallerOptions['userPools']>,
): { userPoolId: string; sub?: string } | undefined {
  if (typeof login !== 'string') return undefined
  const entry = login.replace(/^https:\/\//, '')
  for (const { userPoolId } of userPools) {
    const provider = providerName(userPoolId)
    if (entry === provider) return { userPoolId }
    const before = `${provider}:CognitoSignIn:`
    if (!entry.startsWith(before)) continue
    const sub = entry.slice(before.length)
    if (SUB.test(sub)) return { userPoolId, sub }
  }
  return undefined
}

const isIdentityId = (value: unknown): value is string =>
  readText(value) !== undefined && IDENTITY_ID.test(String(value))

/** A user pool's `sub` is a UUID; what no subject of Cognito has is what would end an entry. */
const SUB = /^[0-9A-Za-z_-]{1,128}$/
/** @see [AWS: IdentityId, its pattern](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html) */
const IDENTITY_ID = /^[\w-]+:[0-9a-f-]+$/i
