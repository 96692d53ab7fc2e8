// What consumers install, judged from the tarball: publint (manifest) and attw (type resolution).
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { findFiles } from './files.ts'

// The packages are ES modules only, which CommonJS loads with `require` on Node 20.19 or newer.
const ATTW = ['--pack', '.', '-f', 'ascii', '--ignore-rules', 'cjs-resolves-to-esm']
const TOOLS = {
  publint: ['node_modules/publint/src/cli.js', '--strict'],
  attw: ['node_modules/@arethetypeswrong/cli/dist/index.js', ...ATTW],
}

let failed = false
for (const manifest of findFiles('packages/*/package.json')) {
  if (JSON.parse(readFileSync(manifest, 'utf8')).private) continue
  const cwd = dirname(manifest)
  for (const [name, [script, ...args]] of Object.entries(TOOLS)) {
    const run = spawnSync(process.execPath, [resolve(script), ...args], { cwd, encoding: 'utf8' })
    if (run.status !== 0) failed = true
    console.log(`${run.status === 0 ? 'ok  ' : 'FAIL'} ${cwd} ${name}`)
    if (run.status !== 0) console.error(run.stdout + run.stderr)
  }
}
process.exit(failed ? 1 : 0)
