import { test as base, type TestAPI } from 'vitest'
import type { StackDefinition } from './definition/definition.ts'
import { signedInUser, type As } from './signed-in-user.ts'
import { startLocalStack, type LocalStack, type StartOptions } from './stack.ts'

export type { As, SignedInUser } from './signed-in-user.ts'

/** What a test of {@link stackTest} gets. */
export interface StackFixtures<Definition = StackDefinition> {
  /** The stack of this test file. */
  stack: LocalStack<Definition>
  /** Signs a user in: `const alice = await as('alice')`, then `alice.fetch('/notes')`. */
  as: As<Definition>
}

/**
 * Creates a Vitest `test` whose tests get a local stack and signed-in users. Each test file has a stack of its own, which
 * starts when the first test asks for it (in about 30 ms) and stops after the last one. After a test that used `as` the
 * faults that it ordered are withdrawn; a clock that was moved stays.
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
  options: StartOptions = {},
): TestAPI<StackFixtures<Definition>> {
  return base.extend<StackFixtures<Definition>>({
    stack: [
      // oxlint-disable-next-line no-empty-pattern -- Vitest reads the names of other fixtures from the pattern
      async ({}, use) => {
        const stack = await startLocalStack(definition, options)
        await use(stack)
        await stack.stop()
      },
      { scope: 'file' },
    ],
    as: async ({ stack }, use) => {
      await use((username) => signedInUser(stack, username))
      stack.faults.reset()
    },
  })
}
