import { fakeFetch, fixedClock } from '@iamfetch/testing'
import { createIamFetch, createTokenFetch, type AttemptOptions, type FetchEvent } from 'iamfetch'
import { expect, test } from 'vitest'
import { API, credentialsOf, quickClock } from './fixtures.ts'

const SECRET = 'hunter2'

/** Each makes one call and returns its events once the outcome has been reported. */
const WAYS = {
  createIamFetch: (options: AttemptOptions & { clock?: ReturnType<typeof fixedClock> }) =>
    createIamFetch({
      baseUrl: API,
      credentials: credentialsOf('A'),
      clock: quickClock(),
      ...options,
    }),
  createTokenFetch: (options: AttemptOptions & { clock?: ReturnType<typeof fixedClock> }) =>
    createTokenFetch({ baseUrl: API, token: async () => SECRET, clock: quickClock(), ...options }),
}
const ways = Object.entries(WAYS).map(([name, create]) => ({ name, create }))

const hang = (): Promise<Response> => new Promise(() => {})
const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)
/** Events are reported soon, not at once. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

const outcomesIn = (events: readonly FetchEvent[]) =>
  events.filter(({ type }) => type === 'response' || type === 'error')

test.each(ways)('$name reports one response per call, with its status', async ({ create }) => {
  const events: FetchEvent[] = []
  const fetch = fakeFetch(() => new Response(SECRET, { status: 404 }))
  const call = create({ fetch, onEvent: (event) => events.push(event) })
  await call(`/items?q=${SECRET}#${SECRET}`, { method: 'post', body: SECRET })
  await turns()
  expect(events.map(({ type }) => type)).toEqual(['signed', 'response'])
  expect(events[1]).toEqual({
    type: 'response',
    url: `${API}/items`,
    method: 'POST',
    status: 404,
    attempts: 1,
    durationMs: expect.any(Number),
  })
  expect(JSON.stringify(events)).not.toMatch(/hunter2|secret-|session-/)
})

test.each(ways)('$name counts the requests of a call that was sent again', async ({ create }) => {
  const events: FetchEvent[] = []
  const fetch = fakeFetch((_, index) => new Response('', { status: index < 2 ? 503 : 200 }))
  await create({ fetch, onEvent: (event) => events.push(event) })('/items')
  await turns()
  expect(events.map(({ type }) => type)).toEqual([
    'signed',
    'retry',
    'signed',
    'retry',
    'signed',
    'response',
  ])
  expect(events.at(-1)).toMatchObject({ status: 200, attempts: 3 })
})

test.each(ways)(
  '$name reports an error with its code after the last attempt',
  async ({ create }) => {
    const events: FetchEvent[] = []
    const fetch = fakeFetch(() => Promise.reject(new TypeError(`fetch failed: ${SECRET}`)))
    await settled(create({ fetch, onEvent: (event) => events.push(event) })('/items'))
    await turns()
    expect(outcomesIn(events)).toEqual([
      {
        type: 'error',
        url: `${API}/items`,
        method: 'GET',
        code: 'NETWORK_OR_CORS',
        attempts: 3,
        durationMs: expect.any(Number),
      },
    ])
    expect(events.at(-1)?.type).toBe('error')
    expect(JSON.stringify(events)).not.toContain(SECRET)
  },
)

test.each(ways)(
  '$name reports a call that is refused because of its address, without the address',
  async ({ create }) => {
    const events: FetchEvent[] = []
    const call = create({ fetch: hang, onEvent: (event) => events.push(event) })
    await settled(call(`https://user:${SECRET}@evil.example/${SECRET}`, { method: 'PUT' }))
    await turns()
    const code = 'ORIGIN_NOT_ALLOWED'
    expect(events).toMatchObject([{ type: 'error', url: '', method: 'PUT', code, attempts: 0 }])
    expect(JSON.stringify(events)).not.toContain(SECRET)
  },
)

test.each(ways)(
  '$name reports an aborted call once, whenever it is aborted, and nothing after it',
  async ({ create }) => {
    for (const turnsBefore of [-1, 0, 1, 2, 4, 8, 16, 50]) {
      const events: FetchEvent[] = []
      const controller = new AbortController()
      const { signal } = controller
      if (turnsBefore < 0) controller.abort(new Error(SECRET))
      const call = create({ fetch: hang, onEvent: (event) => events.push(event) })
      const result = settled(call(new Request(`${API}/items`, { signal })))
      for (let turn = 0; turn < turnsBefore; turn++) await Promise.resolve()
      controller.abort(new Error(SECRET))
      expect(await result).toMatchObject({ message: SECRET })
      await turns()
      await new Promise((resolve) => setImmediate(resolve))
      expect(outcomesIn(events)).toMatchObject([
        { type: 'error', code: 'ABORTED', url: `${API}/items` },
      ])
      expect(events.at(-1)?.type).toBe('error')
      expect(JSON.stringify(events)).not.toContain(SECRET)
    }
  },
)

test.each(ways)('$name reports the deadline as the code of the error', async ({ create }) => {
  const events: FetchEvent[] = []
  const clock = fixedClock()
  const call = create({
    fetch: hang,
    clock,
    deadlineMs: 1_000,
    onEvent: (event) => events.push(event),
  })
  const result = settled(call('/items'))
  await new Promise((resolve) => setImmediate(resolve))
  await clock.advance(1_000)
  await result
  await turns()
  expect(outcomesIn(events)).toMatchObject([{ code: 'DEADLINE_EXCEEDED', attempts: 1 }])
})

test('an error that is not of iamfetch has no code, whatever it carries', async () => {
  const events: FetchEvent[] = []
  const call = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    fetch: hang,
    beforeSign: () => {
      throw Object.assign(new Error(SECRET), { code: SECRET })
    },
    onEvent: (event) => events.push(event),
  })
  await settled(call('/items'))
  await turns()
  expect(events).toMatchObject([{ type: 'error', code: undefined, attempts: 0 }])
  expect(JSON.stringify(events)).not.toContain(SECRET)
})

test('a fetch that returns no Response is reported as an invalid option', async () => {
  const events: FetchEvent[] = []
  // @ts-expect-error -- not a Response
  const fetch: typeof globalThis.fetch = async () => ({})
  const onEvent = (event: FetchEvent): unknown => events.push(event)
  await settled(
    createIamFetch({ baseUrl: API, credentials: credentialsOf('A'), fetch, onEvent })('/items'),
  )
  await turns()
  expect(outcomesIn(events)).toMatchObject([{ type: 'error', code: 'INVALID_OPTION' }])
})

test.each(ways)('$name reports the method of a Request that it refuses', async ({ create }) => {
  const events: FetchEvent[] = []
  const call = create({ onEvent: (event) => events.push(event) })
  await settled(call(new Request('https://other.example/x', { method: 'POST' })))
  await turns()
  expect(events).toMatchObject([{ type: 'error', method: 'POST', code: 'ORIGIN_NOT_ALLOWED' }])
})
