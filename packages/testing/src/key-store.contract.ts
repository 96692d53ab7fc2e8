import type { KeyRow, KeyStore } from '@iamfetch/developer-access'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AT, changed, done, made, newRow, newUser, type KeyStoreUnderTest } from './key-rows.ts'
import { keyStoreWritesContract } from './key-store-writes.contract.ts'

/** What every {@link KeyStore} has to do. Each implementation runs it. */
export function keyStoreContract(name: string, start: () => Promise<KeyStoreUnderTest>): void {
  describe(`the key store ${name}`, () => {
    let store: KeyStore
    let other: KeyStore
    let stop: KeyStoreUnderTest['stop']

    beforeAll(async () => {
      const under = await start()
      store = under.store
      other = under.other
      stop = under.stop
    }, 180_000)
    afterAll(() => stop?.())

    const collected = async (rows: AsyncIterable<KeyRow>): Promise<KeyRow[]> => {
      const all: KeyRow[] = []
      for await (const row of rows) all.push(row)
      return all
    }

    keyStoreWritesContract(() => ({ store, other }))

    test('finds user ID, username and client ID by each other, through every connection', async () => {
      const { row, user } = await made(store)
      for (const one of [store, other]) {
        expect(await one.key(row.id)).toEqual(row)
        expect(await one.byClientId(row.clientId!)).toEqual({ key: row, user })
        expect(await one.user({ userId: user.userId })).toEqual(user)
        expect(await one.user({ username: user.username })).toEqual(user)
        expect(await one.keysOf(user.userId)).toEqual([row])
      }
    })

    test('gives nothing for what it does not know', async () => {
      expect(await store.key('key_none')).toBeUndefined()
      expect(await store.byClientId('none')).toBeUndefined()
      expect(await store.user({ userId: 'none' })).toBeUndefined()
      expect(await store.user({ username: 'none' })).toBeUndefined()
      expect(await store.keysOf('none')).toEqual([])
      expect(await store.events('key_none')).toEqual([])
      expect(await store.once('none', AT)).toBeUndefined()
    })

    test('keeps names apart that look like its own, or like SQL', async () => {
      const names = ['a#b', "a'; DROP TABLE keys --", 'user', 'ключ 🗝', 'a', 'A', 'a ', '%', '_']
      const rows = []
      for (const userId of names) rows.push(await made(store, {}, newUser(userId)))
      for (const { row, user } of rows) {
        expect(await store.keysOf(user.userId)).toEqual([row])
        expect(await store.user({ username: user.username })).toEqual(user)
      }
    })

    test('tells events in the order in which they happened', async () => {
      let { row } = await made(store)
      const said = []
      for (let index = 0; index < 12; index++) {
        const next = changed(row, { label: `${index}` })
        const event = {
          type: 'changed',
          at: AT + (index >> 2),
          by: 'x',
          detail: { index },
        } as const
        said.push(event)
        expect(await store.write({ before: row, after: next, at: AT, event })).toEqual(done)
        row = next
      }
      expect(await other.events(row.id)).toEqual(said)
    })

    test('keeps the last use apart from changes', async () => {
      const { row } = await made(store)
      await store.touch(row.id, AT + 50)
      await other.touch(row.id, AT + 40)
      const used = await store.key(row.id)
      expect(used).toEqual({ ...row, lastUsedAt: AT + 50 })
      await store.touch(row.id, AT + 60)
      // Changed by somebody who read it before.
      const next = changed(used!, { label: 'next' })
      expect(await store.write({ before: used!, after: next, at: AT })).toEqual(done)
      expect(await store.key(row.id)).toEqual({ ...next, lastUsedAt: AT + 60 })
      await store.touch('key_none', AT)
      expect(await store.key('key_none')).toBeUndefined()
    })

    test('tells what is due, the most urgent first', async () => {
      const user = newUser()
      const due = async (by: number, atMost = 1_000) =>
        (await store.due(by, atMost)).filter(({ userId }) => userId === user.userId)
      const late = (await made(store, { expiresAt: AT + 300_000 }, user)).row
      const soon = (await made(store, { expiresAt: AT + 20_000 }, user)).row
      const never = (await made(store, {}, user)).row
      const now = (await made(store, { state: 'closing' }, user)).row
      expect(await due(AT)).toEqual([now])
      expect(await due(AT + 300_000)).toEqual([now, soon, late])
      expect(await store.due(AT + 1_000_000, 1)).toHaveLength(1)
      const closed = changed(now, { state: 'closed' })
      await store.write({ before: now, after: closed, at: AT })
      const longer = changed(soon, { expiresAt: AT + 400_000 })
      await store.write({ before: soon, after: longer, at: AT })
      await store.write({ before: late, at: AT })
      expect(await due(AT + 300_000)).toEqual([])
      expect(await due(AT + 400_000)).toEqual([longer])
      expect(await store.key(never.id)).toEqual(never)
    })

    test('lists many keys whole and in order, and goes through all that are active', async () => {
      const user = newUser()
      // More than DynamoDB gives at once: BatchGetItem takes 100 keys.
      const rows = Array.from({ length: 105 }, (_, index) =>
        newRow(user.userId, index % 5 ? {} : { state: 'closed' }),
      )
      // The first key of a user brings the user.
      for (const [index, after] of rows.entries())
        await store.write({ after, at: AT, ...(index === 0 && { user }) })
      expect(await store.keysOf(user.userId)).toEqual(rows)
      const active = (await collected(store.active())).filter(
        ({ userId }) => userId === user.userId,
      )
      const byId = (one: KeyRow, two: KeyRow): number => (one.id < two.id ? -1 : 1)
      expect(active.toSorted(byId)).toEqual(
        rows.filter(({ state }) => state === 'active').toSorted(byId),
      )
    })

    test('removes a key without trace', async () => {
      const { row, user } = await made(store, { expiresAt: AT })
      const next = changed(row, {})
      const event = { type: 'changed', at: AT, by: 'x' } as const
      await store.write({ before: row, after: next, at: AT, event })
      expect(await store.write({ before: next, at: AT })).toEqual(done)
      expect(await store.key(row.id)).toBeUndefined()
      expect(await store.byClientId(row.clientId!)).toBeUndefined()
      expect(await store.keysOf(user.userId)).toEqual([])
      expect(await store.events(row.id)).toEqual([])
      expect((await store.due(AT, 1_000)).filter(({ id }) => id === row.id)).toEqual([])
      const heir = newRow(user.userId, { clientId: row.clientId })
      expect(await store.write({ after: heir, at: AT, user })).toEqual(done)
    })

    test('removes a user who has no live key, and keeps the others’ keys from whoever gets the name', async () => {
      const { row, user } = await made(store)
      expect(await store.removeUser(user.userId)).toBe(false)
      const closed = changed(row, { state: 'closed' })
      await store.write({ before: row, after: closed, at: AT })
      expect(await store.removeUser(user.userId)).toBe(true)
      expect(await store.user({ userId: user.userId })).toBeUndefined()
      expect(await store.byClientId(row.clientId!)).toEqual({ key: closed, user: undefined })
      const heir = { ...newUser(), username: user.username }
      await made(store, {}, heir)
      expect(await store.user({ username: user.username })).toEqual(heir)
      expect(await store.byClientId(row.clientId!)).toEqual({ key: closed, user: undefined })
      expect(await store.removeUser('none')).toBe(true)
    })
  })
}
