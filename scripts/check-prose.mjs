// Checks the texts: every number with a unit or a version has something that holds it, and sentences are short.
//
// Numbers: scripts/numbers.json says for each one what checks it. A value is one of
// - `npm run NAME` or `node FILE`, the command that measures it;
// - `FILE: TEXT`, a source or a test that contains the same constant;
// - `version of PACKAGE`, the version that this repository installs;
// - `size of ENTRY: NAMES; without PACKAGE, PACKAGE`, what the import costs in a bundle, minified and gzipped, which is measured here and may differ by 2 %;
//   `--write` corrects the text and the list;
// - `https://…`, where AWS or a standard states it.
// `*` instead of a file stands for every text: what the packages work with. `tables` instead of a number stands for all numbers in the tables of a file. Code, links and generated parts are not read.
//
// Sentences: the median length of README and guides is printed, and has to be under 18 words.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { bundleSize } from './bundle-size.mjs'
import { findFiles } from './files.ts'

const NUMBERS = 'scripts/numbers.json'
const LONGEST_MEDIAN = 18
/** How far a size in a text may be from the measured one. */
const SIZE_TOLERANCE = 0.02
const TEXTS = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'packages/*/*.md',
  'packages/machine/bench/README.md',
  'examples/*/README.md',
  'test/*/README.md',
  'docs/README.md',
  'docs/pages/**/*.md',
]
const NUMBER =
  /\$?(?<![\w.,:$-])\d[\d,.]*(?:[–-]\d[\d.,]*)?\s(?:kB|MB|GB|ms|µs|ns|s|%|min|minutes?|seconds?|hours?|days?|a second)(?!\w)|\$\d[\d.,]*\d|\d+×|(?<![\w.])\d+\.\d+\.\d+(?![\w.])/g

/** What the packages work with: a product and a version. */
const WORKS_WITH =
  /\b(?:Amplify|Bun|CDK|Chrome|Deno|Expo|Firefox|Hermes|Jest|middy|Node|node-redis|React|React Native|Safari|TypeScript|Vite|Vitest|WebKitGTK)\s(?:≥\s)?(?:\(v?\d[^);]*\)|v?\d+(?:\.\d+)*)/g

const scripts = JSON.parse(readFileSync('package.json', 'utf8')).scripts
if (process.argv.includes('--write')) writeSizes()
const files = findFiles(TEXTS, {
  exclude: (path) => /node_modules|CHANGELOG/.test(path),
}).toSorted()
const problems = [...numberProblems(), ...sentenceProblems()]
for (const problem of problems) console.error(`FAIL ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0

function numberProblems() {
  const listed = JSON.parse(readFileSync(NUMBERS, 'utf8'))
  const found = files.flatMap((file) => numbersIn(file).map((number) => ({ file, ...number })))
  const unlisted = found
    .filter(({ file, text, isInTable }) => {
      const own = { ...listed['*'], ...listed[file] }
      return !(isInTable && own.tables) && !own[text]
    })
    .map(
      ({ file, line, text }) =>
        `${file}, line ${line}: nothing checks "${text}". Add it to ${NUMBERS}, with what does`,
    )
  const stale = Object.entries(listed).flatMap(([file, entries]) =>
    Object.entries(entries).flatMap(([text, check]) => {
      const isThere =
        text === 'tables' ||
        found.some((number) => (file === '*' || number.file === file) && number.text === text)
      if (!isThere) return [`${NUMBERS}: ${file} has no "${text}" any more. Remove the entry`]
      const reason = brokenCheck(check, text)
      return reason ? [`${NUMBERS}: ${file}, "${text}": ${reason}`] : []
    }),
  )
  if (unlisted.length + stale.length === 0) {
    console.log(
      `ok   ${found.length} numbers of ${files.length} texts have something that checks them`,
    )
  }
  return [...unlisted, ...stale]
}

/** Why a check does not hold the number; `undefined` if it does. */
function brokenCheck(check, text) {
  const [, command] = /^npm run ([\w:-]+)$/.exec(check) ?? []
  if (command) return scripts[command] ? undefined : `there is no script "${command}"`
  const [, program] = /^node (\S+)$/.exec(check) ?? []
  if (program) return existsSync(program) ? undefined : `there is no ${program}`
  if (check.startsWith('https://')) return undefined
  const [, name] = /^version of (\S+)$/.exec(check) ?? []
  if (name) {
    const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'))
    return version === text ? undefined : `${name} is ${version} here`
  }
  const size = sizeFrom(check)
  if (size) {
    // A few bytes more or less do not make a text wrong.
    const isClose = Math.abs(parseFloat(size) / parseFloat(text) - 1) <= SIZE_TOLERANCE
    return isClose ? undefined : `it is ${size}. Run node scripts/check-prose.mjs --write`
  }
  const [, file = '', snippet = ''] = /^(\S+): ([^]+)$/.exec(check) ?? []
  if (!existsSync(file)) return `"${check}" is not a command, a file or an address`
  return readFileSync(file, 'utf8').includes(snippet) ? undefined : `${file} has no "${snippet}"`
}

/** The size that a check of the form `size of …` measures; `undefined` for every other check. */
function sizeFrom(check) {
  const [, entry, names, without = ''] =
    /^size of ([^\s:]+): ([^;]+)(?:; without (.+))?$/.exec(check) ?? []
  return entry && bundleSize(entry, names, without ? without.split(', ') : [])
}

/** Writes the sizes of today into the texts and into the list. */
function writeSizes() {
  const listed = JSON.parse(readFileSync(NUMBERS, 'utf8'))
  for (const [file, entries] of Object.entries(listed)) {
    if (file === '*') continue
    let text = readFileSync(file, 'utf8')
    listed[file] = Object.fromEntries(
      Object.entries(entries).map(([number, check]) => {
        const size = sizeFrom(check) ?? number
        text = text.replaceAll(new RegExp(`(?<![\\d.])${RegExp.escape(number)}`, 'g'), size)
        return [size, check]
      }),
    )
    writeFileSync(file, text)
  }
  writeFileSync(NUMBERS, `${JSON.stringify(listed, null, 2)}\n`)
}

/** The numbers of a text outside of code, links and what a command writes. */
function numbersIn(file) {
  const blank = (part) => part.replaceAll(/[^\n]/g, ' ')
  const text = readFileSync(file, 'utf8')
    .replaceAll(/<!-- (\w+): written by[^]*?<!-- \/\1 -->/g, blank)
    .replaceAll(/^\s*```[^]*?^\s*```$/gm, blank)
    .replaceAll(/`[^`\n]*`/g, blank)
    .replaceAll(/\]\([^)]*\)/g, blank)
  const found = [...text.matchAll(NUMBER), ...text.matchAll(WORKS_WITH)]
  return found.map((match) => {
    const before = text.slice(0, match.index)
    return {
      text: match[0].replaceAll(/\s/g, ' '),
      line: before.split('\n').length,
      isInTable: before.slice(before.lastIndexOf('\n') + 1).startsWith('|'),
    }
  })
}

function sentenceProblems() {
  const groups = {
    'the README': files.filter((file) => file === 'README.md'),
    'the READMEs of packages and examples': files.filter((file) =>
      /^(packages|examples)\/[\w-]+\/README\.md$/.test(file),
    ),
    'the guides': files.filter((file) => /^docs\/pages\/(?!errors\/)/.test(file)),
  }
  return Object.entries(groups).flatMap(([name, texts]) => {
    const lengths = texts.flatMap(sentenceLengths).toSorted((a, b) => a - b)
    const median = lengths[Math.floor(lengths.length / 2)]
    const isShort = median < LONGEST_MEDIAN
    const words = `${name}: the median sentence has ${median} words, of ${lengths.length} sentences`
    if (isShort) console.log(`ok   ${words}`)
    return isShort ? [] : [`${words}; it should have fewer than ${LONGEST_MEDIAN}`]
  })
}

/** How many words each sentence of the paragraphs and lists has. */
function sentenceLengths(file) {
  const paragraphs = []
  const visit = (node) => {
    if (node.type === 'paragraph') paragraphs.push(textOf(node))
    else if ('children' in node) node.children.forEach(visit)
  }
  visit(fromMarkdown(readFileSync(file, 'utf8')))
  return paragraphs
    .filter((text) => !text.startsWith('|')) // the parser does not know tables
    .flatMap((text) => text.split(/(?<=[.!?])\s+(?=\S)/))
    .map((sentence) => sentence.split(/\s+/).filter((word) => /\w/.test(word)).length)
    .filter((count) => count > 2)
}

function textOf(node) {
  return 'children' in node ? node.children.map(textOf).join('') : (node.value ?? '')
}
