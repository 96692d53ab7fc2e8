import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sign as aws4 } from 'aws4'
import type { Page } from 'playwright'
import { describe, expect, inject } from 'vitest'
import access from '../access.ts'
import {
  engines,
  enterAs,
  exchangeOf,
  pageTest,
  press,
  signIn,
  type Exchange,
} from './page-test.ts'

const test = pageTest(access)

describe.each(engines)('signed by %s', (engine) => {
  test('alice, in FullAccess, may GET and POST', async ({ signedIn }) => {
    const page = await signedIn('alice', { engine })
    expect(await press(page, 'GET')).toMatchObject({ status: 200 })
    expect(await press(page, 'POST')).toMatchObject({ status: 200 })
    expect(await page.getByTestId('groups').textContent()).toBe('FullAccess')
    expect(await page.getByTestId('role-expected').textContent()).toBe('FullAccessRole')
    expect(await page.getByTestId('role-seen').textContent()).toBe('FullAccessRole')
    expect(await page.getByTestId('credentials').textContent()).toMatch(/^(60:00|59:\d\d)$/)
  })

  test('bob, in ReadOnlyAccess, may GET, and the page says that he may not POST', async ({
    signedIn,
  }) => {
    const page = await signedIn('bob', { engine })
    expect(await press(page, 'GET')).toMatchObject({ status: 200 })
    const refused = await press(page, 'POST')
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('You do not have permission to do this.')
    expect(await page.getByTestId('role-seen').textContent()).toBe('ReadOnlyAccessRole')
  })
})

test('on a phone the page scrolls to a new result', async ({ signedIn }) => {
  const page = await signedIn('bob')
  await page.setViewportSize({ width: 360, height: 800 })
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await press(page, 'POST')
  const entry = page
    .getByRole('list', { name: 'Calls, newest first' })
    .getByRole('listitem')
    .first()
  // All of it is on the screen, which it was not before: the buttons alone fill the first one.
  const bottom = async (): Promise<number> => {
    const { y, height } = (await entry.boundingBox())!
    return y + height
  }
  await expect.poll(bottom).toBeLessThanOrEqual(800)
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0)
  expect(await entry.textContent()).toContain('You do not have permission to do this.')
})

test('a production build has no words of AWS for a refusal, no details and no development panel', async ({
  signedIn,
}) => {
  const page = await signedIn('bob')
  const { status, entry } = await press(page, 'POST')
  expect(status).toBe(403)
  expect(await entry.locator('.refusal').innerText()).toBe(
    'You do not have permission to do this.\n\nTry again',
  )
  expect(await page.getByText('Development panel').count()).toBe(0)
  const scripts = readdirSync(inject('groupAccessPages').production, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(inject('groupAccessPages').production, name), 'utf8'))
  expect(scripts.length).toBeGreaterThan(0)
  for (const script of scripts) expect(script).not.toMatch(/iamfetch-devtools|Possible reason/)
})

test('a wrong password is refused in words, and no user is signed in', async ({ open }) => {
  const page = await open()
  await signIn(page, 'alice', 'not the password')
  await expect
    .poll(() => page.getByRole('alert').textContent())
    .toBe('Incorrect username or password.')
  expect(await page.getByRole('button', { name: 'GET /test' }).count()).toBe(0)
})

test('the page can be used with the keyboard alone', async ({ open, stack }) => {
  const page = await open()
  await page.getByLabel('Username').waitFor()
  await page.keyboard.type('alice')
  await page.keyboard.press('Tab')
  await page.keyboard.type(stack.users.alice.password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'GET /test' }).waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('GET /test')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.stamp').textContent()).toBe('200 allowed')
})

test('no page is wider than a phone', async ({ signedIn }) => {
  const page = await signedIn('bob')
  await page.setViewportSize({ width: 360, height: 740 })
  await press(page, 'GET')
  await press(page, 'POST')
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
})

describe('one user after the other in the same tab', () => {
  test('nothing of the first is sent for, or shown to, the second', async ({ open, stack }) => {
    const page = await open()
    const exchanges: { operation: string; body: Exchange; answer: Promise<Exchange> }[] = []
    page.on('response', (response) => {
      const operation = response.request().headers()['x-amz-target'] ?? ''
      if (!operation.startsWith('AWSCognitoIdentityService.')) return
      const body = JSON.parse(response.request().postData()!) as Exchange
      exchanges.push({ operation, body, answer: response.json() as Promise<Exchange> })
    })
    const identityOf = async (from: number): Promise<string> =>
      (await exchanges[from]!.answer).IdentityId!

    await enterAs(page, stack.users.alice)
    await press(page, 'POST')
    const alice = await identityOf(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    const ofAlice = exchanges.length
    await enterAs(page, stack.users.bob)
    expect(await page.locator('.call').count()).toBe(0)
    expect(await press(page, 'POST')).toMatchObject({ status: 403 })
    const ofBob = exchanges.length
    const bob = await identityOf(ofAlice)
    expect(bob).not.toBe(alice)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await enterAs(page, stack.users.alice)
    expect(await press(page, 'POST')).toMatchObject({ status: 200 })

    expect(exchanges.map(({ operation }) => operation.split('.')[1])).toEqual(
      Array.from({ length: 3 }, () => ['GetId', 'GetCredentialsForIdentity']).flat(),
    )
    for (const { body } of exchanges.slice(ofAlice, ofBob)) {
      expect(JSON.stringify(body)).not.toContain(alice)
    }
    for (const { body } of exchanges.slice(ofBob)) expect(JSON.stringify(body)).not.toContain(bob)
  })

  test('no AWS credential is in the storage, in the page or in the console', async ({
    open,
    stack,
  }) => {
    const page = await open()
    const printed: string[] = []
    page.on('console', (message) => printed.push(message.text()))
    const exchanged = exchangeOf(page)
    await enterAs(page, stack.users.alice)
    await press(page, 'GET')
    const { Credentials } = await exchanged
    const everything = await page.evaluate(() =>
      JSON.stringify([localStorage, sessionStorage, document.cookie]).concat(
        document.documentElement.outerHTML,
      ),
    )
    for (const secret of [Credentials.SecretKey, Credentials.SessionToken]) {
      expect(secret.length).toBeGreaterThan(20)
      expect(everything + printed.join('\n')).not.toContain(secret)
    }
  })
})

describe('a request that is not what alice signed', () => {
  /** Sends one allowed call and returns the request, to be sent again from the page with changes. */
  async function captured(page: Page) {
    const sent = page.waitForRequest(
      (request) => request.method() === 'POST' && request.url().endsWith('/test'),
    )
    expect(await press(page, 'POST')).toMatchObject({ status: 200 })
    const request = await sent
    const headers = Object.fromEntries(
      Object.entries(await request.allHeaders()).filter(([name]) =>
        /^(authorization|content-type|x-amz-)/.test(name),
      ),
    )
    return { url: request.url(), headers, body: request.postData()! }
  }

  /** Sends from inside the page, as a script on it would. */
  const send = (
    page: Page,
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string },
  ) =>
    page.evaluate(
      async ([target, options]) => {
        const response = await fetch(target, options)
        return { status: response.status, reason: response.headers.get('x-local-reason') }
      },
      [url, init] as const,
    )

  test('is refused, whatever was changed; the unchanged one is accepted', async ({
    exchanged,
    stack,
    faults,
  }) => {
    const { page, keys } = await exchanged('alice')
    const { url, headers, body } = await captured(page)
    const again = (change: {
      url?: string
      method?: string
      headers?: Record<string, string>
      body?: string
    }) =>
      send(page, change.url ?? url, {
        method: change.method ?? 'POST',
        headers: { ...headers, ...change.headers },
        body: change.body ?? body,
      })
    /** Signs again with alice's real keys, with another signer and one wrong input. */
    const signedBy = (change: {
      region?: string
      service?: string
      secret?: string
      key?: string
    }) => {
      const { host } = new URL(url)
      const { headers: signed } = aws4(
        {
          host,
          path: '/test',
          method: 'POST',
          service: change.service ?? 'execute-api',
          region: change.region ?? stack.config.region,
          body,
          headers: { 'content-type': 'application/json' },
        },
        {
          accessKeyId: change.key ?? keys.AccessKeyId,
          secretAccessKey: change.secret ?? keys.SecretKey,
          sessionToken: keys.SessionToken,
        },
      )
      const forbidden = /^(host|content-length)$/i
      return again({
        headers: Object.fromEntries(
          Object.entries(signed ?? {})
            .filter(([name]) => !forbidden.test(name))
            .map(([name, value]) => [name.toLowerCase(), String(value)]),
        ),
      })
    }
    expect(await again({})).toMatchObject({ status: 200 })
    expect(await signedBy({})).toMatchObject({ status: 200 })

    const refused = {
      unsigned: send(page, url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }),
      'another body': again({ body: body.replace('Hello', 'Hullo') }),
      'another query': again({ url: `${url}?a=1` }),
      'another date': again({
        headers: { 'x-amz-date': headers['x-amz-date']!.replace(/\d{2}Z$/, '99Z') },
      }),
      'another token': again({
        headers: { 'x-amz-security-token': `${headers['x-amz-security-token']}x` },
      }),
      'another signature': again({
        headers: {
          authorization: headers.authorization!.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
        },
      }),
      'wrong region': signedBy({ region: 'us-east-1' }),
      'wrong service': signedBy({ service: 'lambda' }),
      'wrong secret': signedBy({ secret: 'of another user' }),
      'foreign key': signedBy({ key: 'ASIAFOREIGNFOREIGN00' }),
    }
    for (const [change, answer] of Object.entries(refused)) {
      expect(await answer, change).toMatchObject({
        status: 403,
        reason: expect.stringMatching(/\w/),
      })
    }

    faults.shiftClock(6 * 60_000)
    expect(await again({}), 'six minutes later').toMatchObject({ status: 403 })
    faults.shiftClock(-12 * 60_000)
    expect(await again({}), 'six minutes too early').toMatchObject({ status: 403 })
    faults.shiftClock(6 * 60_000)
    expect(await again({}), 'in time').toMatchObject({ status: 200 })
    faults.expireSession(keys.AccessKeyId)
    expect(await again({}), 'after the session').toMatchObject({ status: 403 })
  })

  test('a session that ended early is shown as refused and not exchanged in a loop: an HTTP API hides the reason', async ({
    exchanged,
    faults,
  }) => {
    const { page, keys } = await exchanged('alice')
    await captured(page)
    faults.reset()
    faults.expireSession(keys.AccessKeyId)
    const refused = await press(page, 'GET')
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('You do not have permission to do this.')
    expect(faults.calls()).toEqual({ 'GET /test': 1, 'test GET /test': 1 })
  })
})
