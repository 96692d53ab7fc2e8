import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test, vi } from 'vitest'
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

test('a response that seems older than its request, because the clock went back, does not set the time', () => {
  const local = fixedClock(1_000_000)
  const clock = serverClock(local)
  const sentAt = clock.now()
  local.jump(-60_000)
  expect(clock.learn(9_000_000, sentAt)).toBe(false)
  expect(clock.offsetMs).toBe(0)
})

describe('the time that a called API reports', () => {
  const MINUTE = 60_000
  const make = () => {
    const local = fixedClock(1_000_000_000)
    const clock = serverClock(local)
    return {
      local,
      clock,
      follow: (aheadMs: number, latest?: number) =>
        clock.follow(local.now() + aheadMs, clock.now(), latest),
    }
  }

  test('moves the clock back without a limit', () => {
    const { clock, follow } = make()
    expect(follow(-100 * MINUTE)).toBe('changed')
    expect(clock.offsetMs).toBe(-100 * MINUTE)
  })

  test('moves it forward by 15 minutes at most if no issuer reported the time and nothing expires', () => {
    const { clock, follow } = make()
    expect(follow(15 * MINUTE + 1)).toBe('too-late')
    // The expiry of credentials may be a text that is not a date.
    expect(follow(15 * MINUTE + 1, Number.NaN)).toBe('too-late')
    expect(clock.offsetMs).toBe(0)
    expect(follow(10 * MINUTE)).toBe('changed')
    expect(follow(15 * MINUTE)).toBe('changed')
    expect(follow(16 * MINUTE + 2_000)).toBe('too-late')
    expect(clock.offsetMs).toBe(15 * MINUTE)
  })

  test('moves it forward to the expiry of the credentials at most if no issuer reported the time', () => {
    const { clock, local, follow } = make()
    const latest = local.now() + 60 * MINUTE
    expect(follow(61 * MINUTE, latest)).toBe('too-late')
    expect(follow(59 * MINUTE, latest)).toBe('changed')
    expect(clock.offsetMs).toBe(59 * MINUTE)
  })

  test('moves it forward by 5 minutes at most beyond the time of the issuer, in any number of steps', () => {
    const { clock, local, follow } = make()
    clock.learn(local.now() + 120 * MINUTE)
    expect(follow(123 * MINUTE, local.now() + 600 * MINUTE)).toBe('changed')
    expect(follow(125 * MINUTE)).toBe('changed')
    expect(follow(126 * MINUTE)).toBe('too-late')
    expect(follow(60 * MINUTE)).toBe('changed')
    expect(follow(126 * MINUTE)).toBe('too-late')
    expect(clock.offsetMs).toBe(60 * MINUTE)
  })

  test('is limited by the time of the issuer even if that agrees with the clock', () => {
    const { clock, local, follow } = make()
    clock.learn(local.now())
    expect(clock.offsetMs).toBe(0)
    expect(follow(6 * MINUTE)).toBe('too-late')
    expect(follow(4 * MINUTE)).toBe('changed')
    clock.learn(local.now() + 4 * MINUTE + 500, local.now() + 4 * MINUTE)
    expect(follow(10 * MINUTE)).toBe('too-late')
  })

  test('is limited by a time that the issuer only hinted at, and which is not taken over', () => {
    const { clock, local, follow } = make()
    clock.limit(local.now() - 20 * MINUTE)
    expect(clock.offsetMs).toBe(0)
    expect(follow(2 * MINUTE)).toBe('too-late')
    expect(follow(-16 * MINUTE)).toBe('changed')
  })

  test('cannot move the clock further by moving it while the issuer responds', () => {
    const { clock, local, follow } = make()
    clock.learn(local.now())
    const forward = (): void => {
      for (let minutes = 20; minutes > 0 && follow(minutes * MINUTE) !== 'changed';) minutes -= 0.1
    }
    for (let round = 0; round < 10; round++) {
      follow((round % 2 ? -14 : -3) * MINUTE)
      const sentAt = clock.now()
      forward()
      local.jump(500)
      clock.learn(local.now() - 250, sentAt)
      forward()
      expect(clock.offsetMs).toBeLessThanOrEqual(5 * MINUTE + 1_000)
    }
  })

  test('reported by the issuer is taken over after the local clock was set back', () => {
    const { clock, local, follow } = make()
    expect(follow(2 * MINUTE)).toBe('changed')
    local.jump(-60 * MINUTE)
    expect(clock.learn(local.now() + 60 * MINUTE)).toBe(true)
    expect(clock.offsetMs).toBe(60 * MINUTE)
  })

  test('is not used if it is not a time, agrees with the clock, or took more than 15 minutes', () => {
    const { clock, local, follow } = make()
    expect(follow(NaN)).toBe('unchanged')
    expect(follow(Infinity)).toBe('unchanged')
    expect(follow(900)).toBe('unchanged')
    const sentAt = clock.now()
    local.jump(16 * MINUTE)
    expect(clock.follow(0, sentAt)).toBe('unchanged')
    clock.learn(Infinity)
    clock.limit(NaN)
    expect(clock.offsetMs).toBe(0)
  })
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

test.each([2 ** 31, Number.MAX_SAFE_INTEGER, Infinity])(
  'a wait of %d ms, which no timer of the platform can measure, does not end at once',
  async (ms) => {
    vi.useFakeTimers()
    try {
      let isOver = false
      void sleep(Date, ms).then(() => (isOver = true))
      await vi.advanceTimersByTimeAsync(86_400_000)
      expect(isOver).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  },
)
