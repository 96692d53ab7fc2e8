// `npm run test:bundlers`: every browser package through every bundler, as built and without any configuration:
// no warning, no Node built-in and no polyfill of one.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { appAt, bundlers } from './bundlers.mjs'
import { ENTRIES } from './entries.mjs'

// Inside the workspace, so that the packages are found as an app finds them.
const folder = fileURLToPath(new URL('.work', import.meta.url))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const NODE =
  /\brequire\(["'](node:)?(crypto|buffer|util|stream|fs|process)["']\)|from\s*["'](node:)?(crypto|buffer|util|stream|fs|process)["']|\bBuffer\.from\b|__vite-browser-external/

/**
 * `'use client'` is how React Server Components know hooks. A bundler that knows nothing of them says so of every React library,
 * and the bundle is right.
 */
const isAboutDirective = (warning) => /\bdirective/i.test(warning)

const rows = [['', ...Object.keys(bundlers)]]
let failed = 0
try {
  for (const [name, contents] of Object.entries(ENTRIES)) {
    const row = [name]
    for (const [bundler, bundle] of Object.entries(bundlers)) {
      const own = mkdtempSync(`${folder}/`)
      let faults
      let bytes = 0
      try {
        const { text, warnings } = await bundle(appAt(own, contents), own)
        bytes = gzipSync(text).length
        const [builtIn] = NODE.exec(text) ?? []
        faults = [
          ...warnings.filter((warning) => !isAboutDirective(warning)),
          ...(builtIn ? [`a Node built-in: ${builtIn}`] : []),
        ]
        if (text.length < 500) faults.push(`only ${text.length} bytes came out`)
      } catch (error) {
        faults = [String(error.message ?? error)]
      }
      for (const fault of faults) console.log(`${bundler}, ${name}: ${fault}`)
      failed += faults.length
      row.push(faults.length ? 'FAILED' : `${(bytes / 1_000).toFixed(1)} kB`)
    }
    rows.push(row)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
console.log(
  'Bundles without warnings and polyfills; gzipped, as each bundler leaves them (Rollup and Metro not minified; Metro compiled by Hermes)\n',
)
for (const row of rows) console.log(row.map((cell, i) => cell.padEnd(widths[i])).join('  '))
process.exit(failed ? 1 : 0)
