import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'

let stack: LocalStack
beforeAll(async () => {
  const handler = () => ({ statusCode: 200 })
  stack = await startLocalStack(
    {
      users: { alice: {} },
      hostedUi: { callbackUrls: ['http://localhost:5173/'] },
      apis: {
        open: { type: 'http', routes: { 'GET /': { auth: 'none', handler } } },
        socket: { type: 'websocket', routes: { $default: { handler } } },
      },
    },
    { allowedHosts: ['host.docker.internal'] },
  )
})
afterAll(() => stack.stop())

interface Answered {
  status: number | undefined
  reason: unknown
}

/** Calls a server of the stack by another name, as a browser does whose name server lies. */
const call = (url: string, host: string, headers: Record<string, string> = {}): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { port, pathname } = new URL(url)
    const options = { host: '127.0.0.1', port, path: pathname, setHost: false }
    const asking = request({ ...options, headers: { ...headers, host } }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, reason: response.headers['x-local-reason'] })
    })
    asking.on('upgrade', ({ statusCode: status }, socket) => {
      socket.destroy()
      resolve({ status, reason: undefined })
    })
    asking.on('error', reject).end()
  })

const HANDSHAKE = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}

describe('a server of the stack', () => {
  it.each([
    'evil.example',
    'evil.example:9400',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'notlocalhost',
    '127.0.0.1@evil.example',
    'localhost:80:80',
    '127.0.0.1.',
    '0127.0.0.1',
    '[127.0.0.1]',
    'docker.internal',
    '',
  ])('does not answer to %s, and says so', async (host) => {
    const { apis, endpoints } = stack.config
    for (const [url, headers] of [
      [`${endpoints.cognitoIdp}/config.json`, {}],
      [`${endpoints.oauth}/login`, {}],
      [apis['open']!.url, {}],
      [apis['socket']!.url, HANDSHAKE],
    ] as const) {
      const { status, reason } = await call(url, host, headers)
      expect([url, status]).toEqual([url, 421])
      expect(reason).toMatch(/^HostNotAllowed: .* allowedHosts/)
    }
    expect(stack.faults.calls()).toEqual({})
  })

  it.each([
    '127.0.0.1',
    'localhost:5173',
    'LOCALHOST',
    'app.localhost:9400',
    '[::1]:9400',
    '10.0.2.2:9400',
    'host.docker.internal:9400',
  ])('answers to %s', async (host) => {
    const { apis, endpoints } = stack.config
    expect((await call(`${endpoints.cognitoIdp}/config.json`, host)).status).toBe(200)
    expect((await call(apis['open']!.url, host)).status).toBe(200)
    expect((await call(apis['socket']!.url, host, HANDSHAKE)).status).toBe(101)
  })
})

describe('allowedHosts', () => {
  it.each(['https://a.example', 'a.example:80', '*', '.example', ''])(
    'refuses %j',
    async (name) => {
      await expect(startLocalStack({}, { allowedHosts: [name] })).rejects.toThrow(TypeError)
    },
  )
})
