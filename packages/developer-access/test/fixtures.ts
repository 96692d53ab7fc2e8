import type { Caller } from '@iamfetch/server'
import { fixedClock, type FixedClock } from '@iamfetch/testing'
import { expect } from 'vitest'
import {
  createDeveloperAccess,
  opaqueIssuer,
  type DeveloperAccess,
  type DeveloperAccessOptions,
  type KeyUser,
  type NewKey,
  type ShownKey,
} from '../src/index.ts'
import { sqliteStore, type SqliteStore } from '../src/sqlite.ts'

/** What the tests call with. */
export const alice: KeyUser = {
  userId: 'a11ce000-1111-4222-8333-444444444444',
  username: 'alice',
  email: 'alice@example.com',
  scopes: ['notes/read', 'notes/write'],
}
export const bob: KeyUser = {
  userId: 'b0b00000-1111-4222-8333-444444444444',
  username: 'bob',
  email: 'bob@example.com',
  scopes: ['notes/read'],
}
export const reading: NewKey = { label: 'my script', scopes: ['notes/read'] }

/**
 * A clock whose sleeps end at once, except for time limits of 10 seconds and more: those end only when a test moves the time.
 */
export function quickClock(startAt: number = Date.UTC(2026, 0, 1, 0, 30)): FixedClock {
  const clock = fixedClock(startAt)
  const quick = fixedClock(startAt, { autoSleep: true })
  return {
    ...clock,
    sleep: async (ms, signal) => {
      if (ms >= 10_000) return clock.sleep(ms, signal)
      clock.jump(ms)
      return quick.sleep(ms, signal)
    },
  }
}

/** At a moment at which the tokens of `@iamfetch/server/fixtures` are valid. */
export interface Rig {
  access: DeveloperAccess
  store: SqliteStore
  clock: FixedClock
  /** What was left for the sweeper. */
  deferred: unknown[]
}

/** API access with opaque keys, in memory, unless told otherwise. */
export function rig(options: Partial<DeveloperAccessOptions> = {}): Rig {
  const clock = quickClock()
  const store = sqliteStore({ path: ':memory:' })
  const deferred: unknown[] = []
  const access = createDeveloperAccess({
    issuer: opaqueIssuer(),
    store,
    clock,
    onDeferred: (error) => void deferred.push(error),
    ...options,
  })
  return { access, store, clock, deferred }
}

/** The secret that was shown. */
export function secretOf({ secret }: ShownKey): string {
  if (secret === undefined) throw new Error('no secret was shown')
  return secret
}

/** An HTTP API's event that brings a key along. */
export const eventWith = (token: string): object => ({
  version: '2.0',
  rawPath: '/notes',
  headers: { authorization: `Bearer ${token}` },
  requestContext: { http: { method: 'GET', path: '/notes' } },
})

/** A handler that tells who called. */
export const answering = async (
  _event: unknown,
  _context: unknown,
  caller: Caller,
): Promise<Caller> => caller

/** An error of ours with this code. */
export const refusedWith = (code: string): unknown =>
  expect.objectContaining({ name: 'IamFetchError', code })
