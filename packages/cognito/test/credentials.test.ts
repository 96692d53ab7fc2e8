import { describe, expect, test } from 'vitest'
import type { CognitoEvent } from '../src/index.ts'
import {
  FULL,
  HOUR,
  idToken,
  fakePool,
  POOL,
  PROVIDER,
  READ,
  refuses,
  settle,
} from './fake-pool.ts'

const BOTH = ['GetId', 'GetCredentialsForIdentity']
const BOB = { sub: 'bob-sub', 'cognito:username': 'bob', 'cognito:preferred_role': READ }
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
const hangs = (): Promise<Response> => new Promise(() => {})

describe('the exchange', () => {
  test('is two posts with two headers each, the ID token under the key of its issuer', async () => {
    const pool = fakePool()
    const credentials = await pool.make()()
    expect(credentials.accessKeyId).toBe('ASIA1')
    expect(credentials.secretAccessKey).toBe(pool.secrets[0])
    expect(credentials.sessionToken).toBe(pool.secrets[1])
    expect(credentials.identityId).toBe('eu-central-1:identity-1')
    expect(credentials.expiration).toEqual(new Date(pool.serverNow() + HOUR))
    expect(pool.calls()).toEqual(BOTH)
    const Logins = { [PROVIDER]: pool.token }
    expect(pool.inputs()).toEqual([
      { IdentityPoolId: POOL, Logins },
      { IdentityId: 'eu-central-1:identity-1', Logins },
    ])
    for (const { url, method, headers, request } of pool.fetch.seen) {
      expect(url).toBe('https://cognito-identity.eu-central-1.amazonaws.com/')
      expect(method).toBe('POST')
      expect([...headers.keys()].toSorted()).toEqual(['content-type', 'x-amz-target'])
      expect(headers.get('content-type')).toBe('application/x-amz-json-1.1')
      expect(request.credentials).toBe('omit')
      expect(request.cache).toBe('no-store')
      expect(request.redirect).toBe('manual')
    }
  })

  test('is made once for a hundred callers, with one look at the token', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const all = await Promise.all(Array.from({ length: 100 }, () => provider()))
    expect(new Set(all).size).toBe(1)
    expect(pool.calls()).toEqual(BOTH)
    expect(pool.asked).toEqual([false])
  })

  test('goes to the endpoint that was given, and to the China partition by itself', async () => {
    const pool = fakePool()
    await pool.make({ endpoint: 'http://127.0.0.1:9000/identity' })()
    expect(pool.fetch.seen[0]!.url).toBe('http://127.0.0.1:9000/identity')
    await pool.make({ identityPoolId: POOL.replace('eu-central-1', 'cn-north-1') })()
    expect(pool.fetch.seen[2]!.url).toBe('https://cognito-identity.cn-north-1.amazonaws.com.cn/')
  })

  test('adopts the identity that Cognito answers with', async () => {
    const pool = fakePool((operation, input) =>
      operation === 'GetId'
        ? undefined
        : Response.json({
            IdentityId: `${String(input.IdentityId)}-merged`.replace('-merged-merged', '-merged'),
            Credentials: {
              AccessKeyId: 'ASIA',
              SecretKey: 's',
              SessionToken: 't',
              Expiration: pool.serverNow() / 1_000 + 3_600,
            },
          }),
    )
    const provider = pool.make()
    expect((await provider()).identityId).toBe('eu-central-1:identity-1-merged')
    await provider({ forceRefresh: true })
    expect(pool.inputs().at(-1)!.IdentityId).toBe('eu-central-1:identity-1-merged')
    expect(pool.count('GetId')).toBe(1)
  })

  test('leaves out the slash at the end of an issuer, and takes a provider name that is given', async () => {
    const pool = fakePool()
    pool.token = idToken({ iss: 'https://tenant.eu.auth0.com/' })
    await pool.make()()
    await pool.make({ providerName: 'localhost:4566/pool' })()
    expect(pool.inputs().map(({ Logins }) => Object.keys(Object(Logins))[0])).toEqual([
      'tenant.eu.auth0.com',
      'tenant.eu.auth0.com',
      'localhost:4566/pool',
      'localhost:4566/pool',
    ])
  })

  test('of two pools and two roles in one page stay apart', async () => {
    const pool = fakePool()
    const other = POOL.replace('1111', '9999')
    const one = pool.make()
    const two = pool.make({ identityPoolId: other })
    const four = await Promise.all([one(), one.withRole(READ)(), two(), two.withRole(READ)()])
    expect(new Set(four).size).toBe(4)
    expect(pool.count('GetId')).toBe(2)
    expect(pool.count('GetCredentialsForIdentity')).toBe(4)
    one.clear()
    expect(await two()).toBe(four[2])
  })
})

describe('a refresh', () => {
  test('honours an expiration in 15 minutes', async () => {
    const pool = fakePool(undefined, { lifeMs: HOUR / 4 })
    const provider = pool.make()
    const first = await provider()
    await pool.pass(0.74 * (HOUR / 4))
    expect(await provider()).toBe(first)
    await pool.pass(0.2 * (HOUR / 4))
    await provider()
    await settle()
    expect(await provider()).not.toBe(first)
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
  })

  test('in the background that fails keeps serving until the credentials expire', async () => {
    let down = false
    const pool = fakePool(() => (down ? refuses('LimitExceededException', 'no') : undefined))
    const provider = pool.make()
    const first = await provider()
    pool.token = idToken({ exp: pool.serverNow() / 1_000 + 9 * 3_600 })
    down = true
    await pool.pass(0.8 * HOUR)
    expect(await provider()).toBe(first)
    await settle()
    expect(provider.status()).toMatchObject({ state: 'stale', error: { code: 'QUOTA_EXHAUSTED' } })
    await pool.pass(0.19 * HOUR)
    expect(await provider()).toBe(first)
    await settle()
    await pool.pass(0.02 * HOUR)
    await expect(provider()).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' })
  })

  test('after a sleep of three hours blocks and exchanges once', async () => {
    const pool = fakePool()
    const provider = pool.make({
      idToken: async () => idToken({ exp: pool.serverNow() / 1_000 + 3_600 }),
    })
    const first = await provider()
    await pool.pass(3 * HOUR)
    const after = await Promise.all([provider(), provider()])
    expect(after[0]).toBe(after[1])
    expect(after[0]).not.toBe(first)
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
  })

  test('is not needed to answer when the source of tokens fails', async () => {
    const pool = fakePool()
    let offline = false
    const provider = pool.make({
      idToken: async () => {
        if (offline) throw new TypeError('Failed to fetch')
        return pool.token
      },
    })
    const first = await provider()
    offline = true
    expect(await provider()).toBe(first)
    await pool.pass(2 * HOUR)
    await expect(provider()).rejects.toMatchObject({
      code: 'LOGIN_REQUIRED',
      cause: new TypeError('Failed to fetch'),
    })
    expect(pool.calls()).toEqual(BOTH)
  })
})

describe('a wrong local clock', () => {
  test.each([-2 * HOUR, (56 / 60) * HOUR, 2 * HOUR])(
    'that is %d ms off: five calls make one exchange, and the clock to sign with is right',
    async (off) => {
      const pool = fakePool()
      pool.skew(off)
      const provider = pool.make()
      for (let i = 0; i < 5; i++) await provider()
      expect(pool.calls()).toEqual(BOTH)
      expect(provider.clock.now()).toBe(pool.serverNow())
    },
  )

  test('that is two hours fast is survived where no Date can be read', async () => {
    const pool = fakePool(undefined, { date: false })
    pool.skew(2 * HOUR)
    const provider = pool.make()
    for (let i = 0; i < 5; i++) await provider()
    expect(pool.calls()).toEqual(BOTH)
    expect(provider.clock.now()).toBe(pool.serverNow())
  })

  test('is corrected from the text of a refusal, and by no answer that a cache kept', async () => {
    const pool = fakePool((_, __, index) => {
      if (index) return undefined
      const now = pool.serverNow() / 1_000
      return refuses(
        'NotAuthorizedException',
        `Invalid login token. Token expired: ${now} >= ${now - 5}`,
      )
    })
    pool.skew(-2 * HOUR)
    const provider = pool.make({
      idToken: async () => idToken({ jti: Math.random() }),
    })
    await provider()
    expect(provider.clock.now()).toBe(pool.serverNow())
    const kept = fakePool(() =>
      Response.json(
        { IdentityId: 'x' },
        { headers: { date: new Date(0).toUTCString(), age: '9' } },
      ),
    )
    const other = kept.make()
    await other().catch(() => {})
    expect(other.clock.offsetMs).toBe(0)
  })

  test('that jumps while credentials are held makes one exchange more', async () => {
    const pool = fakePool()
    const provider = pool.make()
    await provider()
    pool.skew(3 * HOUR)
    for (let i = 0; i < 5; i++) await provider()
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
    expect(provider.clock.now()).toBe(pool.serverNow())
  })
})

describe('an identity that Cognito no longer takes', () => {
  test.each([
    [
      'ResourceNotFoundException',
      "Identity 'eu-central-1:identity-1' not found.",
      'IDENTITY_NOT_FOUND',
    ],
    [
      'NotAuthorizedException',
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      'IDENTITY_LOGIN_MISMATCH',
    ],
    [
      'NotAuthorizedException',
      "Access to Identity 'eu-central-1:identity-1' is forbidden.",
      'IDENTITY_DISABLED',
    ],
    ['ResourceConflictException', 'Logins are already linked to another account', 'LOGIN_CONFLICT'],
  ])('(%s, %s) is healed by one GetId and one retry, and no more', async (type, message, code) => {
    let refusals = 0
    const events: string[] = []
    const pool = fakePool((operation) =>
      operation === 'GetCredentialsForIdentity' && refusals-- > 0
        ? refuses(type, message)
        : undefined,
    )
    const provider = pool.make({ onEvent: ({ type: name }) => events.push(name) })
    await provider()
    refusals = 1
    await provider({ forceRefresh: true })
    expect(pool.calls().slice(2)).toEqual([BOTH[1], ...BOTH])
    expect(events).toEqual(['identity-reset'])
    refusals = 2
    await expect(provider({ forceRefresh: true })).rejects.toMatchObject({ code })
    expect(pool.calls().slice(5)).toEqual([BOTH[1], ...BOTH])
  })

  test('is reset once for two roles that meet it together', async () => {
    let gone = false
    const pool = fakePool((operation, { IdentityId }) =>
      gone && operation !== 'GetId' && IdentityId === 'eu-central-1:identity-1'
        ? refuses('ResourceNotFoundException', `Identity '${IdentityId}' not found.`)
        : gone && operation === 'GetId'
          ? Response.json({ IdentityId: 'eu-central-1:identity-9' })
          : undefined,
    )
    const provider = pool.make()
    await Promise.all([provider(), provider.withRole(READ)()])
    gone = true
    await Promise.all([
      provider({ forceRefresh: true }),
      provider.withRole(READ)({ forceRefresh: true }),
    ])
    expect(pool.count('GetId')).toBe(2)
  })
})

describe('the ID token', () => {
  test('is renewed once when Cognito says that it expired, and the exchange repeated', async () => {
    const pool = fakePool((_, __, index) =>
      index === 0
        ? refuses(
            'NotAuthorizedException',
            'Invalid login token. Token expired: 1767225601 >= 1767225600',
          )
        : undefined,
    )
    const provider = pool.make({
      idToken: async ({ forceRefresh }) => {
        pool.asked.push(forceRefresh)
        return idToken({ jti: forceRefresh ? 'new' : 'old' })
      },
    })
    await provider()
    expect(pool.asked).toEqual([false, true])
    expect(pool.calls()).toEqual(['GetId', ...BOTH])
  })

  test('that stays expired ends in ID_TOKEN_EXPIRED without a loop, and is not shown again', async () => {
    const pool = fakePool(() =>
      refuses('NotAuthorizedException', 'Invalid login token. Token expired: 2 >= 1'),
    )
    const provider = pool.make({
      idToken: async ({ forceRefresh }) => {
        pool.asked.push(forceRefresh)
        return idToken({ jti: forceRefresh ? 'new' : 'old' })
      },
    })
    await expect(provider()).rejects.toMatchObject({ code: 'ID_TOKEN_EXPIRED', retryable: false })
    expect(pool.calls()).toEqual(['GetId', 'GetId'])
    expect(pool.asked).toEqual([false, true])
    const same = fakePool(() =>
      refuses('NotAuthorizedException', 'Invalid login token. Token expired: 2 >= 1'),
    )
    const stubborn = same.make()
    for (let i = 0; i < 3; i++) {
      await expect(stubborn()).rejects.toMatchObject({ code: 'ID_TOKEN_EXPIRED' })
    }
    expect(same.calls()).toEqual(['GetId'])
  })

  test('that is expired by the corrected clock is renewed before anything leaves', async () => {
    const pool = fakePool()
    pool.token = idToken({ exp: pool.serverNow() / 1_000 - 1 })
    await pool.make({
      idToken: async ({ forceRefresh }) => {
        pool.asked.push(forceRefresh)
        return forceRefresh ? idToken() : pool.token
      },
    })()
    expect(pool.asked).toEqual([false, true])
    expect(pool.inputs()[0]!.Logins).toEqual({ [PROVIDER]: idToken() })
  })

  test.each<[string | undefined, string]>([
    ['a.b', 'ID_TOKEN_INVALID'],
    ['eyJhbGciOiJub25lIn0.!!!.c2ln', 'ID_TOKEN_INVALID'],
    [idToken({ sub: undefined }), 'ID_TOKEN_INVALID'],
    [idToken({ token_use: 'access', aud: undefined, client_id: 'x' }), 'NOT_AN_ID_TOKEN'],
    [idToken({ aud: undefined }), 'NOT_AN_ID_TOKEN'],
    [undefined, 'LOGIN_REQUIRED'],
    ['', 'LOGIN_REQUIRED'],
  ])('that cannot be one (case %#) is refused before anything leaves', async (token, code) => {
    const pool = fakePool()
    pool.token = token
    const provider = pool.make()
    await expect(provider()).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
    await settle()
    expect(provider.status()).toMatchObject({ state: 'failed', error: { code } })
    expect(pool.calls()).toEqual([])
  })
})

describe('a guest', () => {
  test('is one only by guest: true, sends no Logins and keeps an identity of its own', async () => {
    const pool = fakePool()
    const store = new Map<string, string>()
    await pool.make({ guest: true, identityStore: store })()
    expect(pool.inputs()).toEqual([
      { IdentityPoolId: POOL },
      { IdentityId: 'eu-central-1:identity-1' },
    ])
    await pool.make({ identityStore: store })()
    expect(pool.inputs()[3]!.IdentityId).toBe('eu-central-1:identity-2')
    await pool.make({ guest: true, identityStore: store })()
    expect(pool.inputs()[4]!.IdentityId).toBe('eu-central-1:identity-1')
    expect(pool.count('GetId')).toBe(2)
  })

  test('that was cleared is a new one at the next call', async () => {
    const pool = fakePool()
    const provider = pool.make({ guest: true })
    const first = await provider()
    provider.clear()
    expect(await provider()).not.toBe(first)
    expect(pool.calls()).toEqual([...BOTH, ...BOTH])
  })

  test('never stands in for a user who signed out', async () => {
    const pool = fakePool()
    const provider = pool.make()
    await provider()
    pool.token = undefined
    await expect(provider()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(pool.calls()).toEqual(BOTH)
  })
})

describe('another user', () => {
  test('gets neither the credentials nor the identity of the one before', async () => {
    const pool = fakePool()
    const events: string[] = []
    const provider = pool.make({ onEvent: ({ type }) => events.push(type) })
    const alice = await provider()
    pool.token = idToken(BOB)
    const bob = await provider()
    expect(bob).not.toBe(alice)
    expect(bob.identityId).toBe('eu-central-1:identity-2')
    expect(
      pool
        .inputs()
        .slice(2)
        .every(({ IdentityId }) => IdentityId !== alice.identityId),
    ).toBe(true)
    expect(pool.calls()).toEqual([...BOTH, ...BOTH])
    expect(provider.status()).toMatchObject({ sub: 'bob-sub', username: 'bob' })
    expect(events).toEqual(['user-changed'])
  })

  test('who signs in during an exchange ends it for those who waited, and gets an own one', async () => {
    let release = (): void => {}
    const pool = fakePool((_, __, index) =>
      index === 1
        ? new Promise<Response>((resolve) => {
            release = () =>
              resolve(
                Response.json({
                  IdentityId: 'eu-central-1:identity-1',
                  Credentials: {
                    AccessKeyId: 'of alice',
                    SecretKey: 's',
                    SessionToken: 't',
                    Expiration: 9e9,
                  },
                }),
              )
          })
        : undefined,
    )
    const provider = pool.make()
    const alice = provider()
    const refused = failure(alice)
    await settle()
    pool.token = idToken(BOB)
    const bob = provider()
    expect(await refused).toMatchObject({ code: 'CLEARED', retryable: true })
    release()
    expect((await bob).identityId).toBe('eu-central-1:identity-2')
    await settle()
    expect((await provider()).identityId).toBe('eu-central-1:identity-2')
  })

  test('is not overtaken by a look at the token that began before', async () => {
    const pool = fakePool()
    const answers: ((token: string | undefined) => void)[] = []
    const provider = pool.make({ idToken: () => new Promise((resolve) => answers.push(resolve)) })
    const slow = provider()
    await settle()
    const quick = provider()
    await settle()
    answers[1]!(idToken(BOB))
    expect((await quick).identityId).toBe('eu-central-1:identity-1')
    answers[0]!(idToken())
    await expect(slow).rejects.toMatchObject({ code: 'CLEARED' })
    expect(provider.status().sub).toBe('bob-sub')
    expect(pool.calls()).toEqual(BOTH)
  })
})

describe('clear', () => {
  test('during an exchange leaves nothing behind', async () => {
    let release: (response: Response) => void = () => {}
    const pool = fakePool((_, __, index) =>
      index === 1 ? new Promise<Response>((resolve) => (release = resolve)) : undefined,
    )
    const store = new Map<string, string>()
    const provider = pool.make({ identityStore: store })
    const waiting = failure(provider())
    await settle()
    expect(store.size).toBe(1)
    pool.token = undefined
    provider.clear()
    expect(await waiting).toMatchObject({ code: 'CLEARED' })
    release(Response.json({}))
    await settle()
    expect(store.size).toBe(0)
    expect(provider.status()).toEqual({ state: 'empty', groups: [] })
    await expect(provider()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('ends a look at the token that is under way', async () => {
    const pool = fakePool()
    let answer: (token: string) => void = () => {}
    const provider = pool.make({ idToken: () => new Promise((resolve) => (answer = resolve)) })
    const waiting = provider()
    await settle()
    provider.clear()
    answer(idToken())
    await expect(waiting).rejects.toMatchObject({ code: 'CLEARED' })
    expect(pool.calls()).toEqual([])
    expect(provider.status().sub).toBeUndefined()
  })
})

describe('a role', () => {
  test('is asked for by CustomRoleArn, shares the identity, and switching back is instant', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const full = await provider()
    const read = await provider.withRole(READ)()
    expect(pool.inputs().at(-1)).toMatchObject({ CustomRoleArn: READ })
    expect(pool.count('GetId')).toBe(1)
    expect(await provider()).toBe(full)
    expect(await provider.withRole(READ)()).toBe(read)
    expect(provider.withRole(READ)).toBe(provider.withRole(READ))
    expect(pool.fetch.seen).toHaveLength(3)
  })

  test('that the provider is switched to is what its holders get from the next call', async () => {
    const pool = fakePool()
    const provider = pool.make({ role: FULL })
    const full = await provider()
    provider.switchRole(READ)
    const read = await provider()
    expect(read).not.toBe(full)
    expect(provider.status()).toMatchObject({ state: 'ready', role: READ })
    provider.switchRole(FULL)
    expect(await provider()).toBe(full)
    provider.switchRole()
    await provider()
    expect(pool.inputs().at(-1)).not.toHaveProperty('CustomRoleArn')
  })

  test('that the token does not hold is refused before anything leaves', async () => {
    const pool = fakePool()
    pool.token = idToken({ 'cognito:roles': READ })
    await expect(pool.make({ role: FULL })()).rejects.toMatchObject({
      code: 'ROLE_NOT_HELD',
      remedy: expect.stringContaining(READ),
    })
    expect(pool.calls()).toEqual([])
  })

  test('is left to Cognito where the token does not speak of roles', async () => {
    const pool = fakePool()
    pool.token = idToken({ 'cognito:roles': undefined })
    await pool.make({ role: FULL })()
    expect(pool.inputs()[1]).toMatchObject({ CustomRoleArn: FULL })
  })

  test('that changes with the token drops the credentials of the one before', async () => {
    const pool = fakePool()
    const events: CognitoEvent[] = []
    const provider = pool.make({ onEvent: (event) => events.push(event) })
    const before = await provider()
    pool.token = idToken({ 'cognito:roles': [READ], 'cognito:preferred_role': READ })
    expect(await provider()).not.toBe(before)
    expect(events).toContainEqual({ type: 'role-changed', from: FULL, to: READ })
    expect(pool.count('GetId')).toBe(1)
  })

  test('that changes during an exchange makes the exchange start again', async () => {
    let release: () => void = () => {}
    const pool = fakePool((_, __, index) => {
      if (index !== 1) return undefined
      return new Promise<Response>((resolve) => {
        release = () =>
          resolve(
            Response.json({
              IdentityId: 'eu-central-1:identity-1',
              Credentials: {
                AccessKeyId: 'of before',
                SecretKey: 's',
                SessionToken: 't',
                Expiration: 9e9,
              },
            }),
          )
      })
    })
    const provider = pool.make()
    const first = provider()
    await settle()
    pool.token = idToken({ 'cognito:roles': [READ], 'cognito:preferred_role': READ })
    const second = provider()
    await settle()
    release()
    expect((await first).accessKeyId).toBe('ASIA1')
    expect(await second).toBe(await first)
    expect(pool.inputs().at(-1)!.Logins).toEqual({ [PROVIDER]: pool.token })
  })
})

describe('refreshIdentity', () => {
  test('forces a new token and a new exchange, and tells the old and the new role', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const before = await provider()
    pool.token = idToken({ 'cognito:roles': [READ], 'cognito:preferred_role': undefined })
    expect(await provider.refreshIdentity()).toEqual({ from: FULL, to: READ })
    expect(pool.asked).toEqual([false, true])
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
    expect(await provider()).not.toBe(before)
  })

  test('exchanges the new token even while an exchange with the old one is under way', async () => {
    let release: (response?: undefined) => void = () => {}
    const pool = fakePool((_, __, index) =>
      index === 1 ? new Promise<undefined>((resolve) => (release = resolve)) : undefined,
    )
    const provider = pool.make({
      idToken: async ({ forceRefresh }) => idToken({ jti: forceRefresh ? 'new' : 'old' }),
    })
    const first = provider()
    await settle()
    const refreshed = provider.refreshIdentity()
    await settle()
    release()
    await Promise.all([first, refreshed])
    expect(pool.inputs().at(-1)!.Logins).toEqual({ [PROVIDER]: idToken({ jti: 'new' }) })
  })

  test('that fails leaves valid credentials in place', async () => {
    let down = false
    const pool = fakePool(() => (down ? refuses('LimitExceededException', 'no') : undefined))
    const provider = pool.make()
    const before = await provider()
    down = true
    pool.token = idToken({ jti: 'new' })
    await expect(provider.refreshIdentity()).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    expect(await provider()).toBe(before)
  })
})

describe('retries', () => {
  test.each([
    [() => refuses('TooManyRequestsException', 'Rate exceeded'), 'THROTTLED'],
    [() => refuses('InternalErrorException', 'oops', { status: 500 }), 'SERVICE_UNAVAILABLE'],
    [() => new Response('<html>bad gateway', { status: 502 }), 'SERVICE_UNAVAILABLE'],
    [() => refuses('ExternalServiceException', 'IdP down'), 'IDP_UNAVAILABLE'],
    [() => Promise.reject<Response>(new TypeError('Failed to fetch')), 'NETWORK_OR_CORS'],
  ])('three attempts with full jitter (case %#)', async (answer, code) => {
    const pool = fakePool((_, __, index) => (index < 2 ? answer() : undefined))
    const provider = pool.make()
    const got = provider()
    for (const wait of [250, 500]) {
      await settle()
      const before = pool.fetch.seen.length
      await pool.pass(wait - 1)
      expect(pool.fetch.seen.length).toBe(before)
      await pool.pass(1)
      expect(pool.fetch.seen.length).toBeGreaterThan(before)
    }
    await got
    expect(pool.calls()).toEqual(['GetId', 'GetId', ...BOTH])

    const down = fakePool(() => answer())
    const failed = failure(down.make()())
    for (let i = 0; i < 4; i++) await down.pass(1_000)
    expect(await failed).toMatchObject({ code, retryable: true })
    expect(down.calls()).toEqual(['GetId', 'GetId', 'GetId'])
  })

  test('none for LimitExceeded, and none for an answer that is no JSON', async () => {
    for (const [answer, code] of [
      [() => refuses('LimitExceededException', 'limit'), 'QUOTA_EXHAUSTED'],
      // A captive portal's: the next call may fare better, this one not.
      [() => new Response('hello'), 'UNEXPECTED_ANSWER'],
      [() => Response.json({}), 'UNEXPECTED_ANSWER'],
    ] as const) {
      const pool = fakePool(answer)
      const retryable = code === 'UNEXPECTED_ANSWER'
      await expect(pool.make()()).rejects.toMatchObject({ code, retryable })
      expect(pool.calls()).toEqual(['GetId'])
    }
  })

  test('a service that hangs is given up after the timeout, and its requests are aborted', async () => {
    const pool = fakePool(hangs)
    const provider = pool.make()
    const failed = failure(provider())
    for (const ms of [10_000, 250, 10_000, 500, 9_999]) {
      await settle()
      await pool.pass(ms)
    }
    expect(pool.fetch.seen.map(({ request }) => request.signal.aborted)).toEqual([
      true,
      true,
      false,
    ])
    await pool.pass(1)
    expect(await failed).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
    expect(pool.fetch.seen.every(({ request }) => request.signal.aborted)).toBe(true)
  })

  test('a body that never ends is given up too', async () => {
    const pool = fakePool(
      () => new Response(new ReadableStream({ pull: async () => void (await hangs()) })),
    )
    const failed = failure(pool.make()())
    for (let i = 0; i < 8; i++) {
      await settle()
      await pool.pass(10_000)
    }
    expect(await failed).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })
})

describe('the identity store', () => {
  test('saves the GetId of the next page, under a key that tells nothing', async () => {
    const pool = fakePool()
    const store = new Map<string, string>()
    await pool.make({ identityStore: store })()
    await settle()
    const [key, id] = [...store][0]!
    expect(key).toMatch(/^iamfetch:\w{8,16}$/)
    expect(id).toBe('eu-central-1:identity-1')
    await pool.make({ identityStore: store })()
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
  })

  test('that holds a stale identity is healed too, and told the new one', async () => {
    const pool = fakePool((_, { IdentityId }) =>
      IdentityId === 'stale'
        ? refuses('ResourceNotFoundException', "Identity 'stale' not found.")
        : undefined,
    )
    const store = new Map<string, string>()
    await pool.make({ identityStore: store })()
    store.set([...store.keys()][0]!, 'stale')
    await pool.make({ identityStore: store })()
    await settle()
    expect([...store.values()]).toEqual(['eu-central-1:identity-1'])
    expect(pool.calls().slice(2)).toEqual([BOTH[1], ...BOTH])
  })

  test('that fails is ignored', async () => {
    const fails = (): never => {
      throw new Error('quota')
    }
    const pool = fakePool()
    const provider = pool.make({
      identityStore: { get: async () => fails(), set: fails, delete: async () => fails() },
    })
    await provider()
    provider.clear()
    await provider()
    expect(pool.calls()).toEqual([...BOTH, ...BOTH])
  })
})

describe('invalidate', () => {
  test('drops the very credentials that were refused, and nothing newer', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const first = await provider()
    provider.invalidate(first)
    const second = await provider()
    expect(second).not.toBe(first)
    provider.invalidate(first)
    expect(await provider()).toBe(second)
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
  })
})

describe('the status', () => {
  test('is the same object until something changes, and tells who and which roles', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const heard: string[] = []
    const end = provider.subscribe(() => heard.push(provider.status().state))
    expect(provider.status()).toBe(provider.status())
    await provider()
    const status = provider.status()
    expect(status).toEqual({
      state: 'ready',
      expiresAt: new Date(pool.serverNow() + HOUR),
      identityId: 'eu-central-1:identity-1',
      sub: 'alice-sub',
      username: 'alice',
      groups: ['FullAccess'],
      roles: [FULL, READ],
      preferredRole: FULL,
    })
    await provider()
    expect(provider.status()).toBe(status)
    await settle()
    expect(heard.at(-1)).toBe('ready')
    end()
    provider.clear()
    await settle()
    expect(heard.at(-1)).toBe('ready')
  })
})

describe('options that cannot work', () => {
  test.each([
    [{ identityPoolId: 'eu-central-1_Ab12Cd34E' }, /identityPoolId/],
    [{ identityPoolId: '' }, /identityPoolId/],
    [JSON.parse('{ "identityPoolId": null }'), /identityPoolId/],
    [{ idToken: undefined }, /idToken/],
    [JSON.parse('{ "idToken": "eyJ" }'), /idToken/],
    [{ idToken: async () => 'x', guest: true }, /idToken/],
    [{ role: 'FullAccess' }, /role/],
    [{ guest: true, idToken: undefined, role: FULL }, /role/],
  ])('are a TypeError at once (case %#)', (options, message) => {
    const make = (): unknown => fakePool().make(options)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })
})
