import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROJECTS = ['node', 'browser', 'e2e'].flatMap((name) => ['--project', name])

/** Runs the tests, and ends with how many passed, failed and were skipped. */
export async function runTests(args) {
  const { ensureChromium } = await import('./chromium.mjs')
  await ensureChromium()
  const folder = mkdtempSync(join(tmpdir(), 'iamfetch-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { status } = spawnSync('vitest', ['run', ...PROJECTS, ...reporters, ...args], {
    stdio: 'inherit',
  })
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    const skipped = numPendingTests + numTodoTests
    console.log(
      `\n${numPassedTests} passed, ${numFailedTests} failed${skipped ? `, ${skipped} skipped` : ''}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (status !== 0) process.exit(status ?? 1)
}
