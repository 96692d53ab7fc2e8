import type { KeyChange, KeyStore } from '@iamfetch/developer-access'
import { expect, test } from 'vitest'
import { AT, because, changed, done, made, newRow, newUser } from './key-rows.ts'

/** What a store has to refuse, however many write at once: all of a change happens, or nothing of it. */
export function keyStoreWritesContract(started: () => { store: KeyStore; other: KeyStore }): void {
  test('changes a key that is as it was read, and no other', async () => {
    const { store, other } = started()
    const { row, user } = await made(store)
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
    const { store, other } = started()
    const { row } = await made(store)
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
    const { store } = started()
    const { row } = await made(store)
    const thief = newUser()
    const event = { type: 'created', at: AT, by: thief.userId } as const
    const taking = newRow(thief.userId, { clientId: row.clientId })
    expect(await store.write({ after: taking, at: AT, user: thief, event })).toEqual(
      because('client-id'),
    )
    expect(await store.key(taking.id)).toBeUndefined()
    expect(await store.user({ userId: thief.userId })).toBeUndefined()
    expect(await store.events(taking.id)).toEqual([])
    const own = await made(store, { state: 'pending', clientId: undefined }, thief)
    const activated = changed(own.row, { state: 'active', clientId: row.clientId })
    expect(await store.write({ before: own.row, after: activated, at: AT })).toEqual(
      because('client-id'),
    )
    expect((await store.byClientId(row.clientId!))?.key).toEqual(row)
  })

  test('gives a username to one user, and frees it when the user takes another', async () => {
    const { store } = started()
    const { user } = await made(store)
    const thief = { ...newUser(), username: user.username }
    const taking = newRow(thief.userId)
    expect(await store.write({ after: taking, at: AT, user: thief })).toEqual(because('username'))
    expect(await store.key(taking.id)).toBeUndefined()
    await made(store, {}, { ...user, username: 'another name', email: 'new@example.com' })
    expect(await store.user({ userId: user.userId })).toMatchObject({ email: 'new@example.com' })
    expect(await store.user({ username: user.username })).toBeUndefined()
    expect(await store.write({ after: taking, at: AT, user: thief })).toEqual(done)
    expect(await store.user({ username: 'another name' })).toMatchObject({ userId: user.userId })
  })

  test('lets a user have as many live keys as the limit says, however many are asked for at once', async () => {
    const { store, other } = started()
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
    expect(await store.write({ after: newRow(user.userId), at: AT, user, limit: 5 })).toEqual(done)
  })

  test('does once what has one token, until its time is over or another attempt replaces it', async () => {
    const { store, other } = started()
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
    const { store } = started()
    const { row, user } = await made(store)
    const token = `token-${user.userId}`
    const once = { token, request: 'asked', ref: 'r', until: AT + 1_000 }
    const stale = { ...row, version: 7 }
    const change = { before: stale, after: changed(stale, {}), at: AT, once }
    expect(await store.write(change)).toEqual(because('version'))
    expect(await store.once(token, AT)).toBeUndefined()
  })
}
