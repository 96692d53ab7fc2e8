import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const require = createRequire(import.meta.url)

interface Report {
  readonly stats: {
    readonly expected: number
    readonly unexpected: number
    readonly skipped: number
  }
  readonly errors: readonly unknown[]
}

/** Runs Playwright's own runner on the folder next to this file. */
async function runPlaywright(): Promise<Report> {
  const cli = require.resolve('@playwright/test/cli')
  const config = join(import.meta.dirname, 'playwright/playwright.config.ts')
  const child = spawn(process.execPath, [cli, 'test', '--config', config], {
    env: { ...process.env, NODE_OPTIONS: '--conditions=@iamfetch/source' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk
  return JSON.parse(output) as Report
}

test('Playwright tests get signed-in pages and a stack for each worker', async () => {
  const { stats, errors } = await runPlaywright()
  expect(errors).toEqual([])
  expect(stats).toMatchObject({ expected: 3, unexpected: 0, skipped: 0 })
}, 60_000)
