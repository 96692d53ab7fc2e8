import { describe, expect, test, vi } from 'vitest'
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
  BOTH,
  failure,
} from './fake-pool.ts'

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

  test('100 concurrent calls share one exchange, and each reads the token for itself', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const all = await Promise.all(Array.from({ length: 100 }, () => provider()))
    expect(new Set(all).size).toBe(1)
    expect(pool.calls()).toEqual(BOTH)
    expect(pool.asked).toEqual(all.map(() => false))
  })

  test('goes to the endpoint that was given, else to that of the partition', async () => {
    const pool = fakePool()
    await pool.make({ endpoint: 'http://127.0.0.1:9000/identity' })()
    expect(pool.fetch.seen[0]!.url).toBe('http://127.0.0.1:9000/identity')
    // The suffixes are those of the AWS SDK's partitions.
    for (const [region, domain] of [
      ['eu-central-1', 'amazonaws.com'],
      ['us-gov-west-1', 'amazonaws.com'],
      ['cn-north-1', 'amazonaws.com.cn'],
      ['eusc-de-east-1', 'amazonaws.eu'],
    ] as const) {
      await pool.make({ identityPoolId: POOL.replace('eu-central-1', region) })()
      expect(pool.fetch.seen.at(-1)!.url).toBe(`https://cognito-identity.${region}.${domain}/`)
    }
  })

  test('adopts the identity in the response of Cognito', async () => {
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

  test('the exchange of two pools and two roles in one page stay apart', async () => {
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
    const events: CognitoEvent[] = []
    const provider = pool.make({ onEvent: (event) => events.push(event) })
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
    const error = await failure(provider())
    expect(error).toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    // One for each exchange that failed, none when the next one starts.
    expect(events).toEqual(Array.from({ length: 3 }, () => ({ type: 'exchange-failed', error })))
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

  test('in the background that cannot get a new token keeps the credentials for calls that read the old one', async () => {
    let refused = false
    const pool = fakePool((operation) =>
      refused && operation === 'GetCredentialsForIdentity'
        ? refuses('NotAuthorizedException', 'Invalid login token. Token expired: 1 >= 2')
        : undefined,
    )
    let offline = false
    const provider = pool.make({
      idToken: async ({ forceRefresh }) => {
        if (offline && forceRefresh) throw new TypeError('Failed to fetch')
        return pool.token
      },
    })
    const first = await provider()
    offline = refused = true
    await pool.pass(0.8 * HOUR)
    expect(await provider()).toBe(first)
    await settle()
    expect(provider.status()).toMatchObject({ state: 'stale', error: { code: 'NETWORK_OR_CORS' } })
    expect(await provider()).toBe(first)
  })
})

describe('the identity store', () => {
  test('saves a guest the GetId of the next page, under a key that reveals nothing', async () => {
    const pool = fakePool()
    const store = new Map<string, string>()
    await pool.make({ guest: true, identityStore: store })()
    await settle()
    const [key, id] = [...store][0]!
    expect(key).toMatch(/^iamfetch:\w{8,16}$/)
    expect(id).toBe('eu-central-1:identity-1')
    await pool.make({ guest: true, identityStore: store })()
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
  })

  test('the identity store that holds the stale identity of a guest gets the new one', async () => {
    const pool = fakePool((_, { IdentityId }) =>
      IdentityId === 'stale'
        ? refuses('ResourceNotFoundException', "Identity 'stale' not found.")
        : undefined,
    )
    const store = new Map<string, string>()
    await pool.make({ guest: true, identityStore: store })()
    store.set([...store.keys()][0]!, 'stale')
    await pool.make({ guest: true, identityStore: store })()
    await settle()
    expect([...store.values()]).toEqual(['eu-central-1:identity-1'])
    expect(pool.calls().slice(2)).toEqual([BOTH[1], ...BOTH])
  })

  test('never names the identity of a signed-in user, and never learns it', async () => {
    const pool = fakePool()
    const planted = { get: () => 'eu-central-1:of-a-guest', set: vi.fn(), delete: vi.fn() }
    const { identityId } = await pool.make({ identityStore: planted })()
    expect(identityId).toBe('eu-central-1:identity-1')
    expect(pool.calls()).toEqual(BOTH)
    expect(planted.set).not.toHaveBeenCalled()
  })

  test('the identity store that fails is ignored', async () => {
    const fails = (): never => {
      throw new Error('quota')
    }
    const pool = fakePool()
    const provider = pool.make({
      guest: true,
      identityStore: { get: async () => fails(), set: fails, delete: async () => fails() },
    })
    await provider()
    provider.clear()
    await provider()
    expect(pool.calls()).toEqual([...BOTH, ...BOTH])
  })

  test('that never responds delays the exchange by two seconds only', async () => {
    const pool = fakePool()
    const provider = pool.make({
      guest: true,
      identityStore: { get: () => new Promise(() => {}), set() {}, delete() {} },
    })
    const held = provider()
    await pool.pass(0)
    await pool.pass(2_000)
    expect(await held).toHaveProperty('identityId')
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
  test('is the same object until something changes, and contains the user and the roles', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const heard: string[] = []
    const end = provider.subscribe(() => heard.push(provider.status().state))
    expect(provider.status()).toBe(provider.status())
    await provider()
    const status = provider.status()
    expect(status).toEqual({
      state: 'ready',
      signedIn: true,
      expiresAt: new Date(pool.serverNow() + HOUR),
      identityId: 'eu-central-1:identity-1',
      provider: PROVIDER,
      issuer: `https://${PROVIDER}`,
      sub: 'alice-sub',
      username: 'alice',
      groups: ['FullAccess'],
      roles: [FULL, READ],
      preferredRole: FULL,
    })
    await settle()
    const before = heard.length
    await provider()
    await settle()
    expect(provider.status()).toBe(status)
    expect(heard).toHaveLength(before)
    expect(heard.at(-1)).toBe('ready')
    end()
    provider.clear()
    await settle()
    expect(heard.at(-1)).toBe('ready')
  })
})

describe('checkSignIn()', () => {
  test('reports that a user is signed in without any exchange', async () => {
    const pool = fakePool()
    const provider = pool.make()
    expect(provider.status().signedIn).toBeUndefined()
    const status = await provider.checkSignIn()
    expect(status).toMatchObject({ state: 'empty', signedIn: true, username: 'alice' })
    expect(provider.status()).toBe(status)
    expect(pool.calls()).toEqual([])
  })

  test('reports that no user is signed in, then that one is, and false again after clear()', async () => {
    const pool = fakePool()
    const provider = pool.make()
    const { token } = pool
    pool.token = undefined
    expect(await provider.checkSignIn()).toMatchObject({
      signedIn: false,
      error: { code: 'LOGIN_REQUIRED' },
    })
    pool.token = token
    expect(await provider.checkSignIn()).toMatchObject({ signedIn: true, error: undefined })
    provider.clear()
    expect(provider.status()).toMatchObject({ signedIn: false, sub: undefined })
    await provider()
    expect(provider.status()).toMatchObject({ signedIn: true, state: 'ready' })
    pool.token = undefined
    await provider.checkSignIn()
    expect(provider.status()).toMatchObject({ signedIn: false, expiresAt: undefined })
  })

  test('does not reject and does not guess while the token cannot be read', async () => {
    const pool = fakePool()
    let isOnline = false
    const provider = pool.make({
      idToken: async () => {
        if (isOnline) return pool.token
        throw new TypeError('Failed to fetch')
      },
    })
    const { signedIn, error } = await provider.checkSignIn()
    expect([signedIn, error?.retryable]).toEqual([undefined, true])
    isOnline = true
    expect((await provider.checkSignIn()).signedIn).toBe(true)
    isOnline = false
    expect(await provider.checkSignIn()).toMatchObject({ signedIn: true, username: 'alice' })
  })

  test('notifies subscribers once of a sign-in, and a read that clear() ends changes nothing', async () => {
    const pool = fakePool()
    let release: () => void = () => {}
    const provider = pool.make({
      idToken: async () => {
        await new Promise<void>((resolve) => (release = resolve))
        return pool.token
      },
    })
    const heard: unknown[] = []
    provider.subscribe(() => heard.push(provider.status().signedIn))
    const ended = provider.checkSignIn()
    provider.clear()
    release()
    expect((await ended).signedIn).toBe(false)
    const checked = provider.checkSignIn()
    release()
    await checked
    await settle()
    expect(heard.at(-1)).toBe(true)
    expect(heard.filter(Boolean)).toHaveLength(1)
  })

  test('a guest is not signed in', async () => {
    const pool = fakePool()
    const provider = pool.make({ guest: true })
    expect(provider.status().signedIn).toBe(false)
    await provider()
    expect((await provider.checkSignIn()).signedIn).toBe(false)
  })
})

describe('options that cannot work', () => {
  test.each([
    [{ identityPoolId: 'eu-central-1_Ab12Cd34E' }, /identityPoolId/],
    [{ identityPoolId: '' }, /identityPoolId/],
    [{ identityPoolId: `https://example.com/${POOL}` }, /identityPoolId/],
    [{ identityPoolId: `${POOL}/` }, /identityPoolId/],
    [JSON.parse('{ "identityPoolId": null }'), /identityPoolId/],
    [{ idToken: undefined }, /idToken/],
    [JSON.parse('{ "idToken": "eyJ" }'), /idToken/],
    [{ idToken: async () => 'x', guest: true }, /idToken/],
    [{ role: 'FullAccess' }, /role/],
    [{ guest: true, idToken: undefined, role: FULL }, /role/],
    [JSON.parse('{ "guest": "false" }'), /"guest" must be a boolean/],
    [{ providerName: '' }, /"providerName"/],
    [JSON.parse('{ "identityStore": {} }'), /"identityStore" must have the functions/],
    [JSON.parse('{ "identityStore": null }'), /"identityStore" must have the functions/],
  ])('are a TypeError at once (case %#)', (options, message) => {
    const make = (): unknown => fakePool().make(options)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })
})
