import type { LocalStack } from '@iamfetch/local'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWithPortal } from '../../examples/group-access/portal/start.ts'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import { seriousFindings } from './axe.ts'
import { serve, type Served } from './serve.ts'

let stack: LocalStack
let page: Served
let browser: Browser

beforeAll(async () => {
  const executablePath = await findChromium()
  browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: chromiumFlags,
  })
  stack = await startWithPortal()
  page = await serve(join(import.meta.dirname, '../../examples/group-access/dist'), {
    '/config.json': JSON.stringify(stack.config),
  })
})
afterAll(async () => {
  await browser?.close()
  await page?.stop()
  await stack?.stop()
})

describe.each([
  { width: 360, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
] as const)('the example page at $width px, $colorScheme', ({ width, colorScheme }) => {
  test.each(['alice', 'bob'] as const)(
    'has no serious finding, before and after %s signs in',
    async (name) => {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
      const tab = await context.newPage()
      await tab.goto(page.url)
      await tab.getByLabel('Username').fill(name)
      expect(await seriousFindings(tab)).toEqual([])

      await tab.getByLabel('Password').fill(stack.users[name]!.password)
      await tab.getByRole('button', { name: 'Sign in' }).click()
      await tab.getByRole('button', { name: 'GET /test' }).click()
      // The page advises bob against the POST, and makes it all the same.
      const post = { alice: 'POST /test', bob: 'Try it anyway' }[name]
      await tab.getByRole('button', { name: post }).click()
      // Not what is listed inside of a call that was refused.
      const calls = tab.getByRole('list', { name: 'Calls, newest first' }).locator('> li')
      await expect.poll(() => calls.count()).toBe(2)
      await expect.poll(() => calls.first().getAttribute('data-status')).toMatch(/^(200|403)$/)
      expect(await seriousFindings(tab)).toEqual([])

      // The portal: empty, with a secret to copy, with a key that was revoked.
      await tab.getByRole('link', { name: 'API keys' }).click()
      const make = tab.getByRole('button', { name: 'Create key' })
      await expect.poll(() => make.isVisible()).toBe(true)
      expect(await seriousFindings(tab)).toEqual([])
      await tab.getByLabel('Label').fill('a script')
      await tab.getByLabel(/notes\/read/).check()
      await make.click()
      const hide = tab.getByRole('button', { name: 'I have it, hide it' })
      await expect.poll(() => hide.isVisible()).toBe(true)
      expect(await seriousFindings(tab)).toEqual([])
      await hide.click()
      await tab.getByRole('button', { name: 'Revoke' }).first().click()
      expect(await seriousFindings(tab)).toEqual([])
      await context.close()
    },
  )
})
