import { exportJWK, generateKeyPair, createLocalJWKSet, SignJWT, type JWTPayload } from 'jose'
import { AwsClient } from 'aws4fetch'
import { fixedClock } from '@iamfetch/testing'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ApiDefinition, CorsDefinition, RouteDefinition } from '../src/definition.ts'
import { createFaults } from '../src/faults.ts'
import type { TokenRules } from '../src/gateway/token.ts'
import { alice, echo, iam, serveApi, sessionOf, type ServedApi } from './serve-api.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
const serve = async (...args: Parameters<typeof serveApi>): Promise<ServedApi> => {
  const api = await serveApi(...args)
  stops.push(() => api.stop())
  return api
}
const open = (handler: RouteDefinition['handler'] = echo): RouteDefinition => ({
  auth: 'none',
  handler,
})
const signer = new AwsClient({
  ...alice,
  region: 'eu-central-1',
  service: 'execute-api',
  retries: 0,
})
const reasonOf = (response: Response): string => response.headers.get('x-local-reason') ?? ''

describe('the event of payload format 2.0', () => {
  it('tells the request and who signed it, as API Gateway does', async () => {
    const clock = fixedClock(Date.now())
    const { url, port } = await serve(
      { type: 'http', routes: { 'POST /notes/{id}': iam() }, stage: 'dev' },
      { clock },
    )
    const response = await signer.fetch(`${url}/notes/a%20b?x=1&y=2&x=3`, {
      method: 'POST',
      body: '{"text":"é"}',
      headers: { 'content-type': 'application/json', cookie: 'a=1; b=2' },
    })
    const event = await response.json()
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /notes/{id}',
      rawPath: '/dev/notes/a b',
      rawQueryString: 'x=1&y=2&x=3',
      cookies: ['a=1', 'b=2'],
      queryStringParameters: { x: '1,3', y: '2' },
      pathParameters: { id: 'a b' },
      body: '{"text":"é"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: '123456789012',
        apiId: 'a1b2c3d4e5',
        domainName: '127.0.0.1',
        domainPrefix: 'a1b2c3d4e5',
        http: {
          method: 'POST',
          path: '/dev/notes/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
        },
        requestId: response.headers.get('apigw-requestid'),
        routeKey: 'POST /notes/{id}',
        stage: 'dev',
        timeEpoch: clock.now(),
      },
    })
    expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/)
    expect(event.requestContext.authorizer).toEqual({
      iam: {
        accessKey: alice.accessKeyId,
        accountId: '123456789012',
        callerId: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
        cognitoIdentity: {
          amr: alice.amr,
          identityId: alice.identityId,
          identityPoolId: alice.identityPoolId,
        },
        principalOrgId: null,
        userArn: 'arn:aws:sts::123456789012:assumed-role/aliceRole/CognitoIdentityCredentials',
        userId: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
      },
    })
    expect(event.headers['host']).toBe(`127.0.0.1:${port}`)
    // A SigV4 Authorization does not reach the integration.
    expect(event.headers).not.toHaveProperty('authorization')
  })

  it('leaves out what is not there, and encodes a body that is no text', async () => {
    const { url } = await serve({ type: 'http', routes: { $default: open() } })
    const plain = await (await fetch(url)).json()
    for (const key of ['body', 'queryStringParameters', 'pathParameters', 'cookies']) {
      expect(plain).not.toHaveProperty(key)
    }
    expect(plain).toMatchObject({ routeKey: '$default', isBase64Encoded: false })
    expect(plain.requestContext).not.toHaveProperty('authorizer')
    const binary = await fetch(url, {
      method: 'POST',
      body: new Uint8Array([0, 255]),
      headers: { 'content-type': 'image/png' },
    })
    expect(await binary.json()).toMatchObject({ body: 'AP8=', isBase64Encoded: true })
  })
})

describe('the event of payload format 1.0', () => {
  it('tells the request and who signed it, as API Gateway does', async () => {
    const { url } = await serve({ type: 'rest', routes: { 'GET /notes/{id}': iam() } })
    const event = await (await signer.fetch(`${url}/notes/1?x=1&x=2`)).json()
    expect(event).toMatchObject({
      resource: '/notes/{id}',
      path: '/notes/1',
      httpMethod: 'GET',
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      pathParameters: { id: '1' },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        path: '/prod/notes/1',
        resourcePath: '/notes/{id}',
        stage: 'prod',
        identity: {
          accessKey: alice.accessKeyId,
          accountId: '123456789012',
          caller: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
          cognitoAuthenticationProvider: alice.amr.slice(1).join(','),
          cognitoAuthenticationType: 'authenticated',
          cognitoIdentityId: alice.identityId,
          cognitoIdentityPoolId: alice.identityPoolId,
          sourceIp: '127.0.0.1',
          user: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
          userArn: 'arn:aws:sts::123456789012:assumed-role/aliceRole/CognitoIdentityCredentials',
        },
      },
    })
    expect(event.multiValueHeaders['x-amz-date']).toHaveLength(1)
    expect(event.headers).not.toHaveProperty('authorization')
  })
})

describe('what a handler returns', () => {
  const answerOf = async (type: 'http' | 'rest', result: unknown): Promise<Response> => {
    const { url } = await serve(
      { type, routes: { 'GET /x': open(() => result) } },
      { log: () => {} },
    )
    return fetch(`${url}/x`)
  }

  it('is the body of a 200 of an HTTP API when it has no statusCode', async () => {
    for (const [result, text] of [
      [{ hello: 'world' }, '{"hello":"world"}'],
      ['hello', 'hello'],
      [[1], '[1]'],
      [undefined, 'null'],
    ] as const) {
      const response = await answerOf('http', result)
      expect([response.status, await response.text()]).toEqual([200, text])
      expect(response.headers.get('content-type')).toBe('application/json')
    }
  })

  it('has its status, headers, cookies and decoded body', async () => {
    const response = await answerOf('http', {
      statusCode: 201,
      headers: { 'X-One': 1, 'content-type': 'image/png' },
      cookies: ['a=1', 'b=2'],
      body: 'AP8=',
      isBase64Encoded: true,
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('x-one')).toBe('1')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]))
  })

  it('may have several values of a header in a REST API', async () => {
    const multiValueHeaders = { 'set-cookie': ['a=1', 'b=2'] }
    const response = await answerOf('rest', { statusCode: 200, multiValueHeaders, body: '' })
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('may be an answer without a body', async () => {
    const response = await answerOf('http', { statusCode: 204 })
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  it.each([
    ['a body that is no string', { statusCode: 200, body: { a: 1 } }, 'JSON.stringify it'],
    ['a status that is none', { statusCode: 'ok' }, 'the statusCode "ok"'],
  ])('is a 500 of an HTTP API and a 502 of a REST API: %s', async (_, result, reason) => {
    const http = await answerOf('http', result)
    expect([http.status, await http.json()]).toEqual([500, { message: 'Internal Server Error' }])
    expect(reasonOf(http)).toContain(reason)
    const rest = await answerOf('rest', result)
    expect([rest.status, await rest.json()]).toEqual([502, { message: 'Internal server error' }])
    expect(rest.headers.get('x-amzn-errortype')).toBe('InternalServerErrorException')
  })

  it('has to be a proxy response in a REST API', async () => {
    const response = await answerOf('rest', { hello: 'world' })
    expect(response.status).toBe(502)
    expect(reasonOf(response)).toBe(
      'HandlerFailed: the handler returned no { statusCode, headers, body }',
    )
  })

  it('may be an error, which goes to the log and not to the caller', async () => {
    const logged: unknown[] = []
    const boom = new Error('boom')
    const api: ApiDefinition = {
      type: 'http',
      routes: { 'GET /x': open(() => Promise.reject(boom)) },
    }
    const { url } = await serve(api, { log: (error) => logged.push(error) })
    const response = await fetch(`${url}/x`)
    expect([response.status, await response.json()]).toEqual([
      500,
      { message: 'Internal Server Error' },
    ])
    expect(reasonOf(response)).toBe('HandlerFailed: the handler threw Error: boom')
    expect(logged).toEqual([boom])
  })

  it('may come too late', async () => {
    for (const [type, status, message, ms] of [
      ['http', 503, 'Service Unavailable', 30_000],
      ['rest', 504, 'Endpoint request timed out', 29_000],
    ] as const) {
      const clock = fixedClock()
      let started!: () => void
      const running = new Promise<void>((resolve) => (started = resolve))
      const handler = (): unknown => {
        started()
        return new Promise(() => {})
      }
      const { url } = await serve({ type, routes: { 'GET /x': open(handler) } }, { clock })
      const pending = fetch(`${url}/x`)
      await running
      expect(clock.sleeps).toEqual([ms])
      await clock.advance(ms)
      const response = await pending
      expect([response.status, await response.json()]).toEqual([status, { message }])
    }
  })
})

describe('a request', () => {
  it('without a route is Not Found in an HTTP API and has no token in a REST API', async () => {
    const routes = { 'GET /x': open() }
    const http = await serve({ type: 'http', routes })
    const missing = await fetch(`${http.url}/y`)
    expect([missing.status, await missing.json()]).toEqual([404, { message: 'Not Found' }])
    expect(reasonOf(missing)).toBe('NoRoute: no route GET /y')
    const rest = await serve({ type: 'rest', routes })
    for (const url of [`${rest.url}/y`, `http://127.0.0.1:${rest.port}/x`, `${rest.url}x/x`]) {
      const response = await fetch(url)
      expect([response.status, await response.json()]).toEqual([
        403,
        { message: 'Missing Authentication Token' },
      ])
      expect(response.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException')
    }
  })

  it('over 10 MB is refused, and one of 10 MB is not', async () => {
    const { url } = await serve({ type: 'http', routes: { $default: open(() => ({})) } })
    const send = (bytes: number): Promise<Response> =>
      fetch(url, { method: 'POST', body: new Uint8Array(bytes) })
    expect((await send(10_485_760)).status).toBe(200)
    const response = await send(10_485_761)
    expect([response.status, await response.json()]).toEqual([
      413,
      { message: 'Request Entity Too Large' },
    ])
  })

  it('by HEAD is answered without a body', async () => {
    const { url } = await serve({ type: 'http', routes: { 'ANY /x': open(() => ({ a: 1 })) } })
    const response = await fetch(`${url}/x`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

describe('CORS', () => {
  const origin = 'https://app.example.com'
  const cors: CorsDefinition = {
    allowOrigins: [origin],
    exposeHeaders: ['x-total'],
    maxAgeSeconds: 60,
  }
  const preflight = (url: string, from = origin): Promise<Response> =>
    fetch(url, {
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'POST' },
    })

  it('of an HTTP API answers the preflight of any path, without asking for a signature', async () => {
    const { url } = await serve({ type: 'http', cors, routes: { 'POST /x': iam() } })
    for (const path of ['/x', '/nowhere']) {
      const { status, headers } = await preflight(url + path)
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe(origin)
      expect(headers.get('access-control-allow-methods')).toBe('POST')
      expect(headers.get('access-control-allow-headers')).toContain('X-Amz-Security-Token')
      expect(headers.get('access-control-max-age')).toBe('60')
      expect(headers.get('vary')).toBe('origin')
    }
  })

  it('gives a foreign origin no headers', async () => {
    const { url } = await serve({ type: 'http', cors, routes: { 'POST /x': open() } })
    const asked = await preflight(`${url}/x`, 'https://evil.example.com')
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, null])
    const headers = { origin: 'https://evil.example.com' }
    const called = await fetch(`${url}/x`, { method: 'POST', headers })
    expect([called.status, called.headers.get('access-control-allow-origin')]).toEqual([200, null])
  })

  it('of an HTTP API replaces what the handler says', async () => {
    const handler = (): unknown => ({
      statusCode: 200,
      headers: {
        'Access-Control-Allow-Origin': 'https://other.example.com',
        'Access-Control-Max-Age': '1',
      },
    })
    const { url } = await serve({ type: 'http', cors, routes: { 'GET /x': open(handler) } })
    const { headers } = await fetch(`${url}/x`, { headers: { origin } })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(headers.get('access-control-expose-headers')).toBe('x-total,x-local-reason')
    expect(headers.has('access-control-max-age')).toBe(false)
  })

  it('stands on refusals where onErrors says so: by default of an HTTP API, not of a REST API', async () => {
    for (const [type, onErrors, allowed] of [
      ['http', undefined, origin],
      ['http', false, null],
      ['rest', undefined, null],
      ['rest', true, origin],
    ] as const) {
      const definition = { ...cors, ...(onErrors !== undefined && { onErrors }) }
      const { url } = await serve({ type, cors: definition, routes: { 'GET /x': iam() } })
      const { status, headers } = await fetch(`${url}/x`, { headers: { origin } })
      expect([type, onErrors, status, headers.get('access-control-allow-origin')]).toEqual([
        type,
        onErrors,
        403,
        allowed,
      ])
      expect(headers.get('access-control-expose-headers')).toBe(allowed && 'x-total,x-local-reason')
      expect(headers.has('x-local-reason')).toBe(true)
    }
  })

  it('of a REST API answers the preflight of its resources and leaves the rest to the handler', async () => {
    const handler = (): unknown => ({
      statusCode: 200,
      headers: { 'access-control-allow-origin': '*' },
      body: '',
    })
    const { url } = await serve({ type: 'rest', cors, routes: { 'POST /x': open(handler) } })
    const asked = await preflight(`${url}/x`)
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin])
    expect((await preflight(`${url}/nowhere`)).status).toBe(403)
    const called = await fetch(`${url}/x`, { method: 'POST', headers: { origin } })
    expect(called.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('is not there without a definition', async () => {
    const { url } = await serve({ type: 'http', routes: { 'ANY /x': iam() } })
    const asked = await preflight(`${url}/x`)
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([403, null])
  })

  it.each([
    ['*', 'http://localhost:3000', '*'],
    ['https://*', 'https://a.example.com', 'https://a.example.com'],
    ['https://*', 'http://a.example.com', null],
    ['http://*', 'http://a.example.com', 'http://a.example.com'],
  ])('with the origin %s answers %s with %s', async (allowed, from, expected) => {
    const { url } = await serve({
      type: 'http',
      cors: { allowOrigins: [allowed] },
      routes: { 'POST /x': open() },
    })
    const { headers } = await preflight(`${url}/x`, from)
    expect(headers.get('access-control-allow-origin')).toBe(expected)
  })
})

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

  it('gives the handler the claims as strings, and the scopes where the route asks for some', async () => {
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

  it('gives the claims of an ID token to the handler of a REST API, times as dates and lists with commas', async () => {
    const { requestContext } = await (await call('rest', '/any', await sign(id))).json()
    expect(requestContext.authorizer.claims).toMatchObject({
      aud: 'web',
      'cognito:groups': 'A,B',
      exp: new Date(clock.now() + 3_600_000)
        .toUTCString()
        .replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 UTC $4'),
    })
  })

  it('answers 401 without a token, and with Bearer in www-authenticate', async () => {
    const response = await call('http', '/any')
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }])
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    const rest = await call('rest', '/any')
    expect([rest.status, await rest.json()]).toEqual([401, { message: 'Unauthorized' }])
    expect(rest.headers.get('x-amzn-errortype')).toBe('UnauthorizedException')
  })

  it('answers 401 to a token that is not good', async () => {
    const now = clock.now() / 1_000
    const good = await sign(access)
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`
    const bad: [token: string, reason: string][] = [
      ['nonsense', 'the token was refused'],
      [unsigned, 'the token was refused'],
      [await sign(access, foreignKey), 'signature verification failed'],
      [`${good.slice(0, -3)}AAA`, 'signature verification failed'],
      [await sign({ ...access, exp: now - 1 }), 'ERR_JWT_EXPIRED'],
      [await sign({ ...access, nbf: now + 60 }), '"nbf" claim'],
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

  it('answers 403 to a token without one of the scopes', async () => {
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

describe('the policy of the caller', () => {
  it('is asked with what is known about the call', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const Condition = {
      IpAddress: { 'aws:SourceIp': '127.0.0.0/8' },
      StringLike: { 'aws:UserAgent': 'tester/*', 'aws:userid': 'AROA*:CognitoIdentityCredentials' },
      Bool: { 'aws:SecureTransport': true },
      DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
      NumericGreaterThanEquals: { 'aws:EpochTime': now },
      ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/*' },
      StringEquals: {
        'aws:PrincipalAccount': '123456789012',
        'aws:RequestedRegion': 'eu-central-1',
        'cognito-identity.amazonaws.com:aud': alice.identityPoolId,
      },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
    }
    const own = 'arn:aws:execute-api:*:*:*/GET/of/${cognito-identity.amazonaws.com:sub}'
    const session = sessionOf('alice', {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: own, Condition },
        {
          Sid: 'Never',
          Effect: 'Deny',
          Action: '*',
          Resource: 'arn:aws:execute-api:*:*:*/GET/of/*/secret',
        },
      ],
    })
    const { url } = await serve(
      { type: 'http', routes: { 'GET /of/{proxy+}': iam() } },
      { sessions: [session] },
    )
    const call = (path: string, agent = 'tester/1'): Promise<Response> =>
      signer.fetch(`${url}/of/${path}`, { headers: { 'user-agent': agent } })
    expect((await call(alice.identityId)).status).toBe(200)
    const other = await call('eu-central-1:somebody-else')
    expect([other.status, reasonOf(other)]).toEqual([403, expect.stringMatching(/^ImplicitDeny: /)])
    expect((await call(alice.identityId, 'other/1')).status).toBe(403)
    const denied = await call(`${alice.identityId}/secret`)
    expect(reasonOf(denied)).toMatch(
      /^ExplicitDeny: statement 1 \(Never\) of the role aliceRole denies /,
    )
  })
})

describe('faults', () => {
  it('hit a route as its definition names it, and are counted', async () => {
    const faults = createFaults()
    const routes = { 'GET /notes/{id}': open(), 'POST /notes': open() }
    const { url } = await serve({ type: 'http', routes }, { faults })
    faults.next('GET /notes/{id}', { fault: 'throttle', times: 2 })
    faults.next('test POST /notes', 'fail')
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await fetch(`${url}/notes/${i}`)).status)
    expect(statuses).toEqual([429, 429, 200])
    const failed = await fetch(`${url}/notes`, { method: 'POST' })
    expect([failed.status, await failed.json()]).toEqual([
      500,
      { message: 'Internal Server Error' },
    ])
    expect(faults.calls('GET /notes/{id}')).toBe(3)
  })

  it('drop the connection, hang until released, answer garbage', async () => {
    const faults = createFaults()
    const { url } = await serve({ type: 'rest', routes: { 'GET /x': open() } }, { faults })
    faults.next('GET /x', 'drop')
    await expect(fetch(`${url}/x`)).rejects.toThrow('fetch failed')
    const hanging = faults.next('GET /x', 'hang')
    const pending = fetch(`${url}/x`)
    await hanging.met
    hanging.release()
    expect((await pending).status).toBe(200)
    faults.next('GET /x', 'garbage')
    const garbage = await fetch(`${url}/x`)
    expect([garbage.status, await garbage.text()]).toEqual([200, '<html>garbage'])
  })
})
