import type { Hono } from 'hono'
import type { Clock } from '../faults/faults.ts'
import type { NodeBindings } from '../aws-json/aws-json.ts'
import { formOf } from '../http/request-body.ts'
import type { AppClients } from '../cognito-user-pool/app-clients.ts'
import type { Directory } from '../cognito-user-pool/users.ts'
import type { SignIns } from '../cognito-user-pool/sign-ins.ts'
import type { TokenKey } from '../cognito-user-pool/token-key.ts'
import { readShownClient } from './token-request.ts'
import { authenticateSignInClient } from './user-grants.ts'

/** What the endpoints for user information and revocation need. */
export interface UserInfo {
  clients: AppClients
  directory: Pick<Directory, 'find'>
  signIns: SignIns
  key: TokenKey
  clock: Clock
}

/**
 * Serves what an app requests from a user pool's domain after a user has signed in: `/oauth2/userInfo`, `/oauth2/revoke`.
 *
 * @see [AWS: userInfo endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html)
 * @see [AWS: revoke endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html)
 */
export function serveUserInfo(
  app: Hono<NodeBindings>,
  { clients, directory, signIns, key, clock }: UserInfo,
): void {
  app.on(['GET', 'POST'], '/oauth2/userInfo', async (c) => {
    const [, token = ''] = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (token.split('.').length !== 3) return refuse(400, BAD_REQUEST)
    const claims = await key.verify(token)
    const signedIn = signIns.find(claims?.origin_jti)
    const scopes = String(claims?.['scope']).split(' ')
    if (
      claims?.token_use !== 'access' ||
      clock.now() / 1_000 >= (claims.exp ?? 0) ||
      !signedIn ||
      !scopes.includes('openid')
    ) {
      return refuse(401, INVALID_TOKEN)
    }
    const { sub, attributes, username } = directory.find(signedIn.user.username) ?? signedIn.user
    const readable = Object.entries(attributes).filter(([name]) => isInScopes(name, scopes))
    return json(200, { sub, ...Object.fromEntries(readable), username })
  })
  app.post('/oauth2/revoke', async (c) => {
    const form = await formOf(c.req.raw)
    const token = form.get('token') ?? ''
    if (token === '') return json(400, { error: 'invalid_request' })
    const shown = readShownClient(c.req.raw.headers, form)
    if (!shown.ok) return json(400, { error: 'invalid_request' })
    const client = authenticateSignInClient(shown.value, clients)
    if (!client.ok) return json(400, { error: client.refusal.error })
    const signedIn = signIns.ofRefreshToken(token)
    if (signedIn && signedIn.clientId !== client.value.clientId) {
      return json(400, { error: 'unauthorized_client' })
    }
    if (!signIns.revoke(token) && (await key.verify(token))) {
      return json(400, { error: 'unsupported_token_type' })
    }
    return new Response(null, { status: 200 })
  })
}

/** The attributes that a scope is for; `openid` alone is for all of them. */
const ATTRIBUTES: Readonly<Record<string, (name: string) => boolean>> = {
  email: (name) => name === 'email' || name === 'email_verified',
  phone: (name) => name === 'phone_number' || name === 'phone_number_verified',
  profile: (name) => PROFILE.has(name) || name.startsWith('custom:'),
}
const PROFILE: ReadonlySet<string> = new Set([
  'name',
  'family_name',
  'given_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'updated_at',
])

/** Whether an attribute is within the scopes of an access token, as AWS's page on the endpoint lists them. */
function isInScopes(name: string, scopes: readonly string[]): boolean {
  const limits = scopes.flatMap((scope) => ATTRIBUTES[scope] ?? [])
  return limits.length === 0 || limits.some((isFor) => isFor(name))
}

/** As AWS's page on the endpoint has them, for no or a malformed token and for one that is not good. */
const BAD_REQUEST =
  'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"'
const INVALID_TOKEN =
  'error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."'

/** The page has the header and no body. */
const refuse = (status: 400 | 401, challenge: string): Response =>
  new Response(null, { status, headers: { 'www-authenticate': challenge } })

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8' },
  })
