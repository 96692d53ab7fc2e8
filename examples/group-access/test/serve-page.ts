import { join } from 'node:path'
import {
  createFaults,
  startLocalStack,
  type Faults,
  type LocalStack,
  type StackDefinition,
} from '@iamfetch/local'
import type { BrowserContext, Locator, Page } from 'playwright'
import { preview } from 'vite'
import { expect, inject } from 'vitest'
import { openChromium } from '@iamfetch/testing/open-chromium'
import { configJson } from '../serve.ts'

/** What signs, as the page's `?engine=` names it. */
export const engines = ['iamfetch', 'aws-sdk'] as const

/** The built page in a Chromium, and a stack behind it. */
export interface ServedPage {
  stack: LocalStack
  faults: Faults
  /**
   * Opens the page in a context of its own. `at` is a URL of {@link ServedPage.serveFor}; `time` is where the
   * device's clock starts, if it is wrong.
   */
  open(
    engine?: (typeof engines)[number],
    device?: { at?: string | undefined; time?: number },
  ): Promise<Page>
  /** Signs a user in and waits until the page says so. */
  signedIn(page: Page, name: string): Promise<void>
  /** Serves the same build for another stack. @returns The page's URL. */
  serveFor(stack: LocalStack): Promise<string>
  /** Closes what was opened. */
  close(): Promise<void>
  stop(): Promise<void>
}

/**
 * Serves the built page for a stack of this definition, or for the one that is started here.
 *
 * @param build  `development` is the page with the explanations and the development panel.
 */
export async function servePage(
  definition: StackDefinition | ((options: { faults: Faults }) => Promise<LocalStack>),
  build: 'production' | 'development' = 'production',
): Promise<ServedPage> {
  const configFile = join(import.meta.dirname, '../vite.config.ts')
  const browser = await openChromium()
  const faults = createFaults()
  const stack = await (typeof definition === 'function'
    ? definition({ faults })
    : startLocalStack(definition, { faults }))
  const closing: (() => Promise<unknown>)[] = []
  const serveFor = async (behind: LocalStack): Promise<string> => {
    const server = await preview({
      configFile,
      logLevel: 'warn',
      plugins: [configJson(behind)],
      build: { outDir: inject('groupAccessPages')[build] },
      preview: { host: '127.0.0.1', port: 0 },
    })
    closing.push(() => server.close())
    return server.resolvedUrls!.local[0]!
  }
  const url = await serveFor(stack)
  let context: BrowserContext | undefined
  return {
    stack,
    faults,
    serveFor,
    async open(engine = 'iamfetch', { at = url, time } = {}) {
      context = await browser.newContext()
      const page = await context.newPage()
      page.on('pageerror', (error) => expect.fail(`the page threw: ${error.message}`))
      // Of the whole page, Amplify's and ours, as the device would have it; it goes on running.
      if (time !== undefined) await page.clock.install({ time })
      await page.goto(`${at}?engine=${engine}`)
      return page
    },
    async signedIn(page, name) {
      await signIn(page, name, stack.users[name]!.password)
      await expect.poll(() => page.getByTestId('username').textContent()).toBe(name)
    },
    close: async () => context?.close(),
    async stop() {
      await browser.close()
      for (const close of closing) await close()
      await stack.stop()
    },
  }
}

/** Fills in the form and sends it. */
export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Presses a button, the one of a method unless it is given, and gives the entry that it adds to the log. */
export async function press(
  page: Page,
  method: 'GET' | 'POST',
  button: Locator = page.getByRole('button', { name: `${method} /test` }),
): Promise<{ status: number; text: string; entry: Locator }> {
  const log = page.getByRole('list', { name: 'Calls, newest first' }).locator('> li')
  const before = await log.count()
  // The page advises against a call that the table of permissions denies; IAM decides.
  const anyway = page.getByRole('button', { name: 'Try it anyway' })
  await expect.poll(async () => (await button.isEnabled()) || (await anyway.isVisible())).toBe(true)
  await ((await button.isEnabled()) ? button : anyway).click()
  await expect.poll(() => log.count()).toBe(before + 1)
  const entry = log.first()
  await expect
    .poll(() => entry.locator('.stamp').textContent(), { timeout: 10_000 })
    .not.toBe('waiting …')
  return {
    status: Number(await entry.getAttribute('data-status')),
    text: (await entry.textContent()) ?? '',
    entry,
  }
}

/** A body that went over the wire, as JSON. */
export interface Exchange {
  IdentityId?: string
  Credentials: { AccessKeyId: string; SecretKey: string; SessionToken: string }
}

/** What the next exchange of a page gives. Ask before it starts. */
export async function exchangeOf(page: Page): Promise<Exchange> {
  const response = await page.waitForResponse((one) =>
    (one.request().headers()['x-amz-target'] ?? '').endsWith('GetCredentialsForIdentity'),
  )
  return (await response.json()) as Exchange
}
