import type { KeyChange, KeyRow, KeyStore, Outcome } from '@iamfetch/developer-access'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A store to be tested. */
export interface KeyStoreUnderTest {
  store: KeyStore
  /** The same place through another connection, as another process has it. */
  other: KeyStore
  stop?: () => unknown
}

const AT = Date.UTC(2026, 0, 1)
const done: Outcome = { done: true }
const because = (reason: string): unknown => ({ done: false, because: reason })

/** What every {@link KeyStore} has to do. Each implementation runs it. */
export function keyStoreContract(name: string, start: () => Promise<KeyStoreUnderTest>): void {
  describe(`the key store ${name}`, () => {
    let store: KeyStore
    let other: KeyStore
    let stop: KeyStoreUnderTest['stop']
    let serial = 0

    beforeAll(async () => {
      const under = await start()
      store = under.store
      other = under.other
      stop = under.stop
    }, 180_000)
    afterAll(() => stop?.())

    const newUser = (userId = `user-${++serial}`) => ({
      userId,
      username: `name of ${userId}`,
      email: `${serial}@example.com`,
    })
    const newRow = (userId: string, more: Partial<KeyRow> = {}): KeyRow => ({
      id: `key_${++serial}`,
      userId,
      version: 1,
      state: 'active',
      clientId: `client-${serial}`,
      label: 'of a test',
      scopes: ['notes/read'],
      secrets: [{ id: 's1', hash: 'ab', last4: '1234', createdAt: AT }],
      createdAt: AT + serial,
      ...more,
    })
    const made = async (more: Partial<KeyRow> = {}, user = newUser()) => {
      const row = newRow(user.userId, more)
      expect(await store.write({ after: row, at: AT, user })).toEqual(done)
      return { row, user }
    }
    const changed = (before: KeyRow, more: Partial<KeyRow>): KeyRow => ({
      ...before,
      ...more,
      version: before.version + 1,
    })
    const collected = async (rows: AsyncIterable<KeyRow>): Promise<KeyRow[]> => {
      const all: KeyRow[] = []
      for await (const row of rows) all.push(row)
      return all
    }

    test('finds user ID, username and client ID by each other, through every connection', async () => {
      const { row, user } = await made()
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
      for (const userId of names) rows.push(await made({}, newUser(userId)))
      for (const { row, user } of rows) {
        expect(await store.keysOf(user.userId)).toEqual([row])
        expect(await store.user({ username: user.username })).toEqual(user)
      }
    })

    test('changes a key that is as it was read, and no other', async () => {
      const { row, user } = await made()
      const next = changed(row, { label: 'next', clientId: row.clientId })
      expect(await store.write({ before: row, after: next, at: AT })).toEqual(done)
      expect(await other.key(row.id)).toEqual(next)
      const late = changed(row, { label: 'late' })
      expect(await other.write({ before: row, after: late, at: AT })).toEqual(because('version'))
      expect(await store.write({ before: row, at: AT })).toEqual(because('version'))
      expect(await store.write({ after: late, at: AT, user })).toEqual(because('version'))
      const gone = newRow(user.userId)
      const edit: KeyChange = { before: gone, after: changed(gone, {}), at: AT }
      expect(await store.write(edit)).toEqual(because('version'))
      expect(await store.key(row.id)).toEqual(next)
      expect(await store.keysOf(user.userId)).toEqual([next])
    })

    test('lets one of many changes of the same version happen', async () => {
      const { row } = await made()
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 ? store : other).write({
            before: row,
            after: changed(row, { label: `by ${index}` }),
            at: AT,
            event: { type: 'changed', at: AT, by: `${index}` },
          }),
        ),
      )
      expect(outcomes.filter((one) => one.done)).toHaveLength(1)
      const winner = outcomes.findIndex((one) => one.done)
      expect((await store.key(row.id))?.label).toBe(`by ${winner}`)
      expect((await store.events(row.id)).map(({ by }) => by)).toEqual([`${winner}`])
    })

    test('gives a client ID to one key, and writes nothing of what would take it', async () => {
      const { row } = await made()
      const thief = newUser()
      const event = { type: 'created', at: AT, by: thief.userId } as const
      const taking = newRow(thief.userId, { clientId: row.clientId })
      expect(await store.write({ after: taking, at: AT, user: thief, event })).toEqual(
        because('client-id'),
      )
      expect(await store.key(taking.id)).toBeUndefined()
      expect(await store.user({ userId: thief.userId })).toBeUndefined()
      expect(await store.events(taking.id)).toEqual([])
      const own = await made({ state: 'pending', clientId: undefined }, thief)
      const activated = changed(own.row, { state: 'active', clientId: row.clientId })
      expect(await store.write({ before: own.row, after: activated, at: AT })).toEqual(
        because('client-id'),
      )
      expect((await store.byClientId(row.clientId!))?.key).toEqual(row)
    })

    test('gives a username to one user, and frees it when the user takes another', async () => {
      const { user } = await made()
      const thief = { ...newUser(), username: user.username }
      const taking = newRow(thief.userId)
      expect(await store.write({ after: taking, at: AT, user: thief })).toEqual(because('username'))
      expect(await store.key(taking.id)).toBeUndefined()
      await made({}, { ...user, username: 'another name', email: 'new@example.com' })
      expect(await store.user({ userId: user.userId })).toMatchObject({ email: 'new@example.com' })
      expect(await store.user({ username: user.username })).toBeUndefined()
      expect(await store.write({ after: taking, at: AT, user: thief })).toEqual(done)
      expect(await store.user({ username: 'another name' })).toMatchObject({ userId: user.userId })
    })

    test('lets a user have as many live keys as the limit says, however many are asked for at once', async () => {
      const user = newUser()
      const rows = Array.from({ length: 12 }, (_, index) =>
        newRow(user.userId, index % 2 ? { state: 'pending', clientId: undefined } : {}),
      )
      const outcomes = await Promise.all(
        rows.map((after, index) =>
          (index % 2 ? store : other).write({ after, at: AT, user, limit: 5 }),
        ),
      )
      expect(outcomes.filter((one) => one.done)).toHaveLength(5)
      expect(outcomes.filter((one) => !one.done)).toEqual(Array(7).fill(because('limit')))
      const [first] = await store.keysOf(user.userId)
      const closing = changed(first!, { state: 'closing' })
      expect(await store.write({ before: first!, after: closing, at: AT })).toEqual(done)
      const closed = changed(closing, { state: 'closed' })
      expect(await store.write({ before: closing, after: closed, at: AT })).toEqual(done)
      const next = newRow(user.userId)
      expect(await store.write({ after: next, at: AT, user, limit: 5 })).toEqual(done)
      expect(await store.write({ after: newRow(user.userId), at: AT, user, limit: 5 })).toEqual(
        because('limit'),
      )
      expect(await store.write({ before: next, at: AT })).toEqual(done)
      expect(await store.write({ after: newRow(user.userId), at: AT, user, limit: 5 })).toEqual(
        done,
      )
    })

    test('does once what has one token, until its time is over or another attempt replaces it', async () => {
      const user = newUser()
      const token = `token-${user.userId}`
      const asking = (ref: string, more: object = {}, at = AT): KeyChange => ({
        after: newRow(user.userId),
        at,
        user,
        once: { token, request: 'asked', ref, until: AT + 1_000, ...more },
      })
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 ? store : other).write(asking(`ref-${index}`)),
        ),
      )
      expect(outcomes.filter((one) => one.done)).toHaveLength(1)
      expect(outcomes.filter((one) => !one.done)).toEqual(Array(11).fill(because('once')))
      const ref = `ref-${outcomes.findIndex((one) => one.done)}`
      expect(await other.once(token, AT)).toEqual({ ref, request: 'asked' })
      expect(await store.keysOf(user.userId)).toHaveLength(1)
      expect(await store.write(asking('b', { insteadOf: 'wrong' }))).toEqual(because('once'))
      expect(await store.write(asking('b', { insteadOf: ref }))).toEqual(done)
      expect(await store.once(token, AT)).toEqual({ ref: 'b', request: 'asked' })
      expect(await store.once(token, AT + 1_000)).toBeUndefined()
      expect(await store.write(asking('c', { until: AT + 9_000 }, AT + 1_000))).toEqual(done)
      expect(await store.once(token, AT + 1_000)).toMatchObject({ ref: 'c' })
    })

    test('keeps a token free when the change that came with it did not happen', async () => {
      const { row, user } = await made()
      const token = `token-${user.userId}`
      const once = { token, request: 'asked', ref: 'r', until: AT + 1_000 }
      const stale = { ...row, version: 7 }
      const change = { before: stale, after: changed(stale, {}), at: AT, once }
      expect(await store.write(change)).toEqual(because('version'))
      expect(await store.once(token, AT)).toBeUndefined()
    })

    test('tells events in the order in which they happened', async () => {
      let { row } = await made()
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
      const { row } = await made()
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
      const late = (await made({ expiresAt: AT + 300_000 }, user)).row
      const soon = (await made({ expiresAt: AT + 20_000 }, user)).row
      const never = (await made({}, user)).row
      const now = (await made({ state: 'closing' }, user)).row
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
      const rows = Array.from({ length: 130 }, (_, index) =>
        newRow(user.userId, index % 5 ? {} : { state: 'closed' }),
      )
      for (const after of rows) await store.write({ after, at: AT, user })
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
      const { row, user } = await made({ expiresAt: AT })
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
      const { row, user } = await made()
      expect(await store.removeUser(user.userId)).toBe(false)
      const closed = changed(row, { state: 'closed' })
      await store.write({ before: row, after: closed, at: AT })
      expect(await store.removeUser(user.userId)).toBe(true)
      expect(await store.user({ userId: user.userId })).toBeUndefined()
      expect(await store.byClientId(row.clientId!)).toEqual({ key: closed, user: undefined })
      const heir = { ...newUser(), username: user.username }
      await made({}, heir)
      expect(await store.user({ username: user.username })).toEqual(heir)
      expect(await store.byClientId(row.clientId!)).toEqual({ key: closed, user: undefined })
      expect(await store.removeUser('none')).toBe(true)
    })
  })
}
