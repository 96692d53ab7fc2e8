import { startLocalStack, type LocalStack } from '@iamfetch/local'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { build, defaultClientConditions, preview, type PreviewServer } from 'vite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configJson } from '../../examples/group-access/serve.ts'
import { freePort } from '@iamfetch/testing/servers'
import { groupAccess } from '../group-access.ts'
import { openChromium } from '@iamfetch/testing/open-chromium'

const root = join(import.meta.dirname, 'oidc-page')
const outDir = mkdtempSync(join(tmpdir(), 'oidc-page-'))
let stack: LocalStack
let server: PreviewServer
let browser: Browser
let context: BrowserContext
let page: Page
let app: string

beforeAll(async () => {
  const port = await freePort()
  app = `http://127.0.0.1:${port}/`
  ;[browser, stack] = await Promise.all([
    openChromium(),
    startLocalStack({ ...groupAccess, hostedUi: { callbackUrls: [app], logoutUrls: [app] } }),
    build({
      root,
      configFile: false,
      // It warns of every 'use client' of a library.
      logLevel: 'error',
      resolve: { conditions: ['@iamfetch/source', ...defaultClientConditions] },
      build: { outDir, target: 'es2022' },
    }),
  ])
  server = await preview({
    root,
    configFile: false,
    logLevel: 'warn',
    build: { outDir },
    preview: { host: '127.0.0.1', port, strictPort: true },
    plugins: [configJson(stack)],
  })
})
beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
  page.on('pageerror', (error) => expect.fail(`the page threw: ${error.message}`))
  await page.goto(app)
})
afterEach(() => context?.close())
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await stack?.stop()
  rmSync(outDir, { recursive: true, force: true })
})

/** A page loads, is redirected, exchanges and asks. */
const PATIENT = { timeout: 10_000 }

const told = (what: 'who' | 'role' | 'posted') => (): Promise<string | null> =>
  page.getByTestId(what).textContent()
const press = (name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

/** Signs in at the user pool's page, in the browser. */
async function signIn(name: string): Promise<void> {
  await press('Sign in')
  await page.waitForURL(/\/login\?/)
  const { username, password } = stack.users[name]!
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await press('Sign in')
  await page.waitForURL(app)
}

test('alice signs in by redirect and posts; after her bob signs in, sees nothing of hers and does not', async () => {
  await expect.poll(told('who'), PATIENT).toBe('nobody')
  await signIn('alice')
  await expect.poll(told('who'), PATIENT).toBe('alice')
  await expect.poll(told('role'), PATIENT).toBe('FullAccessRole')
  await press('POST')
  await expect.poll(told('posted'), PATIENT).toBe('200')

  await press('Sign out')
  await page.waitForURL(app)
  await expect.poll(told('who'), PATIENT).toBe('nobody')
  await expect.poll(told('role'), PATIENT).toBe('none')

  await signIn('bob')
  await expect.poll(told('who'), PATIENT).toBe('bob')
  await expect.poll(told('role'), PATIENT).toBe('ReadOnlyAccessRole')
  await press('POST')
  await expect.poll(told('posted'), PATIENT).toBe('403')
})

test('removeUser empties the page without a redirect, a reload finds the user again', async () => {
  await signIn('alice')
  await expect.poll(told('role'), PATIENT).toBe('FullAccessRole')
  await page.reload()
  await expect.poll(told('role'), PATIENT).toBe('FullAccessRole')
  await press('Forget')
  await expect.poll(told('who'), PATIENT).toBe('nobody')
  await expect.poll(told('role'), PATIENT).toBe('none')
})

test('a silent renewal keeps what is shown and exchanges nothing', async () => {
  await signIn('alice')
  await expect.poll(told('role'), PATIENT).toBe('FullAccessRole')
  stack.faults.reset()
  await press('Renew')
  await expect.poll(() => stack.faults.calls('oauth2/token')).toBe(1)
  await press('POST')
  await expect.poll(told('posted'), PATIENT).toBe('200')
  expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(0)
})

test('a wrong password stays on the page of the user pool and says so', async () => {
  await press('Sign in')
  await page.waitForURL(/\/login\?/)
  await page.getByLabel('Username').fill('alice')
  await page.getByLabel('Password').fill('wrong')
  await press('Sign in')
  await expect
    .poll(() => page.getByRole('alert').textContent())
    .toBe('Incorrect username or password.')
})
