import assert from 'node:assert/strict'
import type { KeyRow } from '../key.ts'
import type { KeyStore, Outcome, StoredUser } from '../store.ts'

/** A store to test. */
export interface KeyStoreUnderTest {
  /** One connection to the store. */
  store: KeyStore
  /** A second connection to the same data, as another process would have. May be the same object if there is only one process. */
  other: KeyStore
}

/** One test of the contract. */
export type Check = (under: KeyStoreUnderTest) => Promise<void>

/** Compares two values by their properties. A property that is `undefined` is equal to a missing one. */
export const equal = (actual: unknown, expected: unknown): void =>
  assert.deepEqual(withoutUndefined(actual), withoutUndefined(expected))

/** Checks that an object has some properties, and perhaps others. */
export const includes = (actual: object | undefined, expected: object): void => {
  assert.ok(actual)
  const names = Object.keys(expected)
  equal(
    Object.fromEntries(Object.entries(actual).filter(([name]) => names.includes(name))),
    expected,
  )
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, withoutUndefined(part)]),
  )
}

/** When everything happens. */
export const AT: number = Date.UTC(2026, 0, 1)

/** A change that happened. */
export const done: Outcome = { done: true }

/** A change that did not happen. */
export const because = (reason: string): unknown => ({ done: false, because: reason })

let serial = 0
/** Keeps the names of two runs against one database apart. */
const run = Math.random().toString(36).slice(2, 10)

/** A user who is not in the store yet. */
export const newUser = (userId = `user-${run}-${++serial}`): Required<StoredUser> => ({
  userId,
  username: `name of ${userId}`,
  email: `${serial}@example.com`,
  issuer: 'https://idp.example.com',
})

/** A key that is not in the store yet. */
export const newRow = (userId: string, more: Partial<KeyRow> = {}): KeyRow => ({
  id: `key_${run}${++serial}`,
  userId,
  version: 1,
  state: 'active',
  clientId: `client-${run}-${serial}`,
  label: 'of a test',
  scopes: ['notes/read'],
  secrets: [{ id: 's1', hash: 'ab', last4: '1234', createdAt: AT }],
  createdAt: AT + serial,
  ...more,
})

/** Writes a new key of a user. */
export async function created(
  store: KeyStore,
  more: Partial<KeyRow> = {},
  user: StoredUser = newUser(),
): Promise<{ row: KeyRow; user: StoredUser }> {
  const row = newRow(user.userId, more)
  equal(await store.write({ after: row, at: AT, user }), done)
  return { row, user }
}

/** The next version of a key. */
export const changed = (before: KeyRow, more: Partial<KeyRow>): KeyRow => ({
  ...before,
  ...more,
  version: before.version + 1,
})
