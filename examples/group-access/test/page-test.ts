import { join } from 'node:path'
import type { LocalStack, SignIn, StackDefinition } from '@iamfetch/local'
import { stackTest, type StackTestOptions } from '@iamfetch/local/vitest'
import type { Browser, BrowserContext, Locator, Page } from 'playwright'
import { preview } from 'vite'
import { expect, inject } from 'vitest'
import { openChromium } from '@iamfetch/testing/open-chromium'
import { configJson } from '../serve.ts'

/** What signs, as the page's `?engine=` names it. */
export const engines = ['iamfetch', 'aws-sdk'] as const

/** How a page is opened. */
export interface Device {
  engine?: (typeof engines)[number] | undefined
  /** The stack that the page talks to, and where that page is. Defaults to the one of the test. */
  behind?: { stack: LocalStack; url: string } | undefined
  /** Where the device's clock starts, if it is not right. */
  time?: number | undefined
}

/** `development` is the page with the explanations and the development panel. */
type Build = 'production' | 'development'

/** Creates a test with the built page in a Chromium; see `stackTest` for the stack behind it. */
export const pageTest = <const Definition extends StackDefinition>(
  definition: Definition,
  { build = 'production', ...options }: StackTestOptions<Definition> & { build?: Build } = {},
) =>
  stackTest(definition, options)
    .extend<{ built: Built }>({
      built: [
        async ({ stack }, use) => {
          const chromium = await openChromium()
          const closing = [() => chromium.close()]
          const serve: Built['serve'] = async (behind) => {
            const server = await previewFor(behind, build)
            closing.push(() => server.close())
            return server.resolvedUrls!.local[0]!
          }
          await use({ chromium, serve, url: await serve(stack) })
          await Promise.all(closing.map((close) => close()))
        },
        { scope: 'file' },
      ],
    })
    .extend('open', ({ built }, { onCleanup }) => {
      const contexts: BrowserContext[] = []
      onCleanup(async () => void (await Promise.all(contexts.map((one) => one.close()))))
      return async (device?: Device): Promise<Page> => {
        const page = await openPage(built, device)
        contexts.push(page.context())
        return page
      }
    })
    .extend('signedIn', ({ open, stack }) => async (name: string, device?: Device) => {
      const page = await open(device)
      await enterAs(page, (device?.behind?.stack ?? stack).users[name]!)
      return page
    })
    /** Signs a user in, and has the credentials that the page got, too. */
    .extend('exchanged', ({ open, stack }) => async (name: string) => {
      const page = await open()
      const exchange = exchangeOf(page)
      await enterAs(page, stack.users[name]!)
      return { page, keys: (await exchange).Credentials }
    })

interface Built {
  chromium: Browser
  url: string
  /** Serves the same build for another stack, and returns its URL. */
  serve: (stack: LocalStack) => Promise<string>
}

const previewFor = (stack: LocalStack, build: Build) =>
  preview({
    configFile: join(import.meta.dirname, '../vite.config.ts'),
    logLevel: 'warn',
    plugins: [configJson(stack)],
    build: { outDir: inject('groupAccessPages')[build] },
    preview: { host: '127.0.0.1', port: 0 },
  })

/** Opens the page in a context of its own. */
export async function openPage(
  { chromium, url }: Built,
  { engine = 'iamfetch', behind, time }: Device = {},
): Promise<Page> {
  const page = await (await chromium.newContext()).newPage()
  page.on('pageerror', (error) => expect.fail(`the page threw: ${error.message}`))
  // Of the whole page, Amplify's and ours, as the device would have it; it goes on running.
  if (time !== undefined) await page.clock.install({ time })
  await page.goto(`${behind?.url ?? url}?engine=${engine}`)
  return page
}

/** Signs a user in and waits until the page says so. */
export async function enterAs(page: Page, { username, password }: SignIn): Promise<void> {
  await signIn(page, username, password)
  await expect.poll(() => page.getByTestId('username').textContent()).toBe(username)
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
