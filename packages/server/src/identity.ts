import { describeValue } from '@iamfetch/core'
import type { CognitoLogins } from './evidence.ts'
import { providerNames } from './issuers.ts'
import type { CallerOptions, TrustedUserPool } from './options.ts'
import { refusal } from './refusal.ts'

/** The user or guest behind credentials of an identity pool. */
export interface PoolIdentity {
  kind: 'user' | 'guest'
  identityId: string
  identityPoolId: string
  /** The user pool and the user in it; `undefined` for a guest and for a user of another identity provider. */
  user?: { userPoolId: string; sub: string }
}

/**
 * Reads which user or guest is behind credentials of an identity pool.
 *
 * A user of a user pool has exactly these logins, in the event's `amr` or, joined by commas, in
 * `cognitoAuthenticationProvider`:
 *
 * ```
 * cognito-idp.<region>.amazonaws.com/<pool>
 * cognito-idp.<region>.amazonaws.com/<pool>:CognitoSignIn:<sub>
 * ```
 *
 * Each is compared in full with the pools of the allow-list. Any other login next to them is refused: another provider
 * chooses its own subjects, and one with a comma in it could spell out the entry of another user.
 *
 * @throws {@link IamFetchError} `CALLER_NOT_TRUSTED` for a pool that is not in the allow-list, `CALLER_MISMATCH` for logins that
 *   do not name exactly one user.
 * @see [AWS: $context variables](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html)
 * @see Observed on AWS: anomalyco/guide#706
 */
export function readIdentity(
  { identityId, identityPoolId, type, logins }: CognitoLogins,
  { userPools = [], identityPools }: CallerOptions,
): PoolIdentity {
  if (!isIdentityId(identityId) || !isIdentityId(identityPoolId)) {
    throw refusal(
      'CALLER_MISMATCH',
      'The event has no well-formed identity ID and identity pool ID.',
      { remedy: UNCHANGED },
    )
  }
  if (identityPools && !identityPools.includes(identityPoolId)) {
    const pool = describeValue(identityPoolId)
    throw refusal('CALLER_NOT_TRUSTED', `The identity pool ${pool} is not in "identityPools".`)
  }
  const ids = { identityId, identityPoolId }
  if (type === 'unauthenticated' && logins.length === 0) return { kind: 'guest', ...ids }
  if (type !== 'authenticated' || logins.length === 0) {
    throw refusal('CALLER_MISMATCH', 'The event does not tell how the identity signed in.', {
      remedy: UNCHANGED,
    })
  }
  const named = logins.map((login) => readLogin(login, userPools))
  if (named.every((login) => login === undefined)) {
    const isOfUserPool = logins.some((login) => /cognito-idp|CognitoSignIn/i.test(String(login)))
    if (identityPools && !isOfUserPool) return { kind: 'user', ...ids }
    throw refusal(
      'CALLER_NOT_TRUSTED',
      'No login of the identity belongs to a user pool of "userPools".',
    )
  }
  return { kind: 'user', ...ids, user: soleUser(named) }
}

const UNCHANGED =
  'Pass the event of API Gateway on as it is. A made-up event needs the fields of a real one.'

/** A login of a trusted user pool. */
interface UserPoolLogin {
  userPoolId: string
  /** `undefined` if the login is the name of the pool alone. */
  sub?: string
}

function soleUser(logins: readonly (UserPoolLogin | undefined)[]): {
  userPoolId: string
  sub: string
} {
  const [sub, ...otherSubs] = logins.flatMap((login) => login?.sub ?? [])
  const pools = new Set(logins.map((login) => login?.userPoolId))
  const [userPoolId] = pools
  if (logins.includes(undefined) || sub === undefined || otherSubs.length > 0) {
    throw refusal('CALLER_MISMATCH', 'The logins of the identity do not name exactly one user.')
  }
  if (pools.size !== 1 || userPoolId === undefined) {
    throw refusal('CALLER_MISMATCH', 'The logins of the identity are of two user pools.')
  }
  return { userPoolId, sub }
}

/** The user pool of a login and, unless it is the name of the pool alone, the user. `undefined` for any other text. */
function readLogin(
  login: unknown,
  userPools: readonly TrustedUserPool[],
): UserPoolLogin | undefined {
  if (typeof login !== 'string') return undefined
  const entry = login.replace(/^https:\/\//, '')
  for (const pool of userPools) {
    const { userPoolId } = pool
    for (const provider of providerNames(pool)) {
      if (entry === provider) return { userPoolId }
      const prefix = `${provider}:CognitoSignIn:`
      const sub = entry.startsWith(prefix) ? entry.slice(prefix.length) : ''
      if (SUB.test(sub)) return { userPoolId, sub }
    }
  }
  return undefined
}

const isIdentityId = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 128 && IDENTITY_ID.test(value)

/** A user pool's `sub` is a UUID. No subject of Cognito contains what would end a login. */
const SUB = /^[0-9A-Za-z_-]{1,128}$/
/** @see [AWS: IdentityId, its pattern](https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_GetId.html) */
const IDENTITY_ID = /^[\w-]+:[0-9a-f-]+$/i
