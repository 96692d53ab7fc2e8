import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const STAMP = 'node_modules/.installed-lock'

/** Installs what package-lock.json says, unless that is what was installed last. */
export function ensureInstalled() {
  const [major] = process.versions.node.split('.')
  if (Number(major) < 20) {
    throw new Error(`Node ${process.versions.node} is too old: Node 20 or newer is needed.`)
  }
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return
  console.log('Installing dependencies (npm ci) ...')
  // The tools run on the Node that this brings, so the host's version does not matter to them.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed; its output above says why.')
  writeFileSync(STAMP, lock)
}
