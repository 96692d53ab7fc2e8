import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * The Chromium that tests use: one on PATH, else the one that Playwright downloaded.
 *
 * @returns {Promise<string | undefined>} Its path.
 */
export async function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
    if (found) return found
  }
  const { chromium } = await import('playwright')
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined
}

/** What a Chromium is started with here: it also runs as root, and shows no prompts. */
export const chromiumFlags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']

/** Finds a Chromium or gets one: Playwright's download, else the system's package manager where it may. */
export async function ensureChromium() {
  const found = await findChromium()
  if (found) return found
  const run = (command, args, timeout = 300_000) =>
    spawnSync(command, args, { stdio: 'inherit', timeout }).status === 0
  console.log('No Chromium found. Trying the download of Playwright ...')
  run('npx', ['playwright', 'install', 'chromium'])
  if (!(await findChromium()) && process.getuid?.() === 0) {
    console.log("Trying the system's package manager ...")
    if (run('apt-get', ['update'])) run('apt-get', ['install', '-y', 'chromium'])
  }
  const got = await findChromium()
  if (got) return got
  throw new Error(
    'No Chromium for the browser tests. Install one (`npx playwright install chromium`, or the package `chromium` of your system) and run the command again.',
  )
}
