import { describe, expect, it } from 'vitest'
import { createDeveloperAccess, opaqueIssuer } from '../src/index.ts'
import { alice, answering, eventWith, reading, refusedWith, rig, secretOf } from './fixtures.ts'

const limits = { lifetimeSeconds: 3_600 }

describe('the longest life of a key', () => {
  it('counts from its creation, whatever is changed or rotated on the way', async () => {
    const { access, clock } = rig({ limits })
    const made = await access.createKey(alice, reading)
    const { id } = made.key
    const secrets = [secretOf(made)]
    const end = clock.now() + 3_600_000
    while (clock.now() + 900_000 < end) {
      clock.jump(900_000)
      const left = (end - clock.now()) / 1_000
      await expect(access.patchKey(alice, id, { expiresInSeconds: 3_600 })).rejects.toMatchObject({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining(`at most ${left}:`),
      })
      await access.patchKey(alice, id, { expiresInSeconds: left })
      const rotated = await access.rotateKey(alice, id, { graceSeconds: 0 })
      secrets.push(secretOf(rotated))
      expect(rotated.key.expiresAt).toEqual(new Date(end))
    }
    clock.jump(900_000)
    for (const secret of secrets) {
      expect(await access.withOwner(answering)(eventWith(secret), {})).toMatchObject({
        statusCode: 401,
      })
    }
    expect((await access.getKey(alice.userId, id)).status).toBe('expired')
    const refused = refusedWith('KEY_REVOKED')
    await expect(access.patchKey(alice, id, { expiresInSeconds: 1 })).rejects.toEqual(refused)
    await expect(access.rotateKey(alice, id, { graceSeconds: 0 })).rejects.toEqual(refused)
  })

  it('that is set later holds for older keys from their next rotation on', async () => {
    const { access, store, clock } = rig()
    const { key } = await access.createKey(alice, reading)
    expect(key.expiresAt).toBeUndefined()
    const limited = createDeveloperAccess({ issuer: opaqueIssuer(), store, clock, limits })
    clock.jump(600_000)
    const rotated = await limited.rotateKey(alice, key.id, { graceSeconds: 0 })
    expect(rotated.key.expiresAt).toEqual(new Date(key.createdAt.getTime() + 3_600_000))
    const old = await access.createKey(alice, reading)
    clock.jump(3_600_000)
    await expect(limited.rotateKey(alice, old.key.id, { graceSeconds: 0 })).rejects.toEqual(
      refusedWith('KEY_REVOKED'),
    )
  })

  it('null means without an end: allowed without a longest life, refused with one', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, { ...reading, expiresInSeconds: null })
    expect(key).toMatchObject({ status: 'active' })
    expect(key.expiresAt).toBeUndefined()
    const limited = rig({ limits })
    await expect(
      limited.access.createKey(alice, { ...reading, expiresInSeconds: null }),
    ).rejects.toEqual(refusedWith('REQUEST_INVALID'))
  })

  it.each([0, -1, 0.5, NaN, Infinity, 1e15, '60', true, [60], {}])(
    'the longest life of a key of %j seconds is refused, for a new key and for a patch',
    async (expiresInSeconds) => {
      const { access } = rig()
      const { key } = await access.createKey(alice, reading)
      const wrong = Object({ expiresInSeconds })
      await expect(access.createKey(alice, { ...reading, ...wrong })).rejects.toEqual(
        refusedWith('REQUEST_INVALID'),
      )
      await expect(access.patchKey(alice, key.id, wrong)).rejects.toEqual(
        refusedWith('REQUEST_INVALID'),
      )
    },
  )
})
