import { Refusal } from '../aws-json/service-error.ts'
import type { SignedIn, SignIns } from '../cognito-user-pool/sign-ins.ts'
import type { UserTokens } from '../cognito-user-pool/user-tokens.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Codes } from './codes.ts'
import type { TokenRefusal, UserTokenRequest } from './token-request.ts'

/** What gives people their tokens at `/oauth2/token`. */
export interface UserGrants {
  clientId: string
  codes: Codes
  signIns: SignIns
  tokens: (signedIn: SignedIn, nonce?: string) => Promise<UserTokens>
}

/** The members of an answer of the token endpoint. */
export interface UserGrant {
  id_token?: string
  access_token: string
  refresh_token?: string
  expires_in: number
  token_type: 'Bearer'
}

/**
 * Redeems a code or a refresh token.
 *
 * A refresh gives no new refresh token: rotation is off, Cognito's default. There is an ID token where `openid` was granted.
 *
 * @see [AWS: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)
 */
export async function grantToUser(
  request: UserTokenRequest,
  { clientId, codes, signIns, tokens }: UserGrants,
): Promise<Result<UserGrant, TokenRefusal>> {
  const shown =
    request.grant === 'refresh_token'
      ? { refresh_token: request.refreshToken }
      : { code: request.code, redirect_uri: request.redirectUri }
  const missing = Object.entries({ client_id: request.clientId, ...shown }).find(
    ([, value]) => !value,
  )
  const refuse = (error: TokenRefusal['error'], reason: string): Result<never, TokenRefusal> =>
    refused({ error, reason })
  if (missing) return refuse('invalid_request', `${missing[0]} is missing`)
  if (request.clientId !== clientId) {
    return refuse('invalid_client', 'client_id is not the app client for people')
  }
  if (request.withSecret) {
    return refuse('invalid_client', 'the app client for people has no secret')
  }
  if (request.grant === 'refresh_token') {
    const signedIn = refreshed(signIns, request.refreshToken)
    if (!signedIn.ok) return signedIn
    return accepted(grantOf(signedIn.value, await tokens(signedIn.value)))
  }
  const found = codes.redeem(request)
  if (!found.ok) {
    const before = codes.givenFor(request.code)
    if (before) signIns.revoke(before.refreshToken)
    return refuse('invalid_grant', found.refusal)
  }
  const { user, authorization } = found.value
  const signedIn = signIns.open(user, authorization.scopes)
  codes.redeemed(request.code, signedIn)
  const grant = grantOf(signedIn, await tokens(signedIn, authorization.nonce))
  return accepted({ ...grant, refresh_token: signedIn.refreshToken })
}

function refreshed(signIns: SignIns, refreshToken: string): Result<SignedIn, TokenRefusal> {
  try {
    return accepted(signIns.refresh(refreshToken))
  } catch (error) {
    if (error instanceof Refusal) return refused({ error: 'invalid_grant', reason: error.message })
    throw error
  }
}

const grantOf = (
  { scopes = ['openid'] }: SignedIn,
  { idToken, accessToken, expiresInSeconds }: UserTokens,
): UserGrant => ({
  ...(scopes.includes('openid') && { id_token: idToken }),
  access_token: accessToken,
  expires_in: expiresInSeconds,
  token_type: 'Bearer',
})
