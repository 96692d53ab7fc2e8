import { startLocalStack, type ApiDefinition, type LocalStack } from '@iamfetch/local'
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import access from '../access.ts'
import { exchangeOf, press, servePage, signIn, type ServedPage } from './serve-page.ts'

const HOUR = 3_600_000
let served: ServedPage
/** The same API without CORS settings for errors: its refusals have no CORS headers, and its Date is hidden. */
let silent: { stack: LocalStack; url: string }

beforeAll(async () => {
  served = await servePage(access, 'development')
  const api = access.apis['test'] as ApiDefinition
  const stack = await startLocalStack({
    ...access,
    apis: { test: { ...api, cors: { allowOrigins: ['*'], onErrors: false } } },
  })
  silent = { stack, url: await served.serveFor(stack) }
})
beforeEach(() => {
  served.faults.reset()
  silent.stack.faults.reset()
})
afterEach(() => served.close())
afterAll(async () => {
  await served?.stop()
  await silent?.stack.stop()
})

/** Opens the page on a device whose clock is off, and signs in. */
async function openOn(name: string, { skewMs = 0, behind = served.stack } = {}): Promise<Page> {
  const at = behind === served.stack ? undefined : silent.url
  const page = await served.open('iamfetch', { at, time: Date.now() + skewMs })
  await signIn(page, name, behind.users[name]!.password)
  await expect.poll(() => page.getByTestId('username').textContent()).toBe(name)
  return page
}

/** The sentence for the person who uses the page, and what is behind "Details". */
async function read(page: Page): Promise<{ sentence: string; details: string }> {
  const refusal = page.locator('.call').first().locator('.refusal')
  const details = refusal.locator('details')
  const sentence = (await refusal.locator('.sentence').textContent()) ?? ''
  expect(await details.evaluate((one) => (one as HTMLDetailsElement).open)).toBe(false)
  await details.getByText('Details', { exact: true }).click()
  return { sentence, details: await details.innerText() }
}

/** What the development panel says about the newest call. */
async function readPanel(page: Page): Promise<string> {
  const panel = page.locator('details.dev-panel')
  if (!(await panel.evaluate((one) => (one as HTMLDetailsElement).open))) {
    await page.getByText('Development panel').click()
  }
  const call = panel.getByRole('list', { name: 'Calls, newest first' }).locator('> li').first()
  if (!(await call.locator('details').evaluate((one) => (one as HTMLDetailsElement).open))) {
    await call.locator('summary').click()
  }
  return call.innerText()
}

const button = (page: Page, name: string) => page.getByRole('button', { name })

describe('a denial', () => {
  test('the page shows a short sentence, and the explanation behind "Details" and in the panel', async () => {
    const page = await openOn('bob')
    expect(await press(page, 'POST')).toMatchObject({ status: 403 })
    const { sentence, details } = await read(page)
    expect(sentence).toBe('You do not have permission to do this.')
    expect(details).toContain('ReadOnlyAccessRole')
    expect(details).toContain('execute-api:Invoke')
    expect(await page.getByTestId('role-seen').textContent()).toBe('ReadOnlyAccessRole')
    const panel = await readPanel(page)
    expect(panel).toContain('403')
    expect(panel).toContain('Responsible: policy')
    expect(served.faults.calls('POST /test')).toBe(1)
  })

  test('a call is allowed after the administrator changed the group and the page got a new token', async () => {
    const page = await openOn('bob')
    const write = button(page, 'POST /test')
    await expect
      .poll(() => page.locator('#why-not').textContent())
      .toContain(
        'You do not have permission to write: no statement of ReadOnlyAccessRole allows it.',
      )
    expect(await write.isDisabled()).toBe(true)
    expect(await button(page, 'GET /test').isEnabled()).toBe(true)
    await press(page, 'POST')
    served.faults.setGroups('bob', ['FullAccess'])
    try {
      const again = button(page, 'Try again')
      expect(await press(page, 'POST', again)).toMatchObject({ status: 200 })
      expect(await page.getByTestId('role-seen').textContent()).toBe('FullAccessRole')
      await expect.poll(() => write.isEnabled()).toBe(true)
      expect(await page.locator('#why-not').count()).toBe(0)
      expect(served.faults.calls()).toMatchObject({
        'POST /test': 2,
        GetId: 1,
        GetCredentialsForIdentity: 2,
      })
    } finally {
      served.faults.setGroups('bob', ['ReadOnlyAccess'])
    }
  })
})

describe('a 403 that the browser hides', () => {
  test('the page distinguishes it from being offline, and prints the setting that shows the reason', async () => {
    const page = await openOn('bob', { behind: silent.stack })
    expect(await press(page, 'GET')).toMatchObject({ status: 200 })
    const { status, text } = await press(page, 'POST')
    expect([status, text.includes('failed')]).toEqual([0, true])
    const { sentence, details } = await read(page)
    expect(sentence).toBe('There was no response. Try again later.')
    expect(details).toMatch(/DEFAULT_4XX.*'Access-Control-Allow-Origin'.*exposeHeaders: \['date'/s)
    expect(details).toContain('REST API, in CDK')
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    // The POST was sent once; the probe of the host does not call the API.
    expect(silent.stack.faults.calls('POST /test')).toBe(1)

    await page.context().setOffline(true)
    await press(page, 'POST')
    expect((await read(page)).sentence).toBe(
      'You are offline. Try again when you have a connection.',
    )
    expect(silent.stack.faults.calls('POST /test')).toBe(1)
    await page.context().setOffline(false)
    const again = page.locator('.call').first().getByRole('button', { name: 'Try again' })
    expect(await press(page, 'POST', again)).toMatchObject({ status: 0 })
    expect((await read(page)).details).toContain('REST API, in CDK')
  })

  test('the page distinguishes it from a host that does not answer', async () => {
    const page = await openOn('bob')
    const { url } = served.stack.config.apis['test']!
    await page.route(`${url}/**`, (route) => route.abort('connectionrefused'))
    await page.route(`${url}/`, (route) => route.abort('connectionrefused'))
    await press(page, 'POST')
    const { sentence, details } = await read(page)
    expect(sentence).toBe('There was no response. Try again later.')
    expect(details).not.toContain('CDK')
  })
})

describe('an expired session', () => {
  /** Time passes, for the device and for AWS. */
  async function later(page: Page, ms: number): Promise<void> {
    served.faults.shiftClock(ms)
    await page.clock.setSystemTime(Date.now() + ms)
  }

  test('a session that expired in time is replaced before the call is sent, and the page shows no problem', async () => {
    const page = await openOn('alice')
    await press(page, 'GET')
    await later(page, 61 * 60_000)
    try {
      expect(await press(page, 'POST')).toMatchObject({ status: 200 })
      expect(await page.locator('.refusal').count()).toBe(0)
      expect(served.faults.calls()).toMatchObject({
        GetId: 1,
        GetCredentialsForIdentity: 2,
        'POST /test': 1,
      })
    } finally {
      served.faults.shiftClock(-61 * 60_000)
    }
  })

  test('a session that was ended early behind an HTTP API is not replaced: "Try again" gets a new one', async () => {
    const page = await served.open()
    const exchange = exchangeOf(page)
    await served.signedIn(page, 'alice')
    const { AccessKeyId } = (await exchange).Credentials
    await press(page, 'GET')
    served.faults.reset()
    served.faults.expireSession(AccessKeyId)
    expect(await press(page, 'GET')).toMatchObject({ status: 403 })
    const { sentence, details } = await read(page)
    expect(sentence).toBe('You do not have permission to do this.')
    expect(details).toMatch(/session/)
    expect(served.faults.calls('GET /test')).toBe(1)
    expect(await press(page, 'GET', button(page, 'Try again'))).toMatchObject({ status: 200 })
    expect(served.faults.calls()).toMatchObject({ GetCredentialsForIdentity: 1, 'GET /test': 2 })
  })

  test('if the sign-in has expired as well, the page leads to the sign-in', async () => {
    const page = await openOn('alice')
    await press(page, 'GET')
    served.faults.reset()
    await later(page, 61 * 60_000)
    try {
      const refusal = { type: 'NotAuthorizedException', message: 'Refresh Token has been revoked' }
      for (const operation of ['InitiateAuth', 'GetTokensFromRefreshToken'])
        served.faults.next(operation, { fault: 'refuse', refusal, times: 9 })
      await press(page, 'POST')
      expect((await read(page)).sentence).toBe('Your sign-in has expired. Sign in again to go on.')
      expect(served.faults.calls('POST /test')).toBe(0)
      await button(page, 'Sign in again').click()
      await page.getByLabel('Username').waitFor()
    } finally {
      served.faults.shiftClock(-61 * 60_000)
    }
  })
})

describe('a wrong clock', () => {
  test.each([
    ['slow', -2 * HOUR],
    ['fast', 2 * HOUR],
  ])(
    'a clock that is two hours %s is corrected with the time of Cognito, and the call succeeds',
    async (_, skewMs) => {
      const page = await openOn('alice', { skewMs })
      expect(await press(page, 'POST')).toMatchObject({ status: 200 })
      expect(await page.locator('.refusal').count()).toBe(0)
      expect(served.faults.calls()).toMatchObject({ GetCredentialsForIdentity: 1, 'POST /test': 1 })
    },
  )

  test('a clock that is set while the page is open is corrected by the Date of the gateway, and the panel says so', async () => {
    const page = await openOn('alice')
    await press(page, 'GET')
    await page.clock.setSystemTime(Date.now() - 2 * HOUR)
    expect(await press(page, 'POST')).toMatchObject({ status: 200 })
    expect(await page.locator('.refusal').count()).toBe(0)
    expect(await readPanel(page)).toMatch(/Sent again.*because of a wrong clock/)
    // One refused and one with the right time. Cognito confirmed it, because two hours are more than a gateway may tell.
    expect(served.faults.calls()).toMatchObject({ GetCredentialsForIdentity: 2, 'POST /test': 2 })
  })

  test('a clock that is set while the Date is hidden is not corrected: "Try again" corrects it', async () => {
    const page = await openOn('alice', { behind: silent.stack })
    await press(page, 'POST')
    await page.clock.setSystemTime(Date.now() - 2 * HOUR)
    await press(page, 'POST')
    const { sentence, details } = await read(page)
    expect(sentence).toBe('There was no response. Try again later.')
    expect(details).toContain('exposeHeaders')
    expect(await press(page, 'POST', button(page, 'Try again'))).toMatchObject({ status: 200 })
    expect(silent.stack.faults.calls('POST /test')).toBe(3)
  })
})

test('nothing that React holds has a secret in it, getters included, also after refusals', async () => {
  const page = await served.open()
  const exchange = exchangeOf(page)
  await served.signedIn(page, 'bob')
  const { SecretKey, SessionToken } = (await exchange).Credentials
  await press(page, 'GET')
  await press(page, 'POST')
  const tokens = await page.evaluate(() =>
    Object.entries(sessionStorage).flatMap(([key, value]) =>
      key.endsWith('Token') ? [value] : [],
    ),
  )
  expect(tokens).toHaveLength(3)
  const held = (await page.evaluate(reachableFromReact)).join('\n')
  // The walk saw what there is to see: the entry of the log, and the status of the credentials.
  for (const shown of ['You do not have permission to do this.', 'cognito:preferred_role is'])
    expect(held).toContain(shown)
  for (const secret of [SecretKey, SessionToken, ...tokens]) {
    expect(secret.length).toBeGreaterThan(20)
    expect(held).not.toContain(secret)
  }
})

/** Runs in the page: every text that can be reached from React's tree by properties, as its devtools show them. */
function reachableFromReact(): string[] {
  const root = document.getElementById('root')!
  const key = Object.keys(root).find((name) => name.startsWith('__reactContainer$'))!
  const todo: unknown[] = [Reflect.get(root, key)]
  const seen = new Set<unknown>()
  const texts: string[] = []
  for (let one = todo.pop(); one !== undefined || todo.length > 0; one = todo.pop()) {
    if (typeof one === 'string') texts.push(one)
    const walkable = (typeof one === 'object' && one !== null) || typeof one === 'function'
    if (!walkable || seen.has(one) || one instanceof Node || one === window) continue
    seen.add(one)
    if (one instanceof Map || one instanceof Set) todo.push(...one.keys(), ...one.values())
    for (const name of Reflect.ownKeys(one as object)) {
      try {
        todo.push(Reflect.get(one as object, name))
      } catch {
        // `caller` and `arguments` of a function.
      }
    }
  }
  return texts
}
