import { eventFixtures } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import { cognitoIssuer, createDeveloperAccess, type KeyUser, type Profile } from '../src/index.ts'
import { fakePool, userPoolId } from './fake-pool.ts'
import { alice, answering, eventWith, quickClock, refusedWith, rig, secretOf } from './fixtures.ts'

const both = { label: 'both', scopes: ['notes/read', 'notes/write'] }
/** Alice, after she has lost a scope. */
const reader: KeyUser = { ...alice, scopes: ['notes/read'] }

describe('a scope that the user has lost', () => {
  it('is in no new secret: neither a creation nor a rotation hands it out', async () => {
    const { access, store } = rig()
    const { key } = await access.createKey(alice, both)
    await expect(access.createKey(reader, both)).rejects.toEqual(refusedWith('SCOPES_NOT_HELD'))
    for (const graceSeconds of [0, 60]) {
      await expect(access.rotateKey(reader, key.id, { graceSeconds })).rejects.toMatchObject({
        code: 'SCOPES_NOT_HELD',
        message: 'The key has scopes that you no longer hold: notes/write.',
        remedy: 'Remove these scopes from the key first, or revoke it.',
      })
    }
    const row = await store.key(key.id)
    expect([row?.version, row?.rotation]).toEqual([key.version, undefined])
  })

  it('keeps a key from being prolonged, and from nothing else', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, { ...both, expiresInSeconds: 60 })
    for (const expiresInSeconds of [61, null]) {
      await expect(access.patchKey(reader, key.id, { expiresInSeconds })).rejects.toEqual(
        refusedWith('SCOPES_NOT_HELD'),
      )
    }
    await access.patchKey(reader, key.id, { label: 'renamed' })
    await access.patchKey(reader, key.id, { expiresInSeconds: 30 })
    await expect(
      access.patchKey(reader, key.id, { scopes: both.scopes, expiresInSeconds: 60 }),
    ).rejects.toEqual(refusedWith('SCOPES_NOT_HELD'))
  })

  it('is removed with a patch, after which the key is rotated and prolonged again', async () => {
    const { access } = rig()
    const made = await access.createKey(alice, { ...both, expiresInSeconds: 60 })
    const { id } = made.key
    await access.patchKey(reader, id, { scopes: ['notes/read'], expiresInSeconds: 120 })
    const rotated = await access.rotateKey(reader, id, { graceSeconds: 60 })
    for (const shown of [made, rotated]) {
      const caller = await access.withOwner(answering)(eventWith(secretOf(shown)), {})
      expect(caller).toMatchObject({ scopes: ['notes/read'] })
    }
  })

  it('is refused by the routes too, which read what the user holds for each request', async () => {
    let held = both.scopes
    const { access } = rig({ users: { scopesOf: () => held } })
    const app = access.routes()
    const send = async (method: string, path: string, body: object) => {
      const event = eventFixtures['http-jwt'].event()
      const init = { method, body: JSON.stringify(body) }
      const response = await app.request(path, init, Object({ event }))
      return { status: response.status, body: Object(await response.json()) }
    }
    const { body } = await send('POST', '/keys', { ...both, expiresInSeconds: 60 })
    const path = `/keys/${body.key.id}`
    held = ['notes/read']
    for (const [method, at, change] of [
      ['POST', `${path}/rotate`, { graceSeconds: 0 }],
      ['PATCH', path, { expiresInSeconds: 3_600 }],
      ['PATCH', path, { expiresInSeconds: null }],
      ['PATCH', path, { scopes: both.scopes }],
      ['POST', '/keys', both],
    ] as const) {
      expect(await send(method, at, change), `${method} ${at}`).toMatchObject({
        status: 403,
        body: { error: 'SCOPES_NOT_HELD' },
      })
    }
    expect(await send('DELETE', path, {})).toMatchObject({ status: 200 })
  })

  it('is not given to an app client by a sweep that completes a change', async () => {
    let profile: Profile | undefined = {}
    const clock = quickClock()
    const pool = fakePool(clock)
    const { store } = rig()
    const state = { down: false }
    const fetch: typeof globalThis.fetch = (input, init) =>
      state.down ? Promise.reject(new Error('down')) : pool.fetch(input, init)
    const access = createDeveloperAccess({
      issuer: cognitoIssuer({ userPoolId, fetch, clock, random: () => 0 }),
      store,
      clock,
      users: { profile: () => profile },
    })
    const { key } = await access.createKey(alice, { label: 'x', scopes: ['notes/read'] })
    state.down = true
    await access.patchKey(alice, key.id, { scopes: both.scopes })
    state.down = false
    profile = { scopes: ['notes/read'] }
    expect(await access.sweep()).toMatchObject({ settled: 1, deferred: 0 })
    expect(pool.clients.get(key.clientId)?.scopes).toEqual(['notes/read'])
    expect(await access.getKey(alice.userId, key.id)).toMatchObject({ scopes: ['notes/read'] })
  })

  it('cannot be left out of the question: a call without the held scopes is a TypeError', async () => {
    const { access } = rig()
    const { key } = await access.createKey(alice, both)
    const wrong = [alice.userId, { userId: alice.userId }, undefined]
    for (const user of wrong) {
      // @ts-expect-error what a caller without types may pass
      await expect(access.rotateKey(user, key.id, { graceSeconds: 0 })).rejects.toMatchObject({
        name: 'TypeError',
        code: 'INVALID_OPTION',
        message: expect.stringContaining('rotateKey: the first argument'),
      })
      // @ts-expect-error what a caller without types may pass
      await expect(access.patchKey(user, key.id, {})).rejects.toThrow(TypeError)
      // @ts-expect-error what a caller without types may pass
      await expect(access.createKey(user, both)).rejects.toThrow(TypeError)
    }
  })
})
