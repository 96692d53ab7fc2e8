import { fixedClock } from '@iamfetch/testing/clock'
import { describe, expect, test } from 'vitest'
import { createIamFetch, createTokenFetch, type AttemptOptions, type Clock } from '../src/index.ts'
import { credentialsOf } from './fixtures.ts'

interface StreamState {
  writtenBytes: number
  closed: boolean
}

type Options = Pick<AttemptOptions, 'deadlineMs'> & { clock?: Clock }

/** What streamed responses promise, on whatever runtime this runs. */
export function describeStreaming(url: () => string): void {
  const callers: [string, (options?: Options) => typeof fetch][] = [
    [
      'createIamFetch',
      (options) =>
        createIamFetch({
          baseUrl: url(),
          region: 'eu-central-1',
          credentials: credentialsOf('A'),
          ...options,
        }),
    ],
    [
      'createTokenFetch',
      (options) => createTokenFetch({ baseUrl: url(), token: async () => 'token', ...options }),
    ],
  ]
  describe.each(callers)('a streamed response of %s', (caller, create) => {
    const newName = (): string => `${caller}-${crypto.randomUUID()}`
    const push = (name: string, body: string): Promise<Response> =>
      fetch(`${url()}/push/${name}`, { method: 'POST', body })
    const stateOf = async (name: string): Promise<StreamState> =>
      (await fetch(`${url()}/state/${name}`)).json() as Promise<StreamState>
    const isClosed = (name: string) => async (): Promise<boolean> => (await stateOf(name)).closed

    test('arrives piece by piece, while it is being sent', async () => {
      const name = newName()
      const response = await create()(`/streams/${name}`)
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      for (const piece of ['one', 'two', 'three']) {
        await push(name, piece)
        expect(await reader.read()).toEqual({ done: false, value: piece })
      }
      await fetch(`${url()}/end/${name}`, { method: 'POST' })
      expect(await reader.read()).toEqual({ done: true, value: undefined })
    })

    test('is not read ahead without limit: a reader that waits makes the sender wait', async () => {
      const name = newName()
      const abort = new AbortController()
      const response = await create()(`/endless/${name}`, { signal: abort.signal })
      const reader = response.body!.getReader()
      await reader.read()
      let before = -1
      const isAtRest = async (): Promise<boolean> => {
        const { writtenBytes } = await stateOf(name)
        const same = writtenBytes === before
        before = writtenBytes
        return same
      }
      // A busy machine needs seconds for what Chromium holds.
      await expect.poll(isAtRest, { interval: 30, timeout: 15_000 }).toBe(true)
      // Of the 512 MB that the sender has: Chromium itself holds 64 MB, Node less than one.
      expect(before).toBeLessThan(128 * 1_048_576)
      const atRest = before
      let read = 0
      while (read < atRest) read += (await reader.read()).value?.length ?? 0
      await expect.poll(async () => (await stateOf(name)).writtenBytes).toBeGreaterThan(atRest)
      abort.abort()
    })

    test('ends with the reason of an abort, and the sender sees the connection close', async () => {
      const name = newName()
      const abort = new AbortController()
      const response = await create()(`/streams/${name}`, { signal: abort.signal })
      const reader = response.body!.getReader()
      await push(name, 'one')
      await reader.read()
      const reason = new Error('the user left')
      const pending = reader.read()
      abort.abort(reason)
      await expect(pending).rejects.toBe(reason)
      await expect.poll(isClosed(name)).toBe(true)
    })

    test('ends when its reader cancels it, and the sender sees the connection close', async () => {
      const name = newName()
      const response = await create()(`/streams/${name}`)
      await response.body!.cancel()
      await expect.poll(isClosed(name)).toBe(true)
    })

    test('may take longer than the deadline, which is for the headers', async () => {
      const name = newName()
      const clock = fixedClock()
      const response = await create({ deadlineMs: 1_000, clock })(`/streams/${name}`)
      await clock.advance(60_000)
      const text = response.text()
      await push(name, 'late')
      await fetch(`${url()}/end/${name}`, { method: 'POST' })
      expect(await text).toBe('late')
    })

    test('is DEADLINE_EXCEEDED if no headers come in time, and the sender sees the connection close', async () => {
      const name = newName()
      const clock = fixedClock()
      const pending = create({ deadlineMs: 1_000, clock })(`/silent/${name}`)
      pending.catch(() => {})
      await expect.poll(async () => (await stateOf(name))?.closed).toBe(false)
      await clock.advance(1_000)
      await expect(pending).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
      await expect.poll(isClosed(name)).toBe(true)
    })
  })
}
