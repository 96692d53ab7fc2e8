import type { KeyRow } from '../key.ts'
import { AT, changed, done, equal, created, newRow, newUser, type Check } from './rows.ts'

const collected = async (rows: AsyncIterable<KeyRow>): Promise<KeyRow[]> => {
  const all: KeyRow[] = []
  for await (const row of rows) all.push(row)
  return all
}

/** Finding, listing and removing, which every store has to support. */
export const READS: readonly (readonly [name: string, check: Check])[] = [
  [
    'a key and its user are found by user ID, username and client ID through every connection',
    async ({ store, other }) => {
      const { row, user } = await created(store)
      for (const keyStore of [store, other]) {
        equal(await keyStore.key(row.id), row)
        equal(await keyStore.byClientId(row.clientId!), { key: row, user })
        equal(await keyStore.user({ userId: user.userId }), user)
        equal(await keyStore.user({ username: user.username }), user)
        equal(await keyStore.keysOf(user.userId), [row])
      }
    },
  ],
  [
    'unknown IDs return undefined or an empty list',
    async ({ store }) => {
      equal(await store.key('key_none'), undefined)
      equal(await store.byClientId('none'), undefined)
      equal(await store.user({ userId: 'none' }), undefined)
      equal(await store.user({ username: 'none' }), undefined)
      equal(await store.keysOf('none'), [])
      equal(await store.events('key_none'), [])
      equal(await store.once('none', AT), undefined)
    },
  ],
  [
    'names that look like SQL, like keys of the store or like each other are kept apart',
    async ({ store }) => {
      const names = ['a#b', "a'; DROP TABLE keys --", 'user', 'ключ 🗝', 'a', 'A', 'a ', '%', '_']
      const rows = []
      for (const userId of names) rows.push(await created(store, {}, newUser(userId)))
      for (const { row, user } of rows) {
        equal(await store.keysOf(user.userId), [row])
        equal(await store.user({ username: user.username }), user)
      }
    },
  ],
  [
    'events are returned in the order in which they happened',
    async ({ store, other }) => {
      let { row } = await created(store)
      const names = []
      for (let index = 0; index < 12; index++) {
        const next = changed(row, { label: `${index}` })
        const event = {
          type: 'changed',
          at: AT + (index >> 2),
          by: 'x',
          detail: { index },
        } as const
        names.push(event)
        equal(await store.write({ before: row, after: next, at: AT, event }), done)
        row = next
      }
      equal(await other.events(row.id), names)
    },
  ],
  [
    'the time of the last use is kept when the key changes',
    async ({ store, other }) => {
      const { row } = await created(store)
      await store.touch(row.id, AT + 50)
      await other.touch(row.id, AT + 40)
      const used = await store.key(row.id)
      equal(used, { ...row, lastUsedAt: AT + 50 })
      await store.touch(row.id, AT + 60)
      // Changed by a process that read it earlier.
      const next = changed(used!, { label: 'next' })
      equal(await store.write({ before: used!, after: next, at: AT }), done)
      equal(await store.key(row.id), { ...next, lastUsedAt: AT + 60 })
      await store.touch('key_none', AT)
      equal(await store.key('key_none'), undefined)
    },
  ],
  [
    'keys that are due are returned with the most urgent first',
    async ({ store }) => {
      const user = newUser()
      const due = async (by: number, atMost = 1_000) =>
        (await store.due(by, atMost)).filter(({ userId }) => userId === user.userId)
      const late = (await created(store, { expiresAt: AT + 300_000 }, user)).row
      const soon = (await created(store, { expiresAt: AT + 20_000 }, user)).row
      const never = (await created(store, {}, user)).row
      const now = (await created(store, { state: 'closing' }, user)).row
      equal(await due(AT), [now])
      equal(await due(AT + 300_000), [now, soon, late])
      equal((await store.due(AT + 1_000_000, 1)).length, 1)
      const closed = changed(now, { state: 'closed' })
      await store.write({ before: now, after: closed, at: AT })
      const longer = changed(soon, { expiresAt: AT + 400_000 })
      await store.write({ before: soon, after: longer, at: AT })
      await store.write({ before: late, at: AT })
      equal(await due(AT + 300_000), [])
      equal(await due(AT + 400_000), [longer])
      equal(await store.key(never.id), never)
    },
  ],
  [
    '105 keys of a user are listed completely and in order, and every active key is found',
    async ({ store }) => {
      const user = newUser()
      // More than DynamoDB returns at once: BatchGetItem takes 100 keys.
      const rows = Array.from({ length: 105 }, (_, index) =>
        newRow(user.userId, index % 5 ? {} : { state: 'closed' }),
      )
      // The first key of a user brings the user.
      for (const [index, after] of rows.entries())
        await store.write({ after, at: AT, ...(index === 0 && { user }) })
      equal(await store.keysOf(user.userId), rows)
      const active = (await collected(store.active())).filter(
        ({ userId }) => userId === user.userId,
      )
      const byId = (first: KeyRow, second: KeyRow): number => (first.id < second.id ? -1 : 1)
      equal(active.toSorted(byId), rows.filter(({ state }) => state === 'active').toSorted(byId))
    },
  ],
  [
    'a removed key leaves no client ID, no events and no date behind',
    async ({ store }) => {
      const { row, user } = await created(store, { expiresAt: AT })
      const next = changed(row, {})
      const event = { type: 'changed', at: AT, by: 'x' } as const
      await store.write({ before: row, after: next, at: AT, event })
      equal(await store.write({ before: next, at: AT }), done)
      equal(await store.key(row.id), undefined)
      equal(await store.byClientId(row.clientId!), undefined)
      equal(await store.keysOf(user.userId), [])
      equal(await store.events(row.id), [])
      equal(
        (await store.due(AT, 1_000)).filter(({ id }) => id === row.id),
        [],
      )
      const heir = newRow(user.userId, { clientId: row.clientId })
      equal(await store.write({ after: heir, at: AT, user }), done)
    },
  ],
  [
    'a user without live keys can be removed, and the next user with that name does not get the keys',
    async ({ store }) => {
      const { row, user } = await created(store)
      equal(await store.removeUser(user.userId), false)
      const closed = changed(row, { state: 'closed' })
      await store.write({ before: row, after: closed, at: AT })
      equal(await store.removeUser(user.userId), true)
      equal(await store.user({ userId: user.userId }), undefined)
      equal(await store.byClientId(row.clientId!), { key: closed, user: undefined })
      const heir = { ...newUser(), username: user.username }
      await created(store, {}, heir)
      equal(await store.user({ username: user.username }), heir)
      equal(await store.byClientId(row.clientId!), { key: closed, user: undefined })
      equal(await store.removeUser('none'), true)
    },
  ],
]
