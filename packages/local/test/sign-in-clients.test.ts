import {
  CreateUserPoolClientCommand,
  DescribeUserPoolClientCommand,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  ListUserPoolClientsCommand,
  RevokeTokenCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'
import { claimsOf, cognitoClient, secretHash } from './support/cognito-client.ts'

const CALLBACK = 'http://localhost:3000/callback'

let stack: LocalStack
let admin: CognitoIdentityProviderClient
let app: CognitoIdentityProviderClient
beforeAll(async () => {
  stack = await startLocalStack({
    issuer: 'local',
    users: { alice: { password: 'Correct-horse-1', email: 'alice@example.com' } },
    hostedUi: { callbackUrls: [CALLBACK] },
    signInClients: {
      web: { callbackUrls: [CALLBACK], logoutUrls: [CALLBACK] },
      rotating: { secret: false, callbackUrls: [CALLBACK], refreshTokenRotation: {} },
    },
    apis: {
      notes: { type: 'http', routes: { 'GET /': { auth: 'jwt', handler: () => 'ok' } } },
      old: {
        type: 'rest',
        routes: { 'GET /': { auth: 'jwt', handler: () => ({ statusCode: 200 }) } },
      },
    },
  })
  admin = cognitoClient(stack, stack.admin)
  app = cognitoClient(stack)
})
afterAll(() => stack.stop())

/** Signs alice in on the sign-in page of an authorization URL. @returns The URL of the callback. */
async function signInAt(url: URL): Promise<URL> {
  const page = await fetch(url)
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ')
  const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(await page.text()) ?? []
  const body = new URLSearchParams({ _csrf: csrf, username: 'alice', password: 'Correct-horse-1' })
  const answer = await fetch(page.url, {
    method: 'POST',
    headers: { cookie },
    body,
    redirect: 'manual',
  })
  return new URL(answer.headers.get('location') ?? 'about:blank')
}

const authorizeUrl = (clientId: string): URL =>
  new URL(
    `${stack.config.endpoints.oauth}/oauth2/authorize?${new URLSearchParams({ response_type: 'code', client_id: clientId, redirect_uri: CALLBACK })}`,
  )

/** Calls the token endpoint. `basic` is `id:secret`. */
async function tokenRequest(
  form: Record<string, string>,
  basic?: string,
): Promise<{ status: number; reason: string | null; body: Record<string, string> }> {
  const response = await fetch(`${stack.config.endpoints.oauth}/oauth2/token`, {
    method: 'POST',
    headers: basic === undefined ? {} : { authorization: `Basic ${btoa(basic)}` },
    body: new URLSearchParams(form),
  })
  return {
    status: response.status,
    reason: response.headers.get('x-local-reason'),
    body: await response.json(),
  }
}

const codeFor = async (clientId: string): Promise<string> =>
  (await signInAt(authorizeUrl(clientId))).searchParams.get('code') ?? ''

const grantOf = (code: string) => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: CALLBACK,
})
const web = () => {
  const { clientId = '', clientSecret = '' } = stack.signInClients['web'] ?? {}
  return { clientId, clientSecret }
}
const passwordOf = (ClientId: string, more: Record<string, string> = {}, USERNAME = 'alice') =>
  new InitiateAuthCommand({
    ClientId,
    AuthFlow: 'USER_PASSWORD_AUTH',
    AuthParameters: { USERNAME, PASSWORD: 'Correct-horse-1', ...more },
  })

describe('with issuer "local"', () => {
  it('discovery, tokens and key set have one issuer, and strict clients discover it', async () => {
    const { issuer, endpoints, userPoolId, userPoolClientId } = stack.config
    expect(issuer).toBe(`${endpoints.cognitoIdp}/${userPoolId}`)
    const discovered = await openid.discovery(
      new URL(issuer),
      userPoolClientId,
      undefined,
      undefined,
      {
        execute: [openid.allowInsecureRequests],
      },
    )
    expect(discovered.serverMetadata().issuer).toBe(issuer)
    const options = { [oauth.allowInsecureRequests]: true }
    const response = await oauth.discoveryRequest(new URL(issuer), options)
    const server = await oauth.processDiscoveryResponse(new URL(issuer), response)
    const { idToken, accessToken } = await stack.signIn('alice')
    const keys = createRemoteJWKSet(new URL(server.jwks_uri ?? ''))
    for (const token of [idToken, accessToken]) {
      expect((await jwtVerify(token, keys, { issuer })).payload['iss']).toBe(issuer)
    }
  })

  it('an OpenID Connect client with a secret signs in by code and refreshes', async () => {
    const { clientId, clientSecret } = web()
    for (const auth of [openid.ClientSecretBasic, openid.ClientSecretPost]) {
      const config = await openid.discovery(
        new URL(stack.config.issuer),
        clientId,
        undefined,
        auth(clientSecret),
        { execute: [openid.allowInsecureRequests] },
      )
      const url = openid.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: 'openid' })
      const tokens = await openid.authorizationCodeGrant(config, await signInAt(url))
      expect(tokens.claims()).toMatchObject({ iss: stack.config.issuer, aud: clientId })
      const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '')
      expect(claimsOf(again.access_token)['client_id']).toBe(clientId)
    }
  })

  it('JWT routes of both kinds of API accept the tokens', async () => {
    const { idToken } = await stack.signIn('alice')
    for (const { url } of Object.values(stack.config.apis)) {
      const answer = await fetch(`${url}/`, { headers: { authorization: idToken } })
      expect(answer.status).toBe(200)
    }
  })

  it('the identity pool accepts a login that is named by the pool and one that is named by the issuer', async () => {
    const { issuer, region, userPoolId, identityPoolId, endpoints } = stack.config
    const { idToken } = await stack.signIn('alice')
    const ids = []
    for (const name of [`cognito-idp.${region}.amazonaws.com/${userPoolId}`, issuer.slice(7)]) {
      const answer = await fetch(endpoints.cognitoIdentity, {
        method: 'POST',
        headers: { 'x-amz-target': 'AWSCognitoIdentityService.GetId' },
        body: JSON.stringify({ IdentityPoolId: identityPoolId, Logins: { [name]: idToken } }),
      })
      expect(answer.status).toBe(200)
      ids.push((await answer.json()).IdentityId)
    }
    expect(ids[0]).toBe(ids[1])
  })
})

it('without issuer "local" tokens and discovery have the issuer of AWS, and aws-jwt-verify accepts them with cached keys', async () => {
  const plain = await startLocalStack({ users: { alice: {} } })
  try {
    const { issuer, userPoolId, userPoolClientId: clientId, endpoints } = plain.config
    expect(issuer).toBe(`https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`)
    const known = `${endpoints.cognitoIdp}/${userPoolId}/.well-known`
    expect((await (await fetch(`${known}/openid-configuration`)).json()).issuer).toBe(issuer)
    const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: 'id' })
    verifier.cacheJwks(await (await fetch(`${known}/jwks.json`)).json())
    const { idToken } = await plain.signIn('alice')
    expect((await verifier.verify(idToken)).iss).toBe(issuer)
  } finally {
    await plain.stop()
  }
})

describe('an app client with a secret', () => {
  it('redeems a code and a refresh token with the secret as Basic and in the form', async () => {
    const { clientId, clientSecret } = web()
    const basic = await tokenRequest(
      grantOf(await codeFor(clientId)),
      `${clientId}:${clientSecret}`,
    )
    expect(basic.status).toBe(200)
    const form = { client_id: clientId, client_secret: clientSecret }
    const posted = await tokenRequest({ ...grantOf(await codeFor(clientId)), ...form })
    expect(posted.status).toBe(200)
    const { refresh_token = '' } = posted.body
    const refresh = { grant_type: 'refresh_token', refresh_token }
    expect((await tokenRequest({ ...refresh, ...form })).status).toBe(200)
    expect((await tokenRequest(refresh, `${clientId}:${clientSecret}`)).status).toBe(200)
  })

  it('is refused as invalid_client without its secret, with a wrong one, and a client without one with any', async () => {
    const { clientId } = web()
    const page = stack.config.userPoolClientId
    const rows: [Promise<Awaited<ReturnType<typeof tokenRequest>>>, number, string][] = [
      [tokenRequest({ ...grantOf('c'), client_id: clientId }), 400, 'none came'],
      [tokenRequest(grantOf('c'), `${clientId}:wrong`), 401, 'the client secret is wrong'],
      [tokenRequest(grantOf('c'), `${page}:x`), 401, 'this app client has no secret'],
      [
        tokenRequest({ grant_type: 'refresh_token', refresh_token: 'r' }, `${page}:`),
        401,
        'this app client has no secret',
      ],
    ]
    for (const [answer, status, reason] of rows) {
      const got = await answer
      expect([got.status, got.body['error']]).toEqual([status, 'invalid_client'])
      expect(got.reason).toContain(reason)
    }
  })

  it('cannot redeem the code or the refresh token of another app client', async () => {
    const { clientId, clientSecret } = web()
    const page = stack.config.userPoolClientId
    const stolen = await codeFor(page)
    const tried = await tokenRequest(grantOf(stolen), `${clientId}:${clientSecret}`)
    expect([tried.status, tried.body['error']]).toEqual([400, 'invalid_grant'])
    const { body } = await tokenRequest({ ...grantOf(await codeFor(page)), client_id: page })
    const refresh = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' }
    expect((await tokenRequest(refresh, `${clientId}:${clientSecret}`)).body['error']).toBe(
      'invalid_grant',
    )
    expect((await tokenRequest({ ...refresh, client_id: page })).status).toBe(200)
  })

  it('signs in by the operations with SECRET_HASH, and tokens are for it', async () => {
    const { clientId, clientSecret } = web()
    const SECRET_HASH = secretHash(clientSecret, 'alice', clientId)
    const { AuthenticationResult } = await app.send(passwordOf(clientId, { SECRET_HASH }))
    expect(claimsOf(AuthenticationResult?.IdToken)['aud']).toBe(clientId)
    const refreshed = await app.send(
      new InitiateAuthCommand({
        ClientId: clientId,
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        AuthParameters: { REFRESH_TOKEN: AuthenticationResult?.RefreshToken ?? '', SECRET_HASH },
      }),
    )
    expect(refreshed.AuthenticationResult?.AccessToken).toBeDefined()
  })

  it('SECRET_HASH is refused when it is missing, wrong, or sent for a client without a secret', async () => {
    const { clientId } = web()
    await expect(app.send(passwordOf(clientId))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: `Client ${clientId} is configured with secret but SECRET_HASH was not received`,
    })
    const SECRET_HASH = secretHash('another secret', 'alice', clientId)
    await expect(app.send(passwordOf(clientId, { SECRET_HASH }))).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: `Unable to verify secret hash for client ${clientId}`,
    })
    const page = stack.config.userPoolClientId
    await expect(app.send(passwordOf(page, { SECRET_HASH }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `App client ${page} is not configured for secret but secret hash was received`,
    })
  })
})

describe('the members and errors of the service model', () => {
  it('GetTokensFromRefreshToken has no ChallengeParameters', async () => {
    const ClientId = stack.config.userPoolClientId
    const { AuthenticationResult } = await app.send(passwordOf(ClientId))
    const answer = await fetch(stack.config.endpoints.cognitoIdp, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.GetTokensFromRefreshToken' },
      body: JSON.stringify({ ClientId, RefreshToken: AuthenticationResult?.RefreshToken }),
    })
    expect(Object.keys(await answer.json())).toEqual(['AuthenticationResult'])
  })

  it('RevokeToken refuses an unknown client, a wrong secret and another client’s token with errors that it has', async () => {
    const { clientId } = web()
    const page = stack.config.userPoolClientId
    const Token = (await app.send(passwordOf(page))).AuthenticationResult?.RefreshToken
    const revoke = (ClientId: string, ClientSecret?: string) =>
      app.send(new RevokeTokenCommand({ ClientId, Token, ClientSecret }))
    await expect(revoke('unknown')).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await expect(revoke(clientId, 'wrong')).rejects.toMatchObject({ name: 'UnauthorizedException' })
    await expect(revoke(clientId, web().clientSecret)).rejects.toMatchObject({
      name: 'UnauthorizedException',
    })
    await revoke(page)
  })
})

describe('app clients that an administrator creates', () => {
  const create = async (more: object) => {
    const { UserPoolClient } = await admin.send(
      new CreateUserPoolClientCommand({
        UserPoolId: stack.config.userPoolId,
        ClientName: 'made',
        ...more,
      }),
    )
    return UserPoolClient?.ClientId ?? ''
  }

  it('sign users in by the flows that they allow, and by no other', async () => {
    const clientId = await create({ ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] })
    const { AuthenticationResult } = await app.send(passwordOf(clientId))
    expect(claimsOf(AuthenticationResult?.AccessToken)['client_id']).toBe(clientId)
    const srpOnly = await create({ ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] })
    await expect(app.send(passwordOf(srpOnly))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'USER_PASSWORD_AUTH flow not enabled for this client',
    })
  })

  it('sign users in by redirect to their own callback', async () => {
    const clientId = await create({
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid'],
      CallbackURLs: [CALLBACK],
    })
    const answer = await tokenRequest({ ...grantOf(await codeFor(clientId)), client_id: clientId })
    expect(claimsOf(answer.body['id_token'])['aud']).toBe(clientId)
  })

  it('the app clients of the definition are described and listed with them', async () => {
    const { userPoolId: UserPoolId, userPoolClientId: ClientId } = stack.config
    const { UserPoolClient } = await admin.send(
      new DescribeUserPoolClientCommand({ UserPoolId, ClientId }),
    )
    expect(UserPoolClient).toMatchObject({ ClientId, CallbackURLs: [CALLBACK] })
    const listed = await admin.send(new ListUserPoolClientsCommand({ UserPoolId, MaxResults: 60 }))
    const ids = listed.UserPoolClients?.map((one) => one.ClientId)
    expect(ids).toContain(ClientId)
    expect(ids).toContain(web().clientId)
  })
})

describe('refresh token rotation', () => {
  const rotating = () => stack.signInClients['rotating']?.clientId ?? ''
  const refresh = (RefreshToken = '') =>
    app.send(new GetTokensFromRefreshTokenCommand({ ClientId: rotating(), RefreshToken }))

  it('returns a new refresh token at each refresh, and the previous one no longer works', async () => {
    const first = await app.send(passwordOf(rotating()))
    const before = first.AuthenticationResult?.RefreshToken
    const second = await refresh(before)
    const next = second.AuthenticationResult?.RefreshToken
    expect(next).toEqual(expect.any(String))
    expect(next).not.toBe(before)
    await expect(refresh(before)).rejects.toMatchObject({ name: 'RefreshTokenReuseException' })
    expect((await refresh(next)).AuthenticationResult?.RefreshToken).not.toBe(next)
  })

  it('revoking any refresh token of a sign-in ends all of them', async () => {
    const first = await app.send(passwordOf(rotating()))
    const before = first.AuthenticationResult?.RefreshToken
    const next = (await refresh(before)).AuthenticationResult?.RefreshToken
    await app.send(new RevokeTokenCommand({ ClientId: rotating(), Token: before }))
    await expect(refresh(next)).rejects.toMatchObject({ message: 'Refresh Token has been revoked' })
  })

  it('the token endpoint rotates, too', async () => {
    const client = { client_id: rotating() }
    const { body } = await tokenRequest({ ...grantOf(await codeFor(rotating())), ...client })
    const old = {
      grant_type: 'refresh_token',
      refresh_token: body['refresh_token'] ?? '',
      ...client,
    }
    const rotated = await tokenRequest(old)
    expect(rotated.body['refresh_token']).not.toBe(old.refresh_token)
    expect((await tokenRequest(old)).body['error']).toBe('invalid_grant')
  })

  it('excludes REFRESH_TOKEN_AUTH', async () => {
    const command = new InitiateAuthCommand({
      ClientId: rotating(),
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: 'x' },
    })
    await expect(app.send(command)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })

  it('the previous refresh token works during the grace period', async () => {
    const graceful = await startLocalStack({
      users: { alice: { password: 'Correct-horse-1' } },
      userPool: { refreshTokenRotation: { graceSeconds: 10 } },
    })
    try {
      const client = cognitoClient(graceful)
      const ClientId = graceful.config.userPoolClientId
      const { AuthenticationResult } = await client.send(passwordOf(ClientId))
      const command = new GetTokensFromRefreshTokenCommand({
        ClientId,
        RefreshToken: AuthenticationResult?.RefreshToken,
      })
      await client.send(command)
      await client.send(command)
      graceful.faults.shiftClock(11_000)
      await expect(client.send(command)).rejects.toMatchObject({
        name: 'RefreshTokenReuseException',
      })
    } finally {
      await graceful.stop()
    }
  })
})
