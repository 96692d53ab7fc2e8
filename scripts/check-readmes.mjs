// Type-checks the code blocks of the READMEs and of the docs, and the examples in doc comments. Blocks with a file name in brackets are one program per text;
// every other block is a module of its own. Vue and Svelte components are compiled, too.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compile as compileSvelte } from 'svelte/compiler'
import { compileScript, compileTemplate, parse as parseVue } from 'vue/compiler-sfc'
import { codeBlocks } from './code-blocks.ts'
import { docExamples, exportedNames, isTsx, withImports } from './doc-examples.ts'
import { findFiles } from './files.ts'

const TEXTS = [
  '*.md',
  'packages/*/*.md',
  'examples/*/README.md',
  'docs/README.md',
  'docs/pages/**/*.md',
]

// Inside the workspace, so that the packages are found as a user's code finds them.
const folder = 'scripts/.readme'
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
try {
  let compiled = 0
  const exempt = []
  for (const file of findFiles(TEXTS)) {
    const { blocks, notCompiled } = codeBlocks(readFileSync(file, 'utf8'), file)
    exempt.push(...notCompiled)
    for (const block of blocks) {
      writeBlock(join(folder, file.replaceAll('/', '-').replace('.md', '')), block, file)
      compiled++
    }
  }
  const names = exportedNames()
  // aws-cdk-lib is not installed at the root of the repository.
  const examples = docExamples().filter(({ file }) => !file.startsWith('packages/cdk/'))
  mkdirSync(join(folder, 'examples'))
  for (const example of examples) {
    const name = `${example.file.replaceAll('/', '-').replace(/\.tsx?$/, '')}-line-${example.line}`
    const path = join(folder, 'examples', `${name}.${isTsx(example) ? 'tsx' : 'ts'}`)
    writeFileSync(path, `${withImports(example, names)}\nexport {}\n`)
  }
  copyFileSync('scripts/example-names.d.ts', join(folder, 'examples/names.d.ts'))
  copyFileSync('scripts/example-stack.ts', join(folder, 'stack.ts'))
  // Values of the reader: the names that the examples take for granted.
  copyFileSync('scripts/readme-names.d.ts', join(folder, 'names.d.ts'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        isolatedDeclarations: false,
        declaration: false,
        noUnusedLocals: false,
        noUnusedParameters: false,
        verbatimModuleSyntax: false,
        // Angular's decorators are those of TypeScript before version 5.
        experimentalDecorators: true,
      },
      include: ['**/*'],
    }),
  )
  const tsc = ['node_modules/typescript/bin/tsc', '-p', folder]
  const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' })
  for (const { file, line, reason } of exempt) {
    console.log(`     not compiled: ${file}, line ${line}: ${reason}`)
  }
  console.log(
    `${status === 0 ? 'ok  ' : 'FAIL'} ${compiled} blocks of code in READMEs and docs, ${examples.length} examples of doc comments`,
  )
  process.exitCode = status ?? 1
} catch (error) {
  console.error(`FAIL ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function writeBlock(program, { line, extension, name, code }, file) {
  const path = join(program, name ?? `line-${line}.${extension}`)
  mkdirSync(dirname(path), { recursive: true })
  if (extension === 'vue') checkVue(code, `${file}, line ${line}`)
  if (extension === 'svelte') compileSvelte(code, { filename: `${file}-line-${line}.svelte` })
  const isComponent = extension === 'vue' || extension === 'svelte'
  const source = isComponent ? (/<script[^>]*>\n([^]*?)<\/script>/.exec(code)?.[1] ?? '') : code
  writeFileSync(isComponent ? `${path}.ts` : path, `${source}\nexport {}\n`)
}

/** @throws Error for a template or a script that Vue cannot compile. */
function checkVue(code, at) {
  const { descriptor, errors } = parseVue(code)
  const script = compileScript(descriptor, { id: 'block' })
  const template = compileTemplate({
    id: 'block',
    filename: at,
    source: descriptor.template?.content ?? '',
    compilerOptions: { bindingMetadata: script.bindings },
  })
  const [error] = [...errors, ...template.errors]
  if (error) throw new Error(`${at}: ${error.message ?? error}`)
}
