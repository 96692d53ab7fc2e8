import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '@iamfetch/testing/servers'
import { groupAccess } from '../../../test/group-access.ts'
import { pagesBrowser } from '@iamfetch/testing/hosted-ui'

const root = join(import.meta.dirname, '..')
const next = join(root, 'node_modules/next/dist/bin/next')

let stack: LocalStack
let server: ChildProcess
let app: string
let printed = ''

beforeAll(async () => {
  const port = await freePort()
  app = `http://127.0.0.1:${port}`
  stack = await startLocalStack({
    ...groupAccess,
    hostedUi: { callbackUrls: [`${app}/callback`], logoutUrls: [`${app}/`] },
  })
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    IAM_CONFIG: JSON.stringify(stack.config),
    APP_URL: app,
    SESSION_SECRET: 'a secret of the tests, and of nothing else',
    // The packages as they are built, as an app finds them.
    NODE_OPTIONS: '',
  }
  rmSync(join(root, '.next'), { recursive: true, force: true })
  const built = spawnSync(process.execPath, [next, 'build'], { cwd: root, env, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stdout + built.stderr)
  server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', `${port}`], {
    cwd: root,
    env,
    stdio: 'pipe',
  })
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error(printed)))
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        if (printed.includes('Ready')) resolve()
      })
    }
  })
}, 180_000)
afterEach(() => stack.faults.reset())
afterAll(async () => {
  if (server && server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill()
    await ended
  }
  await stack?.stop()
})

/** The cookies of an answer, as the next request brings them; what it deletes is empty. */
function cookiesOf(answer: Response): Partial<Record<string, string>> {
  const all = answer.headers.getSetCookie()
  expect(all.filter((one) => !/^\w+=;|; HttpOnly/.test(one))).toEqual([])
  const set = all.map((one) => {
    const [cookie = ''] = one.split(';')
    const at = cookie.indexOf('=')
    return [cookie.slice(0, at), cookie.slice(at + 1)]
  })
  return Object.fromEntries(set)
}

/** Goes the way of a browser through the sign-in. @returns The cookies that the app set. */
async function signInFully(name: string): Promise<{ idToken: string; refreshToken: string }> {
  const begun = await fetch(`${app}/sign-in`, { redirect: 'manual' })
  const [own = ''] = begun.headers.getSetCookie()
  const callback = await pagesBrowser(stack).signIn(begun.headers.get('location')!, name)
  const answer = await fetch(callback, {
    redirect: 'manual',
    headers: { cookie: own.split(';')[0]! },
  })
  const { id_token: idToken = '', refresh_token: refreshToken = '' } = cookiesOf(answer)
  expect([idToken, refreshToken]).not.toContain('')
  return { idToken, refreshToken }
}

const signIn = async (name: string): Promise<string> =>
  `id_token=${(await signInFully(name)).idToken}`

const roleOnPage = async (cookie: string): Promise<string | undefined> => {
  const html = await (await fetch(app, { headers: { cookie } })).text()
  return /data-role="(\w+)"/.exec(html)?.[1]
}

const call = (
  cookie: string,
  init: { method?: string; body?: string } = {},
  more: Record<string, string> = {},
): Promise<Response> => fetch(`${app}/api/test`, { ...init, headers: { ...more, cookie } })

/** What Next.js keeps on disk of what its fetch brought. */
function kept(): string[] {
  const folder = join(root, '.next/cache/fetch-cache')
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
}

const each = <T>(count: number, begin: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => begin(index)))

describe('two users at once', () => {
  test('server components and route handlers call as the user of the request, with one exchange per user and part of the app', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    stack.faults.reset()
    const seen = await each(60, async (index) => {
      const cookie = index % 2 === 0 ? alice : bob
      const handled = await call(cookie)
      return [await roleOnPage(cookie), (await handled.json()).role]
    })
    for (const [index, roles] of seen.entries()) {
      const role = index % 2 === 0 ? 'FullAccessRole' : 'ReadOnlyAccessRole'
      expect(roles).toEqual([role, role])
    }
    // Pages and route handlers are built apart and share no variable.
    expect(stack.faults.calls('GetCredentialsForIdentity')).toBeLessThanOrEqual(4)
    expect(stack.faults.calls('GET /test') + stack.faults.calls('ANY /test')).toBe(120)
  })

  test('IAM decides for each of them: alice posts, bob does not', async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    const statuses = await each(10, async (index) => {
      const { status } = await call(index % 2 === 0 ? alice : bob, { method: 'POST', body: 'x' })
      return status
    })
    expect(statuses).toEqual([200, 403, 200, 403, 200, 403, 200, 403, 200, 403])
  })

  test("Next.js' own cache keeps no answer, even where the call asks for it", async () => {
    const [alice, bob] = await Promise.all([signIn('alice'), signIn('bob')])
    stack.faults.reset()
    const roles = await each(20, async (index) => {
      const answer = await call(index % 2 === 0 ? alice : bob, {}, { 'x-keep': '1' })
      return (await answer.json()).role
    })
    expect(new Set(roles.filter((_, index) => index % 2 === 0))).toEqual(
      new Set(['FullAccessRole']),
    )
    expect(new Set(roles.filter((_, index) => index % 2 === 1))).toEqual(
      new Set(['ReadOnlyAccessRole']),
    )
    expect(stack.faults.calls('GET /test') + stack.faults.calls('ANY /test')).toBe(20)
    expect(kept()).toEqual([])
  })
})

describe('somebody who is not who they say', () => {
  test('has no page and no call without a cookie', async () => {
    expect(await roleOnPage('')).toBeUndefined()
    expect((await call('')).status).toBe(401)
  })

  test("is not given alice's credentials for a token that only names her", async () => {
    const alice = await signIn('alice')
    await call(alice)
    const [header, payload] = alice.replace('id_token=', '').split('.')
    stack.faults.reset()
    const forged = await call(`id_token=${header}.${payload}.${'A'.repeat(342)}`)
    expect(forged.status).toBe(500)
    expect(stack.faults.calls('GET /test') + stack.faults.calls('ANY /test')).toBe(0)
  })

  test('cannot slip in a sign-in that was begun elsewhere', async () => {
    const begun = await fetch(`${app}/sign-in`, { redirect: 'manual' })
    const callback = await pagesBrowser(stack).signIn(begun.headers.get('location')!, 'alice')
    expect((await fetch(callback, { redirect: 'manual' })).status).toBe(400)
  })
})

describe('an ID token that ends', () => {
  /** Signs in an hour ago, all but 30 seconds. */
  async function signedInEarlier(name: string) {
    stack.faults.shiftClock(-3_570_000)
    const signedIn = await signInFully(name)
    stack.faults.shiftClock(3_570_000)
    return signedIn
  }

  test('is renewed before pages and route handlers call, and the browser gets the new one', async () => {
    const { idToken, refreshToken } = await signedInEarlier('alice')
    const cookie = `id_token=${idToken}; refresh_token=${refreshToken}`
    for (const ask of [() => fetch(app, { headers: { cookie } }), () => call(cookie)]) {
      const answer = await ask()
      expect(await answer.text()).toContain('FullAccessRole')
      const { id_token: renewed, ...others } = cookiesOf(answer)
      expect(renewed).toMatch(/^eyJ/)
      expect(renewed).not.toBe(idToken)
      // The user pool does not rotate: the sealed one stays.
      expect(others).toEqual({})
      stack.faults.reset()
      const later = await call(`id_token=${renewed}; refresh_token=${refreshToken}`)
      expect([later.status, cookiesOf(later)]).toEqual([200, {}])
      expect(stack.faults.calls('oauth2/token')).toBe(0)
    }
  })

  test('an ID token that ends and that the browser has dropped comes back, once for requests that come at once', async () => {
    const [alice, bob] = await Promise.all([signInFully('alice'), signInFully('bob')])
    stack.faults.reset()
    stack.faults.next('oauth2/token', { fault: 'slow', times: 20 })
    const roles = await each(20, async (index) => {
      const { refreshToken } = index % 2 === 0 ? alice : bob
      return roleOnPage(`refresh_token=${refreshToken}`)
    })
    expect(new Set(roles.filter((_, index) => index % 2 === 0))).toEqual(
      new Set(['FullAccessRole']),
    )
    expect(new Set(roles.filter((_, index) => index % 2 === 1))).toEqual(
      new Set(['ReadOnlyAccessRole']),
    )
    expect(stack.faults.calls('oauth2/token')).toBe(2)
  })

  test('stays while the user pool does not respond, and is requested again', async () => {
    const { idToken, refreshToken } = await signedInEarlier('bob')
    const cookie = `id_token=${idToken}; refresh_token=${refreshToken}`
    stack.faults.next('oauth2/token', 'fail')
    const answer = await call(cookie)
    expect([answer.status, cookiesOf(answer)]).toEqual([200, {}])
    expect(cookiesOf(await call(cookie))).toHaveProperty('id_token')
  })

  test('ends when the refresh token is revoked, altered, or of another app', async () => {
    const { refreshToken } = await signInFully('alice')
    const expectSignedOut = async (sealed: string): Promise<void> => {
      const answer = await call(`refresh_token=${sealed}`)
      expect([answer.status, cookiesOf(answer)]).toEqual([401, { id_token: '', refresh_token: '' }])
    }
    const last = refreshToken.endsWith('A') ? 'B' : 'A'
    await expectSignedOut(refreshToken.slice(0, -1) + last)
    await expectSignedOut(refreshToken.slice(0, 20))
    await expectSignedOut('of-another-app'.repeat(20))
    expect((await call(`refresh_token=${refreshToken}`)).status).toBe(200)
    const cookie = `refresh_token=${refreshToken}`
    await fetch(`${app}/sign-out`, { redirect: 'manual', headers: { cookie } })
    await expectSignedOut(refreshToken)
  })
})

test('signing out forgets the user here and at the sign-in pages', async () => {
  const answer = await fetch(`${app}/sign-out`, { redirect: 'manual' })
  expect(cookiesOf(answer)).toEqual({ id_token: '', refresh_token: '' })
  expect(answer.headers.get('location')).toContain('/logout?')
})

test('nothing that the server printed holds a token', () => {
  expect(printed).toContain('Ready')
  expect(printed).not.toMatch(/eyJ[\w-]{20,}/)
})
