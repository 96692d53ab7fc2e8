import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { installPython, runProgram } from './python.ts'

const examples = join(import.meta.dirname, '../../examples')

beforeAll(installPython)

test('cfn-lint has nothing to say about the SAM template', async () => {
  const template = join(examples, 'sam/template.yaml')
  expect(await runProgram('cfn-lint', ['--regions', 'eu-central-1', '--', template])).toEqual({
    code: 0,
    output: '',
  })
})
