import { describe, expect, it } from 'vitest'
import { createDeveloperAccess, opaqueIssuer } from '../src/index.ts'
import {
  alice,
  bob,
  eventWith,
  reading,
  rig,
  secretOf,
  answering,
  refusedWith,
} from './fixtures.ts'

describe('a creation', () => {
  it('makes one key for one idempotency key, however many ask at once', async () => {
    const { access, store, clock } = rig()
    const elsewhere = createDeveloperAccess({ issuer: opaqueIssuer(), store, clock })
    const all = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? access : elsewhere).createKey(alice, reading, { idempotencyKey: 'same' }),
      ),
    )
    const shown = all.filter((one) => one.status === 'fulfilled' && one.value.secret)
    expect(shown).toHaveLength(1)
    const refused = all.filter((one) => one.status === 'rejected')
    expect(refused.map((one) => one.reason)).toEqual(refused.map(() => refusedWith('UNDER_WAY')))
    const keys = await access.listKeys(alice.userId)
    expect(keys).toHaveLength(1)
    const again = await access.createKey(alice, reading, { idempotencyKey: 'same' })
    expect(again).toMatchObject({ replayed: true, key: { id: keys[0]?.id } })
    expect(again.secret).toBeUndefined()
    // The order of scopes means nothing.
    const both = ['notes/read', 'notes/write']
    for (const scopes of [both, both.toReversed()]) {
      const made = await access.createKey(alice, { ...reading, scopes }, { idempotencyKey: 'both' })
      expect(made.replayed).toBe(scopes !== both)
    }
    // Another user's is another one, and another request is a mistake.
    await access.createKey(bob, reading, { idempotencyKey: 'same' })
    await expect(
      access.createKey(alice, { ...reading, label: 'x' }, { idempotencyKey: 'same' }),
    ).rejects.toEqual(refusedWith('IDEMPOTENCY_KEY_REUSED'))
  })

  it('stops at the limit, and goes on after a revocation', async () => {
    const { access } = rig({ limits: { keysPerUser: 3 } })
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => access.createKey(alice, reading)),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    await expect(access.createKey(alice, reading)).rejects.toEqual(refusedWith('KEY_LIMIT_REACHED'))
    const [first] = await access.listKeys(alice.userId)
    await access.revokeKey(alice.userId, first!.id)
    await access.createKey(alice, reading)
    await access.createKey(bob, reading)
  })

  it('does not count keys that have expired, although no sweeper was there', async () => {
    const { access, clock } = rig({ limits: { keysPerUser: 1 } })
    await access.createKey(alice, { ...reading, expiresInSeconds: 60 })
    await expect(access.createKey(alice, reading)).rejects.toEqual(refusedWith('KEY_LIMIT_REACHED'))
    clock.jump(60_000)
    await access.createKey(alice, reading)
    expect(await access.listKeys(alice.userId)).toMatchObject([
      { status: 'expired' },
      { status: 'active' },
    ])
  })

  it.each([
    ['a scope that the user does not hold', bob, { ...reading, scopes: ['notes/write'] }],
    ['a scope twice', alice, { ...reading, scopes: ['notes/read', 'notes/read'] }],
    ['a scope with a space', alice, { ...reading, scopes: ['notes/read notes/write'] }],
    ['no label', alice, { ...reading, label: ' ' }],
    ['a label of two lines', alice, { ...reading, label: 'a\nb' }],
    ['a label that turns the direction', alice, { ...reading, label: 'a\u202Eb' }],
    ['half a second', alice, { ...reading, expiresInSeconds: 0.5 }],
    ['a life in the past', alice, { ...reading, expiresInSeconds: -1 }],
    ['a user without a name', { ...alice, username: '' }, reading],
  ])('refuses %s', async (_what, user, asked) => {
    const { access } = rig()
    await expect(access.createKey(user, asked)).rejects.toMatchObject({
      code: expect.stringMatching(/^(REQUEST_INVALID|SCOPES_NOT_HELD)$/),
    })
    expect(await access.listKeys(user.userId)).toEqual([])
  })

  it('gives every key an expiry if there is a longest life, counted from its creation', async () => {
    const { access, clock } = rig({ limits: { lifetimeSeconds: 3_600 } })
    const { key } = await access.createKey(alice, reading)
    expect(key.expiresAt).toEqual(new Date(clock.now() + 3_600_000))
    for (const expiresInSeconds of [3_601, null]) {
      await expect(access.patchKey(alice, key.id, { expiresInSeconds })).rejects.toEqual(
        refusedWith('REQUEST_INVALID'),
      )
    }
    clock.jump(1_000)
    await expect(access.patchKey(alice, key.id, { expiresInSeconds: 3_600 })).rejects.toEqual(
      refusedWith('REQUEST_INVALID'),
    )
    const longest = await access.patchKey(alice, key.id, { expiresInSeconds: 3_599 })
    expect(longest.expiresAt).toEqual(key.expiresAt)
  })

  it('keeps a username for one user', async () => {
    const { access } = rig()
    await access.createKey(alice, reading)
    await expect(access.createKey({ ...bob, username: 'alice' }, reading)).rejects.toEqual(
      refusedWith('USERNAME_TAKEN'),
    )
    const byName = await access.findUser({ username: 'alice' })
    const byId = await access.findUser({ userId: alice.userId })
    expect(byName).toEqual(byId)
    const [clientId] = byName?.clientIds ?? []
    expect(await access.resolveOwner(clientId!)).toMatchObject({ userId: alice.userId })
  })
})

describe('a change', () => {
  it('is of what was seen, and of nothing newer', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, reading)
    const labelled = await access.patchKey(
      alice,
      key.id,
      { label: 'new' },
      { version: key.version },
    )
    expect(labelled).toMatchObject({ label: 'new', scopes: ['notes/read'] })
    await expect(
      access.patchKey(alice, key.id, { label: 'late' }, { version: key.version }),
    ).rejects.toEqual(refusedWith('KEY_CHANGED'))
    await expect(access.revokeKey(alice.userId, key.id, { version: key.version })).rejects.toEqual(
      refusedWith('KEY_CHANGED'),
    )
  })

  it('of the scopes never gives more than the user holds, and holds at once', async () => {
    const { access } = rig()
    const made = await access.createKey(bob, reading)
    await expect(access.patchKey(bob, made.key.id, { scopes: ['notes/write'] })).rejects.toEqual(
      refusedWith('SCOPES_NOT_HELD'),
    )
    await access.patchKey(bob, made.key.id, { scopes: [] })
    const caller = await access.withOwner(answering)(eventWith(secretOf(made)), {})
    expect(caller).toMatchObject({ scopes: [] })
  })
})
