import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is known of one error code: its group in the union, and what the packages' READMEs say of it. */
export interface CodeEntry {
  code: string
  /** The comment above it in the union. */
  group: string
  /** A row of a README's table of errors. */
  rows: readonly { packageName: string; folder: string; when: string; whatToDo: string }[]
  /** The source files that have it, relative to the repository. */
  sources: readonly string[]
}

const root = join(import.meta.dirname, '../..')

/**
 * Reads every code of the union `ErrorCode` in its order, with what the READMEs' tables say of it.
 *
 * @throws Error that names each code without a row, and each row whose code is not in the union.
 */
export function errorCodes(): CodeEntry[] {
  const union = readFileSync(join(root, 'packages/core/src/error.ts'), 'utf8')
  const entries: CodeEntry[] = []
  const rows = globSync('packages/*/README.md', { cwd: root }).toSorted().flatMap(rowsOf)
  const sources = globSync('packages/*/src/**/*.ts', { cwd: root })
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
      .map(({ code }) => `${code}: no README's table of errors has a row for it.`),
    ...rows.flatMap(({ codes, folder }) =>
      codes
        .filter((code) => !known.has(code))
        .map((code) => `packages/${folder}/README.md: ${code} is not in the union ErrorCode.`),
    ),
  ]
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return entries
}

/** The rows of a README's tables whose first column is `code`; the columns are found by their heads. */
function rowsOf(readme: string): (CodeEntry['rows'][number] & { codes: string[] })[] {
  const folder = readme.split('/')[1]!
  const { name: packageName }: { name: string } = JSON.parse(
    readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'),
  )
  const text = readFileSync(join(root, readme), 'utf8')
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
          throw new Error(`${readme}: a table of errors needs "when" and "what to do": ${line}`)
        }
        return {
          codes: [...cells[0]!.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code!),
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

/** The page: a heading for each group and each code, so that `#id-token-expired` can be linked to. */
export function errorCodesPage(): string {
  let group = ''
  return errorCodes()
    .map((entry) => {
      const head = entry.group === group ? '' : `## ${capital((group = entry.group))}\n\n`
      const rows = entry.rows.map(
        ({ packageName, folder, when, whatToDo }) =>
          `- [\`${packageName}\`](/packages/${folder}#errors): ${when}. **What to do:** ${whatToDo}.`,
      )
      const thrown = entry.sources.map((file) => `\`${file}\``).join(', ')
      return `${head}### ${entry.code}\n\n${rows.join('\n')}\n\nIn the sources: ${thrown}.`
    })
    .join('\n\n')
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

if (import.meta.main) {
  try {
    console.log(`ok   ${errorCodes().length} error codes, each with a remedy in a README`)
  } catch (error) {
    console.error(
      `FAIL error codes without a remedy\n${error instanceof Error ? error.message : String(error)}`,
    )
    process.exitCode = 1
  }
}
