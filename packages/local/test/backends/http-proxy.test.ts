import { get, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HttpProxy } from '../../src/index.ts'
import { serveBackend } from '../support/echo-server.ts'
import { reasonOf, serve, signer } from '../support/gateway-scene.ts'

const api = (type: 'http' | 'rest', proxy: string | HttpProxy, auth: 'iam' | 'none' = 'none') => ({
  type,
  routes: {
    'ANY /{proxy+}': { auth, proxy },
    'GET /notes/{id}': { auth, proxy },
  },
})

const DATE = 'Thu, 01 Jan 2026 00:00:00 GMT'

/** `fetch` removes segments of dots. */
const requestAsWritten = async (url: string): Promise<number | undefined> => {
  const { hostname, port, origin } = new URL(url)
  const sent = get({ hostname, port, path: url.slice(origin.length) })
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

const ok = async () => serveBackend((_, outgoing) => outgoing.end('ok'))

describe.each(['http', 'rest'] as const)('a route of a %s API with a proxy', (type) => {
  test('method, path, query, headers and body bytes reach the server, and its response the client', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const backend = await serveBackend(({ body }, outgoing) => {
      outgoing.writeHead(
        418,
        [
          ['content-type', 'application/octet-stream'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['keep-alive', 'timeout=5'],
        ].flat(),
      )
      outgoing.end(body)
    })
    const { url } = await serve(api(type, backend.url))
    const response = await fetch(`${url}/a%2Fb/c?x=1&x=%20`, {
      method: 'PUT',
      headers: { 'x-own': 'yes', 'content-type': 'image/png', connection: 'x-hop', 'x-hop': 'no' },
      body: bytes,
    })
    expect(response.status).toBe(418)
    expect(new Uint8Array(await response.arrayBuffer())).toStrictEqual(bytes)
    expect(response.headers.getSetCookie()).toStrictEqual(['a=1', 'b=2'])
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    const [received] = backend.received
    expect(received).toMatchObject({ method: 'PUT', url: '/a%2Fb/c?x=1&x=%20' })
    expect(received?.headers).toMatchObject({
      host: new URL(backend.url).host,
      'x-own': 'yes',
      'content-length': '256',
      'x-forwarded-proto': 'https',
    })
  })

  test('a REST API renames headers of the server and leaves some of the client out, as recorded', async () => {
    const backend = await serveBackend((_, outgoing) => {
      const headers = { server: 'own', 'www-authenticate': 'Bearer', date: DATE, 'x-own': 'yes' }
      outgoing.writeHead(401, { ...headers, 'content-length': '2' }).end('no')
    })
    const { url } = await serve(api(type, backend.url))
    const sent = { 'content-md5': 'x', via: 'p', 'www-authenticate': 'Basic', 'x-kept': 'yes' }
    const response = await fetch(`${url}/a`, { headers: sent })
    const isRest = type === 'rest'
    for (const [name, value] of [
      ['server', 'own'],
      ['www-authenticate', 'Bearer'],
    ] as const) {
      expect(response.headers.get(name)).toBe(isRest ? null : value)
      expect(response.headers.get(`x-amzn-remapped-${name}`)).toBe(isRest ? value : null)
    }
    expect(response.headers.get('x-amzn-remapped-date')).toBe(isRest ? DATE : null)
    expect(response.headers.get('x-amzn-remapped-content-length')).toBe(isRest ? '2' : null)
    expect(response.headers.get('x-own')).toBe('yes')
    // Functions alone have it.
    expect(response.headers.get('x-amzn-trace-id')).toBeNull()
    expect(await response.text()).toBe('no')
    const { headers = {} } = backend.received[0] ?? {}
    expect(Object.keys(sent).filter((name) => name in headers)).toEqual(
      isRest ? ['x-kept'] : Object.keys(sent),
    )
    expect('x-amzn-apigateway-api-id' in headers).toBe(isRest)
  })

  test('a path with a parameter is filled in, and its own query stays', async () => {
    const backend = await ok()
    const { url } = await serve(api(type, `${backend.url}/v1/things/{id}?key=own`))
    await fetch(`${url}/notes/a%20b?page=2`)
    expect(backend.received[0]?.url).toBe('/v1/things/a%20b?key=own&page=2')
  })

  test('a parameter of one segment stays one, so that a client does not leave the path of the address', async () => {
    const backend = await ok()
    const { url } = await serve(api(type, `${backend.url}/v1/things/{id}/notes`))
    await fetch(`${url}/notes/a%2fb%5cc..%2f..d`)
    expect(backend.received[0]?.url).toMatch(/^\/v1\/things\/a%2fb%5cc\.\.%2f\.\.d\/notes$/i)
  })

  test('a parameter of dots is refused, however it is written: servers resolve it', async () => {
    const backend = await ok()
    const mapped = {
      url: backend.url,
      requestParameters: { 'overwrite:path': '/v1/$request.path.id' },
    }
    const addresses = [`${backend.url}/v1/things/{id}/notes`, mapped]
    for (const proxy of addresses) {
      const { url } = await serve(api(type, proxy))
      for (const path of [
        '..',
        '.',
        '%2e%2E',
        '.%2e',
        '..%2fadmin',
        'a%2F%2e%2e%2Fadmin',
        '..%5cx',
      ]) {
        expect([path, await requestAsWritten(`${url}/notes/${path}`)]).toStrictEqual([path, 400])
      }
      await requestAsWritten(`${url}/notes/..;x=1`)
      await requestAsWritten(`${url}/notes/..\\..\\admin`)
    }
    const arrived = backend.received.map((one) => new URL(one.url ?? '', 'http://x').pathname)
    expect(
      arrived.filter((path) => !path.startsWith('/v1/') || path.includes('..;')),
    ).toStrictEqual([])
    backend.received.length = 0
    const greedy = await serve({
      type,
      routes: { 'GET /{proxy+}': { auth: 'none', proxy: `${backend.url}/v1/{proxy}` } },
    })
    expect(await requestAsWritten(`${greedy.url}/a/../../admin`)).toBe(400)
    expect(backend.received).toStrictEqual([])
    const whole = await serve(api(type, backend.url))
    await requestAsWritten(`${whole.url}/a/../b`)
    expect(backend.received[0]?.url).toBe('/a/../b')
  })

  test('who called reaches the server in a header that no client can set', async () => {
    const backend = await ok()
    const proxy = {
      url: backend.url,
      requestParameters: {
        'overwrite:header.x-caller': '$context.identity.userArn',
        'overwrite:header.x-identity': 'id ${context.identity.cognitoIdentityId}',
        'remove:header.x-debug': '',
        'append:querystring.from': '$request.header.x-app',
      },
    }
    const headers = { 'x-caller': 'arn:aws:iam::1:root', 'x-debug': '1', 'x-app': 'notes' }
    const signed = await serve(api(type, proxy, 'iam'))
    await signer.fetch(`${signed.url}/notes/1`, { headers })
    const [received] = backend.received
    expect(received?.headers).toMatchObject({
      'x-caller': expect.stringMatching(/assumed-role\/aliceRole\//),
      'x-identity': expect.stringMatching(/^id eu-central-1:/),
    })
    expect(received?.headers['x-debug']).toBeUndefined()
    expect(received?.url).toBe('/notes/1?from=notes')
    const open = await serve(api(type, proxy))
    await fetch(`${open.url}/notes/1`, { headers })
    expect(backend.received[1]?.headers['x-caller']).toBeUndefined()
  })

  test('the signature and the session token of the caller stay at the gateway', async () => {
    const backend = await ok()
    const { url } = await serve(api(type, backend.url, 'iam'))
    expect((await signer.fetch(`${url}/notes/1`)).status).toBe(200)
    const names = backend.received[0]?.rawHeaders.map((name) => name.toLowerCase())
    expect(names).not.toContain('authorization')
    expect(names).not.toContain('x-amz-security-token')
  })

  test('of a presigned URL the names reach the server, without the signature and the session token', async () => {
    const backend = await ok()
    const proxy = {
      url: backend.url,
      requestParameters: {
        'append:header.x-copied': '$request.querystring.X-Amz-Security-Token',
      },
    }
    const { url } = await serve(api(type, proxy, 'iam'))
    const signed = await signer.sign(`${url}/notes/1?page=a%20b&empty=`, {
      aws: { signQuery: true },
    })
    expect((await fetch(signed.url)).status).toBe(200)
    const [received] = backend.received
    const arrived = new URL(received?.url ?? '', 'http://x').searchParams
    expect([...arrived.keys()].toSorted()).toStrictEqual(
      [...new URL(signed.url).searchParams.keys()].toSorted(),
    )
    expect([arrived.get('page'), arrived.get('empty')]).toStrictEqual(['a b', ''])
    expect(arrived.get('X-Amz-Credential')).toMatch(/\/execute-api\/aws4_request$/)
    expect(arrived.get('X-Amz-Signature')).toBe('removed-by-iamfetch-local')
    expect(arrived.get('X-Amz-Security-Token')).toBe('removed-by-iamfetch-local')
    expect(received?.headers['x-copied']).toBe('removed-by-iamfetch-local')
  })

  test('a URL that is signed for another service reaches the server as it is', async () => {
    const backend = await ok()
    const { url } = await serve(api(type, backend.url))
    const query = `X-Amz-Credential=AK%2F20260101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Signature=ab`
    await fetch(`${url}/notes/1?${query}`)
    expect(backend.received[0]?.url).toBe(`/notes/1?${query}`)
  })

  test('a token stays in the Authorization header', async () => {
    const backend = await ok()
    const { url } = await serve(api(type, backend.url))
    await fetch(`${url}/x`, { headers: { authorization: 'Bearer a.b.c' } })
    expect(backend.received[0]?.headers.authorization).toBe('Bearer a.b.c')
  })

  test('a redirect and a compressed body are passed on as they are', async () => {
    const backend = await serveBackend((_, outgoing) => {
      outgoing.writeHead(302, { location: '/elsewhere' }).end()
    })
    const { url } = await serve(api(type, backend.url))
    const response = await fetch(`${url}/x`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location')]).toStrictEqual([302, '/elsewhere'])
  })

  test('a server that is not running is a 503 of an HTTP API and a 504 of a REST API', async () => {
    const { url } = await serve(api(type, 'http://127.0.0.1:9'))
    const response = await fetch(`${url}/x`)
    expect(response.status).toBe(type === 'http' ? 503 : 504)
    expect(reasonOf(response)).toMatch(
      /^BackendUnreachable: http:\/\/127\.0\.0\.1:9 did not answer/,
    )
  })

  test('a response that the server breaks off is a 503 of an HTTP API and a 504 of a REST API', async () => {
    const server = createServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { url } = await serve(api(type, `http://127.0.0.1:${port}`))
    const response = await fetch(`${url}/x`)
    expect(response.status).toBe(type === 'http' ? 503 : 504)
  })

  test('a server that does not respond in time is abandoned by the clock of the stack', async () => {
    const backend = await serveBackend(() => {})
    const waits: number[] = []
    const clock = {
      now: () => 0,
      async sleep(ms: number) {
        waits.push(ms)
      },
    }
    const { url } = await serve(api(type, { url: backend.url, timeoutMs: 50 }), { clock })
    const response = await fetch(`${url}/x`)
    expect(response.status).toBe(type === 'http' ? 503 : 504)
    expect(reasonOf(response)).toMatch(/^TimedOut: http:\S+ took over 0\.05 s$/)
    expect(waits).toStrictEqual([50])
  })
})
