// Type-checks every TypeScript block of the READMEs, each as a module of its own.
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DOCUMENTS = [
  'README.md',
  'packages/*/README.md',
  'packages/*/MIGRATING.md',
  'examples/*/README.md',
]

// Inside the workspace, so that the packages are found as a user's code finds them.
const folder = 'packages/testing/.readme'
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
try {
  let blocks = 0
  for (const readme of globSync(DOCUMENTS)) {
    const text = readFileSync(readme, 'utf8')
    for (const { index, 1: extension, 2: code } of text.matchAll(/^```(tsx?)\n([\s\S]*?)^```/gm)) {
      const line = text.slice(0, index).split('\n').length
      const name = `${readme.replaceAll('/', '-').replace('.md', '')}-line-${line}.${extension}`
      writeFileSync(join(folder, name), `${code}\nexport {}\n`)
      blocks++
    }
  }
  // What a reader brings along: the names that the examples take for granted.
  copyFileSync('packages/testing/packing/readme-names.d.ts', join(folder, 'names.d.ts'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false, noUnusedLocals: false },
      include: ['*'],
    }),
  )
  const tsc = ['node_modules/typescript/bin/tsc', '-p', folder]
  const { status } = spawnSync('node', tsc, { stdio: 'inherit' })
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${blocks} blocks of TypeScript in the READMEs`)
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
