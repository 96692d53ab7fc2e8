import type { Check, Group } from './setup.ts'

/** What is known of one engine after a run. */
export interface Row {
  name: string
  note?: string | undefined
  engine?: string
  /** Why it did not run. */
  skipped?: string
  broken?: boolean
  checks: readonly Check[]
}

const GROUPS: readonly Group[] = ['vectors', 'hash', 'exchange', 'signed call', 'token call']

/** A Markdown table: an engine a row, what passed of what ran in each column. */
export function matrix(rows: readonly Row[]): string {
  const lines = [
    ['engine', ...GROUPS, 'note'],
    ...rows.map((row) => [
      row.engine && !row.name.includes(',') ? row.engine : row.name,
      ...cellsOf(row),
      row.skipped ? `skipped: ${row.skipped}` : notesOf(row),
    ]),
  ]
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  )
  const text = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [
    text(lines[0]!),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...lines.slice(1).map(text),
  ].join('\n')
}

const cellsOf = ({ checks, broken, skipped, name }: Row): string[] =>
  GROUPS.map((group) => {
    const own = checks.filter((check) => check.group === group)
    if (!own.length) return broken ? 'failed' : skipped || name !== 'Hermes' ? '–' : 'compiles'
    const passed = own.filter(({ error }) => !error).length
    return passed === own.length ? `${passed}` : `${passed} of ${own.length}`
  })

const notesOf = ({ note, checks }: Row): string =>
  [note, ...checks.map((check) => check.note)].filter(Boolean).join('; ')
