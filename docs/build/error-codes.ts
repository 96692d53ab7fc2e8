import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFiles } from '../../scripts/files.ts'

/** What is known of one error code: its group in the union, its page, and its rows in the tables of the packages' pages. */
export interface CodeEntry {
  code: string
  /** The comment above it in the union. */
  group: string
  /** The text of `docs/pages/errors/CODE.md`. */
  page: string
  /** A row of a table of errors on a package's page. */
  rows: readonly { packageName: string; folder: string; when: string; whatToDo: string }[]
  /** The source files that have it, relative to the repository. */
  sources: readonly string[]
}

const root = join(import.meta.dirname, '../..')
/** Where the packages list the codes that they report. */
const TEXTS = ['packages/*/README.md', 'docs/pages/packages/*.md']

const folderOfPages = join(root, 'docs/pages/errors')

/** What each page of a code has: the text that users paste, why it happens, and what to do. */
const HEADINGS = ['## What you see', '## Cause', '## How to fix it']

/**
 * Reads every code of the union `ErrorCode` in its order, with its page and what the tables of the packages' pages say of it.
 *
 * @throws Error that names each code without a page, a part of its page or a row, and each page and row whose code is not in
 *   the union.
 */
export function errorCodes(): CodeEntry[] {
  const union = readFileSync(join(root, 'packages/core/src/error.ts'), 'utf8')
  const entries: CodeEntry[] = []
  const rows = findFiles(TEXTS, { cwd: root }).toSorted().flatMap(rowsOf)
  const sources = findFiles('packages/*/src/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('core/src/error.ts') && !file.includes('/testing/'))
    .map((file): [file: string, code: string] => [
      file,
      withoutComments(readFileSync(join(root, file), 'utf8')),
    ])
  let group = ''
  for (const line of /export type ErrorCode =\n([^]*?)\n\n/.exec(union)![1]!.split('\n')) {
    const [, comment] = /^ {2}\/\/ (.*)/.exec(line) ?? []
    const [, code] = /^ {2}\| '([A-Z_]+)'$/.exec(line) ?? []
    if (comment) group = comment
    else if (code) {
      entries.push({
        code,
        group,
        page: pageOf(code),
        rows: rows.filter(({ codes }) => codes.includes(code)),
        sources: sources
          .filter(([, text]) => new RegExp(`\\b${code}\\b`).test(text))
          .map(([file]) => file),
      })
    } else throw new Error(`packages/core/src/error.ts: this line of ErrorCode is new: ${line}`)
  }
  const known = new Set(entries.map(({ code }) => code))
  const problems = [
    ...entries
      .filter((entry) => entry.rows.length === 0)
      .map(({ code }) => `${code}: no table of errors in docs/pages/packages has a row for it.`),
    ...entries.flatMap(({ code, page }) => missingIn(code, page)),
    ...findFiles('*.md', { cwd: folderOfPages })
      .map((file) => file.replace(/\.md$/, ''))
      .filter((code) => code !== 'index' && !known.has(code))
      .map((code) => `docs/pages/errors/${code}.md: ${code} is not in the union ErrorCode.`),
    ...rows.flatMap(({ codes, file }) =>
      codes
        .filter((code) => !known.has(code))
        .map((code) => `${file}: ${code} is not in the union ErrorCode.`),
    ),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return entries
}

/** The text of a code's page; empty if there is none. */
function pageOf(code: string): string {
  const file = join(folderOfPages, `${code}.md`)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** What a code's page lacks. */
function missingIn(code: string, page: string): string[] {
  const file = `docs/pages/errors/${code}.md`
  if (page === '') return [`${file} is missing.`]
  const lines = page.split('\n')
  const problems = lines[0] === `# ${code}` ? [] : [`${file}: the title must be "# ${code}".`]
  for (const heading of HEADINGS) {
    const start = lines.indexOf(heading)
    const text = lines.slice(start + 1).find((line) => line !== '')
    if (start < 0 || text === undefined || text.startsWith('#')) {
      problems.push(`${file}: "${heading}" is missing or empty.`)
    }
  }
  return problems
}

/** The rows of a text's tables whose first column is `code`; the columns are found by their heads. */
function rowsOf(file: string): (CodeEntry['rows'][number] & { codes: string[]; file: string })[] {
  const folder = file.replace('docs/pages/', '').split('/')[1]!.replace('.md', '')
  const { name: packageName }: { name: string } = JSON.parse(
    readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'),
  )
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^\| code .*\n\|[ |:-]+\n((?:\|.*\n)+)/gm)].flatMap(([table, body]) => {
    const heads = cellsOf(table.split('\n')[0]!)
    const when = heads.indexOf('when')
    const whatToDo = heads.indexOf('what to do')
    return body!
      .trim()
      .split('\n')
      .map((line) => {
        const cells = cellsOf(line)
        if (when < 0 || whatToDo < 0 || cells.length !== heads.length) {
          throw new Error(`${file}: a table of errors needs "when" and "what to do": ${line}`)
        }
        return {
          codes: [...cells[0]!.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code!),
          file,
          packageName,
          folder,
          when: cells[when]!,
          whatToDo: cells[whatToDo]!,
        }
      })
  })
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())

const withoutComments = (source: string): string =>
  source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')

if (import.meta.main) {
  try {
    console.log(
      `ok   ${errorCodes().length} error codes, each with a page and a row in a table of a package`,
    )
  } catch (error) {
    console.error(
      `FAIL error codes without a page or a row\n${error instanceof Error ? error.message : String(error)}`,
    )
    process.exitCode = 1
  }
}
