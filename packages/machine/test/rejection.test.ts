import { fixedClock } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { rejections } from '../src/rejection.ts'
import type { StoredToken } from '../src/stored-token.ts'

const clock = fixedClock()
/** A token that came after so many rejected ones, so long ago. */
const entry = (replaces: number, ageMs: number): StoredToken => ({
  token: `token-${replaces}`,
  scopes: [],
  mintedAt: clock.now() - ageMs,
  expiresAt: clock.now() + 3_600_000,
  replaces,
})

test('a token that came by itself is dropped at its first rejection', () => {
  const { reject, isRejected, replaces } = rejections(clock)
  expect(reject(entry(0, 0))).toBe(true)
  expect([isRejected('token-0'), replaces()]).toEqual([true, 1])
})

test.each([
  [1, 60_000],
  [2, 120_000],
  [3, 240_000],
  [6, 1_920_000],
  [7, 3_600_000],
  [30, 3_600_000],
])('a token that replaces %i rejected ones is kept for %i ms', (rejected, keptMs) => {
  const { reject, isRejected, replaces } = rejections(clock)
  expect(reject(entry(rejected, keptMs - 1))).toBe(false)
  expect([isRejected(`token-${rejected}`), replaces()]).toEqual([false, 0])
  expect(reject(entry(rejected, keptMs))).toBe(true)
  expect([isRejected(`token-${rejected}`), replaces()]).toEqual([true, rejected + 1])
})

test('sixteen rejected tokens are known, the oldest is forgotten', () => {
  const { reject, isRejected } = rejections(clock)
  for (let token = 0; token < 17; token++) reject({ ...entry(0, 0), token: `${token}` })
  expect([isRejected('0'), isRejected('1'), isRejected('16')]).toEqual([false, true, true])
})

test('a token is not kept for longer if the clock is set back', () => {
  const { reject } = rejections(clock)
  expect(reject(entry(1, -30_000))).toBe(false)
  expect(reject(entry(1, -86_400_000))).toBe(true)
})
