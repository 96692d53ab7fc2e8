import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { codeBlocks } from '../../scripts/code-blocks.ts'
import { findFiles } from '../../scripts/files.ts'

const root = join(import.meta.dirname, '../..')
const NODE = ['--conditions=@iamfetch/source', '--no-warnings']
// Inside the workspace, so that the packages are found as a user's code finds them.
const folder = mkdtempSync(join(root, 'docs/.programs-'))
afterAll(() => rmSync(folder, { recursive: true }))

const pages = findFiles('docs/pages/**/*.md', { cwd: root }).map((page) => ({
  page,
  text: readFileSync(join(root, page), 'utf8'),
}))

/** Writes the named blocks of a page as files. Returns their folder. */
function writeProgram(page: string, text: string): string {
  const program = join(folder, page.replaceAll('/', '-'))
  for (const { name, code } of codeBlocks(text, page).blocks) {
    if (!name) continue
    mkdirSync(dirname(join(program, name)), { recursive: true })
    writeFileSync(join(program, name), code)
  }
  return program
}

async function run(args: readonly string[], cwd: string): Promise<string> {
  // What Vitest sets for its own workers would reach the programs.
  const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd,
    env: { ...env, NO_COLOR: '1' },
  })
  return stdout
}

describe('the output that a page shows', () => {
  /** `<!-- output of FILE -->` and the block after it. */
  const outputs = pages.flatMap(({ page, text }) => {
    const found = text.matchAll(/^<!-- output of (\S+) -->\n\n```text\n([^]*?)^```$/gm)
    return [...found].map(([, file = '', output = '']) => ({ page, file, output, text }))
  })

  test('is found on the pages', () => {
    expect(outputs.map(({ page }) => page)).toContain('docs/pages/tasks/lambda.md')
  })

  test.each(outputs)('$file of $page prints it', async ({ page, file, output, text }) => {
    const program = writeProgram(page, text)
    expect(await run([...NODE, file], program)).toBe(output)
  })
})

describe('the tests that a page shows', () => {
  /** `<!-- passes with COMMAND -->` and the named block after it. */
  const tests = pages.flatMap(({ page, text }) => {
    const found = text.matchAll(/^<!-- passes with (.+) -->\n\n```ts \[(\S+)\]$/gm)
    return [...found].map(([, command = '', file = '']) => ({ page, file, command, text }))
  })

  test('are found on the pages', () => {
    expect(tests.map(({ command }) => command)).toEqual(['vitest', 'vitest', 'node --test'])
  })

  test.each(tests)('$file of $page passes with $command', async ({ page, file, command, text }) => {
    const program = writeProgram(page, text)
    const conditions = `{ conditions: ['@iamfetch/source'] }`
    const config = `export default { resolve: ${conditions}, ssr: { resolve: ${conditions} } }\n`
    writeFileSync(join(program, 'vitest.config.mjs'), config)
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const [args, passed] =
      command === 'vitest'
        ? [[vitest, 'run', '--root', program, file], /Tests +2 passed/]
        : [[...NODE, '--test', file], /pass 1\n[^]*fail 0/]
    expect(await run(args, program)).toMatch(passed)
  })
})
