import { fixedClock } from '@iamfetch/testing'
import { connect } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { ApiDefinition } from '../src/definition/api.ts'
import { alice, iam } from './support/serve-api.ts'
import { open, reasonOf, serve, signer } from './support/gateway-scene.ts'

describe('the event of payload format 2.0', () => {
  it('contains the request and who signed it, as API Gateway does', async () => {
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
          amr: alice.identity!.amr,
          identityId: alice.identity!.identityId,
          identityPoolId: alice.identity!.identityPoolId,
        },
        principalOrgId: null,
        userArn: 'arn:aws:sts::123456789012:assumed-role/aliceRole/CognitoIdentityCredentials',
        userId: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
      },
    })
    expect(event.headers['host']).toBe(`127.0.0.1:${port}`)
    // A SigV4 Authorization does not reach the integration, and cookies have a place of their own.
    expect(event.headers).not.toHaveProperty('authorization')
    expect(event.headers).not.toHaveProperty('cookie')
  })

  it('has each cookie by itself, whatever number of headers they came in', async () => {
    const { port } = await serve({ type: 'http', routes: { 'GET /': open() } })
    const socket = connect(port, '127.0.0.1')
    socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a=1; b=2\r\nCookie: c=3\r\n\r\n')
    expect(await readAll(socket)).toContain('"cookies":["a=1","b=2","c=3"]')
  })

  it('has no fields for absent values, and encodes a body that is not text', async () => {
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
    const untyped = await fetch(url, { method: 'POST', body: new TextEncoder().encode('é') })
    expect(await untyped.json()).toMatchObject({ body: 'w6k=', isBase64Encoded: true })
  })
})

describe('the event of payload format 1.0', () => {
  it('contains the request and who signed it, as API Gateway does', async () => {
    const { url } = await serve({ type: 'rest', routes: { 'GET /notes/{id}': iam() } })
    const event = await (await signer.fetch(`${url}/notes/a%20b?x=1&x=2%203`)).json()
    expect(event).toMatchObject({
      resource: '/notes/{id}',
      path: '/notes/a%20b',
      httpMethod: 'GET',
      queryStringParameters: { x: '2 3' },
      multiValueQueryStringParameters: { x: ['1', '2 3'] },
      pathParameters: { id: 'a%20b' },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        path: '/prod/notes/a%20b',
        resourcePath: '/notes/{id}',
        stage: 'prod',
        identity: {
          accessKey: alice.accessKeyId,
          accountId: '123456789012',
          caller: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
          cognitoAuthenticationProvider: alice.identity!.amr.slice(1).join(','),
          cognitoAuthenticationType: 'authenticated',
          cognitoIdentityId: alice.identity!.identityId,
          cognitoIdentityPoolId: alice.identity!.identityPoolId,
          sourceIp: '127.0.0.1',
          user: 'AROAEXAMPLEEXAMPLE123:CognitoIdentityCredentials',
          userArn: 'arn:aws:sts::123456789012:assumed-role/aliceRole/CognitoIdentityCredentials',
        },
      },
    })
    expect(event.multiValueHeaders['X-Amz-Date']).toHaveLength(1)
    expect(event.headers).not.toHaveProperty('Authorization')
    expect(event.headers).not.toHaveProperty('authorization')
  })

  it('has null for everything that is not there', async () => {
    const { url } = await serve({ type: 'rest', routes: { 'GET /notes': open() } })
    const headers = { 'user-agent': 'tester' }
    const event = await (await fetch(`${url}/notes`, { headers })).json()
    expect(event).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
    })
    expect(event.requestContext).not.toHaveProperty('authorizer')
    expect(event.requestContext.identity).toEqual({
      accessKey: null,
      accountId: null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: '127.0.0.1',
      user: null,
      userAgent: 'tester',
      userArn: null,
    })
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
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]))
  })

  it('may have several values of a header in a REST API', async () => {
    const multiValueHeaders = { 'set-cookie': ['a=1', 'b=2'] }
    const response = await answerOf('rest', { statusCode: 200, multiValueHeaders, body: '' })
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('has the content type of AWS if the handler names none', async () => {
    const result = { statusCode: 200, body: 'Hello' }
    const types = [await answerOf('http', result), await answerOf('rest', result)].map((answer) =>
      answer.headers.get('content-type'),
    )
    expect(types).toEqual(['text/plain; charset=utf-8', 'application/json'])
  })

  it('may be a response without a body', async () => {
    const response = await answerOf('http', { statusCode: 204 })
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  it.each([
    ['a body that is not a string', { statusCode: 200, body: { a: 1 } }, 'JSON.stringify it'],
    ['a status that is not a number', { statusCode: 'ok' }, 'the statusCode "ok"'],
    ['a status of 0', { statusCode: 0 }, 'the statusCode 0'],
    ['a status of 600', { statusCode: 600 }, 'the statusCode 600'],
    ['half a status', { statusCode: 200.5 }, 'the statusCode 200.5'],
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
    expect([response.status, await response.text()]).toEqual([
      502,
      '{"message": "Internal server error"}',
    ])
    expect(reasonOf(response)).toBe('HandlerFailed: the handler returned the unknown member hello')
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
