import { startLocalStack, type Faults } from '@iamfetch/local'
import type { Page } from 'playwright'
import { describe, expect } from 'vitest'
import access from '../access.ts'
import { pageTest, press, type Device } from './page-test.ts'

const HOUR = 3_600_000

const { test: api } = access.apis
const test = pageTest(access, { build: 'development' })
  /** The same API without CORS settings for errors: its refusals have no CORS headers, and its Date is hidden. */
  .extend('silent', async ({ built }, { onCleanup }) => {
    const cors = { allowOrigins: ['*'], onErrors: false }
    const stack = await startLocalStack({ ...access, apis: { test: { ...api, cors } } })
    onCleanup(() => stack.stop())
    return { stack, url: await built.serve(stack) }
  })
  /** Opens the page on a device whose clock is off, and signs in. Calls are counted from then on. */
  .extend('openOn', ({ signedIn, faults }) => (name: string, skewMs = 0, device?: Device) => {
    faults.reset()
    return signedIn(name, { ...device, time: Date.now() + skewMs })
  })

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
  test('the page shows a short sentence, and the explanation behind "Details" and in the panel', async ({
    openOn,
    faults,
  }) => {
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
    expect(faults.calls('POST /test')).toBe(1)
  })

  test('a call is allowed after the administrator changed the group and the page got a new token', async ({
    openOn,
    faults,
  }) => {
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
    faults.setGroups('bob', ['FullAccess'])
    const again = button(page, 'Try again')
    expect(await press(page, 'POST', again)).toMatchObject({ status: 200 })
    expect(await page.getByTestId('role-seen').textContent()).toBe('FullAccessRole')
    await expect.poll(() => write.isEnabled()).toBe(true)
    expect(await page.locator('#why-not').count()).toBe(0)
    expect(faults.calls()).toMatchObject({
      'POST /test': 2,
      GetId: 1,
      GetCredentialsForIdentity: 2,
    })
  })
})

describe('a 403 that the browser hides', () => {
  test('the page distinguishes it from being offline, and prints the setting that shows the reason', async ({
    openOn,
    silent,
  }) => {
    const page = await openOn('bob', 0, { behind: silent })
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

  test('the page distinguishes it from a host that does not respond', async ({ openOn, stack }) => {
    const page = await openOn('bob')
    const { url } = stack.config.apis.test
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
  async function later(page: Page, faults: Faults<typeof access>, ms: number): Promise<void> {
    faults.shiftClock(ms)
    await page.clock.setSystemTime(Date.now() + ms)
  }

  test('a session that expired in time is replaced before the call is sent, and the page shows no problem', async ({
    openOn,
    faults,
  }) => {
    const page = await openOn('alice')
    await press(page, 'GET')
    await later(page, faults, 61 * 60_000)
    expect(await press(page, 'POST')).toMatchObject({ status: 200 })
    expect(await page.locator('.refusal').count()).toBe(0)
    expect(faults.calls()).toMatchObject({
      GetId: 1,
      GetCredentialsForIdentity: 2,
      'POST /test': 1,
    })
  })

  test('a session that was ended early behind an HTTP API is not replaced: "Try again" gets a new one', async ({
    exchanged,
    faults,
  }) => {
    const { page, keys } = await exchanged('alice')
    await press(page, 'GET')
    faults.reset()
    faults.expireSession(keys.AccessKeyId)
    expect(await press(page, 'GET')).toMatchObject({ status: 403 })
    const { sentence, details } = await read(page)
    expect(sentence).toBe('You do not have permission to do this.')
    expect(details).toMatch(/session/)
    expect(faults.calls('GET /test')).toBe(1)
    expect(await press(page, 'GET', button(page, 'Try again'))).toMatchObject({ status: 200 })
    expect(faults.calls()).toMatchObject({ GetCredentialsForIdentity: 1, 'GET /test': 2 })
  })

  test('if the sign-in has expired as well, the page leads to the sign-in', async ({
    openOn,
    faults,
  }) => {
    const page = await openOn('alice')
    await press(page, 'GET')
    faults.reset()
    await later(page, faults, 61 * 60_000)
    const refusal = { type: 'NotAuthorizedException', message: 'Refresh Token has been revoked' }
    for (const operation of ['InitiateAuth', 'GetTokensFromRefreshToken'])
      faults.next(operation, { fault: 'refuse', refusal, times: 9 })
    await press(page, 'POST')
    expect((await read(page)).sentence).toBe('Your sign-in has expired. Sign in again to go on.')
    expect(faults.calls('POST /test')).toBe(0)
    await button(page, 'Sign in again').click()
    await page.getByLabel('Username').waitFor()
  })
})

describe('a wrong clock', () => {
  test.for([
    ['slow', -2 * HOUR],
    ['fast', 2 * HOUR],
  ] as const)(
    'a clock that is two hours %s is corrected with the time of Cognito, and the call succeeds',
    async ([, skewMs], { openOn, faults }) => {
      const page = await openOn('alice', skewMs)
      expect(await press(page, 'POST')).toMatchObject({ status: 200 })
      expect(await page.locator('.refusal').count()).toBe(0)
      expect(faults.calls()).toMatchObject({ GetCredentialsForIdentity: 1, 'POST /test': 1 })
    },
  )

  test('a clock that is set while the page is open is corrected by the Date of the gateway, and the panel says so', async ({
    openOn,
    faults,
  }) => {
    const page = await openOn('alice')
    await press(page, 'GET')
    await page.clock.setSystemTime(Date.now() - 2 * HOUR)
    expect(await press(page, 'POST')).toMatchObject({ status: 200 })
    expect(await page.locator('.refusal').count()).toBe(0)
    expect(await readPanel(page)).toMatch(/Sent again.*because of a wrong clock/)
    // One refused and one with the right time. Cognito confirmed it, because two hours are more than a gateway may tell.
    expect(faults.calls()).toMatchObject({ GetCredentialsForIdentity: 2, 'POST /test': 2 })
  })

  test('a clock that is set while the Date is hidden is not corrected: "Try again" corrects it', async ({
    openOn,
    silent,
  }) => {
    const page = await openOn('alice', 0, { behind: silent })
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

test('nothing that React holds has a secret in it, getters included, also after refusals', async ({
  exchanged,
}) => {
  const { page, keys } = await exchanged('bob')
  const { SecretKey, SessionToken } = keys
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
