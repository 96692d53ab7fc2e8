import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { comparedPercent, runInto, type Tally } from './differential/batch.ts'
import { CHECKS, ORACLES } from './differential/checks.ts'
import { ourSignature, plain } from './differential/oracle.ts'
import { anything } from './differential/requests.ts'
import { smithy } from './differential/smithy.ts'

/** In all; `npm run differential` has a million. */
const CASES = 10_000

test.each(CHECKS)(
  'requests are signed alike: $name',
  async (check) => {
    const tally: Tally = {}
    const property = fc.asyncProperty(anything, (one) => runInto(tally, check, one))
    await fc.assert(property, { numRuns: (CASES * check.percent) / 100 })
    expect(comparedPercent(tally[check.name]!)).toBeGreaterThanOrEqual(check.comparedPercent)
  },
  60_000,
)

test('all checks together take 10,000 cases', () => {
  expect(CHECKS.reduce((sum, { percent }) => sum + percent, 0)).toBe(100)
})

describe.each(ORACLES)('$name', (oracle) => {
  test.each(oracle.mistakes)('$what', async ({ example, made }) => {
    const one = oracle.says(plain(example))
    const usual = oracle.says(plain())
    for (const form of ['headers', 'query'] as const) {
      expect(made(one, form)).toBe(true)
      expect(await oracle.sign(one, form)).not.toBe(ourSignature(one, form))
      expect(made(usual, form)).toBe(false)
      expect(await oracle.sign(usual, form)).toBe(ourSignature(usual, form))
    }
  })

  test('is alone with its mistakes: AWS signs those requests today as we do', async () => {
    for (const { example } of oracle.mistakes) {
      const one = smithy.says(oracle.says(plain(example)))
      if (smithy.mistakes.some(({ made }) => made(one, 'headers'))) continue
      for (const form of ['headers', 'query'] as const) {
        expect(await smithy.sign(one, form)).toBe(ourSignature(one, form))
      }
    }
  })
})
