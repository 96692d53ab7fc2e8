import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimedButSkipped, matrix, type Row } from './matrix.ts'

const committed = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const line = (table: string, name: string): string | undefined =>
  table.split('\n').find((row) => row.startsWith(`| ${name}`))
const skipped = (name: string): Row => ({ name, skipped: 'not installed', checks: [] })

test('an engine that is not on this machine keeps the row that was measured', () => {
  const names = ['Node 20', 'Node 20, portable hash', 'Firefox', 'JavaScriptCore, bare', 'Hermes']
  const table = matrix(names.map(skipped), committed)
  for (const name of names) {
    const before = line(committed, name)?.replaceAll(/ +/g, ' ')
    expect(before).toBeDefined()
    expect(line(table, name)?.replaceAll(/ +/g, ' ')).toBe(before)
  }
  expect(table).not.toContain('skipped')
})

test('an engine that never ran is skipped, and one that ran replaces its row', () => {
  const rows: Row[] = [
    skipped('Ladybird'),
    { name: 'Bun', engine: 'Bun 9.9.9', checks: [{ group: 'hash', name: 'a text' }] },
  ]
  const table = matrix(rows, committed)
  expect(line(table, 'Ladybird')).toContain('skipped: not installed')
  expect(line(table, 'Bun')).toContain('Bun 9.9.9')
  expect(claimedButSkipped(rows, committed)).toEqual([])
})

test('the engines that the table has results of and that did not run are named', () => {
  const rows = [skipped('WebKitGTK'), skipped('Ladybird'), skipped('Node 20')]
  expect(claimedButSkipped(rows, committed)).toEqual(['WebKitGTK', 'Node 20'])
  expect(claimedButSkipped(rows, matrix(rows))).toEqual([])
})
