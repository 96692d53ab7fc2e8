import { expect, test } from 'vitest'
import { comparedPercent } from './differential/batch.ts'
import { CHECKS } from './differential/checks.ts'
import { differential } from './differential/differential.ts'

/** How many requests in all; `IAMFETCH_RUNS=20000` for a quick look. */
const RUNS = Number(process.env['IAMFETCH_RUNS'] ?? 1_000_000)

test(`${RUNS.toLocaleString('en')} requests are signed as others sign them`, async () => {
  const tally = await differential({ cases: RUNS, seed: Date.now() % 1_000_000_000 })
  for (const { name, percent, comparedPercent: least } of CHECKS) {
    const counts = tally[name]!
    const known = Object.values(counts.known).reduce((sum, count) => sum + count, 0)
    expect(counts.compared + known).toBeGreaterThan((RUNS * percent * 0.95) / 100)
    expect(comparedPercent(counts)).toBeGreaterThanOrEqual(least)
  }
})
