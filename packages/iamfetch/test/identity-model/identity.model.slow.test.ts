import { expect, test } from 'vitest'
import { check, ENGINES } from './check.ts'

test.each(ENGINES)(
  '%s: 5,000 random interleavings of users, services and time send no request for another user, and none after clear()',
  async (engine) => {
    await expect(check(engine, 5_000)).resolves.toBeUndefined()
  },
)
