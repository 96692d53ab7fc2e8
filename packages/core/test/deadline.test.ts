import { fixedClock } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { withDeadline, type Clock } from '../src/index.ts'

test('work that is done in time leaves no timer behind', async () => {
  const signals: (AbortSignal | undefined)[] = []
  const base = fixedClock()
  const clock: Clock = {
    now: () => base.now(),
    sleep: (ms, signal) => {
      signals.push(signal)
      return base.sleep(ms, signal)
    },
  }
  expect(await withDeadline(clock, 50, 'it', async () => 'done')).toBe('done')
  await expect(
    withDeadline(clock, 50, 'it', () => {
      throw new Error('at once')
    }),
  ).rejects.toThrow('at once')
  expect(signals.map((signal) => signal?.aborted)).toEqual([true, true])
})

test('work that is late is aborted, and its result is ignored', async () => {
  const clock = fixedClock()
  const reasons: unknown[] = []
  const late = withDeadline(clock, 50, 'The store', (signal) => {
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
    message: 'The store took longer than 50 ms.',
  })
  expect(reasons).toEqual([await caught])
})

test('a response that arrived in time counts although a busy process saw its timer first', async () => {
  const clock = fixedClock()
  let arrive!: (answer: string) => void
  const got = withDeadline(
    clock,
    50,
    'it',
    () => new Promise<string>((resolve) => (arrive = resolve)),
  )
  // The timer fires; the response is in the socket and arrives in the same turn of the event loop.
  void clock.advance(200)
  setTimeout(() => arrive('in time'))
  expect(await got).toBe('in time')
})
