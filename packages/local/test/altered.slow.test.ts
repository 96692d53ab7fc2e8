import { expect, it } from 'vitest'
import { tryAltered } from './support/try-altered.ts'

it.each([
  ['of users at an HTTP API', 'http'],
  ['of services at a REST API whose resource policy allows everybody', 'rest'],
] as const)('accepts none of 100,000 randomly altered signed requests %s', async (_, attacked) => {
  const { accepted, handled, unaltered, refusals } = await tryAltered(100_000, 20_260_601, attacked)
  expect(accepted).toEqual([])
  expect(handled).toBe(0)
  expect(new Set(unaltered)).toEqual(new Set([200]))
  const total = Object.values(refusals).reduce((sum, one) => sum + one, 0)
  expect(total).toBe(100_000)
})
