import { describe, expect, it } from 'vitest'
import { rateLimit } from '../src/rate-limit.ts'
import { alice, answering, eventWith, quickClock, reading, rig, secretOf } from './fixtures.ts'

const HOUR_MS = 3_600_000

describe('after the clock was set back by an hour', () => {
  it('a revocation by another process is known as soon as before', async () => {
    const { access, store, clock } = rig()
    const created = await access.createKey(alice, reading)
    const elsewhere = rig({ store, clock }).access
    const handler = access.withOwner(answering)
    const event = eventWith(secretOf(created))
    expect(await handler(event, {})).toMatchObject({ subject: alice.userId })
    clock.jump(-HOUR_MS)
    await elsewhere.revokeKey(alice.userId, created.key.id)
    clock.jump(2_000)
    expect(await handler(event, {})).toMatchObject({ statusCode: 401 })
  })

  it('calls of Cognito do not wait for the time to come round again', async () => {
    const clock = quickClock()
    const waitForTurn = rateLimit(2, clock)
    await Promise.all([waitForTurn(), waitForTurn()])
    clock.jump(-HOUR_MS)
    const before = clock.now()
    await waitForTurn()
    expect(clock.now()).toBe(before)
  })
})
