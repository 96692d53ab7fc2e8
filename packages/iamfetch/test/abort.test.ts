import { fakeFetch, fixedClock } from '@iamfetch/testing'
import { expect, test, vi } from 'vitest'
import { createIamFetch, createTokenFetch, type IamFetchOptions } from '../src/index.ts'
import { API, credentialsOf, refusal } from './fixtures.ts'

const never = (): Promise<never> => new Promise(() => {})
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))
const REASON = new Error('the user left')
const busy = (): Response => new Response('', { status: 503 })
const skewed = 'Signature expired: x (20260101T020000Z - 5 min.)'
const expired = 'The security token included in the request is expired'

/** At each point a call can stand still; `sent` requests have left by then. */
const POINTS: Record<
  string,
  { options: Partial<IamFetchOptions>; init?: RequestInit; sent: number }
> = {
  'while the body is read': {
    options: {},
    init: {
      method: 'POST',
      body: new ReadableStream({ pull: never }),
      duplex: 'half',
    } as RequestInit,
    sent: 0,
  },
  'while credentials are awaited': { options: { credentials: never }, sent: 0 },
  'while a cache of its own exchanges': {
    options: { credentials: Object.assign(never, { invalidate() {} }) },
    sent: 0,
  },
  'while it is signed': {
    options: { signer: () => ({ sign: never, presign: never }) },
    sent: 0,
  },
  'while the request is under way': { options: { fetch: fakeFetch(never) }, sent: 1 },
  'while a fetch that knows no signals is under way': { options: { fetch: never }, sent: 0 },
  'while the refusal is read': {
    options: {
      fetch: fakeFetch(
        () =>
          new Response(
            new ReadableStream({
              start: (stream) => stream.enqueue(new TextEncoder().encode('{')),
            }),
            { status: 403 },
          ),
      ),
    },
    sent: 1,
  },
  'while the session is replaced': {
    options: {
      fetch: fakeFetch(() => refusal(expired)),
      credentials: (() => {
        let first = true
        return Object.assign(
          () => {
            if (!first) return never()
            first = false
            return Promise.resolve(credentialsOf('A'))
          },
          { invalidate() {} },
        )
      })(),
    },
    sent: 1,
  },
  'while it waits to try again': { options: { fetch: fakeFetch(busy) }, sent: 1 },
}

test.each(Object.entries(POINTS))('an abort %s ends the call with its reason', async (_, point) => {
  const abort = new AbortController()
  const fetch = point.options.fetch ?? fakeFetch(() => refusal(skewed))
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: fixedClock(),
    retry: { random: () => 0.5 },
    ...point.options,
    fetch,
  })
  const call = iamFetch('/x', { ...point.init, signal: abort.signal })
  const settled = Promise.allSettled([call])
  await soon()
  abort.abort(REASON)
  expect(await settled).toEqual([{ status: 'rejected', reason: REASON }])
  await soon()
  expect('seen' in fetch ? fetch.seen : []).toHaveLength(point.sent)
})

test('an aborted signal sends nothing, given in init or in a Request, with a deadline or without', async () => {
  const signal = AbortSignal.abort(REASON)
  for (const deadlineMs of [undefined, 5_000]) {
    const fetch = fakeFetch(busy)
    const options = { baseUrl: API, deadlineMs, fetch, clock: fixedClock() }
    for (const made of [
      createIamFetch({ ...options, credentials: credentialsOf('A') }),
      createTokenFetch({ ...options, token: async () => 'token' }),
    ]) {
      await expect(made('/x', { signal })).rejects.toBe(REASON)
      await expect(made(new Request(`${API}/x`, { signal }))).rejects.toBe(REASON)
    }
    expect(fetch.seen).toHaveLength(0)
  }
})

test('without a deadline no AbortSignal.any is needed', async () => {
  const any = vi.spyOn(AbortSignal, 'any').mockImplementation(() => {
    throw new TypeError('not there')
  })
  try {
    const fetch = fakeFetch(() => new Response('here'))
    const options = { baseUrl: API, clock: fixedClock(), fetch }
    const { signal } = new AbortController()
    for (const made of [
      createIamFetch({ ...options, credentials: credentialsOf('A') }),
      createTokenFetch({ ...options, token: async () => 'token' }),
    ]) {
      expect((await made('/x', { signal })).status).toBe(200)
    }
  } finally {
    any.mockRestore()
  }
})

test('signal: null in init takes the signal of a Request away', async () => {
  const signal = AbortSignal.abort(REASON)
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: fixedClock(),
    fetch: fakeFetch(() => new Response('here')),
  })
  const response = await iamFetch(new Request(`${API}/x`, { signal }), { signal: null })
  expect(await response.text()).toBe('here')
})

test("one caller's abort leaves the exchange to the others", async () => {
  const abort = new AbortController()
  let give!: () => void
  const given = new Promise<void>((resolve) => (give = resolve))
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: async () => {
      await given
      return credentialsOf('A')
    },
    clock: fixedClock(),
    fetch: fakeFetch(() => new Response('here')),
  })
  const calls = Promise.allSettled([iamFetch('/x', { signal: abort.signal }), iamFetch('/x')])
  await soon()
  abort.abort(REASON)
  give()
  expect(await calls).toMatchObject([
    { status: 'rejected', reason: REASON },
    { status: 'fulfilled' },
  ])
})

test('the signal lives until the body ends, with a deadline or without', async () => {
  for (const deadlineMs of [undefined, 5_000]) {
    const abort = new AbortController()
    const fetch = fakeFetch(() => new Response('stream'))
    const iamFetch = createIamFetch({
      baseUrl: API,
      credentials: credentialsOf('A'),
      clock: fixedClock(),
      deadlineMs,
      fetch,
    })
    await iamFetch('/x', { signal: abort.signal })
    expect(fetch.seen[0]?.request.signal.aborted).toBe(false)
    abort.abort(REASON)
    expect(fetch.seen[0]?.request.signal.reason).toBe(REASON)
  }
})
