import type { Page } from 'playwright'
import { describe, expect } from 'vitest'
import { button, card, copySecret, make, portalTest as test } from './portal-test.ts'

describe('a secret', () => {
  /** Everything that a script of the page could look through, React's state included. */
  const everything = (page: Page): Promise<string> =>
    page.evaluate(() => {
      const found: string[] = [
        JSON.stringify([localStorage, sessionStorage, document.cookie, history.state]),
        document.documentElement.outerHTML,
      ]
      const seen = new WeakSet<object>()
      const walk = (value: unknown): void => {
        if (typeof value === 'string') found.push(value)
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return
        if (seen.has(value) || value instanceof Node || value === window) return
        seen.add(value)
        for (const name of Object.getOwnPropertyNames(value)) {
          try {
            walk((value as Record<string, unknown>)[name])
          } catch {
            // Not readable, for them neither.
          }
        }
      }
      const element: object = document.getElementById('root')!
      for (const name of Object.keys(element)) walk((element as Record<string, unknown>)[name])
      return found.join('\n')
    })

  test('a secret is only in the element that shows it, not in state or storage', async ({
    portal,
  }) => {
    const page = await portal.enter('alice')
    const printed: string[] = []
    page.on('console', (message) => printed.push(message.text()))
    const secret = await make(page, 'looked through')
    const held = await everything(page)
    // The walk finds what is there.
    expect(held).toContain('looked through')
    expect(held.split(secret)).toHaveLength(2)
    await copySecret(page)
    expect((await everything(page)) + printed.join('\n')).not.toContain(secret)
  })

  test.for<[string, (page: Page) => Promise<unknown>]>([
    ['hidden', (page) => button(page, 'I have it, hide it').click()],
    ['left for the calls', (page) => page.getByRole('link', { name: 'Calls' }).click()],
    ['left for another page', (page) => page.goto('about:blank').then(() => page.goBack())],
    ['reloaded', (page) => page.reload()],
  ])('is gone once it is %s', async ([, leave], { portal }) => {
    const page = await portal.enter('alice')
    const secret = await make(page, 'left')
    await leave(page)
    await expect.poll(() => everything(page)).not.toContain(secret)
    await page.getByRole('link', { name: 'API keys' }).click()
    await card(page, 'left').first().waitFor()
    expect(await everything(page)).not.toContain(secret)
    expect(await page.getByTestId('secret').count()).toBe(0)
    await button(page, 'Revoke “left”').first().click()
    await button(page, 'Revoke it').click()
    await expect.poll(() => card(page, 'left').and(page.locator('.active')).count()).toBe(0)
  })

  test('a secret can be copied by hand if the browser has no clipboard', async ({ portal }) => {
    const page = await portal.enter('alice')
    await page.evaluate(() => {
      Object.assign(navigator.clipboard, {
        writeText: () => Promise.reject(new Error('not allowed')),
      })
    })
    const secret = await make(page, 'by hand')
    await button(page, 'Copy the secret').click()
    await expect
      .poll(() => page.locator('.key-secret [role=alert]').textContent())
      .toContain('copy it yourself')
    expect(await page.getByTestId('secret').textContent()).toBe(secret)
    await page.reload()
  })

  test('a secret whose response was lost is not requested again: the page says to rotate the key', async ({
    portal,
  }) => {
    const page = await portal.enter('bob')
    let lost = 0
    await page.route(/\/keys$/, async (route) => {
      if (route.request().method() !== 'POST' || lost++) return route.fallback()
      await route.fetch()
      return route.abort()
    })
    const before = await page.locator('.key').count()
    await page.getByLabel('Label').fill('lost')
    await button(page, 'Create key').click()
    await page
      .locator('.make-key [role=alert]')
      .filter({ hasText: 'no readable response' })
      .waitFor()
    await button(page, 'Create key').click()
    await page.getByText('did not arrive').first().waitFor()
    await expect.poll(() => page.locator('.key').count()).toBe(before + 1)
    await page.unroute(/\/keys$/)
  })
})
