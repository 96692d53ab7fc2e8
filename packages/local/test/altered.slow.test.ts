import { expect, it } from 'vitest'
import { tryAltered } from './support/try-altered.ts'

it('accepts none of 100,000 randomly altered signed requests', async () => {
  const { accepted, handled, unaltered, refusals } = await tryAltered(100_000, 20_260_601)
  expect(accepted).toEqual([])
  expect(handled).toBe(0)
  expect(new Set(unaltered)).toEqual(new Set([200]))
  const total = Object.values(refusals).reduce((sum, one) => sum + one, 0)
  expect(total).toBe(100_000)
})
