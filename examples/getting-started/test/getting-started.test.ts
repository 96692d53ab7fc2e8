import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

test('the program of Getting started shows a 200, a 201 and an explained 403', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@iamfetch/source', '--no-warnings', 'examples/getting-started/call.mjs'],
    { cwd: root },
  )
  const lines = stdout.trimEnd().split('\n')
  expect(lines.slice(0, -1)).toEqual([
    'alice GET 200',
    'alice POST 201',
    'bob GET 200',
    'bob POST 403',
  ])
  const page = await readFile(join(root, 'docs/pages/getting-started.md'), 'utf8')
  const [, shown = ''] = /```text\n([^]*?)\n```/.exec(page) ?? []
  // `[…]` in the output of the page is what differs from run to run, or is too long to show.
  let rest = stdout
  for (const part of shown.split('[…]')) {
    expect(rest).toContain(part.trim())
    rest = rest.slice(rest.indexOf(part.trim()) + part.trim().length)
  }
})
