import { followTabs, type CognitoCredentials } from '../src/index.ts'
import { describe, expect, test } from 'vitest'
import {
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

const BOB = { sub: 'bob-sub', 'cognito:username': 'bob', 'cognito:preferred_role': READ }
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

  test('the ID token that stays expired ends in ID_TOKEN_EXPIRED without a loop, and is not shown again', async () => {
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

  test('the ID token that Cognito takes for invalid now and then is renewed once, and works', async () => {
    // Comes and goes by itself: aws-amplify/aws-sdk-android#1431, amazon-cognito-identity-js#91.
    for (const text of ['Not a Cognito token.', "Couldn't verify signed token."]) {
      const pool = fakePool((_, __, index) =>
        index === 0 ? refuses('NotAuthorizedException', `Invalid login token. ${text}`) : undefined,
      )
      await pool.make({
        idToken: async ({ forceRefresh }) => {
          pool.asked.push(forceRefresh)
          return idToken({ jti: forceRefresh ? 'new' : 'old' })
        },
      })()
      expect(pool.asked).toEqual([false, true])
      expect(pool.calls()).toEqual(['GetId', ...BOTH])
    }
  })

  test('the ID token that is expired by the corrected clock is renewed before anything leaves', async () => {
    const pool = fakePool()
    for (const left of [-1, 0]) {
      pool.asked = []
      pool.token = idToken({ exp: pool.serverNow() / 1_000 + left })
      await pool.make({
        idToken: async ({ forceRefresh }) => {
          pool.asked.push(forceRefresh)
          return forceRefresh ? idToken() : pool.token
        },
      })()
      expect(pool.asked).toEqual([false, true])
      expect(pool.inputs().at(-1)!.Logins).toEqual({ [PROVIDER]: idToken() })
    }
  })

  test.each<[string | undefined, string]>([
    ['a.b', 'ID_TOKEN_INVALID'],
    ['eyJhbGciOiJub25lIn0.!!!.c2ln', 'ID_TOKEN_INVALID'],
    [idToken({ sub: undefined }), 'ID_TOKEN_INVALID'],
    [idToken({ token_use: 'access', aud: undefined, client_id: 'x' }), 'NOT_AN_ID_TOKEN'],
    [idToken({ aud: undefined }), 'NOT_AN_ID_TOKEN'],
    [undefined, 'LOGIN_REQUIRED'],
    ['', 'LOGIN_REQUIRED'],
  ])(
    'the ID token that cannot be one (case %#) is refused before anything leaves',
    async (token, code) => {
      const pool = fakePool()
      pool.token = token
      const provider = pool.make()
      await expect(provider()).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
      await settle()
      expect(provider.status()).toMatchObject({ state: 'failed', error: { code } })
      expect(pool.calls()).toEqual([])
    },
  )
})

describe('a guest', () => {
  test('is one only by guest: true, sends no Logins and keeps its own identity', async () => {
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
    const other = POOL.replace('1111', '9999')
    await pool.make({ guest: true, identityStore: store, identityPoolId: other })()
    expect(pool.inputs()[5]).toEqual({ IdentityPoolId: other })
  })

  test('a guest that was cleared is a new one at the next call', async () => {
    const pool = fakePool()
    const provider = pool.make({ guest: true })
    const first = await provider()
    provider.clear()
    expect(await provider()).not.toBe(first)
    expect(pool.calls()).toEqual([...BOTH, ...BOTH])
  })

  test('is never used for a user who signed out', async () => {
    const pool = fakePool()
    const events: string[] = []
    const provider = pool.make({ onEvent: ({ type }) => events.push(type) })
    await provider()
    pool.token = undefined
    await expect(provider()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await settle()
    expect(pool.calls()).toEqual(BOTH)
    expect(events[0]).toBe('signed-out')
  })

  test('signed out is known where the source throws the error of another version of core', async () => {
    // As two packages that depend on different versions get it: the same name, another class.
    const Theirs = class IamFetchError extends Error {
      override readonly name: string = 'IamFetchError'
      readonly code: string = 'LOGIN_REQUIRED'
      readonly retryable: boolean = false
      readonly remedy: string = 'Sign in with Amplify.'
    }
    const pool = fakePool()
    let signedIn = true
    const provider = pool.make({
      async idToken() {
        if (!signedIn) throw new Theirs('No user is signed in.')
        return idToken()
      },
    })
    await provider()
    signedIn = false
    await expect(provider()).rejects.toBeInstanceOf(Theirs)
    expect(provider.status()).toMatchObject({ groups: [], error: { code: 'LOGIN_REQUIRED' } })
    expect(provider.status().sub).toBeUndefined()
  })
})

describe('another user', () => {
  test('gets neither the credentials nor the identity of the previous user', async () => {
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

  test.each([
    // The short hash that names identities in the store is the same for both.
    ['subjects', { sub: 'mar\u00c5\u00e9' }, { sub: 'mar\u00c6j' }],
    [
      'two texts that are one when joined',
      { iss: 'https://a.example', sub: 'bc' },
      { iss: 'https://a.exampleb', sub: 'c' },
    ],
  ])('is distinguished by the whole name, not by a hash: %s', async (_, one, other) => {
    const pool = fakePool()
    pool.token = idToken(one)
    const provider = pool.make()
    const first = await provider()
    pool.token = idToken(other)
    expect((await provider()).identityId).not.toBe(first.identityId)
    expect(pool.calls()).toEqual([...BOTH, ...BOTH])
  })

  test('is distinguished among tabs by provider and subject', async () => {
    const said: unknown[] = []
    const tab = async (claims: Record<string, unknown>): Promise<CognitoCredentials> => {
      const pool = fakePool()
      pool.token = idToken(claims)
      const provider = pool.make()
      await provider()
      followTabs(provider, {
        channel: {
          postMessage: (data) => void said.push(data),
          addEventListener: (_, hear) => void heard.push(hear),
          close() {},
        },
      })
      return provider
    }
    const heard: ((event: { data: unknown }) => void)[] = []
    const one = await tab({})
    const same = await tab({})
    const foreign = await tab({ iss: 'https://other.example' })
    one.clear()
    await settle()
    for (const listener of heard) listener({ data: said[0] })
    expect(same.status()).toMatchObject({ state: 'empty', sub: undefined })
    expect(foreign.status()).toMatchObject({ state: 'ready', sub: 'alice-sub' })
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
    expect(await refused).toMatchObject({ code: 'CALLER_CHANGED', retryable: false })
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
    await expect(slow).rejects.toMatchObject({ code: 'CALLER_CHANGED' })
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
    const provider = pool.make()
    const waiting = failure(provider())
    await settle()
    pool.token = undefined
    provider.clear()
    expect(await waiting).toMatchObject({ code: 'CLEARED' })
    release(Response.json({}))
    await settle()
    expect(provider.status()).toEqual({ state: 'empty', signedIn: false, groups: [] })
    await expect(provider()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })

  test('at whatever moment of a call it comes leaves nothing behind', async () => {
    for (let moment = 0; moment < 60; moment++) {
      const pool = fakePool()
      const provider = pool.make()
      const call = provider().then(
        () => 'given',
        (error: unknown) => Object(error).code,
      )
      for (let i = 0; i < moment; i++) await Promise.resolve()
      provider.clear()
      pool.token = undefined
      // A read that starts only then finds no user.
      expect(await call).toMatch(/^(given|CLEARED|LOGIN_REQUIRED)$/)
      await settle()
      const { sub, identityId, expiresAt } = provider.status()
      expect([sub, identityId, expiresAt]).toEqual([undefined, undefined, undefined])
    }
  })

  test('ends a look that fails only afterwards as well', async () => {
    const pool = fakePool()
    let fail: (error: Error) => void = () => {}
    const provider = pool.make({ idToken: () => new Promise((_, reject) => (fail = reject)) })
    const waiting = failure(provider())
    await settle()
    provider.clear()
    fail(new Error('network'))
    expect(await waiting).toMatchObject({ code: 'CLEARED' })
    expect(provider.status()).toEqual({ state: 'empty', signedIn: false, groups: [] })
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
