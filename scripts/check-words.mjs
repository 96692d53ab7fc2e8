// Fails if sources, tests or texts contain a phrase that the style of this repository replaces, and prints each place.
//
//   node scripts/check-words.mjs
//
// No maintained tool checks phrases in TypeScript and Markdown alike, so this one does, by plain text search.
import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { PHRASES } from './phrases.ts'
import { findFiles } from './files.ts'

const FOLDERS = [
  '*.{mjs,ts}',
  'packages/*/{src,test,bench,size,template}/**/*.{ts,tsx,mjs}',
  'examples/**/*.{ts,tsx,mjs,html,sh,tf,yaml}',
  '{*.md,packages/*.md,packages/*/*.md,examples/*/*.md,test/**/*.md}',
  'docs/{pages,decisions}/**/*.md',
  'docs/{build,test,.vitepress}/**/*.{ts,vue}',
  'test/**/*.{ts,mjs}',
  'scripts/*.{ts,mjs}',
  '.changeset/*.md',
]

/** The list itself. */
const EXCLUDED = ['scripts/phrases.ts']

const found = FOLDERS.flatMap((files) =>
  findFiles(files, { exclude: isExcluded })
    .filter((file) => !EXCLUDED.includes(file))
    .toSorted()
    .flatMap(placesIn),
)
for (const line of found) console.error(line)
console.log(
  found.length === 0 ? 'ok   no phrase to replace' : `FAIL ${found.length} phrases to replace`,
)
process.exitCode = found.length === 0 ? 0 : 1

/** Folders that are not ours. */
function isExcluded(path) {
  return /node_modules|\/(dist|\.next)$/.test(path)
}

function placesIn(file) {
  const text = readFileSync(file, 'utf8')
  return PHRASES.flatMap(([pattern, instead]) =>
    [...text.matchAll(pattern)].map((match) => {
      const line = text.slice(0, match.index).split('\n').length
      return `${file}:${line}: ${styleText('red', match[0].trim())} → ${instead}`
    }),
  )
}
