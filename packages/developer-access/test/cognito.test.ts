import { inspect } from 'node:util'
import { fixedClock, type FixedClock } from '@iamfetch/testing'
import { resolveCaller } from '@iamfetch/server'
import { eventFixtures, machineClaims } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import { cognitoIssuer, createDeveloperAccess, type CognitoIssuerOptions } from '../src/index.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { fakePool, userPoolId } from './fake-pool.ts'
import { alice, quickClock, reading, secretOf } from './fixtures.ts'

const operationOf = (init: RequestInit | undefined): string =>
  new Headers(init?.headers).get('x-amz-target')?.split('.')[1] ?? ''

function rig({
  pool: poolOptions = {},
  answer,
  time = quickClock(),
  ...more
}: Partial<CognitoIssuerOptions> & {
  pool?: Parameters<typeof fakePool>[1]
  time?: FixedClock
  /** In the place of the pool. */
  answer?: (operation: string, count: number) => Response | undefined
} = {}) {
  const clock = time
  const store = sqliteStore({ path: ':memory:' })
  const pool = fakePool(clock, poolOptions)
  let count = 0
  const fetch: typeof globalThis.fetch = async (input, init) =>
    answer?.(operationOf(init), count++) ?? pool.fetch(input, init)
  const issuer = cognitoIssuer({ userPoolId, fetch, clock, random: () => 0.5, ...more })
  return { clock, store, pool, issuer, access: createDeveloperAccess({ issuer, store, clock }) }
}

const iss = `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`

/** The event that a gateway makes of a token of this client. */
const eventOf = (clientId: string, iat: number, scope = 'notes/read notes/write'): object =>
  eventFixtures['http-jwt'].event({
    claims: { ...machineClaims, iss, sub: clientId, client_id: clientId, scope, iat },
  })

describe('the app client of a key', () => {
  it('is a machine’s alone: with a secret, the scopes of the key, and no way to sign in', async () => {
    const { access, pool } = rig({ accessTokenSeconds: 900 })
    const made = await access.createKey(alice, reading)
    const client = pool.clients.get(made.key.clientId)
    expect(client?.name).toBe(`developer-access.${made.key.id}`)
    expect(client?.settings).toEqual({
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: ['notes/read'],
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      AccessTokenValidity: 900,
      TokenValidityUnits: { AccessToken: 'seconds' },
    })
    expect(pool.takes(made.key.clientId, secretOf(made))).toBe(true)
  })

  it('keeps every setting when its scopes change, also what another program has set', async () => {
    const { access, pool } = rig()
    const made = await access.createKey(alice, reading)
    const client = pool.clients.get(made.key.clientId)!
    client.settings = { ...client.settings, CallbackURLs: ['https://example.com'], Later: { a: 1 } }
    const before = structuredClone(client.settings)
    await access.patchKey(alice, made.key.id, { scopes: ['notes/read', 'notes/write'] })
    expect(client.settings).toEqual({
      ...before,
      AllowedOAuthScopes: ['notes/read', 'notes/write'],
    })
    expect(client.name).toBe(`developer-access.${made.key.id}`)
  })

  it('is not touched by a new label, nor by the same scopes in another order', async () => {
    const { access, pool } = rig()
    const scopes = ['notes/read', 'notes/write']
    const made = await access.createKey(alice, { ...reading, scopes })
    const before = pool.calls.length
    await access.patchKey(alice, made.key.id, { label: 'new', scopes: scopes.toReversed() })
    expect(pool.calls.length).toBe(before)
  })

  it('has two secrets while the grace lasts, and the old one’s tokens are its user’s as well', async () => {
    const { access, pool, clock } = rig()
    const made = await access.createKey(alice, reading)
    const { clientId } = made.key
    const rotated = await access.rotateKey(alice, made.key.id, { graceSeconds: 300 })
    expect(pool.takes(clientId, secretOf(made))).toBe(true)
    expect(pool.takes(clientId, secretOf(rotated))).toBe(true)
    clock.jump(300_000)
    await access.sweep()
    expect(pool.takes(clientId, secretOf(made))).toBe(false)
    expect(pool.takes(clientId, secretOf(rotated))).toBe(true)
    // The first secret is gone, and Describe has none from then on: nothing here relies on it.
    const again = await access.rotateKey(alice, made.key.id, { graceSeconds: 0 })
    expect(pool.takes(clientId, secretOf(rotated))).toBe(false)
    expect(pool.takes(clientId, secretOf(again))).toBe(true)
  })

  it('loses every earlier token when it is rotated without grace, and none with grace', async () => {
    const { access, clock } = rig()
    const made = await access.createKey(alice, reading)
    const iat = clock.now() / 1_000
    const call = (at: number) =>
      resolveCaller(eventOf(made.key.clientId, at), access.callerOptions({}))
    clock.jump(10_000)
    await access.rotateKey(alice, made.key.id, { graceSeconds: 60 })
    expect(await call(iat)).toMatchObject({ subject: alice.userId, scopes: ['notes/read'] })
    await access.rotateKey(alice, made.key.id, { graceSeconds: 0 })
    await expect(call(iat)).rejects.toMatchObject({ code: 'TOKEN_REJECTED', status: 401 })
    expect(await call(Math.ceil(clock.now() / 1_000))).toMatchObject({ subject: alice.userId })
  })

  it('is refused within 5 seconds of its revocation, although its token goes on', async () => {
    const { access, store, issuer, clock } = rig()
    const elsewhere = createDeveloperAccess({ issuer, store, clock })
    const made = await access.createKey(alice, reading)
    const call = () =>
      resolveCaller(eventOf(made.key.clientId, clock.now() / 1_000), elsewhere.callerOptions({}))
    expect(await call()).toMatchObject({ kind: 'machine-for-user', subject: alice.userId })
    await access.revokeKey(alice.userId, made.key.id)
    clock.jump(4_999)
    await expect(call()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' })
    clock.jump(3_600_000)
    await expect(call()).rejects.toMatchObject({ code: 'TOKEN_REJECTED' })
  })
})

describe('Cognito’s limits', () => {
  it('are kept by waiting: 5 calls in a second, however many keys are made at once', async () => {
    const clock = fixedClock()
    const startedAt = clock.now()
    const { access, pool } = rig({ clock, time: clock, pool: { perSecond: 5 } })
    const state = { over: false }
    const making = Promise.all(
      Array.from({ length: 10 }, () => access.createKey(alice, reading)),
    ).finally(() => (state.over = true))
    while (!state.over) await clock.advance(50)
    const made = await making
    expect(new Set(made.map(({ key }) => key.clientId)).size).toBe(10)
    // 20 calls: none was refused, and none waited longer than it had to.
    expect(pool.calls).toHaveLength(20)
    expect(clock.now() - startedAt).toBeLessThanOrEqual(3_000 + 50)
  })

  it('that another program uses up are handled by trying again', async () => {
    const { access, pool } = rig({
      answer: (_operation, count) =>
        count < 3
          ? Response.json({ __type: 'TooManyRequestsException' }, { status: 400 })
          : undefined,
    })
    await access.createKey(alice, reading)
    expect(pool.clients.size).toBe(1)
  })

  it('of app clients end with an error that names the way out, and leave nothing behind', async () => {
    const { access, pool, store } = rig({ pool: { mostClients: 1 } })
    await access.createKey(alice, reading)
    await expect(access.createKey(alice, reading)).rejects.toMatchObject({
      code: 'QUOTA_EXHAUSTED',
      remedy: expect.stringContaining('opaque keys'),
    })
    expect(pool.clients.size).toBe(1)
    expect(await store.keysOf(alice.userId)).toHaveLength(1)
  })

  it('of waiting refuse those who would wait too long', async () => {
    const clock = { now: () => 0, sleep: () => Promise.resolve() }
    const { issuer } = rig({ clock })
    const all = await Promise.allSettled(
      Array.from({ length: 200 }, () => issuer.pool!.secretIds('none')),
    )
    const refused = all.filter((one) => one.status === 'rejected')
    expect(refused).toHaveLength(200 - 5 * 21)
    expect(refused[0]?.reason).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
  })
})

describe('an answer of Cognito’s', () => {
  const failing = (response: () => Response) => rig({ answer: () => response() })

  it.each([
    ['AccessDeniedException', 400, 'FORBIDDEN'],
    ['com.amazonaws.cognito#ScopeDoesNotExistException', 400, 'INVALID_SCOPE'],
    ['InvalidParameterException:http://x', 400, 'REQUEST_INVALID'],
    ['InternalErrorException', 500, 'SERVICE_UNAVAILABLE'],
    ['SomethingNew', 400, 'UNEXPECTED_ANSWER'],
    ['SomethingNew', 503, 'SERVICE_UNAVAILABLE'],
  ])('an answer of Cognito’s of %s with %i becomes %s', async (type, status, code) => {
    const { access } = failing(() => Response.json({ __type: type }, { status }))
    await expect(access.createKey(alice, reading)).rejects.toMatchObject({ code, status })
  })

  it('that is not one is reported as such, and never shows a secret', async () => {
    const bodies = ['<html>', '[]', '{}', '{"UserPoolClient":{"ClientSecret":"very+secret+value"}}']
    for (const body of bodies) {
      const { access } = failing(() => new Response(body))
      const error: unknown = await access
        .createKey(alice, reading)
        .catch((thrown: unknown) => thrown)
      expect(error, body).toMatchObject({ code: 'UNEXPECTED_ANSWER' })
      expect(inspect(error, { depth: 9 })).not.toContain('very+secret')
    }
  })

  it('about a missing pool says nothing about a client', async () => {
    const { access } = rig({ userPoolId: 'eu-central-1_Another' })
    await expect(access.createKey(alice, reading)).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
    await expect(access.sweep()).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })
})

describe('the issuer', () => {
  it('goes to the region of the pool, and signs through the fetch that it is given', async () => {
    const seen: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      seen.push(new Request(input).url)
      return Response.json({ ClientSecrets: [] })
    }
    await cognitoIssuer({ userPoolId, fetch }).pool?.secretIds('a')
    await cognitoIssuer({ userPoolId: 'cn-north-1_x', fetch }).pool?.secretIds('a')
    await cognitoIssuer({ userPoolId: 'eusc-de-east-1_x', fetch }).pool?.secretIds('a')
    expect(seen).toEqual([
      'https://cognito-idp.eu-central-1.amazonaws.com/',
      'https://cognito-idp.cn-north-1.amazonaws.com.cn/',
      'https://cognito-idp.eusc-de-east-1.amazonaws.eu/',
    ])
  })

  it('needs a scope for a key, as the grant does', async () => {
    const { access } = rig()
    await expect(access.createKey(alice, { ...reading, scopes: [] })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    })
  })

  it.each([
    ['userPoolId', { userPoolId: 'x' }],
    ['endpoint', { endpoint: 'http://example.com' }],
    ['accessTokenSeconds', { accessTokenSeconds: 299 }],
    ['namespace', { namespace: 'a.b' }],
    ['tokens', Object({ tokens: 'x' })],
    ['fetch', Object({ fetch: undefined })],
  ])('refuses a wrong %s at once', (name, wrong) => {
    const right = { userPoolId, fetch }
    expect(() => cognitoIssuer({ ...right, ...wrong })).toThrow(name)
    expect(() => cognitoIssuer({ ...right, ...wrong })).toThrow(TypeError)
  })
})

describe('a response of Cognito without end', () => {
  const endless = (onCancel: () => void): Response =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
        cancel: onCancel,
      }),
    )
  const stalling = (): Response =>
    new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) }),
    )

  it('is read up to one megabyte', async () => {
    let cancelled = 0
    const { access } = rig({ answer: () => endless(() => cancelled++) })
    await expect(access.createKey(alice, reading)).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      message: expect.stringContaining('1048576 bytes'),
    })
    expect(cancelled).toBe(1)
  })

  it.each([
    ['stalls in its body', stalling],
    ['never comes', () => new Promise<Response>(() => {})],
  ])(
    'a response of Cognito without end that %s ends the call after ten seconds, and no row stays pending',
    async (_, answer) => {
      const clock = fixedClock()
      const state: { hangs: boolean; signals: (AbortSignal | null | undefined)[] } = {
        hangs: true,
        signals: [],
      }
      const { pool, store } = rig({ time: clock })
      const fetch: typeof globalThis.fetch = async (input, init) => {
        state.signals.push(init?.signal)
        return state.hangs ? answer() : pool.fetch(input, init)
      }
      const issuer = cognitoIssuer({ userPoolId, fetch, clock, random: () => 0 })
      const access = createDeveloperAccess({ issuer, store, clock })
      const making = access.createKey(alice, reading).catch((error: unknown) => error)
      await clock.advance(0)
      await clock.advance(10_000)
      expect(await making).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
      expect(state.signals.map((signal) => signal?.aborted)).toEqual([true])
      const [row] = await store.keysOf(alice.userId)
      expect(row?.state).toBe('closing')
      state.hangs = false
      expect(await access.sweep()).toMatchObject({ settled: 1, deferred: 0 })
      expect(await store.keysOf(alice.userId)).toEqual([])
    },
  )

  it('that echoes a secret as its exception or request ID never gets it into an error', async () => {
    const secret = '1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6'
    const headers = { 'x-amzn-errortype': secret, 'x-amzn-requestid': secret }
    for (const response of [
      () => Response.json({ __type: secret, message: secret }, { status: 400 }),
      () => new Response(secret, { status: 400, headers }),
    ]) {
      const { access } = rig({ answer: response })
      const error: unknown = await access
        .createKey(alice, reading)
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER' })
      expect(String(error) + inspect(error, { depth: 9 })).not.toContain(secret)
    }
  })

  it('that lists app clients for ever ends a sweep', async () => {
    let pages = 0
    const { access } = rig({
      answer: (operation) =>
        operation === 'ListUserPoolClients'
          ? Response.json({ UserPoolClients: [], NextToken: `page ${++pages}` })
          : undefined,
    })
    await expect(access.sweep()).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
    expect(pages).toBe(1_000)
  })
})
