import type { KeyChange } from '../store.ts'
import {
  AT,
  because,
  changed,
  done,
  equal,
  includes,
  created,
  newRow,
  newUser,
  type Check,
} from './rows.ts'

/** Changes that a store has to reject. Either all of a change is stored, or nothing. */
export const WRITES: readonly (readonly [name: string, check: Check])[] = [
  [
    'a change of a version that is no longer stored is rejected',
    async ({ store, other }) => {
      const { row, user } = await created(store)
      const next = changed(row, { label: 'next', clientId: row.clientId })
      equal(await store.write({ before: row, after: next, at: AT }), done)
      equal(await other.key(row.id), next)
      const late = changed(row, { label: 'late' })
      equal(await other.write({ before: row, after: late, at: AT }), because('version'))
      equal(await store.write({ before: row, at: AT }), because('version'))
      equal(await store.write({ after: late, at: AT, user }), because('version'))
      const deleted = newRow(user.userId)
      const edit: KeyChange = { before: deleted, after: changed(deleted, {}), at: AT }
      equal(await store.write(edit), because('version'))
      equal(await store.key(row.id), next)
      equal(await store.keysOf(user.userId), [next])
    },
  ],
  [
    'one of 12 concurrent changes of the same version is stored',
    async ({ store, other }) => {
      const { row } = await created(store)
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
      equal(outcomes.filter((outcome) => outcome.done).length, 1)
      const winner = outcomes.findIndex((outcome) => outcome.done)
      equal((await store.key(row.id))?.label, `by ${winner}`)
      equal(
        (await store.events(row.id)).map(({ by }) => by),
        [`${winner}`],
      )
    },
  ],
  [
    'a client ID belongs to one key, and a change that would take it stores nothing',
    async ({ store }) => {
      const { row } = await created(store)
      const thief = newUser()
      const event = { type: 'created', at: AT, by: thief.userId } as const
      const taking = newRow(thief.userId, { clientId: row.clientId })
      equal(await store.write({ after: taking, at: AT, user: thief, event }), because('client-id'))
      equal(await store.key(taking.id), undefined)
      equal(await store.user({ userId: thief.userId }), undefined)
      equal(await store.events(taking.id), [])
      const ownRow = await created(store, { state: 'pending', clientId: undefined }, thief)
      const activated = changed(ownRow.row, { state: 'active', clientId: row.clientId })
      equal(
        await store.write({ before: ownRow.row, after: activated, at: AT }),
        because('client-id'),
      )
      equal((await store.byClientId(row.clientId!))?.key, row)
    },
  ],
  [
    'a username belongs to one user, and is free after that user has changed it',
    async ({ store }) => {
      const { user } = await created(store)
      const thief = { ...newUser(), username: user.username }
      const taking = newRow(thief.userId)
      equal(await store.write({ after: taking, at: AT, user: thief }), because('username'))
      equal(await store.key(taking.id), undefined)
      await created(store, {}, { ...user, username: 'another name', email: 'new@example.com' })
      includes(await store.user({ userId: user.userId }), { email: 'new@example.com' })
      equal(await store.user({ username: user.username }), undefined)
      equal(await store.write({ after: taking, at: AT, user: thief }), done)
      includes(await store.user({ username: 'another name' }), { userId: user.userId })
    },
  ],
  [
    'a username belongs to one user of each issuer, and is found without the issuer if only one has it',
    async ({ store, other }) => {
      const { user } = await created(store)
      const { username } = user
      const { issuer: _issuer, ...local } = { ...newUser(), username }
      const elsewhere = { ...newUser(), username, issuer: 'https://another.example.com' }
      includes(await store.user({ username }), { userId: user.userId })
      await created(store, {}, elsewhere)
      await created(other, {}, local)
      equal(await store.user({ username }), undefined)
      for (const { userId, issuer } of [user, elsewhere]) {
        includes(await store.user({ username, issuer }), { userId })
      }
      equal(await store.user({ username, issuer: 'https://none.example.com' }), undefined)
      const thief = { ...newUser(), username, issuer: elsewhere.issuer }
      const taking = newRow(thief.userId)
      equal(await store.write({ after: taking, at: AT, user: thief }), because('username'))
    },
  ],
  [
    'a user has at most as many live keys as the limit, also with 12 concurrent requests',
    async ({ store, other }) => {
      const user = newUser()
      const rows = Array.from({ length: 12 }, (_, index) =>
        newRow(user.userId, index % 2 ? { state: 'pending', clientId: undefined } : {}),
      )
      const outcomes = await Promise.all(
        rows.map((after, index) =>
          (index % 2 ? store : other).write({ after, at: AT, user, limit: 5 }),
        ),
      )
      equal(outcomes.filter((outcome) => outcome.done).length, 5)
      equal(
        outcomes.filter((outcome) => !outcome.done),
        Array(7).fill(because('limit')),
      )
      const [first] = await store.keysOf(user.userId)
      const closing = changed(first!, { state: 'closing' })
      equal(await store.write({ before: first!, after: closing, at: AT }), done)
      const closed = changed(closing, { state: 'closed' })
      equal(await store.write({ before: closing, after: closed, at: AT }), done)
      const next = newRow(user.userId)
      equal(await store.write({ after: next, at: AT, user, limit: 5 }), done)
      equal(
        await store.write({ after: newRow(user.userId), at: AT, user, limit: 5 }),
        because('limit'),
      )
      equal(await store.write({ before: next, at: AT }), done)
      equal(await store.write({ after: newRow(user.userId), at: AT, user, limit: 5 }), done)
    },
  ],
  [
    '12 concurrent changes with one idempotency token are stored once, until it expires or is replaced',
    async ({ store, other }) => {
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
      equal(outcomes.filter((outcome) => outcome.done).length, 1)
      equal(
        outcomes.filter((outcome) => !outcome.done),
        Array(11).fill(because('once')),
      )
      const ref = `ref-${outcomes.findIndex((outcome) => outcome.done)}`
      equal(await other.once(token, AT), { ref, request: 'asked' })
      equal((await store.keysOf(user.userId)).length, 1)
      equal(await store.write(asking('b', { insteadOf: 'wrong' })), because('once'))
      equal(await store.write(asking('b', { insteadOf: ref })), done)
      equal(await store.once(token, AT), { ref: 'b', request: 'asked' })
      equal(await store.once(token, AT + 1_000), undefined)
      equal(await store.write(asking('c', { until: AT + 9_000 }, AT + 1_000)), done)
      includes(await store.once(token, AT + 1_000), { ref: 'c' })
    },
  ],
  [
    'an idempotency token stays free if its change was rejected',
    async ({ store }) => {
      const { row, user } = await created(store)
      const token = `token-${user.userId}`
      const once = { token, request: 'asked', ref: 'r', until: AT + 1_000 }
      const stale = { ...row, version: 7 }
      const change = { before: stale, after: changed(stale, {}), at: AT, once }
      equal(await store.write(change), because('version'))
      equal(await store.once(token, AT), undefined)
    },
  ],
]
