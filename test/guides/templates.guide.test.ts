import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runProgram } from './python.ts'

const examples = join(import.meta.dirname, '../../examples')

test('cfn-lint has nothing to say about the SAM template', async () => {
  const template = join(examples, 'sam/template.yaml')
  expect(await runProgram('cfn-lint', ['--regions', 'eu-central-1', '--', template])).toEqual({
    code: 0,
    output: '',
  })
})

describe('the Terraform configuration', () => {
  const file = join(examples, 'terraform/main.tf')

  test('can be parsed, and refers only to what it declares', async () => {
    const program = 'import hcl2, json, sys; print(json.dumps(hcl2.load(open(sys.argv[1]))))'
    const { code, output } = await runProgram('python3', ['-c', program, file])
    expect(code, output).toBe(0)
    const text = output.replaceAll(String.raw`\"`, '')
    const parsed: Record<string, readonly Record<string, object>[]> = JSON.parse(output)
    const unquoted = (name: string): string => name.replaceAll('"', '')
    const named = (kind: string, prefix = ''): string[] =>
      (parsed[kind] ?? []).flatMap((block) =>
        Object.entries(block).flatMap(([type, names]) =>
          Object.keys(names).map((name) => `${prefix}${unquoted(type)}.${unquoted(name)}`),
        ),
      )
    const plain = (kind: string, prefix: string): string[] =>
      (parsed[kind] ?? []).flatMap((block) =>
        Object.keys(block).map((name) => prefix + unquoted(name)),
      )
    const declared = new Set([
      ...named('resource'),
      ...named('data', 'data.'),
      ...plain('variable', 'var.'),
      ...plain('locals', 'local.'),
    ])
    expect(declared.size).toBeGreaterThan(15)
    const used = [...text.matchAll(/\b(?:data\.\w+|aws_\w+|var|local)\.\w+/g)].map(
      ([reference]) => reference,
    )
    expect(used.length).toBeGreaterThan(20)
    expect(used.filter((reference) => !declared.has(reference))).toEqual([])
  })

  const folder = mkdtempSync(join(tmpdir(), 'iamfetch-terraform-'))
  cpSync(file, join(folder, 'main.tf'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('terraform fmt and validate have nothing to say, where they can run', () => {
    expect(terraformFindings(folder)).toEqual([])
  })
})

/** What Terraform says about a folder. It prints which of its commands could not run, and why. */
function terraformFindings(folder: string): string[] {
  const terraform = (...args: string[]): { failed: boolean; output: string } => {
    const options = { cwd: folder, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync('terraform', args, options)
    return { failed: status !== 0, output: `${args[0]}: ${stdout}${stderr}` }
  }
  if (terraform('version').failed) {
    console.log('terraform fmt and validate did NOT run: terraform is not installed.')
    return []
  }
  const outcomes = [terraform('fmt', '-check', '-diff')]
  if (terraform('init', '-backend=false', '-input=false').failed) {
    console.log('terraform validate did NOT run: the providers could not be downloaded.')
  } else outcomes.push(terraform('validate', '-no-color'))
  return outcomes.flatMap(({ failed, output }) => (failed ? [output] : []))
}
