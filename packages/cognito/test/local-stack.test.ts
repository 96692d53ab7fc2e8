import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  people,
  serveIdentity,
  signedIn,
  type Served,
  type Tokens,
} from '../../local/test/support/serve-identity.ts'
import { cognitoCredentials, type CognitoCredentials, type CognitoOptions } from '../src/index.ts'

const HOUR = 3_600_000
let served: Served

beforeAll(async () => {
  served = await serveIdentity(people)
})
afterAll(() => served.stop())
beforeEach(() => served.faults.reset())

/** A sign-in at the real user pool of the stack, and the exchange at its identity pool. */
async function signIn(
  name: string,
  options: Partial<CognitoOptions> = {},
): Promise<{ provider: CognitoCredentials; tokens: Tokens; renewals: () => number }> {
  const { url, identity } = served
  let tokens = await signedIn(served, name)
  let renewals = 0
  const provider = cognitoCredentials({
    identityPoolId: identity.ids.identityPoolId,
    endpoint: url,
    random: () => 0,
    async idToken({ forceRefresh }) {
      if (forceRefresh) {
        renewals++
        tokens = await signedIn(served, name)
      }
      return tokens.IdToken
    },
    ...options,
  })
  served.faults.reset()
  return { provider, tokens, renewals: () => renewals }
}

/** How often the identity pool was asked for an identity and for credentials. */
const pair = (): [number, number] => [
  served.faults.calls('GetId'),
  served.faults.calls('GetCredentialsForIdentity'),
]
const roleOf = (accessKeyId: string): string | undefined =>
  served.identity.sessions.find(accessKeyId)?.role.name

test('a hundred cold callers get the session of the group’s role by one pair of calls', async () => {
  const { provider } = await signIn('alice')
  const all = await Promise.all(Array.from({ length: 100 }, () => provider()))
  expect(new Set(all).size).toBe(1)
  expect(roleOf(all[0]!.accessKeyId)).toBe('FullAccessRole')
  expect(pair()).toEqual([1, 1])
})

test('a user in two groups gets the preferred role, and the other one when it is requested', async () => {
  const { provider } = await signIn('carol')
  expect(roleOf((await provider()).accessKeyId)).toBe('FullAccessRole')
  const { roles = [] } = provider.status()
  const read = roles.find((arn) => arn.endsWith('ReadOnlyAccessRole'))
  expect(roleOf((await provider.withRole(read)()).accessKeyId)).toBe('ReadOnlyAccessRole')
  expect(pair()).toEqual([1, 2])
})

test('a user with several roles of one precedence has to choose, and can', async () => {
  const { provider } = await signIn('torn')
  await expect(provider()).rejects.toMatchObject({
    code: 'ROLE_AMBIGUOUS',
    remedy: expect.stringContaining('PeerRole'),
  })
  const peer = provider.status().roles?.find((arn) => arn.endsWith('PeerRole'))
  expect(roleOf((await provider.withRole(peer)()).accessKeyId)).toBe('PeerRole')
})

test.each(['delete', 'disable'] as const)(
  'an identity that was %sd is corrected by one GetId',
  async (harm) => {
    const { provider } = await signIn('alice')
    const { identityId = '' } = await provider()
    served.faults[`${harm}Identity`](identityId)
    const corrected = await provider({ forceRefresh: true })
    expect(corrected.identityId).not.toBe(identityId)
    expect(pair()).toEqual([2, 3])
  },
)

test.each([-2 * HOUR, (56 / 60) * HOUR, 2 * HOUR])(
  'with a laptop’s clock %d ms off five calls make one exchange, and the clock is right afterwards',
  async (off) => {
    const { provider } = await signIn('alice', { clock: { now: () => Date.now() + off } })
    for (let i = 0; i < 5; i++) await provider()
    expect(pair()).toEqual([1, 1])
    expect(Math.abs(provider.clock.now() - Date.now())).toBeLessThan(2_000)
  },
)

test('two throttled calls, a failing one and a dropped connection are survived', async () => {
  for (const [fault, times] of [
    ['throttle', 2],
    ['fail', 1],
    ['drop', 2],
  ] as const) {
    const { provider } = await signIn('alice')
    served.faults.next('GetId', { fault, times })
    await provider()
    expect(pair()).toEqual([times + 1, 1])
  }
})

test('garbage is not taken for credentials', async () => {
  const { provider } = await signIn('alice')
  served.faults.next('GetCredentialsForIdentity', 'garbage')
  await expect(provider()).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' })
})

test('a token that expired in the meantime is renewed once', async () => {
  const { provider, renewals } = await signIn('alice')
  served.faults.shiftClock(2 * HOUR)
  await provider()
  expect(renewals()).toBe(1)
  served.faults.shiftClock(-2 * HOUR)
  expect(pair()).toEqual([2, 1])
})

test('a sign-out during an exchange leaves nothing of the user, and the next one gets an own identity', async () => {
  const alice = await signIn('alice')
  const bob = await signIn('bob')
  let token: string | undefined = alice.tokens.IdToken
  const { provider } = await signIn('alice', { idToken: async () => token })
  const hanging = served.faults.next('GetCredentialsForIdentity', 'hang')
  const waiting = provider().catch((error: unknown) => error)
  await hanging.met
  token = bob.tokens.IdToken
  provider.clear()
  expect(await waiting).toMatchObject({ code: 'CLEARED' })
  hanging.release()
  const credentials = await provider()
  const session = served.identity.sessions.find(credentials.accessKeyId)
  expect(session?.role.name).toBe('ReadOnlyAccessRole')
  expect(session?.identity?.sub).toBe(provider.status().sub)
  expect((await provider()).identityId).toBe(session?.identity?.identityId)
})

test('access tokens, foreign providers, pools without guests and unknown pools have their codes', async () => {
  const { tokens } = await signIn('alice')
  const cases: [string, Partial<CognitoOptions>, [number, number]][] = [
    ['NOT_AN_ID_TOKEN', { idToken: async () => tokens.AccessToken }, [0, 0]],
    [
      'LOGIN_PROVIDER_MISMATCH',
      { providerName: 'cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Other' },
      [1, 0],
    ],
    ['GUEST_NOT_ALLOWED', { guest: true, idToken: undefined }, [1, 0]],
    [
      'POOL_NOT_FOUND',
      { identityPoolId: 'eu-central-1:00000000-0000-0000-0000-000000000000' },
      [1, 0],
    ],
    ['ROLE_NOT_HELD', { role: 'arn:aws:iam::123456789012:role/Admin' }, [0, 0]],
    ['ID_TOKEN_INVALID', { idToken: async () => `${tokens.IdToken.slice(0, -8)}AAAAAAAA` }, [1, 0]],
  ]
  for (const [code, options, calls] of cases) {
    const { provider } = await signIn('alice', options)
    await expect(provider()).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
    expect([code, ...pair()]).toEqual([code, ...calls])
  }
})

test('a role that the identity pool refuses has the code of the local check', async () => {
  const { provider } = await signIn('nobody', { role: 'arn:aws:iam::123456789012:role/Admin' })
  await expect(provider()).rejects.toMatchObject({ code: 'ROLE_NOT_HELD', status: 400 })
  expect(pair()).toEqual([1, 1])
})
