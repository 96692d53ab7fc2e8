import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createFaults, type Faults, type LocalStack } from '@iamfetch/local'
import { chromium, type Browser, type Locator, type Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, preview, type PreviewServer } from 'vite'
import { chromiumFlags, findChromium } from '../../../packages/testing/bootstrap/chromium.mjs'
import { startWithPortal } from '../portal/start.ts'
import { configJson } from '../serve.ts'

const root = join(import.meta.dirname, '..')
const configFile = join(root, 'vite.config.ts')
const outDir = mkdtempSync(join(tmpdir(), 'group-access-portal-'))

let faults: Faults
let stack: LocalStack
let server: PreviewServer
let browser: Browser

beforeAll(async () => {
  const executablePath = await findChromium()
  ;[browser] = await Promise.all([
    chromium.launch({ ...(executablePath && { executablePath }), args: chromiumFlags }),
    build({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } }),
  ])
  faults = createFaults()
  stack = await startWithPortal({ faults })
  server = await preview({
    configFile,
    logLevel: 'warn',
    plugins: [configJson(stack)],
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
  })
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await stack?.stop()
  rmSync(outDir, { recursive: true, force: true })
})

type Name = 'alice' | 'bob'

/** Opens the page and signs in. */
async function open(name: Name): Promise<Page> {
  const permissions = ['clipboard-read', 'clipboard-write']
  const context = await browser.newContext({ permissions })
  const page = await context.newPage()
  page.on('pageerror', (error) => expect.fail(`the page threw: ${error.message}`))
  await page.goto(server.resolvedUrls!.local[0]!)
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password').fill(stack.users[name]!.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  return page
}
/** One page for each user, signed in once; the portal is entered anew. */
const pages = new Map<Name, Promise<Page>>()
async function openPortal(name: Name): Promise<Page> {
  pages.set(name, pages.get(name) ?? open(name))
  const page = await pages.get(name)!
  await page.getByRole('link', { name: 'Calls' }).click()
  return enterPortal(page, name)
}
async function enterPortal(page: Page, name: Name): Promise<Page> {
  await page.getByRole('link', { name: 'API keys' }).click()
  await page.getByText(`A first note of ${name}.`).waitFor()
  return page
}

const button = (page: Page, name: string | RegExp): Locator => page.getByRole('button', { name })
const card = (page: Page, label: string): Locator =>
  page.getByRole('listitem', { name: `Key ${label}` })
const clipboard = (page: Page): Promise<string> =>
  page.evaluate(() => navigator.clipboard.readText())
const said = (page: Page): Promise<string | null> =>
  page.locator('.portal > [role=status]').textContent()

/** Makes a key; its secret is on the page then. */
async function make(page: Page, label: string, writes = false): Promise<string> {
  await page.getByLabel('Label').fill(label)
  if (writes) await page.getByLabel('add to your notes').check()
  await button(page, 'Make the key').click()
  await page.getByTestId('secret').waitFor()
  return (await page.getByTestId('secret').textContent()) ?? ''
}
/** Copies the secret that is shown, as a person does. */
async function copySecret(page: Page): Promise<string> {
  await button(page, 'Copy the secret').click()
  await expect.poll(() => page.getByTestId('secret').count()).toBe(0)
  return clipboard(page)
}
/** Makes a key and gives what its user has of it. */
async function takeKey(page: Page, label: string, writes = false) {
  await make(page, label, writes)
  const clientSecret = await copySecret(page)
  const clientId = (await card(page, label).locator('.client-id .value').textContent()) ?? ''
  return { clientId, clientSecret }
}

/** What a machine without any library of ours does: a token for the key, by plain fetch. */
async function tokenOf({ clientId, clientSecret }: { clientId: string; clientSecret: string }) {
  const answer = await fetch(`${stack.config.endpoints.oauth}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  })
  const { access_token: token } = (await answer.json()) as { access_token?: string }
  return token ?? `no token: ${answer.status}`
}
const notesWith = async (token: string): Promise<[status: number, body: string]> => {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${stack.config.apis['portal']!.url}/notes`, { headers })
  return [answer.status, await answer.text()]
}

describe('a key', () => {
  test('is made, its secret copied once, and used by a machine: then the page says when', async () => {
    const page = await openPortal('alice')
    expect(await page.locator('.your-keys .empty').textContent()).toContain('No key yet.')
    const shown = await make(page, 'nightly export')
    expect(shown).toMatch(/^\w{40,}$/)
    expect(await said(page)).toContain('Copy its secret now')
    const clientSecret = await copySecret(page)
    expect(clientSecret).toBe(shown)
    expect(await said(page)).toContain('in your clipboard')
    const made = card(page, 'nightly export')
    expect(await made.locator('.stamp').textContent()).toBe('active')
    expect(await made.textContent()).toContain('last usednever')
    await made.getByRole('button', { name: 'Copy the client ID' }).click()
    const clientId = await clipboard(page)

    const [status, body] = await notesWith(await tokenOf({ clientId, clientSecret }))
    expect([status, JSON.parse(body)]).toMatchObject([200, { of: 'alice', as: 'machine-for-user' }])
    await button(page, 'Refresh').click()
    await expect.poll(() => made.textContent()).toContain('last usedjust now')
  })

  test('is rotated: both secrets work, and the trail tells it', async () => {
    const page = await openPortal('alice')
    const old = await takeKey(page, 'rotated')
    await button(page, 'Rotate “rotated”').click()
    await page.getByLabel('The old secret ends').selectOption('in an hour')
    await button(page, 'Make a new secret').click()
    await page.getByTestId('secret').waitFor()
    const next = { ...old, clientSecret: await copySecret(page) }
    expect(next.clientSecret).not.toBe(old.clientSecret)
    expect((await notesWith(await tokenOf(old)))[0]).toBe(200)
    expect((await notesWith(await tokenOf(next)))[0]).toBe(200)
    await expect
      .poll(() => card(page, 'rotated').textContent())
      .toMatch(
        new RegExp(
          `…${old.clientSecret.slice(-4)} ends in 1 hour.*…${next.clientSecret.slice(-4)}`,
        ),
      )
    await button(page, 'Audit trail of “rotated”').click()
    await expect
      .poll(() => card(page, 'rotated').locator('.trail li').allTextContents())
      .toEqual([
        expect.stringContaining('Made by you, for notes/read'),
        expect.stringContaining('Rotated by you, the old secret works 1 hour more'),
      ])
    // A third secret there cannot be: the page says so before it asks.
    await button(page, 'Rotate “rotated”').click()
    expect(await page.getByRole('dialog').textContent()).toContain('ends both at once')
    await button(page, 'Make a new secret').click()
    await page.getByTestId('secret').waitFor()
    const last = { ...old, clientSecret: await copySecret(page) }
    // Tokens tell their second alone, so those of the second in which the old ones end are refused, too.
    faults.shiftClock(1_000)
    expect((await notesWith(await tokenOf(last)))[0]).toBe(200)
    expect(await tokenOf(old)).toBe('no token: 400')
    expect(await tokenOf(next)).toBe('no token: 400')
    faults.shiftClock(-1_000)
  })

  test('is revoked after a question, and its next call within 5 seconds is refused', async () => {
    const page = await openPortal('alice')
    const key = await takeKey(page, 'revoked')
    const token = await tokenOf(key)
    await button(page, 'Revoke “revoked”').click()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect((await notesWith(token))[0]).toBe(200)
    await button(page, 'Revoke “revoked”').click()
    await page.getByLabel('Why, for the audit trail').fill('it is in a public repository')
    await button(page, 'Revoke it').click()
    await expect.poll(() => said(page)).toContain('is revoked')
    // Within 5 seconds, in the function of the notes too; the token has an hour to go.
    faults.shiftClock(4_999)
    expect((await notesWith(token))[0]).toBe(401)
    faults.shiftClock(-4_999)
    expect(await tokenOf(key)).toBe('no token: 400')
    await page.locator('.over summary').click()
    expect(await card(page, 'revoked').textContent()).toContain('it is in a public repository')
    expect(await button(page, 'Rotate “revoked”').count()).toBe(0)
  })

  test('is used by the TypeScript lines as they were copied', async () => {
    const page = await openPortal('alice')
    const { clientSecret } = await takeKey(page, 'by the lines', true)
    await button(page, 'Copy the TypeScript lines').click()
    const file = join(root, `lines-${process.pid}.tmp.ts`)
    writeFileSync(file, await clipboard(page))
    try {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--conditions=@iamfetch/source', '--no-warnings', file],
        { env: { ...process.env, CLIENT_SECRET: clientSecret } },
      )
      expect(stdout).toMatch(/^200 \{\s+of: 'alice'/)
      expect(stdout.trim()).toMatch(/201$/)
    } finally {
      rmSync(file)
    }
    await button(page, 'Refresh').click()
    await page.getByText('by the key “by the lines”').waitFor()
  })
})

describe('two users', () => {
  test('see their own keys, and each key reaches its owner’s notes alone', async () => {
    const [alice, bob] = [await openPortal('alice'), await openPortal('bob')]
    const keys = [await takeKey(alice, 'of alice', true), await takeKey(bob, 'of bob')] as const
    await expect.poll(() => card(alice, 'of bob').count()).toBe(0)
    await expect.poll(() => card(bob, 'of alice').count()).toBe(0)
    const [ofAlice, ofBob] = await Promise.all(
      keys.map(async (key) => notesWith(await tokenOf(key))),
    )
    expect(ofAlice).toEqual([200, expect.stringContaining('A first note of alice.')])
    expect(ofBob).toEqual([200, expect.stringContaining('A first note of bob.')])
    expect(ofAlice![1]).not.toContain('of bob.')
    expect(ofBob![1]).not.toContain('of alice.')
  })

  test('may hand out what they hold, and no more', async () => {
    const bob = await openPortal('bob')
    const write = bob.getByLabel('add to your notes')
    expect(await write.isDisabled()).toBe(true)
    expect(await bob.getByText('You may not do this yourself.').count()).toBe(1)
    // Whoever helps the form along is refused by the API, in words.
    await bob.getByLabel('Label').fill('too much')
    await write.evaluate((box: HTMLInputElement) => {
      box.disabled = false
      box.checked = true
    })
    await button(bob, 'Make the key').click()
    await expect
      .poll(() => bob.locator('.make-key [role=alert]').textContent())
      .toContain('You do not hold notes/write yourself.')
    expect(await card(bob, 'too much').count()).toBe(0)
  })

  test('one after the other in the same tab: nothing of the first is left', async () => {
    const page = await enterPortal(await open('alice'), 'alice')
    const secret = await make(page, 'not copied')
    await button(page, 'Sign out').click()
    await page.getByLabel('Username').fill('bob')
    await page.getByLabel('Password').fill(stack.users['bob']!.password)
    await button(page, 'Sign in').click()
    await page.getByText('A first note of bob.').waitFor()
    const html = await page.content()
    for (const text of [secret, 'not copied', 'of alice']) expect(html).not.toContain(text)
  })
})

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

  test('is in the one element that shows it, in no state and in no storage', async () => {
    const page = await openPortal('alice')
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

  test.each<[string, (page: Page) => Promise<unknown>]>([
    ['hidden', (page) => button(page, 'I have it, hide it').click()],
    ['left for the calls', (page) => page.getByRole('link', { name: 'Calls' }).click()],
    ['left for another page', (page) => page.goto('about:blank').then(() => page.goBack())],
    ['reloaded', (page) => page.reload()],
  ])('is gone once it is %s', async (_, leave) => {
    const page = await openPortal('alice')
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

  test('can be copied by hand where the browser gives no clipboard', async () => {
    const page = await openPortal('alice')
    await page.evaluate(() => {
      Object.assign(navigator.clipboard, {
        writeText: () => Promise.reject(new Error('not allowed')),
      })
    })
    const secret = await make(page, 'by hand')
    await button(page, 'Copy the secret').click()
    await expect
      .poll(() => page.locator('.key-secret [role=alert]').textContent())
      .toContain('copy it by hand')
    expect(await page.getByTestId('secret').textContent()).toBe(secret)
    await page.reload()
  })

  test('whose answer was lost is not asked for twice: the page says to rotate', async () => {
    const page = await openPortal('bob')
    let lost = 0
    await page.route(/\/keys$/, async (route) => {
      if (route.request().method() !== 'POST' || lost++) return route.fallback()
      await route.fetch()
      return route.abort()
    })
    const before = await page.locator('.key').count()
    await page.getByLabel('Label').fill('lost')
    await button(page, 'Make the key').click()
    await page.locator('.make-key [role=alert]').filter({ hasText: 'no readable answer' }).waitFor()
    await button(page, 'Make the key').click()
    await page.getByText('did not arrive').first().waitFor()
    await expect.poll(() => page.locator('.key').count()).toBe(before + 1)
    await page.unroute(/\/keys$/)
  })
})

test('errors of the API are told in its words', async () => {
  const page = await openPortal('bob')
  faults.next('POST /keys', 'fail')
  await page.getByLabel('Label').fill('never')
  await button(page, 'Make the key').click()
  await expect
    .poll(() => page.locator('.make-key [role=alert]').textContent())
    .toBe('The API failed (500). Repeat it in a few seconds.')
  faults.reset()
  expect(await card(page, 'never').count()).toBe(0)
})

test('the portal can be used with the keyboard alone', async () => {
  const page = await openPortal('alice')
  await page.getByRole('link', { name: 'Calls' }).click()
  await page.getByRole('link', { name: 'API keys' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('A first note of alice.').waitFor()
  const focused = (): Promise<string> =>
    page.evaluate(() => {
      const element = document.activeElement
      return `${element?.getAttribute('name') ?? element?.getAttribute('aria-label') ?? element?.textContent}`
    })
  await expect.poll(focused).toBe('API keys')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('label')
  await page.keyboard.type('by keyboard')
  await page.keyboard.press('Enter')
  // The heading of the secret has the focus; the button to copy it is next.
  await expect.poll(focused).toContain('Copy the secret of “by keyboard” now')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('The key “by keyboard”')
  expect(await clipboard(page)).toMatch(/^\w{40,}$/)
  await button(page, 'Revoke “by keyboard”').focus()
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('reason')
  await page.keyboard.press('Escape')
  await expect.poll(focused).toBe('Revoke “by keyboard”')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('reason')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('Your keys')
  expect(await said(page)).toContain('“by keyboard” is revoked')
})

test('nothing of the portal is wider than a telephone', async () => {
  const page = await openPortal('bob')
  await page.setViewportSize({ width: 360, height: 740 })
  await takeKey(
    page,
    'narrow, with a label that is as long as labels are allowed to be, which is 100 characters',
  )
  const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
  expect(await width()).toBe(360)
  await button(page, 'Close').click()
  await button(page, /^Use “narrow/).click()
  expect(await width()).toBe(360)
  await button(page, /^Revoke “narrow/).click()
  expect(await width()).toBe(360)
  expect((await page.getByRole('dialog').boundingBox())!.width).toBeLessThanOrEqual(360)
})

test('a deployment without the portal has a page without it', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.route('**/config.json', (route) => {
    const { portal: _, ...apis } = stack.config.apis
    return route.fulfill({ json: { ...stack.config, apis } })
  })
  await page.goto(`${server.resolvedUrls!.local[0]}#keys`)
  await page.getByLabel('Username').fill('bob')
  await page.getByLabel('Password').fill(stack.users['bob']!.password)
  await button(page, 'Sign in').click()
  await button(page, 'GET /test').waitFor()
  expect(await page.getByRole('link', { name: 'API keys' }).count()).toBe(0)
})
