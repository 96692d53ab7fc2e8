import { Refusal } from '../aws-json/service-error.ts'
import type { SignedIn, SignIns } from '../cognito-user-pool/sign-ins.ts'
import type { AppClient, AppClients } from '../cognito-user-pool/app-clients.ts'
import type { MintUserTokens, UserTokens } from '../cognito-user-pool/user-tokens.ts'
import { stillEnabled, type Directory } from '../cognito-user-pool/users.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Codes } from './codes.ts'
import type { ShownClient, TokenRefusal, UserTokenRequest } from './token-request.ts'

/** Issues tokens for users at `/oauth2/token`. */
export interface UserGrants {
  clients: AppClients
  directory: Pick<Directory, 'find'>
  codes: Codes
  signIns: SignIns
  tokens: MintUserTokens
}

/** The members of a response of the token endpoint. */
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
 * A refresh returns a new refresh token only if the app client rotates them. There is an ID token if `openid` was granted.
 *
 * @see [AWS: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)
 */
export async function grantToUser(
  request: UserTokenRequest,
  { clients, directory, codes, signIns, tokens }: UserGrants,
): Promise<Result<UserGrant, TokenRefusal>> {
  const shown =
    request.grant === 'refresh_token'
      ? { refresh_token: request.refreshToken }
      : { code: request.code, redirect_uri: request.redirectUri }
  const missing = Object.entries(shown).find(([, value]) => !value)
  const refuse = (error: TokenRefusal['error'], reason: string): Result<never, TokenRefusal> =>
    refused({ error, reason })
  const authenticated = authenticateSignInClient(request, clients)
  if (!authenticated.ok) return authenticated
  const client = authenticated.value
  if (!client.code) {
    return refuse('unauthorized_client', 'people may not sign in by redirect with this app client')
  }
  if (missing) return refuse('invalid_request', `${missing[0]} is missing`)
  if (request.grant === 'refresh_token') {
    const signedIn = refreshed(signIns, request.refreshToken, client)
    if (!signedIn.ok) return signedIn
    const grant = grantOf(signedIn.value, await tokens(signedIn.value, { source: 'RefreshTokens' }))
    const rotated = client.rotationGraceSeconds !== undefined
    return accepted({ ...grant, ...(rotated && { refresh_token: signedIn.value.refreshToken }) })
  }
  const found = codes.redeem(request)
  if (!found.ok) {
    const before = codes.givenFor(request.code)
    if (before) signIns.revoke(before.refreshToken)
    return refuse('invalid_grant', found.refusal)
  }
  const { authorization } = found.value
  if (authorization.clientId !== client.clientId) {
    return refuse('invalid_grant', 'the code is of another app client')
  }
  const user = stillEnabled(directory, found.value.user)
  if (!user) {
    return refuse('invalid_grant', 'the user was disabled or deleted after the sign-in')
  }
  const { scopes, resource } = authorization
  const signedIn = signIns.open(user, client.clientId, { scopes, resource })
  codes.redeemed(request.code, signedIn)
  const { nonce } = authorization
  const grant = grantOf(signedIn, await tokens(signedIn, { nonce, source: 'HostedAuth' }))
  return accepted({ ...grant, refresh_token: signedIn.refreshToken })
}

/**
 * Finds the app client of a request for people and checks its secret. An unknown client is refused as a known one with a
 * wrong secret.
 */
export function authenticateSignInClient(
  { clientId, secrets, withSecret }: ShownClient,
  clients: AppClients,
): Result<AppClient, TokenRefusal> {
  const fail = (reason: string): Result<never, TokenRefusal> =>
    refused({ error: 'invalid_client', reason })
  const client = clients.find(clientId)
  if (!client) return fail('client_id is not an app client of this user pool')
  if (client.secrets.length === 0) {
    return withSecret
      ? fail('this app client has no secret: send client_id in the form and no Authorization')
      : accepted(client)
  }
  if (secrets.length === 0) return fail('this app client has a secret, and none came')
  const isRight = secrets.some((secret) => clients.hasSecret(client, secret))
  return isRight ? accepted(client) : fail('the client secret is wrong')
}

function refreshed(
  signIns: SignIns,
  refreshToken: string,
  client: AppClient,
): Result<SignedIn, TokenRefusal> {
  try {
    return accepted(signIns.refresh(refreshToken, client))
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
