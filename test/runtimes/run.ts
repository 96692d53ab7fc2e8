// `npm run test:runtimes [-- names]`: one suite on every engine of this machine. It prints the matrix and writes it into
// test/runtimes/README.md. An engine that is not on this machine or was not named keeps its row. With CI=true an engine that
// is not on this machine is a failure: CI installs every engine that the table has results of.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engines } from './engines.ts'
import { claimedButSkipped, matrix, type Row } from './matrix.ts'
import { prepareGrounds } from './stack.ts'

const picked = process.argv.slice(2).map((name) => name.toLowerCase())
const grounds = await prepareGrounds()
grounds.files.set('/setup.json', {
  type: 'application/json',
  body: JSON.stringify(grounds.setup),
})

const rows: Row[] = []
let failed = 0
for (const engine of await engines()) {
  if (picked.length && !picked.some((name) => engine.name.toLowerCase().includes(name))) {
    rows.push({ name: engine.name, note: engine.note, skipped: 'not run', checks: [] })
    continue
  }
  const { name, note, missing, run } = engine
  if (missing) {
    console.log(`skip  ${name}: ${missing}`)
    rows.push({ name, note, skipped: missing, checks: [] })
    continue
  }
  const folder = mkdtempSync(join(tmpdir(), 'iamfetch-runtimes-'))
  try {
    const report = await run(grounds, folder)
    const errors = report.checks.filter(({ error }) => error)
    const compiled = report.checks.length
      ? `${report.checks.length - errors.length} passed`
      : 'compiled'
    console.log(`${errors.length ? 'FAIL' : 'ok  '}  ${name} (${report.engine}): ${compiled}`)
    for (const { group, name: what, error } of errors)
      console.log(`      ${group}: ${what}: ${error}`)
    failed += errors.length
    rows.push({ name, note, engine: report.engine, checks: report.checks })
  } catch (error) {
    console.log(`FAIL  ${name}: ${String(error)}`)
    failed++
    rows.push({ name, note, broken: true, checks: [] })
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
await grounds.stop()

const readme = new URL('README.md', import.meta.url)
const [start, end] = ['<!-- runtimes: written by npm run test:runtimes -->', '<!-- /runtimes -->']
const text = readFileSync(readme, 'utf8')
const [before, rest] = text.split(start)
const [previous, after] = rest?.split(end) ?? []
if (previous === undefined || after === undefined) {
  throw new Error('test/runtimes/README.md has no place for the matrix')
}

const table = matrix(rows, previous)
console.log(`\n${table}`)
const skipped = picked.length ? [] : claimedButSkipped(rows, previous)
if (skipped.length > 0) {
  console.log(`\nNot run here, so their rows are those of an earlier run: ${skipped.join(', ')}.`)
  // CI installs every engine of the table.
  if (process.env['CI']) failed += skipped.length
}
if (!failed) {
  writeFileSync(readme, `${before}${start}\n\n${table}\n\n${end}${after}`)
}
process.exit(failed ? 1 : 0)
