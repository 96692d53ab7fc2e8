import assert from 'node:assert/strict'
import { checkOptions } from '@iamfetch/core'
import type { TokenStore } from './store.ts'

/** A store to test, and what the suite needs to control it. */
export interface StoreUnderTest {
  /** One connection to the store. */
  store: TokenStore
  /** A second connection to the same data, as another process would have. May be the same object if there is only one process. */
  other: TokenStore
  /**
   * Lets time pass for the store: moves its clock, or waits.
   *
   * @param ms  Milliseconds, at most 120 per call.
   */
  passes: (ms: number) => Promise<unknown>
}

/** How {@link tokenStoreContract} tests a store. */
export interface TokenStoreContractOptions {
  /** Whether the store implements `tryLease` and `release`. The suite checks that it has both or neither. */
  leases: boolean
}

/** One test of a contract: register it with the test runner of your choice. */
export interface ContractCase {
  /** A sentence that describes the behaviour. */
  readonly name: string
  /** Runs the test. Rejects with an `AssertionError` of `node:assert` if the store behaves differently. */
  readonly run: () => Promise<void>
}

/**
 * Returns the tests that every {@link TokenStore} has to pass, for any test runner.
 *
 * The suite imports no test runner: pass each `name` and `run` to the `test` function of Vitest, Jest, Mocha, Bun or
 * `node:test`. Start and stop the store in the runner's own hooks. Keys are unique per test, so a shared database is fine.
 * Needs `node:assert`, so it runs on Node, Bun and Deno.
 *
 * @param under    Returns the store. It is called at the start of each test.
 * @param options  What the store offers.
 * @returns The tests, in no particular order; none depends on another.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@iamfetch/machine'
 * import { tokenStoreContract } from '@iamfetch/machine/contract'
 * import { describe, test } from 'node:test'
 *
 * const store = memoryStore()
 * const passes = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
 *
 * describe('my token store', () => {
 *   for (const { name, run } of tokenStoreContract(() => ({ store, other: store, passes }), { leases: true })) {
 *     test(name, run)
 *   }
 * })
 * ```
 */
export function tokenStoreContract(
  under: () => StoreUnderTest | Promise<StoreUnderTest>,
  options: TokenStoreContractOptions,
): ContractCase[] {
  checkOptions('tokenStoreContract', options, { leases: true })
  const { leases } = options
  const shared = [...VALUES, offersLeases(leases)]
  const cases = leases ? [...shared, ...LEASES] : shared
  return cases.map(([name, check]) => ({ name, run: async () => check(await under()) }))
}

type Check = (under: StoreUnderTest) => Promise<void>

let serial = 0
const newKey = (): string => `Key-${++serial}_${randomText()}${'x'.repeat(30)}`
/** Keeps the keys of two runs against one database apart. */
const randomText = (): string => Math.random().toString(36).slice(2, 10)

const get = async (store: TokenStore, key: string): Promise<string | undefined> =>
  (await store.get(key)) ?? undefined

const offersLeases = (leases: boolean): [string, Check] => [
  `a store ${leases ? 'with leases has' : 'without leases has neither'} tryLease and release`,
  async ({ store }) => {
    assert.deepEqual([store.tryLease !== undefined, store.release !== undefined], [leases, leases])
  },
]

const VALUES: [string, Check][] = [
  [
    'get returns nothing for an unknown key',
    async ({ store }) => {
      assert.equal(await get(store, newKey()), undefined)
    },
  ],
  [
    'get returns the latest value, whichever connection has set it',
    async ({ store, other }) => {
      const key = newKey()
      await store.set(key, 'first', 60_000)
      assert.equal(await get(other, key), 'first')
      await other.set(key, 'second', 60_000)
      assert.equal(await get(store, key), 'second')
    },
  ],
  [
    'two keys set at once have their own values',
    async ({ store }) => {
      const [first, second] = [newKey(), newKey()]
      await Promise.all([store.set(first, '1', 60_000), store.set(second, '2', 60_000)])
      assert.deepEqual(await Promise.all([get(store, first), get(store, second)]), ['1', '2'])
    },
  ],
  [
    'a value of 12,000 characters is stored unchanged',
    async ({ store, other }) => {
      const key = newKey()
      const value = 'aZ0-_'.repeat(2_400)
      await store.set(key, value, 60_000)
      assert.equal(await get(other, key), value)
    },
  ],
  [
    'a value expires after its lifetime, also if that is a fraction of a millisecond',
    async ({ store, passes }) => {
      const key = newKey()
      await store.set(key, 'value', 60.7)
      await passes(120)
      assert.equal(await get(store, key), undefined)
    },
  ],
  [
    'a second set replaces the lifetime of the first',
    async ({ store, passes }) => {
      const key = newKey()
      await store.set(key, 'short', 50)
      await store.set(key, 'long', 60_000)
      await passes(100)
      assert.equal(await get(store, key), 'long')
    },
  ],
  [
    'delete removes a value and accepts an unknown key',
    async ({ store, other }) => {
      const key = newKey()
      await store.delete(key)
      await store.set(key, 'value', 60_000)
      await other.delete(key)
      assert.equal(await get(store, key), undefined)
    },
  ],
]

const take = async (
  store: TokenStore,
  key: string,
  owner: string,
  ttlMs = 60_000,
): Promise<boolean> => {
  const taken = await store.tryLease?.(key, owner, ttlMs)
  assert.equal(typeof taken, 'boolean', 'tryLease must resolve to true or false')
  return taken === true
}

const giveBack = async (store: TokenStore, key: string, owner: string): Promise<void> => {
  await store.release?.(key, owner)
}

const LEASES: [string, Check][] = [
  [
    'one of 20 concurrent owners gets a lease',
    async ({ store, other }) => {
      const key = newKey()
      const attempts = Array.from({ length: 20 }, (_, index) =>
        take(index % 2 ? store : other, key, `owner-${index}`),
      )
      assert.equal((await Promise.all(attempts)).filter(Boolean).length, 1)
    },
  ],
  [
    'a released lease is free for the next owner',
    async ({ store, other }) => {
      const key = newKey()
      assert.equal(await take(store, key, 'a'), true)
      assert.equal(await take(other, key, 'b'), false)
      await giveBack(store, key, 'a')
      assert.equal(await take(other, key, 'b'), true)
    },
  ],
  [
    'an owner that asks again, as a client does after a lost response, has the lease',
    async ({ store, other }) => {
      const key = newKey()
      assert.equal(await take(store, key, 'a'), true)
      assert.equal(await take(store, key, 'a'), true)
      assert.equal(await take(other, key, 'b'), false)
      await giveBack(store, key, 'a')
      assert.equal(await take(other, key, 'b'), true)
    },
  ],
  [
    'only its owner can release a lease',
    async ({ store, other }) => {
      const key = newKey()
      await take(store, key, 'a')
      await giveBack(other, key, 'b')
      assert.equal(await take(other, key, 'b'), false)
    },
  ],
  [
    'an expired lease is free, and its former owner cannot release the lease of the next one',
    async ({ store, other, passes }) => {
      const key = newKey()
      assert.equal(await take(store, key, 'a', 50), true)
      await passes(120)
      assert.equal(await take(other, key, 'b'), true)
      await giveBack(store, key, 'a')
      assert.equal(await take(store, key, 'c'), false)
    },
  ],
  [
    'a lease is independent of the value of its key and of other keys',
    async ({ store, other }) => {
      const [first, second] = [newKey(), newKey()]
      await store.set(first, 'value', 60_000)
      assert.equal(await take(store, first, 'a'), true)
      assert.equal(await take(store, second, 'b'), true)
      assert.equal(await get(store, first), 'value')
      await store.delete(first)
      assert.equal(await take(other, first, 'c'), false)
    },
  ],
]
