import { Refusal } from '../aws-json/service-error.ts'
import type { SignedIn, SignIns } from '../cognito-user-pool/sign-ins.ts'
import type { UserTokens } from '../cognito-user-pool/user-tokens.ts'
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
): Promise<UserGrant | TokenRefusal> {
  const shown =
    request.grant === 'refresh_token'
      ? { refresh_token: request.refreshToken }
      : { code: request.code, redirect_uri: request.redirectUri }
  const missing = Object.entries({ client_id: request.clientId, ...shown }).find(
    ([, value]) => !value,
  )
  if (missing) return { error: 'invalid_request', reason: `${missing[0]} is missing` }
  if (request.clientId !== clientId) {
    return { error: 'invalid_client', reason: 'client_id is not the app client for people' }
  }
  if (request.withSecret) {
    return { error: 'invalid_client', reason: 'the app client for people has no secret' }
  }
  if (request.grant === 'refresh_token') {
    const signedIn = refreshed(signIns, request.refreshToken)
    if ('error' in signedIn) return signedIn
    return answerOf(signedIn, await tokens(signedIn))
  }
  const found = codes.redeem(request)
  if ('reason' in found) {
    const before = codes.givenFor(request.code)
    if (before) signIns.revoke(before.refreshToken)
    return { error: 'invalid_grant', reason: found.reason }
  }
  const { user, authorization } = found
  const signedIn = signIns.open(user, authorization.scopes)
  codes.redeemed(request.code, signedIn)
  const answer = answerOf(signedIn, await tokens(signedIn, authorization.nonce))
  return { ...answer, refresh_token: signedIn.refreshToken }
}

function refreshed(signIns: SignIns, refreshToken: string): SignedIn | TokenRefusal {
  try {
    return signIns.refresh(refreshToken)
  } catch (error) {
    if (error instanceof Refusal) return { error: 'invalid_grant', reason: error.message }
    throw error
  }
}

const answerOf = (
  { scopes = ['openid'] }: SignedIn,
  { idToken, accessToken, expiresInSeconds }: UserTokens,
): UserGrant => ({
  ...(scopes.includes('openid') && { id_token: idToken }),
  access_token: accessToken,
  expires_in: expiresInSeconds,
  token_type: 'Bearer',
})
