import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')

test('the program of Getting started shows a 201 and an explained 403', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@iamfetch/source', '--no-warnings', 'examples/getting-started/call.mjs'],
    { cwd: root },
  )
  const [alice, bob, reason = ''] = stdout.split('\n')
  expect([alice, bob]).toEqual(['alice 201', 'bob 403'])
  expect(reason).toContain('no statement of the role ReadersRole allows execute-api:Invoke')
  const page = await readFile(join(root, 'docs/pages/getting-started.md'), 'utf8')
  expect(page).toContain(`${alice}\n${bob}\n`)
})
