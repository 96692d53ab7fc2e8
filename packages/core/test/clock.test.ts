import { fixedClock } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { backoffMs, retryAfterMs, serverClock, serverTimeOf, sleep } from '../src/index.ts'

test('a server clock takes over a skew, half the round trip considered', () => {
  const local = fixedClock(1_000_000)
  const clock = serverClock(local)
  const sentAt = clock.now()
  local.jump(400)
  expect(clock.learn(1_000_000 + 200 + 7_200_000, sentAt)).toBe(true)
  expect(clock.offsetMs).toBe(7_200_000)
  expect(clock.now()).toBe(1_000_400 + 7_200_000)
  expect(clock.learn(clock.now())).toBe(false)
})

test('a server clock leaves what whole seconds and the round trip explain', () => {
  const local = fixedClock(1_000_000)
  const clock = serverClock(local)
  expect(clock.learn(1_000_999)).toBe(false)
  expect(clock.learn(Number.NaN)).toBe(false)
  const sentAt = clock.now()
  local.jump(20_000)
  expect(clock.learn(1_000_000, sentAt)).toBe(false)
  local.jump(900_000)
  expect(clock.learn(9_000_000, sentAt)).toBe(false)
  expect(clock.offsetMs).toBe(0)
})

test('an answer that came before it was asked for, because the clock went back, teaches nothing', () => {
  const local = fixedClock(1_000_000)
  const clock = serverClock(local)
  const sentAt = clock.now()
  local.jump(-60_000)
  expect(clock.learn(9_000_000, sentAt)).toBe(false)
  expect(clock.offsetMs).toBe(0)
})

test('a clock that learns already stays that one', () => {
  const clock = serverClock(fixedClock())
  expect(serverClock(clock)).toBe(clock)
})

test("a server's time is in its Date header, unless something on the way kept the answer", () => {
  const date = 'Thu, 01 Jan 2026 00:00:09 GMT'
  expect(serverTimeOf(new Headers({ date }))).toBe(Date.UTC(2026, 0, 1, 0, 0, 9))
  expect(serverTimeOf(new Headers({ date, age: '0' }))).toBeNaN()
  expect(serverTimeOf(new Headers())).toBeNaN()
})

const timers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('a sleep ends with the reason of the abort, and leaves no timer behind', async () => {
  const controller = new AbortController()
  const before = timers()
  const asleep = sleep(Date, 60_000, controller.signal)
  expect(timers()).toBe(before + 1)
  controller.abort(new Error('enough'))
  await expect(asleep).rejects.toThrow('enough')
  expect(timers()).toBe(before)
  await expect(sleep(Date, 1, controller.signal)).rejects.toThrow('enough')
  await sleep(Date, 1)
})

test('a wait is drawn between nothing and a bound that doubles up to the cap', () => {
  const waits = [0, 1, 2, 20].map((attempt) => backoffMs(attempt, { random: () => 0.5 }))
  expect(waits).toEqual([500, 1_000, 2_000, 30_000])
})

test('Retry-After is read in seconds and as a date', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(retryAfterMs('3', now)).toBe(3_000)
  expect(retryAfterMs('Thu, 01 Jan 2026 00:00:09 GMT', now)).toBe(9_000)
  expect(retryAfterMs('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
  expect(retryAfterMs('0', now)).toBe(0)
  expect(retryAfterMs(' 3 ', now)).toBe(3_000)
})

test.each([null, undefined, '', 'soon', '1e3', 'Infinity', '0x10', '-5', '1.5', 'Thu, never'])(
  'Retry-After: %s is neither seconds nor a date',
  (value) => {
    expect(retryAfterMs(value, 0)).toBeUndefined()
  },
)

test.each(['Thursday, 01-Jan-26 00:00:09 GMT', 'Thu Jan  1 00:00:09 2026 GMT'])(
  'Retry-After takes the obsolete form of a date, %s',
  (value) => {
    expect(retryAfterMs(value, Date.UTC(2026, 0, 1))).toBe(9_000)
  },
)

test('a wait of 0 seconds is 0 on every engine', () => {
  expect(retryAfterMs('0', Date.UTC(2026, 0, 1))).toBe(0)
})
