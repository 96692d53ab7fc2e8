import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChromium } from '@iamfetch/testing/open-chromium'
import type { Browser, Page } from 'playwright'
import { build, preview, type PreviewServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configJson, startMcp, type McpStack } from '../start.ts'

const configFile = join(import.meta.dirname, '../vite.config.ts')

let stack: McpStack
let outDir: string
let server: PreviewServer
let browser: Browser
beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), 'mcp-page-'))
  const options = { outDir, emptyOutDir: true, target: 'es2022', minify: false }
  await build({ configFile, logLevel: 'warn', build: options })
  stack = await startMcp()
  server = await preview({
    configFile,
    logLevel: 'warn',
    plugins: [configJson(stack)],
    build: { outDir },
    preview: { host: '127.0.0.1', port: 0 },
  })
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await stack?.stop()
  await rm(outDir, { recursive: true, force: true })
})

async function openAs(name: 'alice' | 'bob'): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => expect.fail(`the page threw: ${error.message}`))
  await page.goto(server.resolvedUrls?.local[0] ?? '')
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password').fill(stack.users[name].password)
  await page.getByRole('button', { name: 'Connect' }).click()
  return page
}

test('in a page the official MCP client lists and calls tools as alice', async () => {
  const page = await openAs('alice')
  await expect.poll(() => page.getByRole('status').textContent()).toBe('Connected as alice.')
  const tools = page.getByRole('list', { name: 'Tools' }).getByRole('button')
  expect(await tools.allTextContents()).toEqual(['whoami', 'add'])
  const result = page.getByRole('region', { name: 'Result' })
  await tools.nth(1).click()
  await expect.poll(() => result.textContent()).toBe('[{"type":"text","text":"5"}]')
  await tools.nth(0).click()
  await expect.poll(() => result.textContent()).toMatch(/"user [\w-]+"/)
  await page.context().close()
})

test('in a page bob is refused by IAM, and sees which statement is missing', async () => {
  const page = await openAs('bob')
  await expect
    .poll(() => page.getByRole('status').textContent())
    .toMatch(/no statement of the role ReadersRole allows execute-api:Invoke on \S+\/POST\/mcp/)
  expect(await page.getByRole('list', { name: 'Tools' }).getByRole('button').count()).toBe(0)
  await page.context().close()
})
