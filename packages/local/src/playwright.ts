import {
  test as base,
  type Page,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from '@playwright/test'
import type { StackDefinition } from './definition/definition.ts'
import { signedInUser, type As } from './signed-in-user.ts'
import type { LocalStack } from './local-stack.ts'
import { startLocalStack } from './stack.ts'
import type { StartOptions } from './start-options.ts'

export { expect } from '@playwright/test'
export type { As, SignedInUser } from './signed-in-user.ts'

/** How {@link stackTest} starts the stack and signs users in. */
export interface StackTestOptions extends StartOptions {
  /** Where the app's `Amplify` keeps its tokens. @default 'localStorage' */
  tokenStorage?: 'localStorage' | 'sessionStorage' | undefined
}

/** What each test gets. */
export interface StackTestFixtures<Definition = StackDefinition> {
  /**
   * Signs the page in as a user, before it is opened: Amplify finds the tokens in its storage. Also returns what calls the
   * API as that user.
   */
  as: As<Definition>
}

/** What each worker gets. */
export interface StackWorkerFixtures<Definition = StackDefinition> {
  /** The stack of this worker; workers share nothing. */
  stack: LocalStack<Definition>
}

/**
 * Creates a Playwright `test` whose pages each have their own local stack: `config.json` of the page is the one of the
 * worker's stack, so that one built page serves any number of workers.
 *
 * @param definition  The definition that the app runs, the default export of `stack.ts`.
 * @example
 * ```ts
 * import { expect, stackTest } from '@iamfetch/local/playwright'
 * import definition from '../stack.ts'
 *
 * const test = stackTest(definition)
 *
 * test('bob sees why he may not write', async ({ page, as }) => {
 *   await as('bob')
 *   await page.goto('/')
 *   await page.getByRole('button', { name: 'Add' }).click()
 *   await expect(page.getByRole('alert')).toContainText('not allowed')
 * })
 * ```
 */
export function stackTest<const Definition extends StackDefinition>(
  definition: Definition,
  options: StackTestOptions = {},
): TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & StackTestFixtures<Definition>,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & StackWorkerFixtures<Definition>
> {
  const { tokenStorage = 'localStorage', ...startOptions } = options
  return base.extend<StackTestFixtures<Definition>, StackWorkerFixtures<Definition>>({
    stack: [
      // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of other fixtures from the pattern
      async ({}, use) => {
        const stack = await startLocalStack(definition, startOptions)
        await use(stack)
        await stack.stop()
      },
      { scope: 'worker' },
    ],
    page: async ({ page, stack }, use) => {
      await page.route('**/config.json', (route) => route.fulfill({ json: stack.config }))
      await use(page)
      stack.faults.reset()
    },
    as: async ({ page, stack }, use) => {
      await use(async (username) => {
        await storeTokens(page, stack, username, tokenStorage)
        return signedInUser(stack, username)
      })
    },
  })
}

/**
 * Puts a user's tokens where Amplify v6 looks for them, when a document of the page begins to load.
 *
 * @see https://github.com/aws-amplify/amplify-js, packages/auth/src/providers/cognito/tokenProvider/TokenStore.ts
 */
async function storeTokens(
  page: Page,
  { config, ...stack }: LocalStack,
  username: string,
  storage: 'localStorage' | 'sessionStorage',
): Promise<void> {
  const { idToken, accessToken } = await stack.signIn(username)
  const client = `CognitoIdentityServiceProvider.${config.userPoolClientId}`
  const entries: [string, string][] = [
    [`${client}.LastAuthUser`, username],
    [`${client}.${username}.idToken`, idToken],
    [`${client}.${username}.accessToken`, accessToken],
    [`${client}.${username}.clockDrift`, '0'],
  ]
  await page.addInitScript(
    ([name, pairs]) => {
      for (const [key, value] of pairs) globalThis[name].setItem(key, value)
    },
    [storage, entries] as const,
  )
}
