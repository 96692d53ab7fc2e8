import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test, vi } from 'vitest'
import { fresh, IamFetchError, type LoadContext } from '../src/index.ts'

const HOUR = 3_600_000
const refusal = (retryable = false): IamFetchError =>
  new IamFetchError('INVALID_CLIENT', 'refused', { remedy: 'none', retryable })

/** Loads that the test settles by hand. */
function controlled(clock = fixedClock()) {
  const loads: {
    resolve: (value: string, lifeMs?: number) => void
    reject: (error: unknown) => void
    context: LoadContext
  }[] = []
  const cell = fresh<string>(
    (context) =>
      new Promise((resolve, reject) => {
        loads.push({
          context,
          reject,
          resolve: (value, lifeMs = HOUR) => resolve({ value, expiresAt: clock.now() + lifeMs }),
        })
      }),
    { clock, random: () => 0.5 },
  )
  const filled = async (value = 'first', lifeMs = HOUR): Promise<void> => {
    const got = cell.get()
    await clock.advance(0)
    loads.at(-1)!.resolve(value, lifeMs)
    expect(await got).toBe(value)
  }
  return { cell, clock, loads, filled }
}

describe('one load', () => {
  test('serves any number of callers', async () => {
    const { cell, clock, loads } = controlled()
    const callers = Array.from({ length: 100 }, () => cell.get())
    await clock.advance(0)
    expect(loads).toHaveLength(1)
    loads[0]!.resolve('value')
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['value']))
    expect(await cell.get()).toBe('value')
    expect(loads).toHaveLength(1)
  })

  test('is not harmed by the abort of one caller, who gets the reason of that abort', async () => {
    const { cell, clock, loads } = controlled()
    const controller = new AbortController()
    const quitter = cell.get({ signal: controller.signal })
    const stayer = cell.get()
    await clock.advance(0)
    controller.abort(new Error('changed my mind'))
    await expect(quitter).rejects.toThrow('changed my mind')
    expect(loads[0]!.context.signal.aborted).toBe(false)
    loads[0]!.resolve('value')
    expect(await stayer).toBe('value')
  })

  test('is not started for a caller who aborted before', async () => {
    const { cell, clock, loads } = controlled()
    await expect(cell.get({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
    await clock.advance(0)
    expect(loads).toHaveLength(0)
  })

  test('fails all its callers, and the next one loads again', async () => {
    const { cell, clock, loads } = controlled()
    const callers = [cell.get(), cell.get()]
    await clock.advance(0)
    loads[0]!.reject(new Error('down'))
    for (const caller of callers) await expect(caller).rejects.toThrow('down')
    expect(cell.status()).toMatchObject({ state: 'failed' })
    const again = cell.get()
    await clock.advance(0)
    loads[1]!.resolve('up')
    expect(await again).toBe('up')
  })
})

describe('refresh', () => {
  test('starts in the background at 75 % of the life and serves the held value in the meantime', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    await clock.advance(0.75 * HOUR - 1)
    expect(await cell.get()).toBe('first')
    expect(loads).toHaveLength(1)
    await clock.advance(1)
    expect(await cell.get()).toBe('first')
    expect(await cell.get()).toBe('first')
    await clock.advance(0)
    expect(loads).toHaveLength(2)
    expect(cell.status().state).toBe('refreshing')
    loads[1]!.resolve('second')
    await clock.advance(0)
    expect(await cell.get()).toBe('second')
  })

  test.each([
    [0, 0.7],
    [0.999_999, 0.8],
  ])('begins at a point that the draw %f moves to %f of the life', async (draw, share) => {
    const clock = fixedClock()
    let loads = 0
    const cell = fresh(async () => ({ value: ++loads, expiresAt: clock.now() + HOUR }), {
      clock,
      random: () => draw,
    })
    await cell.get()
    await clock.advance(share * HOUR - 10)
    await cell.get()
    await clock.advance(0)
    expect(loads).toBe(1)
    await clock.advance(20)
    await cell.get()
    await clock.advance(0)
    expect(loads).toBe(2)
  })

  test('makes callers wait in the last 30 seconds of a long life', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    await clock.advance(HOUR - 30_000)
    const got = cell.get()
    await clock.advance(0)
    loads[1]!.resolve('second')
    expect(await got).toBe('second')
  })

  test('makes callers wait in the last tenth of a short life', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled('short', 60_000)
    await clock.advance(53_999)
    expect(await cell.get()).toBe('short')
    await clock.advance(1)
    const got = cell.get()
    loads[1]!.resolve('next')
    expect(await got).toBe('next')
  })

  test('refresh that fails keeps the value that works, reports the failure, and is tried again after a jittered wait', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    await clock.advance(0.8 * HOUR)
    await cell.get()
    await clock.advance(0)
    loads[1]!.reject(new Error('throttled'))
    await clock.advance(0)
    expect(cell.status()).toMatchObject({ state: 'stale', error: new Error('throttled') })
    expect(await cell.get()).toBe('first')
    await clock.advance(499)
    await cell.get()
    await clock.advance(0)
    expect(loads).toHaveLength(2)
    await clock.advance(1)
    await cell.get()
    await clock.advance(0)
    expect(loads).toHaveLength(3)
    loads[2]!.reject(new Error('throttled'))
    await clock.advance(999)
    await cell.get()
    await clock.advance(0)
    expect(loads).toHaveLength(3)
  })

  test('refresh that fails in the last 30 seconds still returns the held value, and rejects once it expired', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    await clock.advance(HOUR - 20_000)
    const last = cell.get()
    await clock.advance(0)
    loads[1]!.reject(new Error('down'))
    expect(await last).toBe('first')
    await clock.advance(20_000)
    const late = cell.get()
    await clock.advance(0)
    loads[2]!.reject(new Error('still down'))
    await expect(late).rejects.toThrow('still down')
  })

  test('refresh that failed just before the end is tried at once when the value has expired', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    await clock.advance(HOUR - 100)
    const last = cell.get()
    await clock.advance(0)
    loads[1]!.reject(new Error('down'))
    expect(await last).toBe('first')
    // The pause after a failure is 500 ms here; no caller gets what has expired in the meantime.
    await clock.advance(100)
    const next = cell.get()
    await clock.advance(0)
    loads[2]!.resolve('second')
    expect(await next).toBe('second')
  })

  test('refresh that fails only when the value has expired in the meantime fails those who waited', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    await clock.advance(HOUR - 20_000)
    const last = cell.get()
    await clock.advance(20_000)
    loads[1]!.reject(new Error('down'))
    await expect(last).rejects.toThrow('down')
  })

  test('after a sleep of three hours blocks and loads', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    clock.jump(3 * HOUR)
    const got = cell.get()
    await clock.advance(0)
    loads[1]!.resolve('second')
    expect(await got).toBe('second')
  })

  test('can be forced, once for all who force it', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    const forced = [cell.get({ forceRefresh: true }), cell.get({ forceRefresh: true })]
    expect(await cell.get()).toBe('first')
    await clock.advance(0)
    expect(loads).toHaveLength(2)
    loads[1]!.resolve('second')
    expect(await Promise.all(forced)).toEqual(['second', 'second'])
  })
})

describe('clear and invalidate', () => {
  test('clear during a load rejects its callers at once and throws its result away', async () => {
    const { cell, clock, loads } = controlled()
    const waiting = cell.get()
    await clock.advance(0)
    cell.clear()
    await expect(waiting).rejects.toMatchObject({
      code: 'CLEARED',
      retryable: true,
      remedy: expect.stringMatching(/\w/),
    })
    expect(loads[0]!.context.signal.aborted).toBe(true)
    loads[0]!.resolve('of the user before')
    await clock.advance(0)
    expect(cell.peek()).toBeUndefined()
    expect(cell.status()).toEqual({ state: 'empty' })
    const next = cell.get()
    await clock.advance(0)
    loads[1]!.resolve('of the user after')
    expect(await next).toBe('of the user after')
  })

  test('a discarded load that ends late cannot end the one that followed', async () => {
    const { cell, clock, loads } = controlled()
    void cell.get().catch(() => {})
    await clock.advance(0)
    cell.clear()
    const next = cell.get()
    await clock.advance(0)
    loads[0]!.reject(new Error('late'))
    await clock.advance(0)
    loads[1]!.resolve('kept')
    expect(await next).toBe('kept')
  })

  test('invalidate drops the very value that is held and nothing newer', async () => {
    const { cell, clock, loads, filled } = controlled()
    await filled()
    expect(cell.invalidate('older')).toBe(false)
    expect(cell.peek()).toBe('first')
    expect(cell.invalidate('first')).toBe(true)
    expect(cell.invalidate('first')).toBe(false)
    const got = cell.get()
    await clock.advance(0)
    loads[1]!.resolve('second')
    expect(await got).toBe('second')
    expect(cell.invalidate('first')).toBe(false)
    expect(await cell.get()).toBe('second')
  })
})

describe('a refusal', () => {
  const showing = (clock = fixedClock()) => {
    const state = { token: 'a', calls: 0, answer: refusal() as Error | undefined }
    const cell = fresh<string>(
      async ({ guard }) => {
        guard(state.token)
        state.calls++
        if (state.answer) throw state.answer
        return { value: state.token, expiresAt: clock.now() + HOUR }
      },
      { clock, refusalMs: 60_000 },
    )
    return { cell, clock, state }
  }

  test('is remembered for the same fingerprint and forgotten after its time', async () => {
    const { cell, clock, state } = showing()
    for (let i = 0; i < 20; i++) await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(1)
    await clock.advance(59_999)
    await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(1)
    await clock.advance(1)
    await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(2)
  })

  test('is not remembered for longer if the clock is set back', async () => {
    const { cell, clock, state } = showing()
    await expect(cell.get()).rejects.toBe(state.answer)
    clock.jump(-30_000)
    await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(1)
    clock.jump(-86_400_000)
    await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(2)
  })

  test('does not hold up a new fingerprint', async () => {
    const { cell, state } = showing()
    await expect(cell.get()).rejects.toBe(state.answer)
    state.token = 'b'
    state.answer = undefined
    expect(await cell.get()).toBe('b')
  })

  test('a refusal that is retryable, or no IamFetchError, is not remembered', async () => {
    for (const answer of [refusal(true), new Error('reset')]) {
      const { cell, state } = showing()
      state.answer = answer
      await expect(cell.get()).rejects.toBe(answer)
      state.answer = undefined
      expect(await cell.get()).toBe('a')
    }
  })

  test('is forgotten on clear', async () => {
    const { cell, state } = showing()
    await expect(cell.get()).rejects.toBe(state.answer)
    cell.clear()
    state.answer = undefined
    expect(await cell.get()).toBe('a')
  })

  test('is kept for a bounded number of fingerprints', async () => {
    const { cell, state } = showing()
    for (let i = 0; i < 40; i++) {
      state.token = `token ${i}`
      await expect(cell.get()).rejects.toBe(state.answer)
    }
    expect(state.calls).toBe(40)
    state.token = 'token 39'
    await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(40)
    state.token = 'token 0'
    await expect(cell.get()).rejects.toBe(state.answer)
    expect(state.calls).toBe(41)
  })
})

describe('the status', () => {
  test('is the same object until something changes, and listeners are called after each change', async () => {
    const { cell, clock, filled } = controlled()
    const heard: string[] = []
    const end = cell.subscribe(() => heard.push(cell.status().state))
    expect(cell.status()).toBe(cell.status())
    await filled()
    const ready = cell.status()
    expect(ready).toEqual({ state: 'ready', expiresAt: clock.now() + HOUR })
    await cell.get()
    expect(cell.status()).toBe(ready)
    await clock.advance(0)
    expect(heard).toEqual(['loading', 'ready'])
    end()
    cell.clear()
    await clock.advance(0)
    expect(heard).toHaveLength(2)
  })

  test('a listener that throws harms neither the load nor the others', async () => {
    const { cell, clock, filled } = controlled()
    const unhandled = vi.fn()
    process.once('unhandledRejection', unhandled)
    let heard = 0
    const end = cell.subscribe(() => {
      end()
      throw new Error('listener')
    })
    cell.subscribe(() => heard++)
    await filled()
    await clock.advance(0)
    expect(heard).toBe(2)
    expect(unhandled).toHaveBeenCalledOnce()
  })
})
