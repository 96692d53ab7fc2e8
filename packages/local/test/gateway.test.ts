import { connect } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { createFaults } from '../src/faults/faults.ts'
import { alice, iam, sessionOf } from './support/serve-api.ts'
import { open, reasonOf, serve, signer } from './support/gateway-scene.ts'

describe('a request', () => {
  it('without a route is Not Found in an HTTP API, has no token in a REST API, and is forbidden outside of its stage', async () => {
    const routes = { 'GET /x': open() }
    const http = await serve({ type: 'http', routes })
    const missing = await fetch(`${http.url}/y`)
    expect([missing.status, await missing.json()]).toEqual([404, { message: 'Not Found' }])
    expect(reasonOf(missing)).toBe('NoRoute: no route GET /y')
    const rest = await serve({ type: 'rest', routes })
    const unknown = await fetch(`${rest.url}/y`)
    expect([unknown.status, await unknown.json()]).toEqual([
      403,
      { message: 'Missing Authentication Token' },
    ])
    expect(unknown.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException')
    for (const url of [`http://127.0.0.1:${rest.port}/x`, `${rest.url}x/x`]) {
      const response = await fetch(url, { headers: { authorization: 'Bearer secret.token.here' } })
      expect([response.status, await response.json()]).toEqual([403, { message: 'Forbidden' }])
      expect(response.headers.get('x-amzn-errortype')).toBe('ForbiddenException')
      expect(reasonOf(response)).toMatch(/^NoRoute: the path does not begin with the stage \/prod$/)
    }
  })

  it.each(['http', 'rest'] as const)(
    'to a %s API may have 10,240 bytes of headers and no more',
    async (type) => {
      const { url, port } = await serve({ type, routes: { 'GET /x': open() } })
      const path = `${new URL(url).pathname.replace(/\/$/, '')}/x`
      // An HTTP API counts the request line as well.
      const line = type === 'http' ? `GET ${path} HTTP/1.1` : ''
      const host = `127.0.0.1:${port}`
      const left = 10_240 - line.length - host.length
      const statusOf = async (bytes: number): Promise<[number, string]> => {
        const half = Math.floor(bytes / 2)
        const lines = [
          `Host: ${host}`,
          `X-A: ${'a'.repeat(half)}`,
          `X-B: ${'b'.repeat(bytes - half)}`,
        ]
        const socket = connect(port, '127.0.0.1')
        socket.end(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
        const received = await readAll(socket)
        return [
          Number(received.slice(9, 12)),
          /^x-local-reason: (.*)\r$/m.exec(received)?.[1] ?? '',
        ]
      }
      expect(await statusOf(left)).toEqual([200, ''])
      const what = type === 'http' ? 'the request line and the headers have' : 'the headers have'
      expect(await statusOf(left + 1)).toEqual([
        431,
        `HeadersTooLarge: ${what} 10241 bytes, and 10240 are allowed`,
      ])
    },
  )

  it('without a route, but with a token, is taken for a bad signature by a REST API', async () => {
    const routes = { 'GET /x': open() }
    const [http, rest] = await Promise.all([
      serve({ type: 'http', routes }),
      serve({ type: 'rest', routes }),
    ])
    const headers = { authorization: 'Bearer secret.token.here' }
    expect((await fetch(`${http.url}/y`, { headers })).status).toBe(404)
    const response = await fetch(`${rest.url}/y`, { headers })
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([
      403,
      'IncompleteSignatureException',
    ])
    expect(reasonOf(response)).toBe('NoRoute: no route GET /prod/y')
    expect(await response.text()).not.toContain('secret')
    const signed = await signer.fetch(`${rest.url}/y`)
    expect(signed.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException')
  })

  it('over 10 MB is refused by the gateway, and over 6 MB by Lambda', async () => {
    const { url } = await serve({ type: 'http', routes: { $default: open(() => ({})) } })
    const send = (bytes: number, type: string): Promise<Response> =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': type },
        body: new Uint8Array(bytes).fill(97),
      })
    const text = 'text/plain'
    expect((await send(6_000_000, text)).status).toBe(200)
    for (const [bytes, type, reason] of [
      [10_485_761, text, 'BodyTooLarge: the body is over 10 MB'],
      [10_485_760, text, 'PayloadTooLarge: the event is larger than 6291456 bytes'],
      // In base64 it is a third longer.
      [
        5_000_000,
        'application/octet-stream',
        'PayloadTooLarge: the event is larger than 6291456 bytes',
      ],
    ] as const) {
      const response = await send(bytes, type)
      expect(reasonOf(response)).toContain(reason)
      expect([response.status, await response.json()]).toEqual([
        413,
        { message: 'Request Entity Too Large' },
      ])
    }
  })

  it('by HEAD is answered without a body', async () => {
    const { url } = await serve({ type: 'http', routes: { 'ANY /x': open(() => ({ a: 1 })) } })
    const response = await fetch(`${url}/x`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

describe('the policy of the caller', () => {
  it('is called with what is known about the call', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const Condition = {
      IpAddress: { 'aws:SourceIp': '127.0.0.0/8' },
      StringLike: { 'aws:UserAgent': 'tester/*', 'aws:userid': 'AROA*:CognitoIdentityCredentials' },
      Bool: {
        'aws:SecureTransport': true,
        'aws:ViaAWSService': false,
        'aws:PrincipalIsAWSService': false,
      },
      DateEquals: { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' },
      Null: { 'aws:PrincipalTag/team': true, 'aws:username': true, 'aws:Referer': true },
      DateGreaterThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
      NumericGreaterThanEquals: { 'aws:EpochTime': now },
      ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/*' },
      StringEquals: {
        'aws:PrincipalAccount': '123456789012',
        'aws:PrincipalType': 'AssumedRole',
        'aws:FederatedProvider': 'cognito-identity.amazonaws.com',
        'aws:RequestedRegion': 'eu-central-1',
        'cognito-identity.amazonaws.com:aud': alice.identity!.identityPoolId,
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
    expect((await call(alice.identity!.identityId)).status).toBe(200)
    const other = await call('eu-central-1:another-user')
    expect([other.status, reasonOf(other)]).toEqual([403, expect.stringMatching(/^ImplicitDeny: /)])
    expect((await call(alice.identity!.identityId, 'other/1')).status).toBe(403)
    const denied = await call(`${alice.identity!.identityId}/secret`)
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

  it('drop the connection, hang until released, respond with garbage', async () => {
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
