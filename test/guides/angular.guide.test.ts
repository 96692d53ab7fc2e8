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
async function compile(): Promise<string> {
  const ngc = join(import.meta.dirname, 'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js')
  try {
    await promisify(execFile)(process.execPath, [ngc, '-p', join(folder, 'tsconfig.json')])
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return `${stdout ?? ''}${stderr ?? ''}` || String(error)
  }
}

test('the service and the template that the guide shows pass the compiler of Angular', async () => {
  expect(await compile()).toBe('')
})

test.each([
  ['{{ note }}', '{{ note.missing }}', "Property 'missing' does not exist on type 'string'"],
  ['status().signedIn', 'status().signedInn', "'signedInn' does not exist"],
  ['@for (note of notes.value() ?? []; track note)', '@for (note of notes.value() ?? [])', 'track'],
])('a template with %s replaced by %s does not pass', async (right, wrong, message) => {
  const file = join(folder, 'src/app/notes.ts')
  const text = readFileSync(file, 'utf8')
  expect(text).toContain(right)
  writeFileSync(file, text.replace(right, wrong))
  try {
    expect(await compile()).toContain(message)
  } finally {
    writeFileSync(file, text)
  }
})
