// Checks that what the READMEs and the map point at exists: relative links, pictures, paths from the root in backticks, and
// every path in the tables of packages/README.md.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findFiles } from './files.ts'

const TEXTS = [
  '*.md',
  'packages/**/*.md',
  'examples/**/*.md',
  'test/**/*.md',
  'docs/README.md',
  'docs/pages/**/*.md',
]
/** Where the docs are published; `npm run test:docs` checks the links inside of them. */
const SITE = 'https://iamfetch.github.io/iamfetch'
/** Pages that are made of other files. */
const MADE = ['packages']
const MAP = 'packages/README.md'

const missing = []
let looked = 0
const look = (file, path, ...candidates) => {
  looked++
  const found = candidates.find((candidate) => existsSync(candidate))
  if (found === undefined) missing.push(`${file}: ${path}`)
  return found
}

const files = findFiles(TEXTS, { exclude: (path) => /(^|\/)node_modules$/.test(path) })
for (const file of files) {
  const text = readFileSync(file, 'utf8').replaceAll(/^```.*?^```/gms, '')
  for (const [, target] of text.matchAll(/(?:\]\(|\bsrc(?:set)?=")([^)"\s]+)[)"]/g)) {
    const [path] = target.split('#')
    if (path?.startsWith(`${SITE}/`)) look(file, path, ...filesOfPage(path.slice(SITE.length + 1)))
    if (path && !/^([a-z]+:|\/)/.test(path)) look(file, path, join(dirname(file), path))
  }
  for (const [, path] of text.matchAll(
    /`((?:packages|examples|docs|scripts|test)\/[^\s`*<{…]+)`/g,
  )) {
    // What a command installs or keeps is not in a clean clone.
    if (/node_modules|\/\.cache/.test(path)) continue
    const tests = ['.test.ts', '.e2e.test.ts'].map((ending) => `${path}${ending}`)
    const own = join(dirname(file), path)
    look(file, path, path, ...tests, own, join(dirname(file), 'template', path))
  }
}

/** The files that a page of the site may be written from. */
function filesOfPage(page) {
  const [first, name] = page.split('/')
  if (page.endsWith('/')) return [`docs/pages/${page}index.md`]
  if (first === 'errors') return [`docs/pages/${page}.md`]
  const upper = `packages/iamfetch/${name?.toUpperCase()}.md`
  return [
    `docs/pages/${page}.md`,
    ...(MADE.includes(first) ? [`packages/${name}/README.md`, upper] : []),
  ]
}

// In a row, a name without a folder is in the folder of the previous path.
const isPath = (code) => /^[\w./-]+(\/|\.(ts|tsx|mjs|md|json|yml))$/.test(code)
for (const row of readFileSync(MAP, 'utf8').match(/^\|.*\|$/gm) ?? []) {
  let previousFolder = '.'
  const where = row.split('|').at(-2) ?? ''
  for (const [, code] of where.matchAll(/`([^`]+)`/g)) {
    if (!isPath(code)) continue
    const found = look(MAP, code, join('packages', code), join(previousFolder, code))
    if (found) previousFolder = found.endsWith('/') ? found : dirname(found)
  }
}

for (const one of missing) console.error(`FAIL ${one} is not there`)
console.log(
  `${missing.length ? 'FAIL' : 'ok  '} ${looked} links and paths of ${files.length} texts`,
)
process.exitCode = missing.length ? 1 : 0
