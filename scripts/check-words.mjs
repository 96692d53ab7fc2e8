// Counts the phrases that the style of this repository replaces. Fails if sources or texts have more of them than they
// had; for tests it only prints a note.
//
//   node scripts/check-words.mjs [--list [folder]] [--update]
//
// --list prints each place; --update writes lower counts into words-to-replace.json. A folder that is not in that file has
// to have none. No maintained tool checks phrases in TypeScript and Markdown alike, so this one does, by plain text search.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { styleText } from 'node:util'

const TODO = 'scripts/words-to-replace.json'

/** Each phrase, and what to write. The patterns are narrow: a phrase that may be right is not in the list. */
const PHRASES = [
  [/(?<!\bthere )\bis no (?!longer\b|more\b|less\b|different\b|need\b)(?=[a-z])/gi, 'is not a …'],
  [/\bwhat is none\b/gi, 'anything else'],
  [/\banew\b/gi, 'again'],
  [/\b(?:is|are) looked at\b/gi, 'is read'],
  [/\bheld against\b/gi, 'is checked against'],
  [/\b(?:is|are) told\b/gi, 'is notified, receives'],
  [/\bhears? of\b/gi, 'is notified of'],
  [/(?:\/\*\*|^\s*\*) (?:Gives|Makes|Says|Tells)\b/gm, 'Returns, Creates, Describes'],
  [/\bleft out,/gi, 'Defaults to …'],
  [/\bnothing where\b/gi, '`undefined` if …'],
  [/\bcannot be meant\b/gi, 'is invalid'],
  [/\b(?:the|those|that|data) (?:ones? )?(?:of )?before(?=[.,;:)]|$)/gim, 'the previous one'],
  [/\bmeanwhile\b/gi, 'in the meantime'],
  // `'nobody'` and `nobody:` are names of users in tests.
  [/(?<!')\b(?:whoever|somebody|nobody)\b(?![':])/gi, 'the caller, another user, no user'],
  [/, say(?=[,.;:)]|$)| say(?=[.)])/gim, 'for example'],
  [/\bis over\b(?! \d)/gi, 'has expired, expires'],
  [/\b(?:stands?|lies|lie) (?:in|on)\b(?!ce)/gi, 'is in, is stored in, is built on'],
  [/\b(?:mend|heal)(?:s|ed|ing)?\b/gi, 'fix, recover from'],
  [/\b(?:foretell|foretells|foretold|foretelling)\b/gi, 'predict'],
  [/\ba page a\b|\ban entry of its own\b/gi, 'one … per …, a separate entry point'],
  [/\bbeside\b/gi, 'compared with, next to, in addition to'],
  [/\bcredentials along\b/gi, 'the credentials are cleared'],
]

const FOLDERS = [
  ...globSync('packages/*/src').map((folder) => [folder, `${folder}/**/*.{ts,tsx}`]),
  ...globSync('packages/*/test').map((folder) => [folder, `${folder}/**/*.{ts,tsx}`]),
  ['README', '{*.md,packages/*.md,packages/*/*.md,examples/*/*.md,test/**/*.md}'],
  ['docs', 'docs/{pages,decisions}/**/*.md'],
  ['test', 'test/**/*.{ts,mjs}'],
  ['scripts', 'scripts/*.{ts,mjs}'],
  ['.changeset', '.changeset/*.md'],
]

const listed = process.argv.includes('--list') ? (process.argv.at(-1) ?? '') : undefined
const allowed = JSON.parse(readFileSync(TODO, 'utf8'))
const counts = {}
let failed = false
for (const [name, files] of FOLDERS) {
  const found = globSync(files, { exclude: isExcluded })
    .filter((file) => !file.endsWith('check-words.mjs'))
    .toSorted()
    .flatMap(placesIn)
  const limit = allowed[name] ?? 0
  if (found.length > 0) counts[name] = Math.min(found.length, limit)
  const isListed = listed !== undefined && (listed === '--list' || listed === name)
  if (found.length > limit) {
    // Tests are still being rewritten; everything else stays clean.
    const isStrict =
      name.endsWith('/src') || ['README', 'docs', '.changeset', 'scripts'].includes(name)
    failed ||= isStrict
    console.error(
      `${isStrict ? 'FAIL' : 'note'} ${name}: ${found.length} phrases to replace, ${limit} allowed. See them: node scripts/check-words.mjs --list ${name}`,
    )
  }
  if (isListed) for (const line of found) console.log(line)
}
if (process.argv.includes('--update')) writeFileSync(TODO, `${JSON.stringify(counts, null, 2)}\n`)
if (!failed) {
  const rest = Object.values(counts).reduce((sum, count) => sum + count, 0)
  console.log(`ok   no new phrase to replace; ${rest} are left`)
}
process.exitCode = failed ? 1 : 0

/** Folders that are not ours. */
function isExcluded(path) {
  return /node_modules|\/dist$/.test(path)
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
