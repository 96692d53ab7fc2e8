import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the demo ends by itself and prints what each backend saw, with what was refused', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@iamfetch/source',
    join(import.meta.dirname, '../demo.ts'),
  ])
  const line = (text: string | RegExp): string[] => stdout.match(new RegExp(text, 'gm')) ?? []
  expect(
    line(/200  alice, GET \/me, with her ID token\n +the backend saw the user alice/),
  ).toHaveLength(2)
  expect(line(/200  bob.*says he is alice\n +the backend saw the user bob/)).toHaveLength(2)
  expect(
    line(/401  no user, GET \/me\n +the gateway refused, the backend did not run/),
  ).toHaveLength(2)
  expect(line(/200  globex.*tenant=acme\n +the backend saw the machine globex/)).toHaveLength(2)
  expect(line(/401  alice.*access token\n +the backend ran, and refused the call/)).toHaveLength(1)
  expect(line(/mallory|undefined/)).toEqual([])
  // It fits a terminal.
  expect(line(/^.{81,}$/)).toEqual([])
})
