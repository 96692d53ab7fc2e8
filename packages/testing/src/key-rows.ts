import type { KeyRow, KeyStore, Outcome, StoredUser } from '@iamfetch/developer-access'
import { expect } from 'vitest'

/** A store to be tested. */
export interface KeyStoreUnderTest {
  store: KeyStore
  /** The same place through another connection, as another process has it. */
  other: KeyStore
  stop?: () => unknown
}

/** When everything happens. */
export const AT: number = Date.UTC(2026, 0, 1)

/** A change that happened. */
export const done: Outcome = { done: true }

/** A change that did not happen. */
export const because = (reason: string): unknown => ({ done: false, because: reason })

let serial = 0

/** Somebody who is in no store yet. */
export const newUser = (userId = `user-${++serial}`): Required<StoredUser> => ({
  userId,
  username: `name of ${userId}`,
  email: `${serial}@example.com`,
})

/** A key that is in no store yet. */
export const newRow = (userId: string, more: Partial<KeyRow> = {}): KeyRow => ({
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

/** Writes a new key of a user. */
export async function made(
  store: KeyStore,
  more: Partial<KeyRow> = {},
  user: StoredUser = newUser(),
): Promise<{ row: KeyRow; user: StoredUser }> {
  const row = newRow(user.userId, more)
  expect(await store.write({ after: row, at: AT, user })).toEqual(done)
  return { row, user }
}

/** The next version of a key. */
export const changed = (before: KeyRow, more: Partial<KeyRow>): KeyRow => ({
  ...before,
  ...more,
  version: before.version + 1,
})
