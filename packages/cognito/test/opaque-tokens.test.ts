import { describe, expect, test } from 'vitest'
import { BOTH, fakePool, refuses } from './fake-pool.ts'

const FACEBOOK = 'graph.facebook.com'
const USERS: Record<string, string> = {
  'EAAG-alice-1': 'alice',
  'EAAG-alice-2': 'alice',
  'EAAG-bob': 'bob',
}
const subjectOf = (token: string): string | undefined => USERS[token]

describe('a token that is not a JWT, with "providerName"', () => {
  test('is exchanged under the name of the provider', async () => {
    const pool = fakePool()
    pool.token = 'EAAG-alice-1'
    const credentials = await pool.make({ providerName: FACEBOOK })()
    expect(credentials.accessKeyId).toBeTruthy()
    expect(pool.calls()).toEqual(BOTH)
    for (const { Logins } of pool.inputs()) expect(Logins).toEqual({ [FACEBOOK]: 'EAAG-alice-1' })
  })

  test('names no user in the status but a number, and nothing of the token', async () => {
    const pool = fakePool()
    pool.token = 'EAAG-alice-1'
    const provider = pool.make({ providerName: FACEBOOK })
    await provider()
    expect(provider.status()).toMatchObject({
      signedIn: true,
      provider: FACEBOOK,
      issuer: FACEBOOK,
      sub: expect.stringMatching(/^token \d+$/),
      username: undefined,
    })
    expect(JSON.stringify(provider.status())).not.toContain('EAAG')
  })

  test('a token that is not a JWT, with "providerName" that is followed by another one is another user, who gets credentials of an own exchange', async () => {
    const pool = fakePool()
    pool.token = 'EAAG-alice-1'
    const provider = pool.make({ providerName: FACEBOOK })
    const first = await provider()
    const { sub } = provider.status()
    const call = provider.startCall()
    await call.get({})
    pool.token = 'EAAG-bob'
    await expect(call.get({ readAgain: true })).rejects.toMatchObject({ code: 'CALLER_CHANGED' })
    const second = await provider()
    expect(second).not.toBe(first)
    expect(provider.status().sub).not.toBe(sub)
    expect(pool.inputs().at(-1)!.Logins).toEqual({ [FACEBOOK]: 'EAAG-bob' })
    expect(pool.count('GetId')).toBe(2)
  })

  test('a token that is not a JWT, with "providerName" whose user "subjectOf" names may be renewed, and another user is still another', async () => {
    const pool = fakePool()
    pool.token = 'EAAG-alice-1'
    const provider = pool.make({ providerName: FACEBOOK, subjectOf })
    await provider()
    expect(provider.status().sub).toBe('alice')
    const call = provider.startCall()
    await call.get({})
    pool.token = 'EAAG-alice-2'
    await call.get({ readAgain: true })
    expect(pool.count('GetId')).toBe(1)
    pool.token = 'EAAG-bob'
    await expect(call.get({ readAgain: true })).rejects.toMatchObject({ code: 'CALLER_CHANGED' })
    await provider()
    expect(provider.status().sub).toBe('bob')
    expect(pool.count('GetId')).toBe(2)
  })

  test('a token that is not a JWT, with "providerName" of concurrent reads is one user', async () => {
    const pool = fakePool()
    pool.token = 'EAAG-alice-1'
    const provider = pool.make({ providerName: FACEBOOK })
    const all = await Promise.all([provider(), provider(), provider()])
    expect(new Set(all).size).toBe(1)
    expect(pool.calls()).toEqual(BOTH)
  })

  test('has another name in each provider, so that two sign-ins are never one user', async () => {
    const subs = await Promise.all(
      ['EAAG-alice-1', 'EAAG-bob'].map(async (token) => {
        const pool = fakePool()
        pool.token = token
        const provider = pool.make({ providerName: FACEBOOK })
        await provider()
        return provider.status().sub
      }),
    )
    expect(new Set(subs).size).toBe(2)
  })
})

test.each([
  ['a text of another kind', 'EAAG-alice-1', {}, 'but other text'],
  [
    'what belongs into a header',
    'Bearer eyJ.e30.x',
    { providerName: FACEBOOK },
    'begins with "Bearer "',
  ],
  ['a whole session', '{"idToken":"x"}', {}, 'but JSON'],
  ['an object', { idToken: 'x' } as unknown as string, { providerName: FACEBOOK }, 'an object'],
  ['a broken JWT', 'eyJhbGciOiJub25lIn0.!!!.c2ln', { providerName: FACEBOOK }, 'JSON Web Token'],
])(
  '%s in place of the ID token is named, and none of it is shown',
  async (_, token, options, words) => {
    const pool = fakePool()
    pool.token = token
    const failure = await pool
      .make(options)()
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ID_TOKEN_INVALID' })
    expect(String(failure)).toContain(words)
    expect(String(failure)).not.toMatch(/EAAG|eyJ|idToken":/)
    expect(pool.calls()).toEqual([])
  },
)

test('a refusal by a policy of the organization is not blamed on the trust policy or the pool', async () => {
  const pool = fakePool(() =>
    refuses(
      'NotAuthorizedException',
      'User is not authorized to perform: sts:AssumeRoleWithWebIdentity with an explicit deny in a service control policy',
    ),
  )
  await expect(pool.make()()).rejects.toMatchObject({
    code: 'FORBIDDEN',
    remedy: expect.stringContaining('administrators of the organization'),
  })
})
