import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createFaults, defineStack, type Faults } from '../src/index.ts'
import { answerControl } from '../src/faults/control-endpoint.ts'

const definition = defineStack({
  apis: {
    notes: {
      type: 'http',
      routes: { 'GET /notes': { auth: 'none', handler: () => ({ statusCode: 200 }) } },
    },
  },
})

let server: Server
let port: number
let faults: Faults
let expired: string[]

beforeAll(async () => {
  server = createServer((incoming, response) => {
    void answerControl({ faults, definition }, incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => server.close())
beforeEach(() => {
  expired = []
  faults = createFaults({ clock: { now: () => 0 } })
  faults.bind({
    setGroups: () => true,
    setIdentity: () => true,
    setSession: (key) => key === 'ASIAKNOWN' && expired.push(key) > 0,
  })
})

/** Sends an order with any headers, also those that `fetch` would not send. */
function send(
  method: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => (text += String(chunk)))
        response.on('end', () => resolve({ status: response.statusCode, text }))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const order = (value: object): string => JSON.stringify(value)

test('the page receives the operations and routes that can be made to fail', async () => {
  const { status, text } = await send('GET')
  expect(status).toBe(200)
  expect(JSON.parse(text).operations).toEqual(
    expect.arrayContaining(['notes GET /notes', 'GetId', 'GetCredentialsForIdentity']),
  )
})

test('orders expire a session, move the clock and make the next call fail', async () => {
  const orders = [
    { action: 'expire-session', accessKeyId: 'ASIAKNOWN' },
    { action: 'shift-clock', ms: 5_000 },
    { action: 'next', operation: 'notes GET /notes', fault: 'throttle' },
  ]
  for (const one of orders) expect((await send('POST', order(one))).status).toBe(200)
  expect(expired).toEqual(['ASIAKNOWN'])
  expect(faults.clock.now()).toBe(5_000)
  expect(faults.take('GET /notes', 'notes')?.kind).toBe('throttle')
})

test.each([
  ['another site', { 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ['another origin', { origin: 'http://evil.example' }],
  ['an opaque origin', { origin: 'null' }],
  ['a name that only points to this machine', { host: 'evil.example' }],
])(
  'a request of %s is refused, and nothing happens',
  async (_, headers: Record<string, string>) => {
    const { status, text } = await send('POST', order({ action: 'shift-clock', ms: 1 }), headers)
    expect([status, JSON.parse(text)]).toEqual([
      403,
      { message: 'Only the page of this dev server may do this.' },
    ])
    expect(faults.clock.now()).toBe(0)
  },
)

test.each([
  ['another method', 'DELETE', '', {}, 405],
  ['a form', 'POST', 'action=shift-clock', { 'content-type': 'text/plain' }, 415],
  ['a large body', 'POST', 'x'.repeat(10_001), {}, 413],
  ['no JSON', 'POST', '{', {}, 400],
  ['an unknown action', 'POST', order({ action: 'stop' }), {}, 400],
  [
    'a session that is not there',
    'POST',
    order({ action: 'expire-session', accessKeyId: 'A' }),
    {},
    400,
  ],
  ['an unknown fault', 'POST', order({ action: 'next', operation: 'GetId', fault: 'x' }), {}, 400],
] as const)('%s is an error', async (_, method, body, headers, status) => {
  expect((await send(method, body, headers)).status).toBe(status)
})
