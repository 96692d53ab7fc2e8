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

/**
 * Writes a Markdown table with one row per engine: how many checks passed of those that ran.
 *
 * @param previous  The table of an earlier run. An engine that could not run now keeps what was measured then.
 */
export function matrix(rows: readonly Row[], previous = ''): string {
  const lines = [
    ['engine', ...GROUPS, 'note'],
    ...rows.map((row) => (row.skipped && measuredIn(previous, row.name)) || cellsOfRow(row)),
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

/** The engines that a table has results of, and that could not run now. */
export const claimedButSkipped = (rows: readonly Row[], previous: string): string[] =>
  rows.filter(({ name, skipped }) => skipped && measuredIn(previous, name)).map(({ name }) => name)

/** The cells of an engine in an earlier table; `undefined` if it did not run then either. */
function measuredIn(table: string, name: string): string[] | undefined {
  const cells = table
    .split('\n')
    .map((line) => line.split('|').slice(1, -1))
    .map((line) => line.map((cell) => cell.trim()))
  // A row begins with the name, or with the name and a version: "Node 20" and "Node 20.20.2".
  return cells.find(
    ([engine = '', ...rest]) =>
      engine.startsWith(name) &&
      /^($|[. ])/.test(engine.slice(name.length)) &&
      !rest.at(-1)?.startsWith('skipped:'),
  )
}

const cellsOfRow = (row: Row): string[] => [
  row.engine && !row.name.includes(',') ? row.engine : row.name,
  ...cellsOf(row),
  row.skipped ? `skipped: ${row.skipped}` : notesOf(row),
]

const cellsOf = ({ checks, broken, skipped, name }: Row): string[] =>
  GROUPS.map((group) => {
    const ofGroup = checks.filter((check) => check.group === group)
    if (ofGroup.length === 0 && broken) return 'failed'
    if (ofGroup.length === 0) return skipped || name !== 'Hermes' ? '–' : 'compiles'
    const passed = ofGroup.filter(({ error }) => !error).length
    return passed === ofGroup.length ? `${passed}` : `${passed} of ${ofGroup.length}`
  })

const notesOf = ({ note, checks }: Row): string =>
  [note, ...checks.map((check) => check.note)].filter(Boolean).join('; ')
