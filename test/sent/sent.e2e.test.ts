import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { LocalStack } from '@iamfetch/local'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openChromium } from '@iamfetch/testing/open-chromium'
import type { Call } from './calls.ts'
import { WAYS, type Answer, type Setup, type Way } from './send.ts'
import { allAccepted, serveEcho } from './stack.ts'

let stack: LocalStack
let setups: readonly Setup[]
let server: Server
let browser: Browser
let page: Page

beforeAll(async () => {
  ;({ stack, setups } = await serveEcho(true))
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'page.ts')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@iamfetch/source'],
    write: false,
  })
  server = createServer(({ url }, outgoing) => {
    const script = url === '/page.js'
    outgoing.setHeader('content-type', script ? 'text/javascript' : 'text/html')
    outgoing.end(script ? outputFiles[0]?.text : '<script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  browser = await openChromium()
  page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.waitForFunction('globalThis.sendAll')
})
afterAll(async () => {
  await browser?.close()
  server?.close()
  await stack?.stop()
})

interface InPage {
  sendAll(setup: Setup, way: Way, all: readonly Call[]): Promise<readonly Answer[]>
}
const sendAll: InPage['sendAll'] = (...given) =>
  page.evaluate((args) => (globalThis as never as InPage).sendAll(...args), given)

test.each(WAYS)('the gateway takes 200 calls that Chromium sends by %s', async (way) => {
  await expect(allAccepted(setups, way, 200, sendAll)).resolves.toBeUndefined()
})
