// Type-checks the code blocks of the READMEs and of the docs. Blocks with a file name in brackets are one program per text;
// every other block is a module of its own. Vue and Svelte components are compiled, too.
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compile as compileSvelte } from 'svelte/compiler'
import { compileScript, compileTemplate, parse as parseVue } from 'vue/compiler-sfc'
import { codeBlocks } from './code-blocks.ts'

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
  for (const file of globSync(TEXTS)) {
    const { blocks, notCompiled } = codeBlocks(readFileSync(file, 'utf8'), file)
    exempt.push(...notCompiled)
    for (const block of blocks) {
      writeBlock(join(folder, file.replaceAll('/', '-').replace('.md', '')), block, file)
      compiled++
    }
  }
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
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${compiled} blocks of code in READMEs and docs`)
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
