import { test as base, type TestAPI } from 'vitest'
import type { StackDefinition } from './definition/definition.ts'
import { undoneFaults } from './faults/undone-faults.ts'
import type { Faults } from './faults/faults.ts'
import { signedInUser, type As } from './signed-in-user.ts'
import type { LocalStack } from './local-stack.ts'
import { startLocalStack } from './stack.ts'
import type { StartOptions } from './start-options.ts'

export type { As, SignedInUser } from './signed-in-user.ts'

/** What a test of {@link stackTest} gets. */
export interface StackFixtures<Definition = StackDefinition> {
  /** The stack of this test file. */
  stack: LocalStack<Definition>
  /** Signs a user in: `const alice = await as('alice')`, then `alice.fetch('/notes')`. */
  as: As<Definition>
  /**
   * The faults of the stack. What a test changes with them is undone afterwards: orders are withdrawn, the clock is moved back, and
   * users are in the groups of the definition again. A deleted identity and an ended session stay so.
   */
  faults: Faults<Definition>
}

/** How {@link stackTest} starts the stack. */
export interface StackTestOptions<Definition = StackDefinition> extends StartOptions {
  /**
   * Starts the stack in place of `startLocalStack`, for an app that starts something else with it. It receives the other
   * options. It has to run the given definition.
   */
  start?: ((options: StartOptions) => Promise<LocalStack<Definition>>) | undefined
}

/**
 * Creates a Vitest `test` whose tests get a local stack and signed-in users. Each test file has its own stack, which starts when
 * the first test uses it (in about 30 ms) and stops after the last one. After a test that used `as` or
 * `faults` the faults that it ordered are withdrawn; what it did with `faults` is undone.
 *
 * Tests that need more, such as a page in a browser, extend it: `stackTest(definition).extend({ … })`.
 *
 * @param definition  The definition that the app runs, the default export of `stack.ts`.
 * @param options     How the stack starts, see `startLocalStack`.
 * @example
 * ```ts
 * import { stackTest } from '@iamfetch/local/vitest'
 * import { expect } from 'vitest'
 * import definition from '../stack.ts'
 *
 * const test = stackTest(definition)
 *
 * test('bob may not write', async ({ as }) => {
 *   const bob = await as('bob')
 *   expect((await bob.fetch('/notes', { method: 'POST', body: '{}' })).status).toBe(403)
 * })
 * ```
 */
export function stackTest<const Definition extends StackDefinition>(
  definition: Definition,
  options: StackTestOptions<Definition> = {},
): TestAPI<StackFixtures<Definition>> {
  const { start = (rest) => startLocalStack(definition, rest), ...startOptions } = options
  return base.extend<StackFixtures<Definition>>({
    stack: [
      // oxlint-disable-next-line no-empty-pattern -- Vitest reads the names of other fixtures from the pattern
      async ({}, use) => {
        const stack = await start(startOptions)
        await use(stack)
        await stack.stop()
      },
      { scope: 'file' },
    ],
    as: async ({ stack }, use) => {
      await use((username) => signedInUser(stack, username))
      stack.faults.reset()
    },
    faults: async ({ stack }, use) => {
      const { faults, undo } = undoneFaults(stack.faults, definition)
      await use(faults)
      undo()
    },
  })
}
