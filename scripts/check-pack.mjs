// What consumers install, judged from the tarball: publint (manifest) and attw (type resolution).
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

let failed = false
for (const manifest of globSync('packages/*/package.json')) {
  if (JSON.parse(readFileSync(manifest, 'utf8')).private) continue
  const cwd = dirname(manifest)
  for (const args of [
    ['publint', '--strict'],
    ['attw', '--pack', '.', '--profile', 'esm-only', '-f', 'ascii'],
  ]) {
    const run = spawnSync('npx', args, { cwd, encoding: 'utf8' })
    if (run.status !== 0) failed = true
    console.log(`${run.status === 0 ? 'ok  ' : 'FAIL'} ${cwd} ${args[0]}`)
    if (run.status !== 0) console.error(run.stdout + run.stderr)
  }
}
process.exit(failed ? 1 : 0)
