import { execFile } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { signIn } from './page-test.ts'
import {
  button,
  card,
  clipboard,
  copySecret,
  enterPortal,
  make,
  portalTest as test,
  said,
  takeKey,
} from './portal-test.ts'

describe('a key', () => {
  test('a new key has a secret that is copied once, and the page shows when a machine used it', async ({
    portal,
  }) => {
    const page = await portal.enter('alice')
    expect(await page.locator('.your-keys .empty').textContent()).toContain('No keys yet.')
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

    const [status, body] = await portal.notesWith(await portal.tokenOf({ clientId, clientSecret }))
    expect([status, JSON.parse(body)]).toMatchObject([200, { of: 'alice', as: 'machine-for-user' }])
    await button(page, 'Refresh').click()
    await expect.poll(() => made.textContent()).toContain('last usedjust now')
  })

  test('after a rotation both secrets work, and the history shows it', async ({ portal }) => {
    const page = await portal.enter('alice')
    const old = await takeKey(page, 'rotated')
    await button(page, 'Rotate “rotated”').click()
    await page.getByLabel('The old secret expires').selectOption('in an hour')
    await button(page, 'Make a new secret').click()
    await page.getByTestId('secret').waitFor()
    const next = { ...old, clientSecret: await copySecret(page) }
    expect(next.clientSecret).not.toBe(old.clientSecret)
    expect((await portal.notesWith(await portal.tokenOf(old)))[0]).toBe(200)
    expect((await portal.notesWith(await portal.tokenOf(next)))[0]).toBe(200)
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
        expect.stringContaining('Created by you, for notes/read'),
        expect.stringContaining('Rotated by you, the old secret works 1 hour more'),
      ])
    // A third secret there cannot be: the page says so before it asks.
    await button(page, 'Rotate “rotated”').click()
    expect(await page.getByRole('dialog').textContent()).toContain('ends both at once')
    await button(page, 'Make a new secret').click()
    await page.getByTestId('secret').waitFor()
    const last = { ...old, clientSecret: await copySecret(page) }
    // Tokens tell their second alone, so those of the second in which the old ones end are refused, too.
    portal.faults.shiftClock(1_000)
    expect((await portal.notesWith(await portal.tokenOf(last)))[0]).toBe(200)
    expect(await portal.tokenOf(old)).toBe('no token: 400')
    expect(await portal.tokenOf(next)).toBe('no token: 400')
  })

  test('a revoked key is refused within 5 seconds', async ({ portal }) => {
    const page = await portal.enter('alice')
    const key = await takeKey(page, 'revoked')
    const token = await portal.tokenOf(key)
    await button(page, 'Revoke “revoked”').click()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect((await portal.notesWith(token))[0]).toBe(200)
    await button(page, 'Revoke “revoked”').click()
    await page.getByLabel('Why, for the audit trail').fill('it is in a public repository')
    await button(page, 'Revoke it').click()
    await expect.poll(() => said(page)).toContain('is revoked')
    // Within 5 seconds, in the function of the notes too; the token has an hour to go.
    portal.faults.shiftClock(4_999)
    expect((await portal.notesWith(token))[0]).toBe(401)
    portal.faults.shiftClock(-4_999)
    expect(await portal.tokenOf(key)).toBe('no token: 400')
    await page.locator('.over summary').click()
    expect(await card(page, 'revoked').textContent()).toContain('it is in a public repository')
    expect(await button(page, 'Rotate “revoked”').count()).toBe(0)
  })

  test('the copied TypeScript lines use the key unchanged', async ({ portal }) => {
    const page = await portal.enter('alice')
    const { clientSecret } = await takeKey(page, 'by the lines', true)
    await button(page, 'Copy the TypeScript lines').click()
    const file = join(import.meta.dirname, `../lines-${process.pid}.tmp.ts`)
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

test('a key is made and revoked by calls that the AWS-authored parts sign', async ({ portal }) => {
  const page = await portal.signedIn('bob', { engine: 'aws-sdk' })
  expect(await page.getByLabel('Signed by').inputValue()).toBe('aws-sdk')
  await enterPortal(page, 'bob')
  const key = await takeKey(page, 'by AWS-authored parts')
  const token = await portal.tokenOf(key)
  expect((await portal.notesWith(token))[0]).toBe(200)
  await button(page, 'Revoke “by AWS-authored parts”').click()
  await button(page, 'Revoke it').click()
  await expect.poll(() => said(page)).toContain('is revoked')
  expect(await portal.tokenOf(key)).toBe('no token: 400')
})

describe('two users', () => {
  test('two users see only their own keys, and each key reaches only its owner’s notes', async ({
    portal,
  }) => {
    const [alice, bob] = [await portal.enter('alice'), await portal.enter('bob')]
    const keys = [await takeKey(alice, 'of alice', true), await takeKey(bob, 'of bob')] as const
    await expect.poll(() => card(alice, 'of bob').count()).toBe(0)
    await expect.poll(() => card(bob, 'of alice').count()).toBe(0)
    const [ofAlice, ofBob] = await Promise.all(
      keys.map(async (key) => portal.notesWith(await portal.tokenOf(key))),
    )
    expect(ofAlice).toEqual([200, expect.stringContaining('A first note of alice.')])
    expect(ofBob).toEqual([200, expect.stringContaining('A first note of bob.')])
    expect(ofAlice![1]).not.toContain('of bob.')
    expect(ofBob![1]).not.toContain('of alice.')
  })

  test('a user cannot give a key more scopes than they hold', async ({ portal }) => {
    const bob = await portal.enter('bob')
    const write = bob.getByLabel('add to your notes')
    expect(await write.isDisabled()).toBe(true)
    expect(await bob.getByText('Your group does not have this scope.').count()).toBe(1)
    // A user who enables the box in the browser is refused by the API, with a reason.
    await bob.getByLabel('Label').fill('too much')
    await write.evaluate((box: HTMLInputElement) => {
      box.disabled = false
      box.checked = true
    })
    await button(bob, 'Create key').click()
    await expect
      .poll(() => bob.locator('.make-key [role=alert]').textContent())
      .toContain('You do not hold notes/write yourself.')
    expect(await card(bob, 'too much').count()).toBe(0)
  })

  test('in the same tab the next user sees nothing of the previous one', async ({ portal }) => {
    const page = await portal.signedIn('alice')
    await enterPortal(page, 'alice')
    const secret = await make(page, 'not copied')
    await button(page, 'Sign out').click()
    await signIn(page, 'bob', portal.stack.users.bob.password)
    await page.getByText('A first note of bob.').waitFor()
    const html = await page.content()
    for (const text of [secret, 'not copied', 'of alice']) expect(html).not.toContain(text)
  })
})

test('the page shows errors of the API in the words of the API', async ({ portal }) => {
  const page = await portal.enter('bob')
  portal.faults.next('POST /keys', 'fail')
  await page.getByLabel('Label').fill('never')
  await button(page, 'Create key').click()
  await expect
    .poll(() => page.locator('.make-key [role=alert]').textContent())
    .toBe('The API failed (500). Repeat it in a few seconds.')
  expect(await card(page, 'never').count()).toBe(0)
})

test('the portal can be used with the keyboard alone', async ({ portal }) => {
  const page = await portal.enter('alice')
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

test('the portal is not wider than a phone', async ({ portal }) => {
  const page = await portal.enter('bob')
  await page.setViewportSize({ width: 360, height: 740 })
  await takeKey(
    page,
    'narrow, with a label that is as long as labels are allowed to be, which is 100 characters',
  )
  const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth)
  expect(await width()).toBe(360)
  await button(page, 'Close').click()
  await button(page, /^Use it: “narrow/).click()
  expect(await width()).toBe(360)
  await button(page, /^Revoke “narrow/).click()
  expect(await width()).toBe(360)
  expect((await page.getByRole('dialog').boundingBox())!.width).toBeLessThanOrEqual(360)
})

test('a deployment without the portal has a page without it', async ({ portal }) => {
  const page = await portal.open()
  await page.route('**/config.json', (route) => {
    const { portal: _, ...apis } = portal.stack.config.apis
    return route.fulfill({ json: { ...portal.stack.config, apis } })
  })
  await page.goto(new URL('#keys', page.url()).href)
  await page.reload()
  await signIn(page, 'bob', portal.stack.users.bob.password)
  await button(page, 'GET /test').waitFor()
  expect(await page.getByRole('link', { name: 'API keys' }).count()).toBe(0)
})
