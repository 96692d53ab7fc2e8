import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the demo ends by itself and prints what each backend saw, with what was refused', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@iamfetch/source',
    join(import.meta.dirname, '../demo.ts'),
  ])
  const line = (text: string | RegExp): string[] => stdout.match(new RegExp(text, 'g')) ?? []
  expect(
    line(/alice, GET \/me, with her ID token +200  the backend saw the user alice/),
  ).toHaveLength(2)
  expect(line(/says he is alice +200  the backend saw the user bob/)).toHaveLength(2)
  expect(line(/nobody, GET \/me +401  the gateway refused, the backend did not run/)).toHaveLength(
    2,
  )
  expect(line(/tenant=acme +200  the backend saw the machine globex/)).toHaveLength(2)
  expect(line(/access token +401  the backend ran, and let nobody in/)).toHaveLength(1)
  expect(line(/mallory|undefined/)).toEqual([])
})
