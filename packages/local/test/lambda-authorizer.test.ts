import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiDefinition, PolicyDocument } from '../src/index.ts'
import { echo, serveApi, type ServedApi } from './support/serve-api.ts'
import { reasonOf } from './support/gateway-scene.ts'

const ARN = 'arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5'
const policy = (Effect: 'Allow' | 'Deny', Resource: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action: 'execute-api:Invoke', Resource }],
})
const passedOn = { text: 'value', number: 1, half: 0.5, yes: true }

/** Every event that an authorizer received. */
let events: unknown[] = []
let now = Date.UTC(2026, 5, 1)
const clock = { now: () => now }
const log = (): void => {}

/** Returns what the token says, as JSON. */
const byToken = (event: { authorizationToken: string; methodArn: string }): unknown => {
  events.push(event)
  const token = event.authorizationToken
  if (token === 'unauthorized') throw new Error('Unauthorized')
  if (token === 'broken') throw new Error('Unauthorized: expired')
  if (token === 'Unauthorized') return Promise.reject(token)
  const principalId = 'user'
  if (token === 'this') return { principalId, policyDocument: policy('Allow', event.methodArn) }
  if (token === 'deny') return { principalId, policyDocument: policy('Deny', '*') }
  if (token === 'other') return { principalId, policyDocument: policy('Allow', `${ARN}/*/PUT/a`) }
  if (token === 'allow')
    return { principalId, policyDocument: policy('Allow', `${ARN}/*`), context: passedOn }
  return JSON.parse(token)
}

const byRequest = (event: unknown): unknown => {
  events.push(event)
  return { principalId: 'user', policyDocument: policy('Allow', '*'), context: passedOn }
}

const route = (authorizer: string) => ({ auth: 'lambda' as const, authorizer, handler: echo })
const rest: ApiDefinition = {
  type: 'rest',
  authorizers: {
    token: { handler: byToken, resultTtlSeconds: 0 },
    cached: { handler: byToken, identitySources: ['method.request.header.X-Key'] },
    pattern: { handler: byToken, tokenPattern: 'Bearer .+', resultTtlSeconds: 0 },
    request: {
      type: 'request',
      handler: byRequest,
      identitySources: [
        'method.request.header.x-tenant',
        'method.request.querystring.key',
        'context.httpMethod',
      ],
      resultTtlSeconds: 60,
    },
    any: { type: 'request', handler: byRequest, resultTtlSeconds: 0 },
  },
  routes: {
    'GET /a': route('token'),
    'GET /cached': route('cached'),
    'PUT /cached': route('cached'),
    'GET /pattern': route('pattern'),
    'GET /request/{id}': route('request'),
    'POST /any/{id}': route('any'),
  },
}

let api: ServedApi
beforeAll(async () => {
  api = await serveApi(rest, { clock, log })
})
afterAll(() => api.stop())
beforeEach(() => {
  events = []
  now += 3_600_001
})

const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(api.url + path, { ...init, headers })
const withToken = (authorization: string, path = '/a') => call(path, { authorization })
const answered = async (response: Response): Promise<unknown> => [
  response.status,
  response.headers.get('x-amzn-errortype'),
  await response.text(),
]

describe('a TOKEN authorizer of a REST API', () => {
  it('receives the token and the ARN of the method, and the handler receives what it returned as text', async () => {
    const response = await withToken('allow')
    expect(response.status).toBe(200)
    expect(events).toEqual([
      { type: 'TOKEN', authorizationToken: 'allow', methodArn: `${ARN}/prod/GET/a` },
    ])
    const { requestContext } = await response.json()
    expect(requestContext.authorizer).toEqual({
      principalId: 'user',
      integrationLatency: 0,
      text: 'value',
      number: '1',
      half: '0.5',
      yes: 'true',
    })
  })

  const UNAUTHORIZED = [401, 'UnauthorizedException', '{"message":"Unauthorized"}']
  it('without a token is a 401, and the function is not called', async () => {
    const response = await call('/a')
    expect(reasonOf(response)).toBe(
      'Unauthorized: the request has no value for the identity source method.request.header.Authorization',
    )
    expect(await answered(response)).toEqual(UNAUTHORIZED)
    expect(await answered(await withToken(''))).toEqual(UNAUTHORIZED)
    expect(events).toEqual([])
  })

  it('that throws "Unauthorized" is a 401, as an error and as a text', async () => {
    for (const token of ['unauthorized', 'Unauthorized']) {
      const response = await withToken(token)
      expect(response.headers.get('www-authenticate')).toBeNull()
      expect(await answered(response)).toEqual(UNAUTHORIZED)
    }
  })

  it('whose token does not match the pattern as a whole is a 401, and the function is not called', async () => {
    expect(await answered(await withToken('allow', '/pattern'))).toEqual(UNAUTHORIZED)
    expect(await answered(await withToken('a Bearer b', '/pattern'))).toEqual(UNAUTHORIZED)
    expect(events).toEqual([])
  })

  it('whose policy denies, or does not allow, is a 403 that says which', async () => {
    const denied = await withToken('deny')
    expect(reasonOf(denied)).toBe(
      `ExplicitDeny: statement 0 of the policy that the authorizer token returned denies execute-api:Invoke on ${ARN}/prod/GET/a`,
    )
    expect(await answered(denied)).toEqual([
      403,
      'AccessDeniedException',
      '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    ])
    const other = await withToken('other')
    expect(reasonOf(other)).toBe(
      `ImplicitDeny: no statement of the policy that the authorizer token returned allows execute-api:Invoke on ${ARN}/prod/GET/a; statement 0 comes nearest: its Resource ${ARN}/*/PUT/a does not match`,
    )
    expect(await answered(other)).toEqual([
      403,
      'AccessDeniedException',
      '{"Message":"User is not authorized to access this resource"}',
    ])
  })

  const allow = { principalId: 'user', policyDocument: policy('Allow', '*') }
  it.each([
    ['throws anything else', 'broken', /it threw Error: Unauthorized: expired/],
    ['returns nothing', 'null', /no \{ principalId, policyDocument \}/],
    ['returns no principal', JSON.stringify({ ...allow, principalId: '' }), /"principalId"/],
    [
      'returns a number as principal',
      JSON.stringify({ ...allow, principalId: 1 }),
      /"principalId"/,
    ],
    ['returns no policy', '{"principalId":"user"}', /no "policyDocument"/],
    [
      'returns a policy with an unknown operator',
      JSON.stringify({
        ...allow,
        policyDocument: {
          Statement: {
            ...Object(allow.policyDocument.Statement)[0],
            Condition: { Equals: { a: 'b' } },
          },
        },
      }),
      /wrong "policyDocument": "policy\.Statement\.Condition\.Equals" must be a condition operator/,
    ],
    [
      'returns a list in the context',
      JSON.stringify({ ...allow, context: { a: [] } }),
      /member "a"/,
    ],
    ['returns an object in it', JSON.stringify({ ...allow, context: { a: {} } }), /member "a"/],
    ['returns null in it', JSON.stringify({ ...allow, context: { a: null } }), /member "a"/],
    ['returns a text as context', JSON.stringify({ ...allow, context: 'a' }), /"context"/],
    ['returns a simple response', '{"isAuthorized":true}', /"principalId"/],
  ])(
    'a TOKEN authorizer of a REST API that %s is a 500 without a message',
    async (_, token, reason) => {
      const response = await withToken(token)
      expect(reasonOf(response)).toMatch(/^AuthorizerFailed: the authorizer token failed: it /)
      expect(reasonOf(response)).toMatch(reason)
      expect(await answered(response)).toEqual([
        500,
        'AuthorizerConfigurationException',
        '{"message":null}',
      ])
    },
  )
})

describe('the cache of an authorizer', () => {
  it('uses a result again for 300 seconds by default, by the value of the identity source', async () => {
    for (const key of ['allow', 'allow', 'deny', 'deny', 'allow']) {
      await call('/cached', { 'x-key': key })
    }
    expect(events).toHaveLength(2)
    now += 299_999
    await call('/cached', { 'x-key': 'allow' })
    expect(events).toHaveLength(2)
    now += 1
    await call('/cached', { 'x-key': 'allow' })
    expect(events).toHaveLength(3)
  })

  it('evaluates a cached policy for the method of each call, so that a policy for one method refuses the others', async () => {
    const statuses = []
    for (const method of ['GET', 'PUT', 'GET']) {
      statuses.push((await call('/cached', { 'x-key': 'this' }, { method })).status)
    }
    expect(statuses).toEqual([200, 403, 200])
    expect(events).toHaveLength(1)
  })

  it('does not keep errors', async () => {
    await call('/cached', { 'x-key': 'unauthorized' })
    await call('/cached', { 'x-key': 'unauthorized' })
    await call('/cached', { 'x-key': '{}' })
    await call('/cached', { 'x-key': '{}' })
    expect(events).toHaveLength(4)
  })
})

describe('a REQUEST authorizer of a REST API', () => {
  it('receives the request without its body', async () => {
    const response = await call(
      '/any/7?a=1&a=2',
      { 'x-more': 'b' },
      { method: 'POST', body: 'secret' },
    )
    expect(response.status).toBe(200)
    expect(events).toMatchObject([
      {
        type: 'REQUEST',
        methodArn: `${ARN}/prod/POST/any/7`,
        resource: '/any/{id}',
        path: '/any/7',
        httpMethod: 'POST',
        headers: { 'x-more': 'b' },
        multiValueHeaders: { 'x-more': ['b'] },
        queryStringParameters: { a: '2' },
        multiValueQueryStringParameters: { a: ['1', '2'] },
        pathParameters: { id: '7' },
        stageVariables: {},
        requestContext: { resourcePath: '/any/{id}', stage: 'prod', apiId: 'a1b2c3d4e5' },
      },
    ])
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(events[0]).not.toHaveProperty('requestContext.authorizer')
  })

  it('needs every identity source, and all of them are the key of its cache', async () => {
    const statuses = []
    for (const [path, tenant] of [
      ['/request/1', 'acme'],
      ['/request/1?key=', 'acme'],
      ['/request/1?key=k', ''],
      ['/request/1?key=k', 'acme'],
      ['/request/2?key=k', 'acme'],
      ['/request/1?key=l', 'acme'],
      ['/request/1?a=1;key=l', 'acme'],
      ['/request/1?key=k', 'other'],
    ] as const) {
      statuses.push((await call(path, { 'x-tenant': tenant })).status)
    }
    expect(statuses).toEqual([401, 401, 401, 200, 200, 200, 200, 200])
    expect(events).toHaveLength(3)
  })

  it('is not confused by values that contain what separates them', async () => {
    await call('/request/1?key=b', { 'x-tenant': 'a","b' })
    await call(`/request/1?key=${encodeURIComponent('b","b')}`, { 'x-tenant': 'a' })
    expect(events).toHaveLength(2)
  })
})

describe('an authorizer of an HTTP API', () => {
  const simple = (event: { headers: Record<string, string> }): unknown => {
    events.push(event)
    const { authorization = event.headers['Authorization'] ?? '' } = event.headers
    if (authorization === 'unauthorized') throw new Error('Unauthorized')
    return authorization.startsWith('{') ? JSON.parse(authorization) : authorization
  }
  let http: ServedApi
  beforeAll(async () => {
    http = await serveApi(
      {
        type: 'http',
        authorizers: {
          simple: {
            handler: simple,
            simpleResponses: true,
            identitySources: ['$request.header.Authorization', '$context.routeKey'],
          },
          policy: { handler: simple },
          old: {
            handler: simple,
            payloadVersion: '1.0',
            identitySources: ['$request.header.Authorization', '$request.querystring.k'],
          },
          cached: {
            handler: simple,
            simpleResponses: true,
            resultTtlSeconds: 10,
            identitySources: ['$request.header.Authorization'],
          },
        },
        routes: {
          'GET /simple/{id}': route('simple'),
          'GET /policy': route('policy'),
          'GET /old': route('old'),
          'GET /cached': route('cached'),
          'PUT /cached': route('cached'),
        },
      },
      { clock, log },
    )
  })
  afterAll(() => http.stop())
  const send = (path: string, authorization?: unknown, method = 'GET') =>
    fetch(http.url + path, {
      method,
      headers: authorization === undefined ? {} : { authorization: JSON.stringify(authorization) },
    })
  const context = { text: 'value', number: 1, list: ['a'], map: { b: true } }

  it('with a simple response passes its context on as it is', async () => {
    const response = await send('/simple/1?a=1', { isAuthorized: true, context })
    expect((await response.json()).requestContext.authorizer).toEqual({ lambda: context })
    expect(events).toMatchObject([
      {
        version: '2.0',
        type: 'REQUEST',
        routeArn: `${ARN}/$default/GET/simple/1`,
        identitySource: [JSON.stringify({ isAuthorized: true, context }), 'GET /simple/{id}'],
        routeKey: 'GET /simple/{id}',
        rawPath: '/simple/1',
        rawQueryString: 'a=1',
        pathParameters: { id: '1' },
        requestContext: { http: { method: 'GET', path: '/simple/1' } },
      },
    ])
    expect(events[0]).not.toHaveProperty('isBase64Encoded')
  })

  it('without an identity source, or that throws "Unauthorized", is a 401', async () => {
    const missing = await send('/simple/1')
    expect([missing.status, await missing.text()]).toEqual([401, '{"message":"Unauthorized"}'])
    expect(events).toEqual([])
    const thrown = await fetch(`${http.url}/policy`, { headers: { authorization: 'unauthorized' } })
    expect([thrown.status, await thrown.text()]).toEqual([401, '{"message":"Unauthorized"}'])
  })

  it('that refuses is a terse 403, with the reason in a header', async () => {
    const simple403 = await send('/simple/1', { isAuthorized: false })
    expect([simple403.status, await simple403.text()]).toEqual([403, '{"message":"Forbidden"}'])
    expect(reasonOf(simple403)).toBe(
      'ExplicitDeny: the authorizer simple returned isAuthorized: false',
    )
    const policy403 = await send('/policy', {
      principalId: 'user',
      policyDocument: policy('Deny', '*'),
    })
    expect([policy403.status, await policy403.text()]).toEqual([403, '{"message":"Forbidden"}'])
  })

  it.each([
    ['a text for isAuthorized', '/simple/1', { isAuthorized: 'true' }],
    ['a policy instead of a simple response', '/simple/1', { principalId: 'user' }],
    ['a simple response instead of a policy', '/policy', { isAuthorized: true }],
    ['a simple response in format 1.0', '/old?k=1', { isAuthorized: true }],
  ])('an authorizer of an HTTP API that returns %s is a 500', async (_, path, result) => {
    const response = await send(path, result)
    expect([response.status, await response.text()]).toEqual([
      500,
      '{"message":"Internal Server Error"}',
    ])
  })

  it('of format 1.0 receives the sources as one text and returns a policy', async () => {
    const result = { principalId: 'user', policyDocument: policy('Allow', `${ARN}/*/GET/old`) }
    const response = await send('/old?k=1', result)
    expect((await response.json()).requestContext.authorizer).toEqual({ lambda: null })
    expect(events).toMatchObject([
      {
        version: '1.0',
        type: 'REQUEST',
        methodArn: `${ARN}/$default/GET/old`,
        identitySource: `${JSON.stringify(result)},1`,
        authorizationToken: `${JSON.stringify(result)},1`,
        resource: '/old',
        path: '/old',
        httpMethod: 'GET',
        queryStringParameters: { k: '1' },
        pathParameters: {},
        requestContext: { resourcePath: '/old', apiId: 'a1b2c3d4e5' },
      },
    ])
  })

  it('has no cache by default; with one a simple response counts for all routes', async () => {
    await send('/simple/1', { isAuthorized: true })
    await send('/simple/1', { isAuthorized: true })
    expect(events).toHaveLength(2)
    await send('/cached', { isAuthorized: true })
    await send('/cached', { isAuthorized: true }, 'PUT')
    expect(events).toHaveLength(3)
  })
})

it('an authorizer that takes too long is a 500', async () => {
  let wake = (): void => {}
  const slow = await serveApi(
    {
      type: 'rest',
      authorizers: { slow: { handler: () => new Promise(() => {}), resultTtlSeconds: 0 } },
      routes: { 'GET /a': { auth: 'lambda', handler: echo } },
    },
    { clock: { now: () => 0, sleep: () => new Promise((resolve) => (wake = resolve)) }, log },
  )
  const waiting = fetch(`${slow.url}/a`, { headers: { authorization: 'x' } })
  const timer = setInterval(() => wake(), 5)
  const response = await waiting
  clearInterval(timer)
  await slow.stop()
  expect([response.status, reasonOf(response)]).toEqual([
    500,
    'AuthorizerFailed: the authorizer slow failed: it took too long',
  ])
})
