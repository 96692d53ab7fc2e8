import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFaults, startLocalStack, type Faults, type LocalStack } from '@iamfetch/local'
import { build } from 'esbuild'
import { chromium, type BrowserContext, type Page } from 'playwright'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { chromiumFlags, findChromium } from '@iamfetch/testing/chromium'
import type { Setup, Told } from './extension/worker.ts'
import { groupAccess } from '../group-access.ts'
import { signIn } from '@iamfetch/testing/sign-in'

// A Manifest V3 extension, as it would be unpacked: its service worker has no DOM, an origin of its own, and is stopped
// after 30 seconds without work.
const folder = mkdtempSync(join(tmpdir(), 'iamfetch-extension-'))
let faults: Faults
let stack: LocalStack
let context: BrowserContext
let page: Page

beforeAll(async () => {
  const source = join(import.meta.dirname, 'extension')
  await build({
    entryPoints: [join(source, 'worker.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@iamfetch/source'],
    outfile: join(folder, 'extension/worker.js'),
  })
  cpSync(join(source, 'manifest.json'), join(folder, 'extension/manifest.json'))
  writeFileSync(join(folder, 'extension/page.html'), '<!doctype html><title>extension</title>')
  faults = createFaults()
  stack = await startLocalStack(groupAccess, { faults })
  const executablePath = await findChromium()
  context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    ...(executablePath && { executablePath }),
    ignoreDefaultArgs: ['--disable-extensions'],
    // Branded Chrome no longer takes --load-extension; over the driver's own pipe every Chromium loads one.
    args: [...chromiumFlags, '--enable-unsafe-extension-debugging'],
  })
  const devtools = await context.browser()!.newBrowserCDPSession()
  await devtools.send('Extensions.loadUnpacked', { path: join(folder, 'extension') })
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
  page = await context.newPage()
  await page.goto(new URL('/page.html', worker.url()).href)
})
beforeEach(() => faults.reset())
afterAll(async () => {
  await context?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What a page of an extension may ask for. */
interface Extension {
  chrome: {
    runtime: { sendMessage(method: string): Promise<unknown> }
    storage: { session: { set(items: object): Promise<void> } }
  }
}

const give = (setup: Setup): Promise<void> =>
  page.evaluate(
    (given) => (globalThis as never as Extension).chrome.storage.session.set({ setup: given }),
    setup,
  )

/** Wakes the worker, if it was stopped, and has it call. */
const ask = async (method: string): Promise<Told> =>
  (await page.evaluate(
    (asked) => (globalThis as never as Extension).chrome.runtime.sendMessage(asked),
    method,
  )) as Told

/** Ends the worker as Chromium does with one that was idle for 30 seconds. */
async function stopWorker(): Promise<void> {
  const devtools = await context.newCDPSession(page)
  const stopped = new Promise<void>((resolve) => {
    devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve()
    })
  })
  await devtools.send('ServiceWorker.enable')
  await devtools.send('ServiceWorker.stopAllWorkers')
  await stopped
  await devtools.detach()
}

async function setupOf(name: string): Promise<Setup> {
  const { identityPoolId, region, endpoints, apis } = stack.config
  const { idToken } = await signIn(stack, name)
  faults.reset()
  return {
    identityPoolId,
    region,
    endpoint: endpoints.cognitoIdentity,
    url: apis['http']!.url,
    idToken,
  }
}

test("an extension's service worker signs, and signs again after it was stopped", async () => {
  await give(await setupOf('alice'))
  const first = await ask('POST')
  expect(first).toMatchObject({
    status: 200,
    body: { method: 'POST', role: 'FullAccessRole' },
    origin: expect.stringMatching(/^chrome-extension:\/\/[a-p]{32}$/),
    hasDom: false,
  })
  const same = await ask('GET')
  expect(same).toMatchObject({ status: 200, worker: first.worker })
  expect(faults.calls()).toMatchObject({ GetId: 1, GetCredentialsForIdentity: 1, 'ANY /test': 2 })

  await stopWorker()
  const next = await ask('POST')
  expect(next).toMatchObject({ status: 200, body: { role: 'FullAccessRole' } })
  expect(next.worker).not.toBe(first.worker)
  // The keys and the identity went with the worker's memory: the store keeps the identity of guests only.
  expect(faults.calls()).toMatchObject({ GetId: 2, GetCredentialsForIdentity: 2, 'ANY /test': 3 })
})

test('another user after a stop gets their own identity, and what their role may', async () => {
  await give(await setupOf('bob'))
  await stopWorker()
  expect(await ask('GET')).toMatchObject({ status: 200, body: { role: 'ReadOnlyAccessRole' } })
  expect(await ask('POST')).toMatchObject({ status: 403 })
  expect(faults.calls()).toMatchObject({ GetId: 1, GetCredentialsForIdentity: 1, 'ANY /test': 2 })
})

test('neither the keys nor the identity of a user are in what the extension stored', async () => {
  const stored = await page.evaluate(async () => {
    const { storage } = (globalThis as never as { chrome: { storage: Record<string, Area> } })
      .chrome
    interface Area {
      get(): Promise<Record<string, unknown>>
    }
    const { setup, ...session } = await storage['session']!.get()
    return { setup: typeof setup, session, local: await storage['local']!.get() }
  })
  expect(stored).toMatchObject({ setup: 'object', session: {} })
  expect(stored.local).toEqual({})
})
