import { exportJWK, generateKeyPair, createLocalJWKSet, SignJWT, type JWTPayload } from 'jose'
import { fixedClock } from '@iamfetch/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiDefinition } from '../src/definition/api.ts'
import type { TokenRules } from '../src/api-gateway/jwt-authorizer.ts'
import { echo } from './support/serve-api.ts'
import { reasonOf, serve } from './support/gateway-scene.ts'

describe('a route with a token', () => {
  const issuer = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Pool'
  const clock = fixedClock()
  let privateKey: CryptoKey
  let foreignKey: CryptoKey
  let tokens: Omit<TokenRules, 'clock'>
  beforeAll(async () => {
    const pair = await generateKeyPair('RS256')
    privateKey = pair.privateKey
    foreignKey = (await generateKeyPair('RS256')).privateKey
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256' }
    tokens = {
      keys: createLocalJWKSet({ keys: [jwk] }),
      issuer,
      clientIds: () => ['web', 'machine'],
    }
  })
  const sign = (claims: JWTPayload, key = privateKey): Promise<string> => {
    const seconds = Math.floor(clock.now() / 1_000)
    return new SignJWT({ iss: issuer, exp: seconds + 3_600, token_use: 'access', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .sign(key)
  }
  const access = { client_id: 'machine', scope: 'premium/read other/x' }
  const id = {
    aud: 'web',
    token_use: 'id',
    'cognito:groups': ['A', 'B'],
    email_verified: true,
    none: null,
  }
  const routes: ApiDefinition['routes'] = {
    'GET /any': { auth: 'jwt', handler: echo },
    'GET /read': { auth: 'jwt', scopes: ['premium/read', 'premium/write'], handler: echo },
    'GET /write': { auth: 'jwt', scopes: ['premium/write'], handler: echo },
  }
  const call = async (
    type: 'http' | 'rest',
    path: string,
    authorization?: string,
  ): Promise<Response> => {
    const { url } = await serve({ type, routes }, { tokens, clock })
    return fetch(url + path, { headers: authorization === undefined ? {} : { authorization } })
  }

  it('lets a token of the pool in, with and without Bearer', async () => {
    const token = await sign(access)
    for (const text of [`Bearer ${token}`, token, `bearer ${token}`]) {
      expect((await call('http', '/read', text)).status).toBe(200)
    }
  })

  it('passes the claims to the handler as strings, and the scopes if the route requires some', async () => {
    const { requestContext } = await (await call('http', '/any', await sign(id))).json()
    expect(requestContext.authorizer.jwt).toEqual({
      claims: {
        iss: issuer,
        exp: String(clock.now() / 1_000 + 3_600),
        aud: 'web',
        token_use: 'id',
        'cognito:groups': '[A B]',
        email_verified: 'true',
      },
      scopes: null,
    })
    const event = await (await call('http', '/read', await sign(access))).json()
    expect(event.requestContext.authorizer.jwt.scopes).toEqual(['premium/read', 'other/x'])
    // Unlike a signature, a token reaches the integration.
    expect(event.headers).toHaveProperty('authorization')
  })

  it('passes the claims of an ID token to the handler of a REST API, times as dates and lists with commas', async () => {
    const { requestContext } = await (await call('rest', '/any', await sign(id))).json()
    expect(requestContext.authorizer.claims).toMatchObject({
      aud: 'web',
      'cognito:groups': 'A,B',
      exp: new Date(clock.now() + 3_600_000)
        .toUTCString()
        .replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 UTC $4'),
    })
  })

  it('responds with 401 without a token, and with Bearer in www-authenticate', async () => {
    const response = await call('http', '/any')
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }])
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    const rest = await call('rest', '/any')
    expect([rest.status, await rest.json()]).toEqual([401, { message: 'Unauthorized' }])
    expect(rest.headers.get('x-amzn-errortype')).toBe('UnauthorizedException')
  })

  it('responds with 401 to an invalid token', async () => {
    const now = clock.now() / 1_000
    const good = await sign(access)
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`
    const bad: [token: string, reason: string][] = [
      ['nonsense', 'the token is not a JWT'],
      ['non.sen.se', 'the token was refused'],
      [unsigned, 'the token was refused'],
      [await sign(access, foreignKey), 'signature verification failed'],
      [`${good.slice(0, -3)}AAA`, 'signature verification failed'],
      [await sign({ ...access, exp: now - 1 }), 'ERR_JWT_EXPIRED'],
      [await sign({ ...access, nbf: now + 60 }), '"nbf" claim'],
      [await sign({ ...access, iat: now + 1 }), 'issued in the future'],
      [await sign({ ...access, iss: 'https://evil.example.com' }), '"iss" claim'],
      [await sign({ ...access, client_id: 'foreign' }), 'for another client'],
      [await sign({ ...access, aud: 'foreign' }), 'for another client'],
    ]
    for (const [token, reason] of bad) {
      const response = await call('http', '/any', `Bearer ${token}`)
      expect([reason, response.status]).toEqual([reason, 401])
      expect(reasonOf(response)).toContain(reason)
      expect(response.headers.get('www-authenticate')).toMatch(
        /^Bearer scope="" error="invalid_token"/,
      )
    }
  })

  it('finds the scopes in scp where there is no scope, and takes a token of this second', async () => {
    const iat = clock.now() / 1_000
    for (const scp of ['other/x premium/read', ['other/x', 'premium/read']]) {
      const response = await call('http', '/read', await sign({ client_id: 'machine', scp, iat }))
      const { requestContext } = await response.json()
      expect(requestContext.authorizer.jwt.scopes).toEqual(['other/x', 'premium/read'])
    }
    const both = await sign({ client_id: 'machine', scope: 'other/x', scp: 'premium/read' })
    expect((await call('http', '/read', both)).status).toBe(403)
  })

  it('says what AWS says of a token that is none, and of one for another client', async () => {
    const of = async (token: string): Promise<string | null> =>
      (await call('http', '/any', token)).headers.get('www-authenticate')
    expect(await of('nonsense')).toBe(
      'Bearer scope="" error="invalid_token" error_description="token contains an invalid number of segments"',
    )
    expect(await of(await sign({ ...access, client_id: 'foreign' }))).toBe(
      'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"',
    )
  })

  it('responds with 403 to a token without one of the scopes', async () => {
    const response = await call('http', '/write', await sign(access))
    expect([response.status, await response.json()]).toEqual([403, { message: 'Forbidden' }])
    expect(reasonOf(response)).toBe(
      'ScopeMissing: the token has the scopes [premium/read other/x], one of [premium/write] is needed',
    )
  })

  it('of a REST API takes an ID token without scopes and an access token with them', async () => {
    const [accessToken, idToken] = [await sign(access), await sign(id)]
    expect((await call('rest', '/any', idToken)).status).toBe(200)
    expect((await call('rest', '/any', accessToken)).status).toBe(401)
    expect((await call('rest', '/read', accessToken)).status).toBe(200)
    expect((await call('rest', '/read', idToken)).status).toBe(401)
    expect((await call('rest', '/write', accessToken)).status).toBe(401)
  })
})
