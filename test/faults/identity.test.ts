import { followTabs, type TabChannel } from '@iamfetch/cognito'
import { beforeEach, describe, expect, test } from 'vitest'
import { groupAccess } from '../group-access.ts'
import {
  failure,
  HOUR,
  rest,
  settle,
  startScene,
  statuses,
  times,
  withoutDate,
  type Person,
} from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

const scene = await sceneOfFile({
  ...groupAccess,
  users: {
    ...groupAccess.users,
    carol: { groups: ['FullAccess', 'ReadOnlyAccess'] },
    dave: { groups: ['FullAccess'] },
    twin: { groups: ['Left', 'Right'] },
  },
  groups: {
    ...groupAccess.groups,
    Left: { precedence: 5, policy: groupAccess.groups!.FullAccess!.policy },
    Right: { precedence: 5, policy: groupAccess.groups!.ReadOnlyAccess!.policy },
  },
})
let alice: Person
let bob: Person
beforeEach(async () => {
  alice = await scene.person('alice')
  bob = await scene.person('bob')
})

const EXCHANGE = 'GetCredentialsForIdentity'
const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/${name}Role`
const roleOf = async (response: Response): Promise<string> =>
  ((await response.json()) as { role: string }).role

describe('an identity that Cognito no longer takes', () => {
  test.each(['deleteIdentity', 'disableIdentity'] as const)(
    'after %s is requested again, once, for any number of callers',
    async (remove) => {
      const { call, credentials, events } = scene.page(alice)
      const { identityId } = await credentials()
      scene.faults[remove](identityId!)
      scene.faults.reset()
      scene.time.jump(HOUR)
      expect(await statuses(times(20, () => call('/test')))).toEqual(times(20, () => 200))
      expect((await credentials()).identityId).not.toBe(identityId)
      expect(events.filter(({ type }) => type === 'identity-reset')).toHaveLength(1)
      expect(scene.asked()).toEqual({
        InitiateAuth: 1,
        GetId: 1,
        [EXCHANGE]: 2,
        'http ANY /test': 20,
      })
    },
  )

  test.each([
    ['ResourceConflictException', 'Logins are in conflict.', 'LOGIN_CONFLICT'],
    ['NotAuthorizedException', "Logins don't match.", 'IDENTITY_LOGIN_MISMATCH'],
  ])(
    'with %s is replaced once, and then the error is thrown without a loop',
    async (type, message, code) => {
      const order = scene.faults.next(EXCHANGE, {
        fault: 'refuse',
        times: 1_000,
        refusal: { type, message },
      })
      const { call } = scene.page(alice)
      expect(await failure(call('/test'))).toMatchObject({ code, retryable: false })
      expect(await failure(call('/test'))).toMatchObject({ code })
      expect(scene.asked()).toEqual({ GetId: 2, [EXCHANGE]: 2 })
      order.release()
      scene.faults.reset()
      scene.faults.next(EXCHANGE, { fault: 'refuse', refusal: { type, message } })
      const again = scene.page(alice)
      expect((await again.call('/test')).status).toBe(200)
      expect(scene.asked()).toEqual({ GetId: 2, [EXCHANGE]: 2, 'http ANY /test': 1 })
    },
  )
})

describe('a sign-out', () => {
  test('during an exchange leaves nothing behind, and its callers get CLEARED', async () => {
    const { call, credentials } = scene.page(alice)
    const order = scene.faults.next(EXCHANGE, 'hang')
    const waiting = times(5, () => failure(call('/test')))
    await order.met
    credentials.clear()
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'CLEARED' })
    order.release()
    await settle()
    expect(credentials.status()).toMatchObject({ state: 'empty', identityId: undefined })
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1 })
  })

  test('during GetId requests no credentials', async () => {
    const { call, credentials } = scene.page(alice)
    const order = scene.faults.next('GetId', 'hang')
    const waiting = failure(call('/test'))
    await order.met
    credentials.clear()
    expect(await waiting).toMatchObject({ code: 'CLEARED' })
    order.release()
    await settle()
    expect(scene.asked()).toEqual({ GetId: 1 })
  })

  test('a sign-out of the token store alone ends the calls as well, never as a guest', async () => {
    let who: Person | undefined = alice
    const { call, credentials } = scene.page(() => who)
    expect((await call('/test')).status).toBe(200)
    who = undefined
    expect(await failure(call('/test'))).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(credentials.status().sub).toBeUndefined()
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 1 })
  })
})

describe('another user', () => {
  test.each(['at rest', 'during an exchange'])(
    'who comes %s never gets the identity of the previous user',
    async (when) => {
      const sent: { IdentityId?: string; Logins: Record<string, string> }[] = []
      let who = alice
      const { call, credentials, events } = scene.page(() => who, {
        credentials: {
          fetch: (input, init) => {
            sent.push(JSON.parse(init?.body as string))
            return fetch(input, init)
          },
        },
      })
      const order = when === 'at rest' ? undefined : scene.faults.next(EXCHANGE, 'hang')
      const before = call('/test', { method: 'POST' }).then(
        ({ status }) => status,
        (error: { code: string }) => error.code,
      )
      await (order?.met ?? before)
      who = bob
      const after = call('/test')
      await settle()
      order?.release()
      expect(await roleOf(await after)).toBe('ReadOnlyAccessRole')
      expect(await before).toBe(order ? 'CALLER_CHANGED' : 200)
      expect((await call('/test', { method: 'POST' })).status).toBe(403)
      const [alices, bobs] = [alice, bob].map(({ idToken }) =>
        sent.filter(({ Logins }) => Object.values(Logins)[0] === idToken),
      )
      const ids = (all: typeof sent = []): unknown[] => all.flatMap((one) => one.IdentityId ?? [])
      expect(ids(bobs)).toHaveLength(1)
      expect(ids(alices)).not.toContain(ids(bobs)[0])
      expect(events.map(({ type }) => type)).toContain('user-changed')
      expect((await credentials()).identityId).toBe(ids(bobs)[0])
      expect(scene.asked()).toEqual({
        GetId: 2,
        [EXCHANGE]: 2,
        'http ANY /test': order ? 2 : 3,
      })
    },
  )
})

describe('an ID token', () => {
  test('an ID token that Cognito calls expired is renewed once, and the exchange repeated', async () => {
    scene.time.jump(HOUR)
    const { call } = scene.page(alice, {
      // Slow and without a Date to learn from, the laptop takes the token for good.
      clock: scene.laptop(-2 * HOUR),
      credentials: { fetch: withoutDate },
    })
    expect((await call('/test')).status).toBe(200)
    expect(alice.renewals).toBe(1)
    expect(scene.asked()).toEqual({
      InitiateAuth: 1,
      GetId: 2,
      [EXCHANGE]: 1,
      'http ANY /test': 1,
    })
  })

  test('an ID token that stays expired, as oidc-client-ts keeps the old one on renewal, is said without a loop', async () => {
    const old = alice.idToken
    let asked = 0
    const { call, credentials } = scene.page(alice, {
      credentials: {
        idToken: async ({ forceRefresh }) => {
          if (forceRefresh) asked++
          return old
        },
      },
    })
    // What was exchanged before serves to its end.
    expect((await call('/test')).status).toBe(200)
    await scene.time.advance(59 * 60_000)
    expect((await call('/test')).status).toBe(200)
    await rest(credentials)
    scene.time.jump(HOUR)
    scene.faults.reset()
    for (let i = 0; i < 5; i++) {
      expect(await failure(call('/test'))).toMatchObject({
        code: 'ID_TOKEN_EXPIRED',
        remedy: expect.stringMatching(/Sign in/),
      })
    }
    expect(asked).toBeLessThanOrEqual(6)
    expect(scene.asked()[EXCHANGE]).toBe(1)
    expect(scene.asked()['http ANY /test']).toBeUndefined()
  })
})

describe('a role', () => {
  test('a role that the token does not hold is refused without network', async () => {
    const { credentials } = scene.page(alice)
    const other = credentials.withRole(roleArn('ReadOnlyAccess'))
    expect(await failure(other())).toMatchObject({ code: 'ROLE_NOT_HELD' })
    expect(scene.asked()).toEqual({})
  })

  test('a role that is ambiguous is said with the candidates, and can be chosen', async () => {
    const twin = await scene.person('twin')
    const { credentials } = scene.page(twin)
    expect(await failure(credentials())).toMatchObject({
      code: 'ROLE_AMBIGUOUS',
      remedy: expect.stringContaining(roleArn('Left')),
    })
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1 })
    expect((await credentials.withRole(roleArn('Right'))()).accessKeyId).toMatch(/^ASIA/)
    expect(scene.asked()).toEqual({ GetId: 1, [EXCHANGE]: 2 })
  })

  test('a role that a change of groups brings takes effect with a new token, and an event names both', async () => {
    const dave = await scene.person('dave')
    const { call, credentials, events } = scene.page(dave)
    expect(await roleOf(await call('/test', { method: 'POST' }))).toBe('FullAccessRole')
    scene.faults.setGroups('dave', ['ReadOnlyAccess'])
    scene.faults.reset()
    // Nothing tells a page of it: the token of before still speaks for the role of before.
    expect((await call('/test', { method: 'POST' })).status).toBe(200)
    const change = { from: roleArn('FullAccess'), to: roleArn('ReadOnlyAccess') }
    expect(await credentials.refreshIdentity()).toEqual(change)
    expect((await call('/test', { method: 'POST' })).status).toBe(403)
    expect(await roleOf(await call('/test'))).toBe('ReadOnlyAccessRole')
    expect(events).toContainEqual({ type: 'role-changed', ...change })
    expect(scene.asked()).toEqual({ InitiateAuth: 1, [EXCHANGE]: 1, 'http ANY /test': 3 })
    scene.faults.setGroups('dave', ['FullAccess'])
  })
})

test('two users, two roles and two pools in one page stay apart', async () => {
  const other = await startScene()
  try {
    const carol = await scene.person('carol')
    const far = await other.person('alice')
    scene.faults.reset()
    const pages = [scene.page(carol), scene.page(bob), other.page(far)]
    const carolReads = scene.page(carol, { credentials: { role: roleArn('ReadOnlyAccess') } })
    const both = [...pages, carolReads]
    const roles = await Promise.all(both.map(async ({ call }) => roleOf(await call('/test'))))
    expect(roles).toEqual([
      'FullAccessRole',
      'ReadOnlyAccessRole',
      'FullAccessRole',
      'ReadOnlyAccessRole',
    ])
    pages[0]!.credentials.clear()
    const held = await Promise.all(both.slice(1).map(({ credentials }) => credentials()))
    expect(new Set(held.map(({ accessKeyId }) => accessKeyId)).size).toBe(3)
    expect(scene.asked()).toEqual({ GetId: 3, [EXCHANGE]: 3, 'http ANY /test': 3 })
    expect(other.asked()).toEqual({ GetId: 1, [EXCHANGE]: 1, 'http ANY /test': 1 })
  } finally {
    await other.stack.stop()
  }
})

describe('other tabs', () => {
  /** Tabs of one origin: what one says all others hear. */
  const tabs = (): { open(): TabChannel; said: unknown[] } => {
    const said: unknown[] = []
    const all = new Set<{ hear?: (event: { data: unknown }) => void }>()
    return {
      said,
      open() {
        const tab: { hear?: (event: { data: unknown }) => void } = {}
        all.add(tab)
        return {
          postMessage(data) {
            said.push(data)
            for (const one of all) if (one !== tab) one.hear?.({ data: structuredClone(data) })
          },
          addEventListener: (_, listener) => void (tab.hear = listener),
          close: () => void all.delete(tab),
        }
      },
    }
  }

  test('other tabs of the same user drop their credentials on a sign-out, those of another user keep theirs', async () => {
    const origin = tabs()
    const [one, two, bobs] = [scene.page(alice), scene.page(alice), scene.page(bob)]
    const ends = [one, two, bobs].map(({ credentials }) =>
      followTabs(credentials, { channel: origin.open() }),
    )
    await Promise.all([one, two, bobs].map(({ call }) => call('/test')))
    await settle()
    one.credentials.clear()
    await settle()
    expect(two.credentials.status()).toMatchObject({ state: 'empty', sub: undefined })
    expect(two.events).toContainEqual({ type: 'signed-out' })
    expect(bobs.credentials.status().state).toBe('ready')
    expect(origin.said).toHaveLength(1)
    // The token store still has the user here: the next call starts from the beginning.
    expect((await two.call('/test')).status).toBe(200)
    expect(scene.asked()).toEqual({ GetId: 4, [EXCHANGE]: 4, 'http ANY /test': 4 })
    for (const end of ends) end()
  })

  test('learn of another user and of other roles, and nothing secret is said', async () => {
    const origin = tabs()
    const dave = await scene.person('dave')
    let who = dave
    const one = scene.page(() => who)
    const two = scene.page(() => who)
    const apart = scene.page({
      ...dave,
      token: async ({ forceRefresh }) =>
        forceRefresh ? dave.token({ forceRefresh }) : apartToken(dave.idToken),
    })
    const kept = dave.idToken
    let fresh = ''
    const apartToken = (now: string): string => (apart.events.length > 0 && fresh ? now : kept)
    for (const { credentials } of [one, two, apart])
      followTabs(credentials, { channel: origin.open() })
    await Promise.all([one, two, apart].map(({ call }) => call('/test')))
    await settle()
    scene.faults.setGroups('dave', ['ReadOnlyAccess'])
    scene.faults.reset()
    await one.credentials.refreshIdentity()
    fresh = dave.idToken
    await expect
      .poll(() => [two, apart].map(({ credentials }) => credentials.status().preferredRole))
      .toEqual([roleArn('ReadOnlyAccess'), roleArn('ReadOnlyAccess')])
    await Promise.all([one, two, apart].map(({ credentials }) => rest(credentials)))
    expect(scene.asked()[EXCHANGE]).toBeLessThanOrEqual(4)

    who = bob
    await one.call('/test')
    await settle()
    expect(two.credentials.status().sub).toBeUndefined()
    expect(await roleOf(await two.call('/test'))).toBe('ReadOnlyAccessRole')
    const said = JSON.stringify(origin.said)
    for (const secret of [
      dave.idToken,
      dave.accessToken,
      bob.idToken,
      one.credentials.status().sub,
    ])
      expect(said).not.toContain(secret)
    scene.faults.setGroups('dave', ['FullAccess'])
  })

  test('receive messages through a real BroadcastChannel, until it is ended', async () => {
    const [one, two] = [scene.page(alice), scene.page(alice)]
    const ends = [one, two].map(({ credentials }) => followTabs(credentials))
    await Promise.all([one, two].map(({ call }) => call('/test')))
    await settle()
    one.credentials.clear()
    await expect.poll(() => two.credentials.status().state).toBe('empty')
    for (const end of ends) end()
    expect(scene.asked()).toEqual({ GetId: 2, [EXCHANGE]: 2, 'http ANY /test': 2 })
  })
})
