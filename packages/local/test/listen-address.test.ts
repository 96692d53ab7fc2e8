import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startLocalStack, type LocalStack, type StartOptions } from '../src/index.ts'
import { credentialsOf } from './support/credentials-of.ts'

const DEFINITION = {
  users: { alice: { groups: ['Callers'] } },
  groups: {
    Callers: {
      policy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }],
      },
    },
  },
  apis: {
    open: {
      type: 'http',
      routes: {
        'GET /': { auth: 'none', handler: () => 'answer' },
        'GET /signed': {
          auth: 'iam',
          handler: ({ requestContext }: { requestContext: { http: { sourceIp: string } } }) =>
            requestContext.http.sourceIp,
        },
      },
    },
    socket: { type: 'websocket', routes: { $connect: { handler: () => ({}) } } },
  },
} as const

const INTERFACES = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
/** Without an IPv6 loopback `[::1]` is not served, and the stack is complete all the same. */
const HAS_IPV6 = INTERFACES.some(({ address }) => address === '::1')

async function start(options: StartOptions = {}) {
  const stack = await startLocalStack(DEFINITION, options)
  onTestFinished(() => stack.stop())
  return stack
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )

/** Whether a stack answers at addresses of this machine other than 127.0.0.1 and ::1. */
async function answersElsewhere(options: StartOptions): Promise<boolean[]> {
  const { config } = await start(options)
  const { port } = new URL(config.apis.open.url)
  const others = INTERFACES.filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
  const hosts = others
    .filter(({ family }) => family === 'IPv4' || options.host !== '0.0.0.0')
    .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))
  return Promise.all(['127.0.0.2', ...hosts].map((host) => answers(`http://${host}:${port}/`)))
}

/** The same URL at `[::1]`. */
const atIPv6 = (url: string): string => url.replace('127.0.0.1', '[::1]')
/** The same URL at `[::1]` where the machine has it. */
const there = (url: string): string => (HAS_IPV6 ? atIPv6(url) : url)
const LOOPBACK = HAS_IPV6 ? '::1' : '127.0.0.1'
const portOf = (url: string): number => Number(new URL(url).port)

describe('where a stack listens', () => {
  test('by default other machines cannot reach it', async () => {
    expect(new Set(await answersElsewhere({}))).toStrictEqual(new Set([false]))
  })

  test('at 0.0.0.0 they can, and it needs the names that it is called by', async () => {
    const options = { host: '0.0.0.0', allowedHosts: ['stack'] }
    expect(new Set(await answersElsewhere(options))).toStrictEqual(new Set([true]))
  })

  test.each([
    [
      { host: '0.0.0.0' },
      'startLocalStack: "host" "0.0.0.0" can be reached by other machines; name those hosts that the stack is called by in "allowedHosts" (--allow-host)',
    ],
    [{ host: '::' }, 'startLocalStack: "host" "::" can be reached by other machines'],
    [
      { host: 'localhost' },
      'startLocalStack: "host" must be an address such as "0.0.0.0", got "localhost"',
    ],
  ])('%j is refused before anything listens', async (options, message) => {
    await expect(startLocalStack(DEFINITION, options)).rejects.toThrow(message)
  })
})

describe('the loopback address of IPv6', () => {
  let stack: LocalStack<typeof DEFINITION>
  beforeAll(async () => {
    stack = await startLocalStack(DEFINITION)
  })
  afterAll(() => stack.stop())

  test('every server of a stack responds at [::1] too, if the machine has it', async () => {
    const { config } = stack
    expect(config.apis.open.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const urls = [config.apis.open.url, `${config.endpoints.cognitoIdp}/config.json`]
    for (const url of urls) expect([url, await answers(atIPv6(url))]).toEqual([url, HAS_IPV6])
  })

  test('a call that is signed for [::1] is verified there, and the event has its address', async () => {
    const { config } = stack
    const { host } = new URL(there(config.apis.open.url))
    const signer = new SignatureV4({
      service: 'execute-api',
      region: config.region,
      credentials: await credentialsOf(stack, 'alice'),
      sha256: Sha256,
    })
    const { headers } = await signer.sign(new HttpRequest({ path: '/signed', headers: { host } }))
    const response = await fetch(`http://${host}/signed`, { headers })
    expect([response.status, await response.text()]).toEqual([200, LOOPBACK])
  })

  test('the rules for names hold there: a page under another name gets a 421', async () => {
    const { config } = stack
    const socket = connect(portOf(config.apis.open.url), LOOPBACK)
    socket.write('GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n')
    const [head] = await once(socket, 'data')
    expect(String(head)).toMatch(/^HTTP\/1\.1 421 [^]*x-local-reason: HostNotAllowed/)
    socket.destroy()
  })

  test('a port that another program has there does not keep a stack from starting', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 418 Other\r\n\r\n'))
    other.listen(0, HAS_IPV6 ? '::1' : '127.0.0.2')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { config } = await start({ ports: { apis: { open: port ?? 0 } } })
    expect(config.apis.open.url).toBe(`http://127.0.0.1:${port}`)
    expect(await answers(config.apis.open.url)).toBe(true)
  })

  test('stopping ends the connections that came in there, WebSockets too, and frees the ports', async () => {
    const first = await start()
    const { config } = first
    const port = portOf(config.apis.open.url)
    const socket = new WebSocket(there(config.apis.socket.url))
    await once(socket, 'open')
    const idle = connect(port, LOOPBACK)
    await once(idle, 'connect')
    const closed = Promise.all([once(socket, 'close'), once(idle, 'close')])
    await first.stop()
    await closed
    const again = await start({ ports: { apis: { open: port } } })
    expect(await answers(there(again.config.apis.open.url))).toBe(true)
  })

  test.each(['127.0.0.1', LOOPBACK])(
    'a client at %s that keeps its half of a refused upgrade or of a tunnel open does not keep it from stopping',
    async (host) => {
      const one = await start()
      const upgrade =
        'GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: upgrade\r\nupgrade: websocket'
      for (const request of [upgrade, 'CONNECT a:80 HTTP/1.1\r\nhost: 127.0.0.1']) {
        const port = portOf(one.config.apis.socket.url)
        const client = connect({ host, port, allowHalfOpen: true }).on('error', () => {})
        onTestFinished(() => void client.destroy())
        client.write(`${request}\r\n\r\n`)
        await once(client, 'data')
      }
      await expect(one.stop()).resolves.toBeUndefined()
    },
  )

  test('an address that is given is the only one, and the URLs have it', async () => {
    const only4 = await start({ host: '127.0.0.1' })
    expect(await answers(only4.config.apis.open.url)).toBe(true)
    expect(await answers(atIPv6(only4.config.apis.open.url))).toBe(false)
    const host = HAS_IPV6 ? '::1' : '127.0.0.2'
    const { config } = await start({ host })
    const { hostname, port } = new URL(config.apis.open.url)
    expect(hostname).toBe(HAS_IPV6 ? '[::1]' : host)
    expect(await answers(config.apis.open.url)).toBe(true)
    expect(await answers(`http://127.0.0.1:${port}/`)).toBe(false)
  })
})
