import { execFile, spawnSync } from 'node:child_process'
import { request as httpRequest } from 'node:http'
import { promisify } from 'node:util'
import { Sha256 } from '@aws-crypto/sha256-js'
import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import aws4 from 'aws4'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Session } from '../src/iam/sessions.ts'
import { alice, bob, iam, serveApi, type ServedApi } from './support/serve-api.ts'

/** What every client is asked to send. */
interface Call {
  method: string
  /** Path and query, encoded as a URL has them. */
  path: string
  body?: string
}
type Client = (url: string, call: Call, who: Session) => Promise<number>

const curl: Client = async (url, { method, path, body }, who) => {
  const { stdout } = await promisify(execFile)('curl', [
    '-s',
    '-o/dev/null',
    '-w%{http_code}',
    `-X${method}`,
    '--aws-sigv4',
    'aws:amz:eu-central-1:execute-api',
    `-u${who.accessKeyId}:${who.secretAccessKey}`,
    `-Hx-amz-security-token: ${who.sessionToken}`,
    ...(body === undefined ? [] : ['-H', 'content-type: application/json', '--data-binary', body]),
    url + path,
  ])
  return Number(stdout)
}

const clients: Record<string, Client> = {
  // From 7.75 on curl can sign.
  ...(spawnSync('curl', ['--help', 'all']).stdout?.includes('--aws-sigv4') ? { curl } : {}),
  aws4fetch: async (url, { method, path, body }, who) => {
    const client = new AwsClient({
      ...who,
      region: 'eu-central-1',
      service: 'execute-api',
      retries: 0,
    })
    const init = { method, ...(body !== undefined && { body }) }
    const response = await client.fetch(url + path, init)
    await response.arrayBuffer()
    return response.status
  },
  aws4: (url, { method, path, body }, who) => {
    const { hostname, port, pathname } = new URL(url)
    const base = pathname === '/' ? '' : pathname
    const options = aws4.sign(
      {
        service: 'execute-api',
        region: 'eu-central-1',
        host: `${hostname}:${port}`,
        method,
        path: base + path,
        ...(body !== undefined && { body }),
      },
      who,
    )
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        { hostname, port, method, path: options.path, headers: options.headers },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0))
        },
      )
      sent.on('error', reject).end(body)
    })
  },
  '@smithy/signature-v4': async (url, { method, path, body }, who) => {
    const { hostname, port, pathname, searchParams, host } = new URL(url + path)
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'eu-central-1',
      credentials: who,
      sha256: Sha256,
    })
    const query: Record<string, string[]> = {}
    for (const key of searchParams.keys()) query[key] = searchParams.getAll(key)
    const signed = await signer.sign(
      new HttpRequest({
        method,
        hostname,
        port: Number(port),
        path: pathname,
        query,
        headers: { host },
        body,
      }),
    )
    const init = { method, headers: signed.headers, ...(body !== undefined && { body }) }
    const response = await fetch(url + path, init)
    await response.arrayBuffer()
    return response.status
  },
}

const calls: Call[] = [
  { method: 'GET', path: '/test' },
  { method: 'POST', path: '/test', body: '{"hello":"wörld"}' },
  { method: 'GET', path: '/test?a=1&b=two%20words&a=0' },
  { method: 'PUT', path: '/files/a/b%2Fc/d%C3%A9', body: 'x' },
  { method: 'DELETE', path: '/files/x' },
]

/** curl 7 neither sorts a query nor encodes a path once more. */
const plain: Call[] = [
  ...calls.slice(0, 2),
  { method: 'PUT', path: '/files/a/b?a=1&b=2', body: 'x' },
]

describe.each(['http', 'rest'] as const)('a %s API', (type) => {
  let api: ServedApi
  beforeAll(async () => {
    const routes = {
      'GET /test': iam(),
      'POST /test': iam(),
      'ANY /files/{proxy+}': iam(),
      'POST /@connections/{id}': iam(),
    }
    api = await serveApi({ type, routes })
  })
  afterAll(() => api.stop())

  it.each(Object.entries(clients))('takes what %s signs', async (name, client) => {
    for (const call of name === 'curl' ? plain : calls)
      expect([call, await client(api.url, call, alice)]).toEqual([call, 200])
  })

  it.each(Object.entries(clients))(
    'lets %s do what the role may and nothing else',
    async (_, client) => {
      const [get, post] = calls
      expect(await client(api.url, get!, bob)).toBe(200)
      expect(await client(api.url, post!, bob)).toBe(403)
    },
  )

  it.each(Object.entries(clients))('refuses %s with a wrong secret or token', async (_, client) => {
    for (const other of [
      { secretAccessKey: bob.secretAccessKey },
      { sessionToken: bob.sessionToken },
      { accessKeyId: 'ASIAFOREIGNFOREIGN00' },
    ]) {
      expect(await client(api.url, calls[0]!, { ...alice, ...other })).toBe(403)
    }
  })

  it('takes characters that have to be encoded from a client that encodes them', async () => {
    const path = `/files/${encodeURIComponent("ü ü!'()*")}?q=${encodeURIComponent("a+b &=!'()*/ü")}&flag=&%C3%A9=1`
    expect(await clients['aws4fetch']!(api.url, { method: 'GET', path }, alice)).toBe(200)
    expect(await clients['@smithy/signature-v4']!(api.url, { method: 'GET', path }, alice)).toBe(
      200,
    )
  })

  it('takes a presigned URL of aws4fetch and of smithy', async () => {
    const client = new AwsClient({ ...alice, region: 'eu-central-1', service: 'execute-api' })
    const signed = await client.sign(`${api.url}/test?x=1`, { aws: { signQuery: true } })
    expect((await fetch(signed.url)).status).toBe(200)

    const { hostname, port, pathname, host } = new URL(`${api.url}/test`)
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'eu-central-1',
      credentials: alice,
      sha256: Sha256,
    })
    const made = await signer.presign(
      new HttpRequest({
        hostname,
        port: Number(port),
        path: pathname,
        query: { x: 'a b' },
        headers: { host },
      }),
      { expiresIn: 300 },
    )
    const query = new URLSearchParams(
      Object.entries(made.query ?? {}).map(([k, v]) => [k, String(v)]),
    )
    expect((await fetch(`${api.url}/test?${query}`)).status).toBe(200)
    query.set('x', 'a c')
    expect((await fetch(`${api.url}/test?${query}`)).status).toBe(403)
  })

  it('takes a call of an AWS SDK v3 client', async () => {
    const call = async (credentials: Session): Promise<number | undefined> => {
      const client = new ApiGatewayManagementApiClient({
        region: 'eu-central-1',
        endpoint: api.url,
        credentials,
        maxAttempts: 1,
      })
      const command = new PostToConnectionCommand({
        ConnectionId: 'P-S_9e-7liACH9A=',
        Data: new Uint8Array([1, 2]),
      })
      try {
        return (await client.send(command)).$metadata.httpStatusCode
      } catch (error) {
        return error instanceof Error && '$metadata' in error
          ? Number(JSON.parse(JSON.stringify(error.$metadata)).httpStatusCode)
          : undefined
      } finally {
        client.destroy()
      }
    }
    expect(await call(alice)).toBe(200)
    expect(await call(bob)).toBe(403)
  })
})
