import type { FixedClock } from '@iamfetch/testing'
import { expect } from 'vitest'
import {
  cognitoIssuer,
  createDeveloperAccess,
  type DeveloperAccess,
  type KeyStore,
} from '../src/index.ts'
import { sqliteStore } from '../src/sqlite.ts'
import { fakePool, userPoolId, type FakePool } from './fake-pool.ts'
import { alice, quickClock, reading } from './fixtures.ts'
import { interruptible, type InterruptedStep } from './interruptions.ts'

/** As many as a operation needs. Whether any were lost shows when the user makes all that they may. */
const KEYS_PER_USER = 3

/** A store and a pool that outlive any process, and a client of another program in the pool. */
export interface Scenario {
  clock: FixedClock
  store: KeyStore
  pool: FakePool
  /** Starts a process; the steps that are named meet their interruption. */
  process(...interruptedSteps: InterruptedStep[]): { access: DeveloperAccess; steps: () => number }
}

/** Creates a scenario in which nothing has happened. */
export function scenario(keysPerUser: number = KEYS_PER_USER): Scenario {
  const clock = quickClock(Date.UTC(2026, 0, 1))
  const store = sqliteStore({ path: ':memory:' })
  const pool = fakePool(clock)
  for (const name of ['web', 'developer-access-2.key_x', 'my developer-access.key_y']) {
    pool.clients.set(name, { settings: {}, name, scopes: [], secrets: [] })
  }
  const process: Scenario['process'] = (...interruptedSteps) => {
    const one = interruptible(store, pool.fetch, ...interruptedSteps)
    const access = createDeveloperAccess({
      issuer: cognitoIssuer({ userPoolId, fetch: one.fetch, clock, random: () => 0 }),
      store: one.store,
      clock,
      limits: { keysPerUser },
    })
    return { access, steps: () => one.steps() }
  }
  return { clock, store, pool, process }
}

/** Every key has its one client with its very secrets and scopes, and nothing else is there. */
export async function expectAgreement(
  { store, pool, clock }: Scenario,
  access: DeveloperAccess,
): Promise<void> {
  const rows = await store.keysOf(alice.userId)
  const clients = [...pool.clients].filter(([, { name }]) => name.startsWith('developer-access.'))
  const active = rows.filter(({ state }) => state === 'active')
  expect(rows.filter(({ state }) => state !== 'active' && state !== 'closed')).toEqual([])
  const inPool = clients.map(([clientId, { name, scopes, secrets }]) => ({
    clientId,
    keyId: name.replace('developer-access.', ''),
    scopes,
    secrets: secrets.map(({ id }) => id).toSorted(),
  }))
  const inStore = active.map(({ clientId, id, scopes, secrets }) => ({
    clientId,
    keyId: id,
    scopes,
    secrets: secrets.map((secret) => secret.id).toSorted(),
  }))
  expect(inPool).toEqual(inStore)
  expect(pool.clients.size - clients.length).toBe(3)
  expect(await store.due(clock.now(), 100)).toEqual([])
  // Nothing is left to do, and failed operations use up no user's limit.
  expect(await access.sweep()).toEqual({ settled: 0, orphans: 0, missing: 0, deferred: 0 })
  for (let left = KEYS_PER_USER - active.length; left > 0; left--)
    await access.createKey(alice, reading)
  await expect(access.createKey(alice, reading)).rejects.toMatchObject({
    code: 'KEY_LIMIT_REACHED',
  })
}
