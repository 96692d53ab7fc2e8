import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let child: ChildProcess
let urls: string[] = []
beforeAll(async () => {
  const program = fileURLToPath(new URL('support/attacked-stack.ts', import.meta.url))
  const flags = ['--conditions=@iamfetch/source', '--disable-warning=ExperimentalWarning']
  child = spawn(process.execPath, [...flags, program], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [line] = await once(createInterface(child.stdout!), 'line')
  urls = JSON.parse(String(line))
})
afterAll(async () => {
  child.stdin!.end()
  if (child.exitCode === null) await once(child, 'exit')
})

/** One request, or what only begins like one. */
type Attack = (host: string, path: string) => string | Buffer

const lines = (...all: string[]): string => `${all.join('\r\n')}\r\n\r\n`
const handshake = (host: string, path: string, ...more: string[]): string =>
  lines(
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
  )
const post = (host: string, path: string, ...more: string[]): string =>
  lines(`POST ${path} HTTP/1.1`, `Host: ${host}`, ...more)

/** A masked frame of the WebSocket protocol (RFC 6455 §5.2), whatever its first byte. */
function frame(first: number, payload: string, masked = true): Buffer {
  const data = Buffer.from(payload)
  const length = (masked ? 0x80 : 0) | data.length
  return Buffer.concat([Buffer.from([first, length]), Buffer.alloc(masked ? 4 : 0), data])
}
const framed =
  (...frames: Buffer[]): Attack =>
  (host, path) =>
    Buffer.concat([Buffer.from(handshake(host, path)), ...frames])
const message = (action: string): Attack => framed(frame(0x81, JSON.stringify({ action })))

const ATTACKS: Record<string, Attack> = {
  'a handshake': handshake,
  'a handshake for another host': (_, path) => handshake('evil.example', path),
  'a handshake without a key': (host, path) =>
    handshake(host, path).replace(/Sec-WebSocket-Key/, 'X'),
  'a handshake with a bad extension': (host, path) =>
    handshake(host, path, 'Sec-WebSocket-Extensions: "'),
  'a handshake that the handler refuses': (host, path) => handshake(host, `${path}?status=401`),
  'a handshake that the handler fails': (host, path) => handshake(host, `${path}?status=throw`),
  'a handshake with a status below 200': (host, path) => handshake(host, `${path}?status=100`),
  'a handshake with a status that is text': (host, path) => handshake(host, `${path}?status=x`),
  'an upgrade to HTTP/2': (host, path) =>
    lines(
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
    ),
  'a tunnel': (host) => lines(`CONNECT ${host} HTTP/1.1`, `Host: ${host}`),
  'bytes that are not HTTP': () => Buffer.from([0x16, 0x03, 0x01, 0, 0xa5, 1, 0, 0]),
  'half a request line': () => 'GET /prod HTT',
  'a header that does not end': (host) =>
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: ${'a'.repeat(90_000)}`,
  'half a body': (host, path) => `${post(host, path, 'Content-Length: 1000')}{"a`,
  'half a chunk': (host, path) => `${post(host, path, 'Transfer-Encoding: chunked')}ff\r\nabc`,
  'a chunk without a length': (host, path) =>
    `${post(host, path, 'Transfer-Encoding: chunked')}zz\r\n`,
  'an unknown operation with half a body': (host) =>
    `${post(host, '/', 'X-Amz-Target: A.B', 'Content-Length: 1000')}{`,
  'an operation with half a body': (host) =>
    `${post(host, '/', 'X-Amz-Target: AWSCognitoIdentityService.GetId', 'Content-Length: 1000')}{`,
  'half a form': (host) =>
    `${post(host, '/oauth2/token', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 99')}grant_type=`,
  'half a sign-in': (host) => `${post(host, '/login?client_id=x', 'Content-Length: 99')}username=`,
  'an expectation': (host, path) => post(host, path, 'Expect: 100-continue', 'Content-Length: 9'),
  'an unknown expectation': (host, path) => post(host, path, 'Expect: the unexpected'),
  'three requests at once': (host, path) => post(host, path, 'Content-Length: 0').repeat(3),
  'a message whose handler throws': message('throws'),
  'a message whose handler returns what is not JSON': message('unserializable'),
  'a message whose handler throws what cannot be shown': message('unreadable'),
  'a message whose sender does not wait': message('slow'),
  'a message that is not JSON': framed(frame(0x81, '{')),
  'a message that is null': framed(frame(0x81, 'null')),
  'a message that names a member of all objects': message('constructor'),
  'a message that is not masked': framed(frame(0x81, 'x', false)),
  'a message of reserved bits': framed(frame(0xf1, 'x')),
  'a message of an unknown kind': framed(frame(0x8b, 'x')),
  'a message that is not UTF-8': framed(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])),
  'a message of 2^63 bytes': framed(
    Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
  ),
  'a close with a code that is not allowed': framed(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0, 1])),
  'a long ping': framed(Buffer.concat([Buffer.from([0x89, 0xfe, 0, 200]), Buffer.alloc(204)])),
}

/** Sends it and leaves: by a reset, or by closing; at once, or a moment later. */
function send(
  url: string,
  attack: Attack,
  leave: 'reset' | 'close',
  afterMs: number,
): Promise<void> {
  const { port, pathname } = new URL(url)
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(attack(`127.0.0.1:${port}`, pathname))
      setTimeout(() => {
        if (leave === 'reset') socket.resetAndDestroy()
        else socket.destroy()
      }, afterMs)
    })
    socket.on('error', () => {}).on('close', () => resolve())
    socket.resume()
  })
}

describe('a client that leaves half-way ends none of the servers of the stack', () => {
  it.each(Object.entries(ATTACKS))('after %s', async (_, attack) => {
    const sent: Promise<void>[] = []
    for (const url of urls) {
      for (const afterMs of [0, 1, 3, 20]) {
        sent.push(send(url, attack, 'reset', afterMs), send(url, attack, 'close', afterMs))
      }
    }
    await Promise.all(sent)
    expect(child.exitCode).toBeNull()
    for (const url of urls) {
      const response = await fetch(url.replace('ws:', 'http:'))
      await response.body?.cancel()
      expect([url, response.status]).toEqual([url, expect.any(Number)])
    }
  })
})
