import { inspect } from 'node:util'
import { resolveCaller, type Caller } from '@iamfetch/server'
import { eventFixtures, fixtureIds } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import { createDeveloperAccess, opaqueIssuer } from '../src/index.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { alice, eventWith, reading, rig, secretOf, answering, refusedWith } from './fixtures.ts'

describe('a key', () => {
  it('acts as its user, within what both hold', async () => {
    const { access } = rig({
      users: { profile: () => ({ groups: ['Editors'], scopes: ['notes/read'] }) },
    })
    const made = await access.createKey(alice, {
      label: 'both',
      scopes: ['notes/read', 'notes/write'],
    })
    const caller = await access.withOwner(answering)(eventWith(secretOf(made)), {})
    expect(caller).toMatchObject({
      kind: 'machine-for-user',
      subject: alice.userId,
      actor: { clientId: made.key.clientId },
      username: 'alice',
      email: 'alice@example.com',
      groups: ['Editors'],
      scopes: ['notes/read'],
      proof: 'verified',
    })
  })

  it('has no group and no more than its scopes where the current rights are unknown', async () => {
    const { access } = rig()
    const made = await access.createKey(alice, reading)
    const caller = await access.withOwner(answering)(eventWith(secretOf(made)), {})
    expect(caller).toMatchObject({ groups: [], scopes: ['notes/read'] })
  })

  it('is the same user as the one with an ID token, and the one who signed', async () => {
    const { access } = rig()
    const made = await access.createKey(alice, reading)
    const handler = access.withOwner(
      (_event: unknown, _context: unknown, { subject, username, email }: Caller) => ({
        subject,
        username,
        email,
      }),
      { userPools: [{ userPoolId: fixtureIds.userPoolId, clientIds: null }] },
    )
    const same = { subject: alice.userId, username: 'alice', email: 'alice@example.com' }
    for (const shape of ['http-jwt', 'rest-cognito', 'http-iam', 'rest-iam'] as const) {
      expect(await handler(eventFixtures[shape].event(), {}), shape).toEqual(same)
    }
    expect(await handler(eventWith(secretOf(made)), {})).toEqual(same)
  })

  it('is the product’s own user where the product has its own IDs', async () => {
    const { access } = rig({ users: { idOf: ({ subject }) => `own-${subject}` } })
    const made = await access.createKey({ ...alice, userId: `own-${alice.userId}` }, reading)
    const handler = access.withOwner(answering)
    for (const event of [eventFixtures['http-jwt'].event(), eventWith(secretOf(made))]) {
      expect(await handler(event, {})).toMatchObject({ subject: `own-${alice.userId}` })
    }
  })

  it('shows its secret once: no list, no JSON, no inspection, no file has it', async () => {
    const { access, store } = rig()
    const made = await access.createKey(alice, reading)
    const secret = secretOf(made)
    expect(secret).toMatch(/^ifk_[0-9a-f]{32}_[0-9a-f]{64}$/)
    const row = await store.key(made.key.id)
    const events = await access.events(alice.userId, made.key.id)
    for (const said of [made, { ...made }, row, events, await access.listKeys(alice.userId)]) {
      for (const text of [JSON.stringify(said), inspect(said, { depth: 9 })]) {
        expect(text).not.toContain(secret.slice(-64))
      }
    }
    expect(made.key.secrets).toMatchObject([{ last4: secret.slice(-4) }])
  })

  it('is refused in any other form', async () => {
    const { access } = rig()
    const { access: elsewhere } = rig()
    const secret = secretOf(await access.createKey(alice, reading))
    const handler = access.withOwner(answering)
    const changed = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0')
    const foreign = secretOf(await elsewhere.createKey(alice, reading))
    for (const token of [changed, foreign, `${secret}0`, secret.toUpperCase(), secret.slice(1)]) {
      expect(await handler(eventWith(token), {}), token).toMatchObject({ statusCode: 401 })
    }
    expect(await handler(eventWith(secret), {})).toMatchObject({ subject: alice.userId })
  })

  it('ends when it expires', async () => {
    const { access, clock } = rig()
    const made = await access.createKey(alice, { ...reading, expiresInSeconds: 60 })
    const handler = access.withOwner(answering)
    clock.jump(59_000)
    expect(await handler(eventWith(secretOf(made)), {})).toMatchObject({
      subject: alice.userId,
      expiresAt: made.key.expiresAt,
    })
    clock.jump(1_000)
    expect(await handler(eventWith(secretOf(made)), {})).toMatchObject({ statusCode: 401 })
    expect(await access.listKeys(alice.userId)).toMatchObject([{ status: 'expired', secrets: [] }])
    await expect(access.patchKey(alice, made.key.id, { label: 'new' })).rejects.toEqual(
      refusedWith('KEY_REVOKED'),
    )
    expect(await access.sweep()).toMatchObject({ settled: 1, deferred: 0 })
    expect(await access.listKeys(alice.userId)).toMatchObject([{ status: 'expired' }])
    const events = await access.events(alice.userId, made.key.id)
    expect(events.map(({ type, by }) => [type, by])).toEqual([
      ['created', alice.userId],
      ['expired', 'system'],
    ])
  })

  it('shows its last use, written at most once a minute', async () => {
    const { access, clock, store } = rig()
    let touches = 0
    const counting = createDeveloperAccess({
      issuer: opaqueIssuer(),
      store: { ...store, touch: (id, at) => (touches++, store.touch(id, at)) },
      clock,
    })
    const made = await access.createKey(alice, reading)
    const handler = counting.withOwner(answering)
    const first = clock.now()
    for (let call = 0; call < 300; call++) {
      await handler(eventWith(secretOf(made)), {})
      clock.jump(500)
    }
    expect(touches).toBe(3)
    const [key] = await access.listKeys(alice.userId)
    expect(key?.lastUsedAt).toEqual(new Date(first + 120_000))
  })
})

describe('a revocation', () => {
  it('holds at once where it was made, and within 2 seconds everywhere', async () => {
    const { access, store, clock } = rig()
    const elsewhere = createDeveloperAccess({ issuer: opaqueIssuer(), store, clock })
    const made = await access.createKey(alice, reading)
    const here = access.withOwner(answering)
    const there = elsewhere.withOwner(answering)
    const event = eventWith(secretOf(made))
    expect(await here(event, {})).toMatchObject({ subject: alice.userId })
    expect(await there(event, {})).toMatchObject({ subject: alice.userId })
    await access.revokeKey(alice.userId, made.key.id, { reason: 'leaked' })
    expect(await here(event, {})).toMatchObject({ statusCode: 401 })
    clock.jump(2_000)
    expect(await there(event, {})).toMatchObject({ statusCode: 401 })
    expect(await access.listKeys(alice.userId)).toMatchObject([
      { status: 'revoked', reason: 'leaked', revokedAt: new Date(clock.now() - 2_000) },
    ])
  })

  it('is not undone by anything that comes later', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, reading)
    await access.revokeKey(alice.userId, key.id)
    await expect(access.patchKey(alice, key.id, { label: 'x' })).rejects.toEqual(
      refusedWith('KEY_REVOKED'),
    )
    await expect(access.rotateKey(alice, key.id, { graceSeconds: 9 })).rejects.toEqual(
      refusedWith('KEY_REVOKED'),
    )
    const again = await access.revokeKey(alice.userId, key.id, { reason: 'other' })
    expect(again).toMatchObject({ status: 'revoked' })
    expect(again.reason).toBeUndefined()
  })

  it('takes a user away with every key, and the next one of that name gets none of them', async () => {
    const { access } = rig()
    const made = [await access.createKey(alice, reading), await access.createKey(alice, reading)]
    expect(await access.removeUser(alice.userId, { reason: 'left' })).toBe(2)
    const handler = access.withOwner(answering)
    for (const one of made) {
      expect(await handler(eventWith(secretOf(one)), {})).toMatchObject({ statusCode: 401 })
    }
    const heir = { ...alice, userId: 'another' }
    await access.createKey(heir, reading)
    expect(await access.listKeys('another')).toHaveLength(1)
    expect(await access.resolveOwner(made[0]!.key.clientId)).toBeUndefined()
  })

  it('comes by itself when the product no longer knows the user', async () => {
    let there = true
    const { access, clock } = rig({ users: { profile: () => (there ? {} : undefined) } })
    const event = eventWith(secretOf(await access.createKey(alice, reading)))
    const handler = access.withOwner(answering)
    expect(await handler(event, {})).toMatchObject({ subject: alice.userId })
    there = false
    clock.jump(2_000)
    expect(await handler(event, {})).toMatchObject({ statusCode: 401 })
  })
})

describe('a rotation', () => {
  it('keeps both secrets working until the grace period ends', async () => {
    const { access, clock } = rig()
    const made = await access.createKey(alice, reading)
    const rotated = await access.rotateKey(alice, made.key.id, { graceSeconds: 60 })
    const works = async (one: typeof made) =>
      'subject' in (await access.withOwner(answering)(eventWith(secretOf(one)), {}))
    expect([await works(made), await works(rotated)]).toEqual([true, true])
    expect(rotated.key.secrets).toMatchObject([
      { last4: secretOf(made).slice(-4), expiresAt: new Date(clock.now() + 60_000) },
      { last4: secretOf(rotated).slice(-4) },
    ])
    clock.jump(60_000)
    expect([await works(made), await works(rotated)]).toEqual([false, true])
    expect(await access.sweep()).toMatchObject({ settled: 1 })
    expect(await access.getKey(alice.userId, made.key.id)).toMatchObject({
      secrets: [{ last4: secretOf(rotated).slice(-4) }],
    })
    const events = await access.events(alice.userId, made.key.id)
    expect(events.map(({ type }) => type)).toEqual(['created', 'rotated', 'secret-retired'])
  })

  it('without grace ends every secret before it at once', async () => {
    const { access } = rig()
    const made = await access.createKey(alice, reading)
    const slow = await access.rotateKey(alice, made.key.id, { graceSeconds: 600 })
    await expect(access.rotateKey(alice, made.key.id, { graceSeconds: 600 })).rejects.toEqual(
      refusedWith('UNDER_WAY'),
    )
    const quick = await access.rotateKey(alice, made.key.id, { graceSeconds: 0 })
    expect([made, slow, quick].map(({ replayed }) => replayed)).toEqual([false, false, false])
    const handler = access.withOwner(answering)
    for (const old of [made, slow]) {
      expect(await handler(eventWith(secretOf(old)), {})).toMatchObject({ statusCode: 401 })
    }
    expect(await handler(eventWith(secretOf(quick)), {})).toMatchObject({ subject: alice.userId })
    expect(quick.key.secrets).toHaveLength(1)
  })

  it('returns a secret that every process accepts at once, whatever it read of the key before', async () => {
    const { access, store, clock } = rig()
    const elsewhere = createDeveloperAccess({ issuer: opaqueIssuer(), store, clock })
    const handler = elsewhere.withOwner(answering)
    const made = await access.createKey(alice, reading)
    expect(await handler(eventWith(secretOf(made)), {})).toMatchObject({ subject: alice.userId })
    const next = await access.rotateKey(alice, made.key.id, { graceSeconds: 60 })
    for (const secret of [secretOf(next), secretOf(made)]) {
      expect(await handler(eventWith(secret), {})).toMatchObject({ subject: alice.userId })
    }
    const wrong = secretOf(next).replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    expect(await handler(eventWith(wrong), {})).toMatchObject({ statusCode: 401 })
  })

  it('does not look up the user for a guessed secret', async () => {
    let asked = 0
    const { access } = rig({ users: { profile: () => ({ groups: [`${++asked}`] }) } })
    const handler = access.withOwner(answering)
    const made = await access.createKey(alice, reading)
    await handler(eventWith(secretOf(made)), {})
    for (let tries = 0; tries < 20; tries++) {
      const guess = secretOf(made).replace(/.{2}$/, (end) =>
        end === `${tries}`.padStart(2, '0') ? 'ff' : `${tries}`.padStart(2, '0'),
      )
      expect(await handler(eventWith(guess), {})).toMatchObject({ statusCode: 401 })
    }
    expect(await handler(eventWith(secretOf(made)), {})).toMatchObject({ groups: ['1'] })
    expect(asked).toBe(1)
  })

  it('happens once for one idempotency key, also when others came after it', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, reading)
    const rotate = (graceSeconds: number, idempotencyKey: string) =>
      access.rotateKey(alice, key.id, { graceSeconds }, { idempotencyKey })
    const all = await Promise.allSettled(Array.from({ length: 9 }, () => rotate(60, 'one')))
    const shown = all.filter((one) => one.status === 'fulfilled' && one.value.secret)
    expect(shown).toHaveLength(1)
    expect(await rotate(60, 'one')).toMatchObject({ replayed: true })
    await expect(rotate(0, 'one')).rejects.toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'))
    expect((await rotate(0, 'two')).secret).toBeDefined()
    expect((await rotate(60, 'one')).secret).toBeUndefined()
  })
})

describe('wrong options', () => {
  it('are refused at once', () => {
    const store = sqliteStore({ path: ':memory:' })
    const issuer = opaqueIssuer()
    expect(() => opaqueIssuer({ prefix: 'a_b' })).toThrow(TypeError)
    // @ts-expect-error no issuer
    expect(() => createDeveloperAccess({ store })).toThrow(TypeError)
    // @ts-expect-error no store
    expect(() => createDeveloperAccess({ issuer })).toThrow(TypeError)
    for (const limits of [{ keysPerUser: 0 }, { revocationSeconds: 61 }, { graceSeconds: -1 }]) {
      expect(() => createDeveloperAccess({ issuer, store, limits })).toThrow(TypeError)
    }
    // @ts-expect-error no such limit
    expect(() => createDeveloperAccess({ issuer, store, limits: { keys: 1 } })).toThrow(TypeError)
  })

  it('do not stop the callers of another issuer from being resolved', async () => {
    const { access } = rig()
    const caller = await resolveCaller(eventFixtures['http-jwt'].event(), access.callerOptions({}))
    expect(caller).toMatchObject({ kind: 'user', username: 'alice' })
  })
})
