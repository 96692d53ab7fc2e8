// Bundles the suite for Hermes with Metro and React Native's Babel preset, from the built packages.
//
//   node test/hermes/bundle.mjs FILE
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { appAt, bundlers } from '../bundlers/bundlers.mjs'

const [, , out] = process.argv
const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const fromEngine = createRequire(here('engine/x.js'))
const fromPeers = createRequire(here('../bundlers/peers/x.js'))

// In their order: the globals first, then React Native's own `Headers`, `Response` and `AbortController`, then what uses them.
const MODULES = [
  here('globals.ts'),
  here('bodies.ts'),
  fromEngine.resolve('whatwg-fetch'),
  fromEngine.resolve('abort-controller/polyfill'),
  here('suite.ts'),
]

const work = here('.work')
mkdirSync(work, { recursive: true })
// Inside the workspace, so that the packages are found as an app finds them.
const folder = mkdtempSync(`${work}/`)
try {
  const entry = appAt(folder, MODULES.map((path) => `import ${JSON.stringify(path)}\n`).join(''))
  // The preset keeps classes by default, which Hermes knows since its version 1 alone.
  const preset = [
    fromPeers.resolve('@react-native/babel-preset'),
    { unstable_transformProfile: 'default' },
  ]
  writeFileSync(join(folder, '.babelrc'), JSON.stringify({ presets: [preset] }))
  const { text, warnings } = await bundlers.Metro(entry, folder)
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  writeFileSync(out, text)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
