import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'

/** What a function may return and its client must not see: another length, and other ways to end a body. */
const FRAMING = {
  'content-length': '1',
  'Transfer-Encoding': 'chunked',
  connection: 'close, x-own',
  'keep-alive': 'timeout=900',
  trailer: 'x-own',
  upgrade: 'h2c',
}

let stack: LocalStack
let hidden = 0
beforeAll(async () => {
  const handler = (): unknown => ({ statusCode: 200, headers: FRAMING, body: 'ok' })
  const seen = (): unknown => {
    hidden++
    return { statusCode: 200 }
  }
  const routes = {
    'POST /open': { auth: 'none' as const, handler },
    'GET /hidden': { auth: 'none' as const, handler: seen },
  }
  stack = await startLocalStack({
    functionUrls: { functionUrl: { authType: 'NONE', handler } },
    apis: {
      http: { type: 'http', routes },
      rest: { type: 'rest', routes },
      socket: { type: 'websocket', routes: { $connect: { handler: seen } } },
    },
  })
})
afterAll(() => stack.stop())
beforeEach(() => {
  hidden = 0
  stack.faults.reset()
})

/** Where a request goes, and the one that is hidden in its body. */
interface Place {
  port: number
  outer: string
  inner: string
}

function placeOf(name: string): Place {
  const { config } = stack
  const url = new URL(config.apis[name]?.url ?? config.endpoints.cognitoIdp)
  const port = Number(url.port)
  const host = `Host: 127.0.0.1:${port}`
  const path = url.pathname === '/' ? '' : url.pathname
  const inner: Record<string, string> = {
    http: `GET ${path}/hidden HTTP/1.1\r\n${host}\r\n\r\n`,
    rest: `GET ${path}/hidden HTTP/1.1\r\n${host}\r\n\r\n`,
    socket: `GET ${path} HTTP/1.1\r\n${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    cognito: `GET /${config.userPoolId}/.well-known/jwks.json HTTP/1.1\r\n${host}\r\n\r\n`,
  }
  return { port, outer: `POST ${path}/open HTTP/1.1\r\n${host}\r\n`, inner: inner[name] ?? '' }
}

/** Two readings of one message: in one of them the hidden request is a request. */
const MESSAGES: Record<string, (inner: string) => string> = {
  'a length and chunks': (inner) =>
    `Content-Length: ${inner.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'chunks and a length': (inner) =>
    `Transfer-Encoding: chunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'chunks and a shorter length': (inner) =>
    `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
  'two lengths': (inner) => `Content-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`,
  'a list of lengths': (inner) => `Content-Length: 0, ${inner.length}\r\n\r\n${inner}`,
  'a length with a sign': (inner) => `Content-Length: +0\r\n\r\n${inner}`,
  'a negative length': (inner) => `Content-Length: -1\r\n\r\n${inner}`,
  'a hexadecimal length': (inner) => `Content-Length: 0x0\r\n\r\n${inner}`,
  'an unknown coding': (inner) =>
    `Transfer-Encoding: xchunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'chunks that are not the last coding': (inner) =>
    `Transfer-Encoding: chunked, identity\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'a blank before the colon': (inner) =>
    `Transfer-Encoding : chunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'a folded header': (inner) =>
    `Transfer-Encoding:\r\n chunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'a header after a bare carriage return': (inner) =>
    `X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'a header after a bare line feed': (inner) =>
    `X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: ${inner.length + 5}\r\n\r\n0\r\n\r\n${inner}`,
  'a chunk size with a prefix': (inner) => `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${inner}`,
  'a chunk size beyond 64 bits': (inner) =>
    `Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n0\r\n\r\n${inner}`,
}

/** Sends bytes and waits until the server closes, or for as long as it takes to respond to all of them. */
const send = (port: number, message: string): Promise<string> =>
  new Promise((resolve) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(message))
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
    socket.on('error', () => {}).on('close', () => resolve(received))
  })

test.each([
  ['http', 'open'],
  ['rest', 'open'],
  ['functionUrl', ''],
])(
  'a function behind the %s server does not decide where its response ends',
  async (name, path) => {
    const urls = { ...stack.config.apis, ...stack.config.functionUrls }
    const url = new URL(urls[name]?.url ?? '')
    const at = `${url.pathname.replace(/\/$/, '')}/${path}`
    const request = `POST ${at} HTTP/1.1\r\nHost: 127.0.0.1:${url.port}\r\nContent-Length: 0\r\n`
    const received = await send(
      Number(url.port),
      `${request}\r\n${request}Connection: close\r\n\r\n`,
    )
    const lengths = received.match(/^content-length: \d+\r$/gim)
    expect(lengths).toEqual(['Content-Length: 2\r', 'Content-Length: 2\r'])
    expect(received).not.toMatch(/^(transfer-encoding|trailer|upgrade):/im)
    expect(received.match(/\r\n\r\nok/g)).toHaveLength(2)
  },
)

describe.each(['http', 'rest', 'socket', 'cognito'])('a request to the %s server', (name) => {
  it.each(Object.entries(MESSAGES))('hides no other request in %s', async (_, messageOf) => {
    const { port, outer, inner } = placeOf(name)
    const received = await send(port, outer + messageOf(inner))
    expect(hidden).toBe(0)
    expect(stack.faults.calls('GET /.well-known/jwks.json')).toBe(0)
    expect(received.match(/^HTTP\/1\.1 /gm) ?? []).toHaveLength(1)
  })

  it('reaches the other request if it is sent by itself', async () => {
    const { port, inner } = placeOf(name)
    await send(port, inner)
    expect(hidden + stack.faults.calls('GET /.well-known/jwks.json')).toBe(1)
  })
})
