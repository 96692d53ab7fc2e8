import { READS } from './contract/reads.ts'
import type { KeyStoreUnderTest } from './contract/rows.ts'
import { WRITES } from './contract/writes.ts'

export type { KeyStoreUnderTest }

/** One test of a contract: register it with the test runner of your choice. */
export interface ContractCase {
  /** A sentence that describes the behaviour. */
  readonly name: string
  /** Runs the test. Rejects with an `AssertionError` of `node:assert` if the store behaves differently. */
  readonly run: () => Promise<void>
}

/**
 * Returns the tests that every {@link KeyStore} has to pass, for any test runner.
 *
 * The suite imports no test runner: pass each `name` and `run` to the `test` function of Vitest, Jest, Mocha, Bun or
 * `node:test`. Start and stop the store in the runner's own hooks. Users and keys have new names in each test; start with an
 * empty store all the same, because two tests read every active key and every key that is due.
 * Needs `node:assert`, so it runs on Node, Bun and Deno.
 *
 * @param under  Returns the store. It is called at the start of each test.
 * @returns The tests; none depends on another. Run them one after the other.
 *
 * @example
 * ```ts
 * import { keyStoreContract } from '@iamfetch/developer-access/contract'
 * import { sqliteStore } from '@iamfetch/developer-access/sqlite'
 * import { after, describe, test } from 'node:test'
 *
 * describe('my key store', () => {
 *   const store = sqliteStore({ path: ':memory:' })
 *   after(() => store.close())
 *   for (const { name, run } of keyStoreContract(() => ({ store, other: store }))) test(name, run)
 * })
 * ```
 */
export const keyStoreContract = (
  under: () => KeyStoreUnderTest | Promise<KeyStoreUnderTest>,
): ContractCase[] =>
  [...WRITES, ...READS].map(([name, check]) => ({
    name,
    run: async () => check(await under()),
  }))
