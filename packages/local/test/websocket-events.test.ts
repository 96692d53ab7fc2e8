import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { setImmediate as later } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startLocalStack, type LocalStack } from '../src/index.ts'

// Compared with captured events: aws/aws-lambda-dotnet `websocket-api-connect-request.json` (2022-04-18), aws/aws-lambda-go
// `apigw-websocket-request-send-message.json` and `apigw-websocket-request-disconnect.json` (2024-01-20).

interface SocketEvent {
  headers?: Record<string, string>
  multiValueHeaders?: Record<string, string[]>
  requestContext: Record<string, unknown>
}

const events: SocketEvent[] = []
let stack: LocalStack
beforeAll(async () => {
  const handler = (event: SocketEvent): unknown => void events.push(event)
  const routes = { $connect: { handler }, $disconnect: { handler }, $default: { handler } }
  stack = await startLocalStack({ apis: { chat: { type: 'websocket', routes } } })
  const socket = new WebSocket(`${stack.config.apis['chat']?.url}?room=1&room=2`, {
    headers: { HeaderAuth1: 'headerValue1', 'User-Agent': 'tests' },
  })
  await once(socket, 'open')
  socket.send('hello')
  while (events.length < 2) await later()
  socket.close(1001, 'bye')
  while (events.length < 3) await later()
})
afterAll(() => stack.stop())

const IN_EVERY_CONTEXT = {
  extendedRequestId: expect.stringMatching(/=$/),
  requestTime: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
  messageDirection: 'IN',
  stage: 'prod',
  connectedAt: expect.any(Number),
  requestTimeEpoch: expect.any(Number),
  identity: { sourceIp: '127.0.0.1', userAgent: 'tests' },
  requestId: expect.stringMatching(/=$/),
  domainName: '127.0.0.1',
  connectionId: expect.stringMatching(/=$/),
  apiId: expect.any(String),
}

test('$connect has the headers of the handshake, spelled by the client, once as texts and once as lists', () => {
  const host = new URL(stack.config.apis['chat']?.url ?? '').host
  const headers = {
    HeaderAuth1: 'headerValue1',
    Host: host,
    'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    'Sec-WebSocket-Key': expect.any(String),
    'Sec-WebSocket-Version': '13',
    'User-Agent': 'tests',
    'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-/),
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
  }
  expect(events[0]).toStrictEqual({
    headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    ),
    queryStringParameters: { room: '2' },
    multiValueQueryStringParameters: { room: ['1', '2'] },
    requestContext: { routeKey: '$connect', eventType: 'CONNECT', ...IN_EVERY_CONTEXT },
    isBase64Encoded: false,
  })
})

test('a message has an ID, and no headers', () => {
  expect(events[1]).toStrictEqual({
    requestContext: {
      routeKey: '$default',
      messageId: expect.stringMatching(/=$/),
      eventType: 'MESSAGE',
      ...IN_EVERY_CONTEXT,
    },
    body: 'hello',
    isBase64Encoded: false,
  })
})

test('a handshake outside of the stage is refused with 403', async () => {
  const { url = '' } = stack.config.apis['chat'] ?? {}
  for (const outside of [url.replace(/prod$/, ''), `${url}x`, `${url}/room`]) {
    const socket = new WebSocket(outside)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect([outside, response.statusCode]).toEqual([outside, 403])
    expect(response.headers['x-local-reason']).toBe('NoRoute: the path is not the stage /prod')
    response.resume()
  }
})

test('$disconnect says how the connection ended', () => {
  const host = new URL(stack.config.apis['chat']?.url ?? '').host
  expect(events[2]).toStrictEqual({
    headers: { Host: host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
    multiValueHeaders: {
      Host: [host],
      'x-api-key': [''],
      'X-Forwarded-For': [''],
      'x-restapi': [''],
    },
    requestContext: {
      routeKey: '$disconnect',
      disconnectStatusCode: 1001,
      eventType: 'DISCONNECT',
      disconnectReason: 'bye',
      ...IN_EVERY_CONTEXT,
    },
    isBase64Encoded: false,
  })
})
