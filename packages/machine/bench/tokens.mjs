// `npm run bench:tokens`: the eight measurements of a token cache for ours and for others, against one loopback provider.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chart } from './chart.mjs'
import { makeDateMovable } from './moved-date.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

makeDateMovable()
const { contenders } = await import('./contenders.mjs')
const { measurements } = await import('./measurements.mjs')
const { servedToken } = await import('./served-token.mjs')

// Libraries that warn about loopback or about a failed refresh would break the table.
for (const method of ['warn', 'error', 'debug']) console[method] = () => {}
process.on('unhandledRejection', () => {})

const rows = []
for (const contender of contenders) {
  const cells = []
  for (const measurement of measurements) {
    try {
      cells.push(await measurement.run(contender))
    } catch (error) {
      cells.push({ pass: false, shown: 'error', error })
    }
  }
  rows.push({
    name: `${contender.name} ${contender.version()} ${contender.note ?? ''}`.trim(),
    ours: contender.ours,
    cells,
  })
  process.stdout.write('.')
}

const passed = ({ cells }) => cells.filter(({ pass }) => pass).length
const table = [
  ['', ...measurements.map(({ id }) => id), 'passed'],
  ['bar', ...measurements.map(({ bar }) => bar), ''],
  ...rows.map((row) => [
    row.name,
    ...row.cells.map(({ shown, tookMs }) =>
      tookMs >= 1_000 ? `${shown} ${(tookMs / 1_000).toFixed(1)} s` : `${shown}`,
    ),
    `${passed(row)}`,
  ]),
]
const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)))
console.log(
  `\n\n${table.map((line) => line.map((cell, i) => cell.padEnd(widths[i])).join('  ')).join('\n')}\n`,
)
for (const { id, title, unit, bar } of measurements)
  console.log(`${id.padEnd(2)}  ${title}: ${unit}, bar ${bar}`)
for (const { name, cells } of rows)
  for (const { error } of cells) if (error) console.log(`${name}: ${error.message}`)

writeFileSync(here('tokens.svg'), chart({ measurements, rows, passed }))
console.log(`\nChart: ${here('tokens.svg')}`)

const { mapNs, tokenNs } = await servedToken()
console.log(
  `A served token on the warm path: ${tokenNs.toFixed(0)} ns; a bare Map.get: ${mapNs.toFixed(1)} ns; ${(tokenNs / mapNs).toFixed(0)} times, ${(tokenNs - mapNs).toFixed(0)} ns more (bar: under 1,000 ns more).`,
)
const ours = rows.find((row) => row.ours)
if (passed(ours) < measurements.length || tokenNs - mapNs >= 1_000) process.exit(1)
process.exit(0)
