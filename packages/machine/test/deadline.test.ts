import type { Clock } from '@iamfetch/core'
import { fixedClock } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { within } from '../src/deadline.ts'

test('what is done in time leaves no timer behind', async () => {
  const signals: (AbortSignal | undefined)[] = []
  const base = fixedClock()
  const clock: Clock = {
    now: () => base.now(),
    sleep: (ms, signal) => {
      signals.push(signal)
      return base.sleep(ms, signal)
    },
  }
  expect(await within(clock, 50, 'it', async () => 'done')).toBe('done')
  await expect(
    within(clock, 50, 'it', () => {
      throw new Error('at once')
    }),
  ).rejects.toThrow('at once')
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true])
})

test('what is late is told to stop, and its own end concerns nobody', async () => {
  const clock = fixedClock()
  const reasons: unknown[] = []
  const late = within(clock, 50, 'The store', (signal) => {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(signal.reason)
      })
    })
  })
  const caught = late.catch((error: unknown) => error)
  await clock.advance(50)
  expect(await caught).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    retryable: true,
    message: 'The store took over 50 ms.',
  })
  expect(reasons).toEqual([await caught])
})

test('an answer that is there when a busy process looks up counts, though the alarm rang first', async () => {
  const clock = fixedClock()
  let arrive!: (answer: string) => void
  const got = within(clock, 50, 'it', () => new Promise<string>((resolve) => (arrive = resolve)))
  // The alarm rings; the answer lies in the socket and comes in the same turn of the event loop.
  void clock.advance(200)
  setTimeout(() => arrive('in time'))
  expect(await got).toBe('in time')
})
