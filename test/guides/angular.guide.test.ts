import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { codeBlocks } from '../../scripts/code-blocks.ts'

const PAGE = 'docs/pages/tasks/without-react.md'
const root = join(import.meta.dirname, '../..')
// Below this folder, so that Angular is found here and our packages in the workspace.
const folder = join(import.meta.dirname, '.work/angular')

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  for (const { name, extension, code } of codeBlocks(readFileSync(join(root, PAGE), 'utf8'), PAGE)
    .blocks) {
    if (name && extension === 'ts') write(name, code)
  }
  const config = {
    compilerOptions: {
      target: 'es2022',
      module: 'esnext',
      moduleResolution: 'bundler',
      lib: ['es2024', 'dom', 'dom.iterable', 'dom.asynciterable'],
      types: ['node'],
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      customConditions: ['@iamfetch/source'],
    },
    angularCompilerOptions: { strictTemplates: true, strictInjectionParameters: true },
    files: ['src/app/iam.ts', 'src/app/notes.ts'],
  }
  write('tsconfig.json', JSON.stringify(config))
})

function write(name: string, text: string): void {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What Angular's compiler reports: templates are checked with strict types. Empty if there is nothing. */
async function compile(config = 'tsconfig.json'): Promise<string> {
  const ngc = join(import.meta.dirname, 'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js')
  try {
    await promisify(execFile)(process.execPath, [ngc, '-p', join(folder, config)])
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return `${stdout ?? ''}${stderr ?? ''}` || String(error)
  }
}

test('the service and the template that the guide shows pass the compiler of Angular', async () => {
  expect(await compile()).toBe('')
})

test('templates with a mistake do not pass', async () => {
  const text = readFileSync(join(folder, 'src/app/notes.ts'), 'utf8')
  const mistakes = [
    ['{{ note }}', '{{ note.missing }}', "Property 'missing' does not exist on type 'string'"],
    ['status().signedIn', 'status().signedInn', "Property 'signedInn' does not exist"],
    ['; track note)', ')', '@for loop must have a "track" expression'],
  ] as const
  for (const [index, [right, wrong]] of mistakes.entries()) {
    expect(text).toContain(right)
    write(`src/app/wrong-${index}.ts`, text.replace(right, wrong))
  }
  const files = mistakes.map((_, index) => `src/app/wrong-${index}.ts`)
  write('tsconfig.wrong.json', JSON.stringify({ extends: './tsconfig.json', files }))
  const output = await compile('tsconfig.wrong.json')
  for (const [index, [, , message]] of mistakes.entries()) {
    expect(output).toContain(`wrong-${index}.ts`)
    expect(output).toContain(message)
  }
})
