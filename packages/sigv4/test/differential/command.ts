// `npm run differential -- [--cases 1000000] [--seed <the time>] [--workers <processors>]`
import { parseArgs } from 'node:util'
import { comparedPercent } from './batch.ts'
import { CHECKS } from './checks.ts'
import { differential } from './differential.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    workers: { type: 'string' },
  },
})
const [cases, seed] = [Number(values.cases), Number(values.seed)]
const workers = values.workers === undefined ? undefined : Number(values.workers)
const figure = (count: number): string => count.toLocaleString('en').padStart(9)
const seconds = (): string => `${(performance.now() / 1_000).toFixed(0)} s`

console.log(`${figure(cases)} cases from seed ${seed} on`)
const onProgress = (done: number): void => console.log(`${figure(done)} after ${seconds()}`)
const tally = await differential({ cases, seed, workers, onProgress })
for (const { name } of CHECKS) {
  const counts = tally[name]
  if (!counts) continue
  const share = comparedPercent(counts).toFixed(1)
  console.log(`\n${figure(counts.compared)}  ${name}: ${share} % of the cases compared, all alike`)
  for (const [what, count] of Object.entries(counts.known)) {
    console.log(`${figure(count)}    it ${what}: always differs`)
  }
}
console.log(`\nNo difference in ${cases.toLocaleString('en')} cases, ${seconds()}.`)
