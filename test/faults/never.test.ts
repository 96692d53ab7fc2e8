import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FaultOrder } from '@iamfetch/local'
import { groupAccess } from '../group-access.ts'
import { failure, type Person } from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

const scene = await sceneOfFile({
  ...groupAccess,
  identityPool: { unauthenticatedRole: { policy: groupAccess.groups!.ReadOnlyAccess!.policy } },
})
let alice: Person
/** A server that is not ours, and what reached it. */
let elsewhere: Server
let reached: IncomingMessage[] = []
let answer: (url: string) => { status: number; location?: string }

beforeAll(async () => {
  elsewhere = createServer((incoming, outgoing) => {
    reached.push(incoming)
    const { status, location } = answer(incoming.url ?? '/')
    outgoing.writeHead(status, location ? { location } : {}).end('{}')
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
})
beforeEach(async () => {
  alice = await scene.person('alice')
  reached = []
  answer = () => ({ status: 200 })
})
afterAll(() => void elsewhere?.close())
const foreign = (): string => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`

const EXCHANGE = 'GetCredentialsForIdentity'

describe('nothing leaves unsigned', () => {
  const trouble: readonly [code: string, where: string, operation: string, order?: FaultOrder][] = [
    ['LOGIN_REQUIRED', 'nobody is signed in', 'GetId'],
    ['THROTTLED', 'Cognito throttles', 'GetId', { fault: 'throttle', times: 3 }],
    ['SERVICE_UNAVAILABLE', 'Cognito fails', 'GetId', { fault: 'fail', times: 3 }],
    ['NETWORK_OR_CORS', 'Cognito hangs up', 'GetId', { fault: 'drop', times: 3 }],
    ['UNEXPECTED_ANSWER', 'Cognito talks nonsense', EXCHANGE, { fault: 'garbage' }],
    [
      'ROLE_TRUST_INVALID',
      'the role cannot be assumed',
      EXCHANGE,
      {
        fault: 'refuse',
        refusal: {
          type: 'InvalidIdentityPoolConfigurationException',
          message: 'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
        },
      },
    ],
  ]
  test.each(trouble)('%s instead, where %s', async (code, _, operation, order) => {
    if (order) scene.faults.next(operation, order)
    const { call } = scene.page(() => (code === 'LOGIN_REQUIRED' ? undefined : alice))
    expect(await failure(call('/test'))).toMatchObject({ code, remedy: expect.any(String) })
    expect(scene.asked()['http ANY /test']).toBeUndefined()
    expect(Object.values(scene.asked()).reduce((sum, count) => sum + count, 0)).toBeLessThan(5)
  })
})

describe('what a gateway would not take does not leave', () => {
  test.each<[what: string, code: string, path: string, init?: RequestInit]>([
    ['a URL over 10,240 characters', 'REQUEST_INVALID', `/test?a=${'x'.repeat(10_240)}`],
    [
      'headers over 10,240 characters',
      'REQUEST_INVALID',
      '/test',
      { headers: { 'x-large': 'x'.repeat(10_240) } },
    ],
    [
      'a body over 10 MB',
      'BODY_TOO_LARGE',
      '/test',
      { method: 'POST', body: new Uint8Array((10 << 20) + 1) },
    ],
    ['a GET with a body', 'BODY_NOT_ALLOWED', '/test', { method: 'GET', body: 'x' }],
  ])('%s', async (_, code, path, init) => {
    const { call } = scene.page(alice)
    expect(await failure(call(path, init))).toMatchObject({ code, remedy: expect.any(String) })
    expect(scene.asked()['http ANY /test']).toBeUndefined()
  })

  test('what is just within does', async () => {
    const { call } = scene.page(alice)
    // An HTTP API takes 10,240 bytes of request line and headers together, those of the signature included.
    const headers = { 'x-large': 'x'.repeat(3_500) }
    expect((await call(`/test?a=${'x'.repeat(5_000)}`, { headers })).status).toBe(200)
  })
})

describe('a guest', () => {
  test('never replaces a user, even if the pool allows guests', async () => {
    let who: Person | undefined
    const { call } = scene.page(() => who)
    expect(await failure(call('/test'))).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(scene.asked()).toEqual({})
    who = alice
    expect((await call('/test', { method: 'POST' })).status).toBe(200)
    who = undefined
    expect(await failure(call('/test'))).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 1 })
  })

  test('is one where the app says so', async () => {
    const { call } = scene.page(alice, { credentials: { guest: true } })
    expect((await call('/test')).status).toBe(200)
    expect((await call('/test', { method: 'POST' })).status).toBe(403)
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 2 })
  })
})

describe('a signature', () => {
  test('is not made for another origin, and credentials are not even requested', async () => {
    const { call } = scene.page(alice)
    for (const url of [`${foreign()}/test`, new URL(`${foreign()}/test`), '//evil.example/test'])
      expect(await failure(call(url))).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' })
    expect(reached).toHaveLength(0)
    expect(scene.asked()).toEqual({})
  })

  test.each([301, 302, 303, 307, 308])(
    'is not carried along a redirect of %d to another origin or this one',
    async (status) => {
      const { call } = scene.page(alice, { fetch: { origins: [foreign()] } })
      for (const location of [`${scene.stack.config.apis.http?.url}/test`, `${foreign()}/there`]) {
        answer = (url) => (url === '/here' ? { status, location } : { status: 200 })
        for (const method of ['GET', 'POST'])
          expect(await failure(call(`${foreign()}/here`, { method }))).toMatchObject({
            code: 'REDIRECT_REFUSED',
          })
      }
      expect(reached.map(({ url }) => url)).toEqual(['/here', '/here', '/here', '/here'])
      expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1 })
    },
  )

  test('is not made for an exchange: a Cognito that redirects gets the ID token once, and the target of the redirect does not get it', async () => {
    answer = (url) =>
      url === '/' ? { status: 307, location: `${foreign()}/thief` } : { status: 200 }
    const { call } = scene.page(alice, { credentials: { endpoint: `${foreign()}/` } })
    expect(await failure(call('/test'))).toMatchObject({ code: 'REQUEST_INVALID' })
    expect(new Set(reached.map(({ url }) => url))).toEqual(new Set(['/']))
    expect(scene.asked()).toEqual({})
  })
})
