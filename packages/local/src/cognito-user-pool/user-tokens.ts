import { createHash } from 'node:crypto'
import type { Clock } from '../faults/faults.ts'
import { accessClaims, idClaims } from './claims.ts'
import type { Ids } from '../ids.ts'
import { drawUuid, type Random } from '../random.ts'
import type { SignedIn } from './sign-ins.ts'
import type { TokenKey } from './token-key.ts'
import type { Directory } from './users.ts'

/** An ID token and an access token of one moment. */
export interface UserTokens {
  idToken: string
  accessToken: string
  /** The life of both. */
  expiresInSeconds: number
}

/** Life of ID and access tokens, Cognito's default. */
const TOKEN_SECONDS = 3_600

/**
 * Makes the mint of tokens for people. Groups are those of the moment, also when a sign-in of before is refreshed.
 *
 * An ID token that came through the hosted pages names its access token in `at_hash`, as OpenID Connect wants it
 * and Cognito does it; one of the user pool's JSON API does not.
 *
 * @returns What signs both tokens. `nonce` is the one of the authorization request.
 */
export function createUserTokens({
  ids,
  directory,
  key,
  clock,
  random,
}: {
  ids: Ids
  directory: Directory
  key: TokenKey
  clock: Clock
  random: Random
}): (signedIn: SignedIn, nonce?: string) => Promise<UserTokens> {
  return async (signedIn, nonce) => {
    const user = directory.find(signedIn.user.username) ?? signedIn.user
    const now = Math.floor(clock.now() / 1_000)
    const eventId = drawUuid(random)
    const common = { ids, user, signedIn, now, lifeSeconds: TOKEN_SECONDS, eventId }
    const accessToken = await key.sign(accessClaims({ ...common, jti: drawUuid(random) }))
    const idToken = await key.sign({
      ...idClaims({ ...common, jti: drawUuid(random) }),
      ...(nonce !== undefined && { nonce }),
      ...(signedIn.scopes && { at_hash: halfHash(accessToken) }),
    })
    return { idToken, accessToken, expiresInSeconds: TOKEN_SECONDS }
  }
}

/** @see [OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken) */
const halfHash = (token: string): string =>
  createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
