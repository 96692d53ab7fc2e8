import { fakeFetch, fixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { signedEvents, type SignedEventsOptions } from '../src/events/index.ts'
import { createIamFetch, createTokenFetch } from '../src/index.ts'
import { failure, idTokenOf, scene, settle, type Scene } from './caller-scene.ts'
import { API, credentialsOf, quickClock, refusal } from './fixtures.ts'

const TYPE = { 'content-type': 'text/event-stream; charset=utf-8' }
const streamOf = (...texts: (string | Uint8Array)[]): Response =>
  new Response(new Blob(texts.map((text) => (typeof text === 'string' ? text : text.slice()))), {
    headers: TYPE,
  })
const eventOf = (id: number): string => `id: ${id}\ndata: event ${id}\n\n`
const over = (): Response => new Response(null, { status: 204 })

/** A stream that a test writes, and that stays open. */
function openStream(): { response: Response; write: (text: string) => void; fail: () => void } {
  let controller: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
  })
  return {
    response: new Response(body, { headers: TYPE }),
    write: (text) => controller.enqueue(new TextEncoder().encode(text)),
    fail: () => controller.error(new TypeError('terminated')),
  }
}

async function all(events: AsyncIterable<{ data: string }>): Promise<string[]> {
  const received: string[] = []
  for await (const { data } of events) received.push(data)
  return received
}

/** A stream whose nth connection is answered by a function; waits take no time. */
function streaming(
  answer: (index: number) => Response | Promise<Response>,
  options: SignedEventsOptions = {},
) {
  const api = fakeFetch((_, index) => answer(index))
  const clock = quickClock()
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    fetch: api,
    clock,
    retry: { attempts: 1 },
  })
  return {
    events: signedEvents(iamFetch, '/events', { clock, random: () => 0.5, ...options }),
    seen: api.seen,
    clock,
  }
}
const idsOf = (seen: readonly { headers: Headers }[]): (string | null)[] =>
  seen.map(({ headers }) => headers.get('last-event-id'))

test('a server that closes after each event, expires the session and moves the clock loses and repeats nothing', async () => {
  const count = 12
  const log = Array.from({ length: count }, (_, index) => index + 1)
  let connections = 0
  let aheadMs = 0
  const device: Scene = scene((index) => {
    const { headers } = device.api.seen[index]!
    // Every third request finds the session expired, every tenth the clock of the API moved.
    if (index % 3 === 1) return refusal('The security token included in the request is expired')
    if (index % 10 === 5) {
      aheadMs = aheadMs === 0 ? 240_000 : 0
      const now = new Date(device.clock.now() + aheadMs).toISOString().replace(/[:-]|\.\d{3}/g, '')
      return refusal(`Signature expired: x is now earlier than y (${now} - 5 min.)`)
    }
    connections++
    const next = log.find((id) => id > Number(headers.get('last-event-id') ?? 0))
    return next === undefined ? over() : streamOf(`retry: 5000\n${eventOf(next)}`)
  })
  const waits = quickClock()
  const options = { clock: waits, random: () => 0 }
  expect(await all(signedEvents(device.iamFetch, '/events', options))).toEqual(
    log.map((id) => `event ${id}`),
  )
  expect(connections).toBe(count + 1)
  expect(new Set(device.callers())).toEqual(new Set(['alice']))
  expect(waits.sleeps).toEqual(Array.from({ length: count }, () => 5_000))
  const dates = device.api.seen.map(({ headers }) => headers.get('x-amz-date'))
  expect(new Set(dates).size).toBe(2)
})

describe('a connection', () => {
  test('is signed again, with the ID of the last event as UTF-8', async () => {
    const { events, seen } = streaming((index) =>
      index === 0 ? streamOf('id: ü-1\ndata: a\n\n') : over(),
    )
    expect(await all(events)).toEqual(['a'])
    const [, id] = idsOf(seen)
    expect(new TextDecoder().decode(Uint8Array.from(id!, (char) => char.charCodeAt(0)))).toBe('ü-1')
    expect(seen[0]?.headers.get('accept')).toBe('text/event-stream')
    for (const { headers } of seen) expect(headers.get('authorization')).toMatch(/^AWS4-/)
  })

  test('with an ID that no header has room for ends the stream with the reason', async () => {
    const { events } = streaming(() => streamOf(`id: ${'x'.repeat(200_000)}\ndata: a\n\n`))
    expect((await events.next()).value).toMatchObject({ data: 'a' })
    await expect(events.next()).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })

  test('a connection that breaks in the middle of an event is opened again from the last complete one', async () => {
    const broken = openStream()
    const { events, seen } = streaming(
      (index) => [broken.response, streamOf(eventOf(2)), over()][index]!,
    )
    broken.write(`${eventOf(1)}id: 2\ndata: half`)
    expect((await events.next()).value).toMatchObject({ data: 'event 1' })
    broken.fail()
    expect(await all(events)).toEqual(['event 2'])
    expect(idsOf(seen)).toEqual([null, '1', '2'])
  })

  test('is cut anywhere, in characters too, and may begin with a byte order mark', async () => {
    const bytes = new TextEncoder().encode('\uFEFFdata: für alle 🎈\r\n\r\n')
    const { events } = streaming((index) => {
      if (index > 0) return over()
      const body = new ReadableStream({
        start(controller) {
          for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
          controller.close()
        },
      })
      return new Response(body, { headers: TYPE })
    })
    expect(await all(events)).toEqual(['für alle 🎈'])
  })

  test('waits as long as the stream sets, longer after each failure, and as before after a success', async () => {
    const { events, clock } = streaming(
      (index) =>
        [
          streamOf('retry: 600\n\n'),
          new Response('', { status: 503 }),
          new Response('', { status: 429 }),
          streamOf(eventOf(1)),
          over(),
        ][index]!,
    )
    expect(await all(events)).toEqual(['event 1'])
    // 600 ms and half of 600, of 1,200 and of 2,400; then the first again.
    expect(clock.sleeps).toEqual([900, 1_200, 1_800, 900])
  })

  test.each([
    ['0', {}, [500, 500, 500]],
    ['499', {}, [500, 500, 500]],
    ['501', {}, [501, 501, 501]],
    ['999999999999', {}, [600_000, 600_000, 600_000]],
    // A shorter wait than that is the choice of the page alone.
    ['0', { retryMs: 50 }, [50, 50, 50]],
    ['60', { retryMs: 50 }, [60, 60, 60]],
  ])(
    'is never opened again without a pause: "retry: %s" and %j wait %j',
    async (retry, options, waits) => {
      const { events, clock } = streaming(
        (index) => (index < 3 ? streamOf(`retry: ${retry}\n${eventOf(index)}`) : over()),
        { random: () => 0, ...options },
      )
      expect(await all(events)).toHaveLength(3)
      expect(clock.sleeps).toEqual(waits)
    },
  )

  test('a connection that fails ten times in a row is an error', async () => {
    const { events, seen } = streaming(() => new Response('', { status: 503 }))
    await expect(all(events)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      retryable: true,
    })
    expect(seen).toHaveLength(10)
  })

  test('a connection of a POST is not opened again unless "reconnect" says so', async () => {
    const body = JSON.stringify({ prompt: 'hello' })
    const once = streaming(() => streamOf(eventOf(1)), { method: 'POST', body })
    expect(await all(once.events)).toEqual(['event 1'])
    expect(once.seen.map(({ body: sent }) => sent)).toEqual([body])
    const again = streaming((index) => (index < 2 ? streamOf(eventOf(index)) : over()), {
      method: 'POST',
      body,
      reconnect: true,
    })
    expect(await all(again.events)).toEqual(['event 0', 'event 1'])
  })

  test.each<[string, () => Response, string, RegExp]>([
    [
      'a 403',
      () => refusal('User: a is not authorized to perform: b on resource: c'),
      'FORBIDDEN',
      /^The API refused the stream with a 403\. .*c/,
    ],
    ['a 404', () => new Response('', { status: 404 }), 'UNEXPECTED_ANSWER', /the status 404/],
    ['JSON', () => Response.json([]), 'UNEXPECTED_ANSWER', /content type "application\/json"/],
    [
      'a content type that repeats a token',
      () => new Response('', { headers: { 'content-type': `text/${'eyJhbGciOi'.repeat(10)}` } }),
      'UNEXPECTED_ANSWER',
      /content type "text\/…"/,
    ],
    [
      'an event that is too long',
      () => streamOf(`data: ${'x'.repeat(200)}\n\n`),
      'UNEXPECTED_ANSWER',
      /longer than 100 characters/,
    ],
  ])(
    'a connection that gets %s ends the stream with an error',
    async (_, answer, code, message) => {
      const { events, seen } = streaming(answer, { maxEventLength: 100 })
      await expect(all(events)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      })
      expect(seen).toHaveLength(1)
    },
  )
})

describe('a stream ends', () => {
  test('with the reason of an abort: while it is open, and during a wait', async () => {
    const reason = new Error('the user left')
    for (const answer of [() => openStream().response, () => streamOf('')]) {
      const abort = new AbortController()
      const clock = fixedClock()
      const { events } = streaming(answer, { signal: abort.signal, clock })
      const pending = failure(all(events))
      await settle()
      abort.abort(reason)
      expect(await pending).toBe(reason)
    }
  })

  test('when its loop is left, and the connection is closed', async () => {
    let cancelled = false
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(eventOf(1) + eventOf(2))),
      cancel: () => void (cancelled = true),
    })
    const { events } = streaming(() => new Response(body, { headers: TYPE }))
    for await (const { data } of events) {
      expect(data).toBe('event 1')
      break
    }
    expect(cancelled).toBe(true)
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  test('at once after clear(), while nothing arrives', async () => {
    const device = scene(() => openStream().response)
    const pending = failure(signedEvents(device.iamFetch, '/events').next())
    await settle()
    device.credentials.clear()
    expect(await pending).toMatchObject({ code: 'CLEARED' })
  })

  test.each<[string, string, (device: Scene) => void]>([
    ['clear()', 'CLEARED', (device) => device.credentials.clear()],
    [
      'another user',
      'CALLER_CHANGED',
      (device) => {
        device.user = 'bob'
        // Anything that reads the token notices: another call, or a timer of the app.
        void device.credentials.checkSignIn()
      },
    ],
  ])('at once after %s, while it is open', async (_, code, change) => {
    const { response, write } = openStream()
    const device = scene(() => response)
    const events = signedEvents(device.iamFetch, '/events', { clock: quickClock() })
    write(eventOf(1) + eventOf(2))
    expect((await events.next()).value).toMatchObject({ data: 'event 1' })
    change(device)
    await settle()
    // What was received for the user before is not handed out.
    expect(await failure(events.next())).toMatchObject({ code })
    expect(device.callers()).toEqual(['alice'])
  })

  test.each<[string, string, (device: Scene) => void]>([
    [
      'clear() and another sign-in',
      'CLEARED',
      (device) => {
        device.credentials.clear()
        device.user = 'bob'
      },
    ],
    ['clear() and the same sign-in', 'CLEARED', (device) => device.credentials.clear()],
    ['another sign-in', 'CALLER_CHANGED', (device) => void (device.user = 'bob')],
    ['a sign-out', 'LOGIN_REQUIRED', (device) => void (device.user = undefined)],
  ])('after %s during a wait, and is not opened for another user', async (_, code, change) => {
    const device = scene(() => streamOf(eventOf(1)))
    const clock = fixedClock()
    const events = signedEvents(device.iamFetch, '/events', { clock })
    await events.next()
    const pending = failure(events.next())
    await settle()
    change(device)
    await clock.advance(10_000)
    expect(await pending).toMatchObject({ code })
    expect(device.callers()).toEqual(['alice'])
  })

  test("when the token of a createTokenFetch becomes another user's", async () => {
    let user = 'alice'
    const api = fakeFetch(() => streamOf(eventOf(1)))
    const tokenFetch = createTokenFetch({
      baseUrl: API,
      token: async () => idTokenOf(user),
      fetch: api,
    })
    const events = signedEvents(tokenFetch, '/events', { clock: quickClock() })
    await events.next()
    user = 'bob'
    expect(await failure(events.next())).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(api.seen).toHaveLength(1)
  })
})

test('a fetch that does not say who is calling is refused: it might sign for another user the next time', async () => {
  const plain = fakeFetch(() => openStream().response)
  const message = /"iamFetch" must be what createIamFetch or createTokenFetch returned/
  await expect(signedEvents(plain, API).next()).rejects.toThrow(message)
  const { iamFetch } = scene(() => over())
  const wrapped: typeof fetch = (input, init) => iamFetch(input, init)
  expect(await signedEvents(wrapped, '/events').next()).toEqual({ done: true, value: undefined })
})

test.each<[SignedEventsOptions, string]>([
  [{ attempts: 0 }, '"attempts" must be above 0, got 0'],
  [{ retryMs: -1 }, '"retryMs" must be above 0, got -1'],
  [{ lastEventId: 'a\nb' }, '"lastEventId" must not contain a line break or a NUL'],
  [{ maxEventLength: Number.NaN }, '"maxEventLength" must be a number, got NaN'],
  [
    { body: new Blob(['x']).stream() as never },
    '"body" must not be a stream, which can be sent only once',
  ],
])('%j is refused', (options, message) => {
  expect(() => streaming(() => over(), options)).toThrow(`signedEvents: ${message}`)
})
