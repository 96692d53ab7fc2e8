import { createHash } from 'node:crypto'
import type { Clock } from '../faults/faults.ts'
import { accessClaims, idClaims } from './claims.ts'
import type { Ids } from '../ids.ts'
import type { AppClients } from './app-clients.ts'
import type { PreTokenGeneration } from './pre-token-generation.ts'
import { drawUuid, type Random } from '../random.ts'
import type { SignedIn } from './sign-ins.ts'
import type { TokenKey } from './token-key.ts'
import type { Directory } from './users.ts'

/** An ID token and an access token of one moment. */
export interface UserTokens {
  idToken: string
  accessToken: string
  /** The life of the access token. */
  expiresInSeconds: number
}

/** Why tokens are issued, in the words of the pre-token-generation trigger. */
export type TokenSource = 'Authentication' | 'HostedAuth' | 'NewPasswordChallenge' | 'RefreshTokens'

/** What a request for tokens adds to the sign-in. */
export interface MintOptions {
  source: TokenSource
  /** Of the authorization request. */
  nonce?: string | undefined
  /** `ClientMetadata` of the request, for the trigger. */
  clientMetadata?: Readonly<Record<string, string>> | undefined
}

/** Signs both tokens of a sign-in. */
export type MintUserTokens = (signedIn: SignedIn, options: MintOptions) => Promise<UserTokens>

/**
 * Creates the function that signs tokens for people. Groups are those of the moment, also when an earlier sign-in is
 * refreshed. The lives of the tokens are those of the app client.
 *
 * An ID token that came through the hosted pages names its access token in `at_hash`, as OpenID Connect wants it
 * and Cognito does it; one of the user pool's JSON API does not.
 *
 * @param options.trigger  Runs before the tokens are signed, and may change their claims.
 */
export function createUserTokens({
  ids,
  directory,
  clients,
  key,
  clock,
  random,
  trigger,
}: {
  ids: Ids
  directory: Directory
  clients: Pick<AppClients, 'find'>
  trigger: PreTokenGeneration | undefined
  key: TokenKey
  clock: Clock
  random: Random
}): MintUserTokens {
  return async (signedIn, options) => {
    const { nonce } = options
    const user = directory.find(signedIn.user.username) ?? signedIn.user
    const now = Math.floor(clock.now() / 1_000)
    const eventId = drawUuid(random)
    const common = { ids, user, signedIn, now, eventId }
    const client = clients.find(signedIn.clientId)
    const { accessTokenSeconds = TOKEN_SECONDS, idTokenSeconds = TOKEN_SECONDS } = client ?? {}
    const tokens = {
      id: idClaims({ ...common, lifeSeconds: idTokenSeconds, jti: drawUuid(random) }),
      access: accessClaims({ ...common, lifeSeconds: accessTokenSeconds, jti: drawUuid(random) }),
    }
    const claims = trigger ? await trigger(tokens, { user, signedIn, options }) : tokens
    const accessToken = await key.sign(claims.access)
    const idToken = await key.sign({
      ...claims.id,
      ...(nonce !== undefined && { nonce }),
      ...(signedIn.scopes && { at_hash: halfHash(accessToken) }),
    })
    return { idToken, accessToken, expiresInSeconds: accessTokenSeconds }
  }
}

/** Cognito's default, for an app client that was deleted in the meantime. */
const TOKEN_SECONDS = 3_600

/** @see [OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken) */
const halfHash = (token: string): string =>
  createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url')
