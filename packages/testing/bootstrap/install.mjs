import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs what a folder's package-lock.json says, unless that is what was installed there last. */
export function ensureInstalled(folder = '.') {
  const [major] = process.versions.node.split('.')
  if (Number(major) < 20) {
    throw new Error(`Node ${process.versions.node} is too old: Node 20 or newer is needed.`)
  }
  const stamp = join(folder, 'node_modules/.installed-lock')
  const bytes = readFileSync(join(folder, 'package-lock.json'))
  const lock = createHash('sha256').update(bytes).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.log(`Installing dependencies (npm ci${folder === '.' ? '' : ` in ${folder}`}) ...`)
  // The tools run on the Node that this brings, so the host's version does not matter to them.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('npm ci failed; its output above says why.')
  writeFileSync(stamp, lock)
}

/**
 * Installs what a folder's package.json names with exact versions, and nothing else of the repository needs.
 *
 * Without a lock: binaries of other platforms are not in every registry, and a lock asks for all of them.
 */
export function ensureInstalledIn(folder) {
  const stamp = join(folder, 'node_modules/.installed')
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) return
  console.log(`Installing what ${folder} names (once) ...`)
  const args = ['install', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm install failed in ${folder}; its output above says why.`)
  writeFileSync(stamp, manifest)
}
