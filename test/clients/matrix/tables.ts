import type { Client } from './clients.ts'
import type { Outcome } from './outcome.ts'

/** A client with how it did. */
export interface Row {
  client: Client
  engine: string
  outcome?: Outcome
  /** Why it did not run. */
  skipped?: string
}

/** A Markdown table: one client a row. */
export function matrixTable(rows: readonly Row[]): string {
  return table([
    ['client', 'version', 'language', 'tried', 'result'],
    ...rows.map(({ client, engine, outcome, skipped }) => [
      client.name,
      outcome?.version ?? '',
      engine,
      client.tries,
      outcome ? resultOf(outcome) : `skipped: ${skipped}`,
    ]),
  ])
}

/** A Markdown table of what clients do wrongly by themselves. */
export function faultTable(rows: readonly Row[]): string {
  return table([
    ['client', 'fails', 'why'],
    ...rows.flatMap(({ client }) =>
      (client.faults ?? []).map(({ fails, why }) => [client.name, fails.join(', '), why]),
    ),
  ])
}

function resultOf({ passed, expected, failures }: Outcome): string {
  if (failures.length > 0) return `${failures.length} failed`
  return expected > 0 ? `${passed} pass, ${expected} refused` : `${passed} pass`
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  )
  const text = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...rest] = lines
  return [text(head), text(widths.map((width) => '-'.repeat(width))), ...rest.map(text)].join('\n')
}

/** Describes why the tables must not be written. `undefined` if they may be. */
export function whyNotWritten(rows: readonly Row[], all: readonly Client[]): string | undefined {
  const skipped = rows.filter((row) => row.skipped !== undefined).map(({ engine }) => engine)
  if (rows.length < all.length) return 'only some clients were chosen'
  if (skipped.length > 0) return `this machine lacks ${[...new Set(skipped)].join(', ')}`
  if (rows.some(({ outcome }) => outcome && outcome.failures.length > 0)) return 'a client failed'
  return undefined
}

const MARKS = [
  ['<!-- clients: written by npm run test:clients -->', '<!-- /clients -->'],
  ['<!-- faults: written by npm run test:clients -->', '<!-- /faults -->'],
] as const

/** Puts the tables of a run into a text, between their marks. */
export function withTables(text: string, rows: readonly Row[]): string {
  const tables = [matrixTable(rows), faultTable(rows)]
  return MARKS.reduce((written, [start, end], index) => {
    const [before = '', rest] = written.split(start)
    const after = rest?.split(end)[1]
    if (after === undefined) throw new Error(`There is no place for a table: ${start}`)
    return `${before}${start}\n\n${tables[index]}\n\n${end}${after}`
  }, text)
}
