import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createFaults, startLocalStack, type Faults, type LocalStack } from '@iamfetch/local'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { groupAccess } from '../group-access.ts'
import { openChromium } from '@iamfetch/testing/open-chromium'
import { signIn } from '@iamfetch/testing/sign-in'
import type { Setup, Task } from './page/page.ts'

const HOUR = 3_600_000
let faults: Faults
let stack: LocalStack
let server: Server
let browser: Browser
let context: BrowserContext
const setups: Record<string, Setup> = {}
/** What a page with a strict policy was told off for. */
let violations: string[] = []

beforeAll(async () => {
  faults = createFaults()
  stack = await startLocalStack(
    {
      ...groupAccess,
      groups: {
        FullAccess: {
          precedence: 1,
          policy: {
            Version: '2012-10-17',
            Statement: { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' },
          },
        },
        ReadOnlyAccess: groupAccess.groups!.ReadOnlyAccess!,
      },
      apis: {
        ...groupAccess.apis,
        // An unusual configuration: only the preflight has CORS headers, refusals have none.
        rest: { ...groupAccess.apis!.rest!, cors: { allowOrigins: ['*'] } } as never,
        live: {
          type: 'websocket',
          routes: {
            $connect: { auth: 'iam', handler: () => ({ statusCode: 200 }) },
            $default: { handler: ({ body }) => ({ statusCode: 200, body: `heard ${body}` }) },
          },
        },
      },
    },
    { faults },
  )
  const { identityPoolId, region, endpoints, apis } = stack.config
  const urls = Object.fromEntries(Object.entries(apis).map(([name, { url }]) => [name, url]))
  for (const name of ['alice', 'bob']) {
    const { idToken } = await signIn(stack, name)
    setups[name] = {
      identityPoolId,
      region,
      endpoint: endpoints.cognitoIdentity,
      apis: urls,
      idToken,
    }
  }
  const { outputFiles } = await build({
    entryPoints: ['main', 'worker'].map((name) => join(import.meta.dirname, `page/${name}.ts`)),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@iamfetch/source'],
    outdir: '/',
    write: false,
  })
  const connect = [endpoints.cognitoIdentity, ...Object.values(urls)].map(
    (url) => new URL(url).origin,
  )
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `connect-src ${connect.join(' ')}`,
  ].join('; ')
  server = createServer(({ url }, outgoing) => {
    const script = outputFiles.find(({ path }) => path === url)
    outgoing.setHeader('content-security-policy', policy)
    outgoing.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    outgoing.end(script?.text ?? '<!doctype html><script type="module" src="/main.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await openChromium()
})
beforeEach(async () => {
  context = await browser.newContext()
  violations = []
  faults.reset()
})
afterEach(() => context?.close())
afterAll(async () => {
  await browser?.close()
  server?.close()
  await stack?.stop()
})

async function open(setup: Setup): Promise<Page> {
  const page = await context.newPage()
  page.on('console', (message) => {
    if (/Content Security Policy|unsafe-eval/i.test(message.text())) violations.push(message.text())
  })
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction('globalThis.run')
  await page.evaluate((given) => (globalThis as never as Globals).start(given), setup)
  return page
}
interface Globals {
  start(setup: Setup): void
  run(task: Task): Promise<unknown>
  viaWorker(setup: Setup, task: Task): Promise<unknown>
  viaServiceWorker(setup: Setup, task: Task): Promise<unknown>
}
const run = (page: Page, task: Task): Promise<unknown> =>
  page.evaluate((given) => (globalThis as never as Globals).run(given), task)

const POST: Task = { kind: 'call', api: 'http', method: 'POST' }
const cold = { GetId: 1, GetCredentialsForIdentity: 1, 'ANY /test': 1 }

describe('under a content security policy without eval', () => {
  test('a page calls', async () => {
    const page = await open(setups.alice!)
    expect(await run(page, POST)).toBe(200)
    expect(violations).toEqual([])
    expect(faults.calls()).toMatchObject(cold)
  })

  test.each(['viaWorker', 'viaServiceWorker'] as const)('a script calls %s', async (via) => {
    const page = await open(setups.alice!)
    const called = page.evaluate(
      ([how, setup, task]) => (globalThis as never as Globals)[how](setup, task),
      [via, setups.alice!, POST] as const,
    )
    expect(await called).toBe(200)
    expect(violations).toEqual([])
    expect(faults.calls()).toMatchObject(cold)
  })
})

describe('a WebSocket', () => {
  test('opens for the role that may, and responds', async () => {
    const page = await open(setups.alice!)
    expect(await run(page, { kind: 'socket', message: 'you' })).toBe('heard you')
    expect(faults.calls('live $connect')).toBe(1)
  })

  test('closes with 1006 for the role that may not', async () => {
    const page = await open(setups.bob!)
    expect(await run(page, { kind: 'socket', message: 'you' })).toBe(1006)
    expect(faults.calls('live $connect')).toBe(1)
  })
})

describe('in words', () => {
  test('a denial', async () => {
    const page = await open(setups.bob!)
    expect(await run(page, { kind: 'explain', api: 'http', method: 'POST' })).toMatchObject({
      code: 'FORBIDDEN',
      responsible: 'policy',
      message: expect.stringMatching(/HTTP API hides.*ReadOnlyAccessRole/),
    })
    expect(faults.calls('ANY /test')).toBe(1)
  })

  test('a 403 that CORS hides, and a host that is not there', async () => {
    const page = await open(setups.bob!)
    expect(
      await run(page, { kind: 'explain', api: 'rest', method: 'POST', probe: true }),
    ).toMatchObject({
      code: 'HIDDEN_BY_CORS',
      responsible: 'api',
      message: expect.stringMatching(/The host responds, but the browser hides/),
    })
    expect(faults.calls('ANY /test')).toBe(1)
    // Allowed by the policy of the page, but no server listens there any more.
    const gone = await startLocalStack({ apis: { rest: groupAccess.apis!.rest! } })
    await gone.stop()
    const apis = { ...setups.bob!.apis, http: gone.config.apis.rest.url }
    const other = await open({ ...setups.bob!, apis })
    expect(
      await run(other, { kind: 'explain', api: 'http', method: 'GET', probe: true }),
    ).toMatchObject({
      code: 'UNREACHABLE',
    })
  })

  test('an expired session that cannot be renewed', async () => {
    const page = await open(setups.alice!)
    expect(await run(page, POST)).toBe(200)
    const text = 'The security token included in the request is expired'
    const refusal = { type: 'ExpiredTokenException', message: text }
    faults.next('ANY /test', { fault: 'refuse', times: 2, refusal })
    expect(await run(page, { kind: 'explain', api: 'http', method: 'GET' })).toMatchObject({
      code: 'TOKEN_EXPIRED',
      message: expect.stringMatching(/session has expired/),
    })
    expect(faults.calls('GetCredentialsForIdentity')).toBe(2)
  })

  test('a clock two hours off costs nothing: responses of Cognito have the right time', async () => {
    const page = await open({ ...setups.alice!, skewMs: -2 * HOUR })
    expect(await run(page, POST)).toBe(200)
    expect(faults.calls()).toMatchObject(cold)
  })
})

test('a sign-out reaches the other tab through a real BroadcastChannel', async () => {
  const [one, two] = [await open(setups.alice!), await open(setups.alice!)]
  for (const page of [one, two]) expect(await run(page, POST)).toBe(200)
  await run(one, { kind: 'clear' })
  await expect.poll(() => run(two, { kind: 'status' })).toBe('empty')
  expect(faults.calls('GetCredentialsForIdentity')).toBe(2)
})
