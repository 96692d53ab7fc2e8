// Sets up what a command needs, on a clean clone too; the `pre…` scripts of package.json run it.
//
//   node scripts/set-up.mjs [chromium] [folder …]
//
// It installs the dependencies of the repository, those of each named folder, and finds or installs a Chromium. It uses
// nothing but Node's own modules, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))

try {
  requireNode(20)
  installFromLock('.')
  for (const name of process.argv.slice(2)) {
    if (name === 'chromium') await getChromium()
    else if (existsSync(join(name, 'package-lock.json'))) installFromLock(name)
    else installWithoutLock(name)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

function requireNode(oldest) {
  const [major] = process.versions.node.split('.')
  if (Number(major) < oldest) {
    throw new Error(`Node ${process.versions.node} is too old. Install Node ${oldest} or newer.`)
  }
}

/** Installs what a folder's package-lock.json says, unless that is what was installed there last. */
function installFromLock(folder) {
  const lock = readFileSync(join(folder, 'package-lock.json'))
  const digest = createHash('sha256').update(lock).digest('hex')
  installOnce(folder, 'ci', '.installed-lock', digest)
}

/**
 * Installs the exact versions of a folder's package.json.
 *
 * Without a lock: it would ask for the binaries of every platform, and not every registry has all of them.
 */
function installWithoutLock(folder) {
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8')
  installOnce(folder, 'install', '.installed', manifest, '--no-package-lock')
}

function installOnce(folder, command, stampName, stamp, ...args) {
  const stampFile = join(folder, 'node_modules', stampName)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  const where = folder === '.' ? '' : ` in ${folder}`
  console.log(`Installing dependencies (npm ${command}${where}) ...`)
  const status = npm([command, ...args, '--no-audit', '--no-fund', '--loglevel=error'], folder)
  if (status !== 0) throw new Error(`npm ${command} failed${where}. Read its output above.`)
  writeFileSync(stampFile, stamp)
}

/** Runs npm with this Node. On Windows npm is a batch file, which only a shell can start, so its script is run instead. */
function npm(args, cwd = '.') {
  const script = process.env.npm_execpath
  const options = { cwd, stdio: 'inherit' }
  const { status } = script?.endsWith('.js')
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  return status
}

/** Finds a Chromium or gets one: Playwright's download, else the system's package manager. */
async function getChromium() {
  const { findChromium } = await import('../packages/testing/src/chromium.mjs')
  if (await findChromium()) return
  console.log('No Chromium found. Trying the download of Playwright ...')
  const run = (command, args) =>
    spawnSync(command, args, { stdio: 'inherit', timeout: 300_000 }).status === 0
  run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'])
  if (await findChromium()) return
  if (process.getuid?.() === 0) {
    console.log("Trying the system's package manager ...")
    if (run('apt-get', ['update'])) run('apt-get', ['install', '-y', 'chromium'])
  }
  if (await findChromium()) return
  throw new Error(
    'The browser tests need a Chromium. Install one (npx playwright install chromium, or the package "chromium" of your system) and run the command again.',
  )
}
