// Type-checks every TypeScript block of the READMEs and of the docs, each as a module of its own.
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
    for (const { line, extension, code } of blocks) {
      const name = `${file.replaceAll('/', '-').replace('.md', '')}-line-${line}.${extension}`
      writeFileSync(join(folder, name), `${code}\nexport {}\n`)
      compiled++
    }
  }
  // What a reader brings along: the names that the examples take for granted.
  copyFileSync('scripts/readme-names.d.ts', join(folder, 'names.d.ts'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.base.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false, noUnusedLocals: false },
      include: ['*'],
    }),
  )
  const tsc = ['node_modules/typescript/bin/tsc', '-p', folder]
  const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' })
  for (const { file, line, reason } of exempt) {
    console.log(`     not compiled: ${file}, line ${line}: ${reason}`)
  }
  console.log(
    `${status === 0 ? 'ok  ' : 'FAIL'} ${compiled} blocks of TypeScript in READMEs and docs`,
  )
  process.exitCode = status ?? 1
} catch (error) {
  console.error(`FAIL ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
