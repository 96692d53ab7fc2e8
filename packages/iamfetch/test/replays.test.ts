import { serverClock, type Credentials } from '@iamfetch/core'
import { fakeFetch, fixedClock, type FixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { createIamFetch, type FetchEvent, type IamFetchOptions } from '../src/index.ts'
import { API, caching, credentialsOf, quickClock, refusal, signedBy } from './fixtures.ts'

const ok = (): Response => Response.json({ ok: true })
const EXPIRED = 'The security token included in the request is expired'
const INVALID = 'The security token included in the request is invalid.'
const down = (): never => {
  throw new TypeError('Failed to fetch')
}

/** `answers` in this order, then `ok`. */
function make(
  answers: readonly (Response | (() => Response | Promise<Response>))[],
  options: Partial<IamFetchOptions> = {},
) {
  const fetch = fakeFetch((_, index) => {
    const answer = answers[index] ?? ok
    return typeof answer === 'function' ? answer() : answer
  })
  const events: FetchEvent[] = []
  const clock = quickClock()
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock,
    retry: { random: () => 0.5 },
    fetch,
    onEvent: (event) => events.push(event),
    ...options,
  })
  const keys = (): (string | undefined)[] => fetch.seen.map(({ headers }) => signedBy(headers))
  const dates = (): (string | null)[] => fetch.seen.map(({ headers }) => headers.get('x-amz-date'))
  return { iamFetch, seen: fetch.seen, events, clock, keys, dates }
}

test('a refusal whose body breaks off is returned with its status and headers', async () => {
  let pulls = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulls++) controller.error(new TypeError('terminated'))
      else controller.enqueue(new TextEncoder().encode('{"mess'))
    },
  })
  const { iamFetch, events } = make([new Response(body, { status: 403, headers: { a: 'b' } })])
  const response = await iamFetch('/x')
  expect([response.status, response.headers.get('a')]).toEqual([403, 'b'])
  await expect(response.text()).rejects.toThrow('terminated')
  expect(events.at(-1)).toMatchObject({ type: 'response', status: 403 })
})

describe('a refused session token', () => {
  test.each([
    [refusal(EXPIRED)],
    [refusal(INVALID)],
    [Response.json({ Message: EXPIRED }, { status: 403 })],
    [refusal('try again', { 'x-amzn-errortype': 'ExpiredTokenException' })],
    [refusal('try again', { 'x-amzn-errortype': 'UnrecognizedClientException:http://x' })],
  ])('is replaced and the POST sent once more', async (answer) => {
    const { provider, exchanges } = caching()
    const { iamFetch, keys, seen } = make([answer], { credentials: provider })
    const response = await iamFetch('/x', { method: 'POST', body: 'body' })
    expect(response.status).toBe(200)
    expect(keys()).toEqual(['ASIAA', 'ASIAB'])
    expect(seen.map(({ body }) => body)).toEqual(['body', 'body'])
    expect(exchanges()).toBe(2)
  })

  test.each([
    'Invite: The security token in your mail is expired',
    'See ExpiredToken in the manual',
    'Document Signature expired (20260101T020000Z - 5 min.)',
  ])("is not read into an application's own 403: %s", async (message) => {
    const { provider, exchanges } = caching()
    const { iamFetch, seen } = make([refusal(message)], { credentials: provider })
    expect((await iamFetch('/x')).status).toBe(403)
    expect(seen).toHaveLength(1)
    expect(exchanges()).toBe(1)
  })

  test('is replaced once a call, never in a loop', async () => {
    const { provider, exchanges } = caching()
    const { iamFetch, seen } = make(
      Array.from({ length: 9 }, () => () => refusal(EXPIRED)),
      {
        credentials: provider,
      },
    )
    const response = await iamFetch('/x')
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ message: EXPIRED })
    expect(seen).toHaveLength(2)
    expect(exchanges()).toBe(2)
  })

  test('a refused session token of 20 calls at once costs one exchange', async () => {
    const { provider, exchanges } = caching()
    const fetch = fakeFetch(({ headers }) =>
      signedBy(headers) === 'ASIAA' ? refusal(EXPIRED) : ok(),
    )
    const iamFetch = createIamFetch({
      baseUrl: API,
      credentials: provider,
      clock: quickClock(),
      fetch,
    })
    const all = await Promise.all(Array.from({ length: 20 }, () => iamFetch('/x')))
    expect(all.every(({ ok: good }) => good)).toBe(true)
    expect(exchanges()).toBe(2)
  })

  test('a refused session token of static credentials is the result', async () => {
    const { iamFetch, seen } = make([refusal(EXPIRED)])
    expect((await iamFetch('/x')).status).toBe(403)
    expect(seen).toHaveLength(1)
  })

  test('makes a plain function exchange by force, and is the result if it returns the same again', async () => {
    const asked: unknown[] = []
    const renewing = make([refusal(EXPIRED)], {
      credentials: async (options) => {
        asked.push(options)
        return credentialsOf(`P${asked.length}`, new Date(Date.UTC(2026, 0, 1, 1)))
      },
    })
    expect((await renewing.iamFetch('/x')).status).toBe(200)
    expect(renewing.keys()).toEqual(['ASIAP1', 'ASIAP2'])
    expect(asked).toEqual([undefined, { forceRefresh: true }])
    const stuck = make([refusal(EXPIRED)], {
      credentials: async () => credentialsOf('A', new Date(Date.UTC(2026, 0, 1, 1))),
    })
    expect((await stuck.iamFetch('/x')).status).toBe(403)
    expect(stuck.seen).toHaveLength(1)
  })

  test('a refused session token whose replacement fails ends the call with that reason', async () => {
    const { provider } = caching()
    const cause = new Error('signed out')
    const failing = Object.assign(
      async () => {
        if (refused) throw cause
        return provider()
      },
      { invalidate: () => void (refused = true) },
    )
    let refused = false
    const { iamFetch, seen } = make([refusal(EXPIRED)], { credentials: failing })
    await expect(iamFetch('/x')).rejects.toBe(cause)
    expect(seen).toHaveLength(1)
  })
})

describe('a refused clock', () => {
  const slow =
    'Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)'
  const fast =
    'Signature not  yet current: 20260101T000000Z is still later than 20251231T221000Z (20251231T220000Z + 10 min.)'

  test.each([
    [slow, '20260101T001000Z', 600_000],
    [fast, '20251231T220000Z', -7_200_000],
  ])(
    'is corrected from the text and the POST signed once more: %s',
    async (text, date, offsetMs) => {
      const { iamFetch, dates, events } = make([refusal(text)])
      expect((await iamFetch('/x', { method: 'POST', body: 'b' })).status).toBe(200)
      expect(dates()).toEqual(['20260101T000000Z', date])
      expect(events.find(({ type }) => type === 'clock-corrected')).toMatchObject({ offsetMs })
      await iamFetch('/y')
      expect(dates()[2]).toBe(date)
    },
  )

  test('is corrected once a call, never in a loop', async () => {
    let at = 14
    const { iamFetch, seen } = make(
      Array.from({ length: 9 }, () => () => refusal(slow.replaceAll('T0010', `T00${at--}`))),
    )
    expect((await iamFetch('/x')).status).toBe(403)
    expect(seen).toHaveLength(2)
  })

  test('a refused clock and a refused token may both happen in one call', async () => {
    const { provider } = caching()
    const { iamFetch, keys, dates } = make([refusal(slow), refusal(EXPIRED), refusal(slow)], {
      credentials: provider,
    })
    await iamFetch('/x')
    expect(keys()).toEqual(['ASIAA', 'ASIAA', 'ASIAB'])
    expect(dates()[2]).toBe('20260101T001000Z')
  })

  test.each([
    [
      'long-lived keys',
      { accessKeyId: 'AKIA', secretAccessKey: 's' },
      '20260101T001500Z',
      '001501',
    ],
    [
      'session credentials',
      credentialsOf('A', new Date(Date.UTC(2026, 0, 1, 1))),
      '20260101T005959Z',
      '010001',
    ],
  ])(
    'a refused clock of %s without the time of an issuer is moved forward to its limit at most',
    async (_, credentials, latest, beyond) => {
      const claims = (stamp: string) => () => refusal(`Signature expired: (${stamp} - 5 min.)`)
      const fine = make([claims(latest)], { credentials })
      expect((await fine.iamFetch('/x')).status).toBe(200)
      expect(fine.dates()[1]).toBe(latest)
      const late = make(
        [claims(`20260101T${beyond}Z`), claims('20270101T000000Z'), claims('20270101T000000Z')],
        { credentials },
      )
      for (let n = 0; n < 3; n++) expect((await late.iamFetch('/x')).status).toBe(403)
      expect(late.dates()).toEqual(Array.from({ length: 3 }, () => '20260101T000000Z'))
    },
  )

  test('is not corrected by the text of a refusal that a cache stored', async () => {
    const { iamFetch, seen } = make([refusal(fast, { age: '60' }), refusal(slow, { age: '0' })])
    expect((await iamFetch('/x')).status).toBe(403)
    expect((await iamFetch('/x')).status).toBe(403)
    expect(seen).toHaveLength(2)
  })

  test('a refused clock that another call has corrected in the meantime is signed again without learning twice', async () => {
    const clock = serverClock(fixedClock())
    const { iamFetch, seen, dates } = make(
      [
        () => {
          clock.learn(clock.now() + 7_200_000)
          return refusal(slow)
        },
      ],
      { clock },
    )
    expect((await iamFetch('/x')).status).toBe(200)
    expect(seen).toHaveLength(2)
    expect(dates()[1]).toBe('20260101T020000Z')
    expect(clock.offsetMs).toBe(7_200_000)
  })

  test('is corrected by a Date header if the text does not contain the time', async () => {
    const { iamFetch, dates } = make([
      refusal('Signature expired: ', { date: 'Thu, 01 Jan 2026 00:03:00 GMT' }),
    ])
    await iamFetch('/x')
    expect(dates()[1]).toBe('20260101T000300Z')
  })

  test('is not concluded from a text without a time, nor from a time that agrees', async () => {
    const text = 'Signature expired: 20251231T235500Z (20260101T000000Z - 5 min.)'
    for (const answer of [refusal('Signature expired: '), refusal(text)]) {
      const { iamFetch, seen } = make([answer])
      expect((await iamFetch('/x')).status).toBe(403)
      expect(seen).toHaveLength(1)
    }
  })

  test('is corrected by minutes only with keys whose expiry cannot be read, whatever a proxy says', async () => {
    const far = refusal('Signature expired: x (20990101T000500Z - 5 min.)')
    const near = refusal('Signature expired: x (20260101T001000Z - 5 min.)')
    for (const expiration of [new Date(Number.NaN), 'soon', null]) {
      // As `JSON.parse` of a file with credentials makes them.
      const credentials = { ...credentialsOf('A'), expiration } as unknown as Credentials
      const refused = make([far.clone()], { credentials })
      expect((await refused.iamFetch('/x')).status).toBe(403)
      expect(refused.dates()).toHaveLength(1)
      const followed = make([near.clone()], { credentials })
      expect((await followed.iamFetch('/x')).status).toBe(200)
      expect(followed.dates()[1]).toBe('20260101T001000Z')
    }
  })

  test('is corrected up to the expiry of keys that is a text, as in JSON', async () => {
    const expiration = '2026-01-01T03:00:00Z' as unknown as Date
    const credentials = { ...credentialsOf('A'), expiration }
    const { iamFetch, dates } = make(
      [refusal('Signature expired: x (20260101T023000Z - 5 min.)')],
      { credentials },
    )
    expect((await iamFetch('/x')).status).toBe(200)
    expect(dates()[1]).toBe('20260101T023000Z')
  })

  test('two hours fast does not keep credentials of a plain function from being used', async () => {
    let exchanges = 0
    const clock = quickClock()
    const { iamFetch, keys } = make([refusal(fast)], {
      clock,
      // The service's time is two hours behind the local one.
      credentials: async () =>
        credentialsOf(`F${exchanges++}`, new Date(clock.now() - 7_200_000 + 3_600_000)),
    })
    for (let n = 0; n < 5; n++) expect((await iamFetch('/x')).status).toBe(200)
    expect(keys()).toHaveLength(6)
    expect(exchanges).toBeLessThanOrEqual(2)
  })

  test('is not learnt from a response that took longer than 15 minutes', async () => {
    const clock = fixedClock()
    const { iamFetch, seen } = make(
      [
        () => {
          clock.jump(1_000_000)
          return refusal(slow)
        },
      ],
      { clock },
    )
    expect((await iamFetch('/x')).status).toBe(403)
    expect(seen).toHaveLength(1)
  })
})

describe('a bare Forbidden of an HTTP API', () => {
  const date = (minutes: number): string =>
    new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toUTCString()

  test('is the result, after one request', async () => {
    for (const method of ['GET', 'POST']) {
      const { provider, exchanges } = caching()
      const { iamFetch, seen } = make([refusal('Forbidden', { date: date(3.9) })], {
        credentials: provider,
      })
      const response = await iamFetch('/x', { method })
      expect(await response.json()).toEqual({ message: 'Forbidden' })
      expect(seen).toHaveLength(1)
      expect(exchanges()).toBe(1)
    }
  })

  test('with a Date four minutes off is signed once more', async () => {
    const { iamFetch, dates } = make([
      refusal('Forbidden', { date: date(-4) }),
      refusal('Forbidden', { date: date(-8) }),
    ])
    expect((await iamFetch('/x')).status).toBe(403)
    expect(dates()).toEqual(['20260101T000000Z', '20251231T235600Z'])
  })

  test('with a Date out of a cache teaches nothing', async () => {
    const { iamFetch, seen } = make([refusal('Forbidden', { date: date(60), age: '60' })])
    await iamFetch('/x')
    expect(seen).toHaveLength(1)
  })

  test('for credentials that are over by then gets new ones, once', async () => {
    const clock = quickClock()
    let over = false
    const source = Object.assign(
      async () =>
        credentialsOf(over ? 'NEW' : 'OLD', new Date(clock.now() + (over ? 3_600_000 : 1))),
      { invalidate: () => void (over = true) },
    )
    const { iamFetch, keys } = make(
      [
        () => {
          clock.jump(2_000)
          return refusal('Forbidden')
        },
        refusal('Forbidden'),
      ],
      { credentials: source, clock },
    )
    expect((await iamFetch('/x')).status).toBe(403)
    expect(keys()).toEqual(['ASIAOLD', 'ASIANEW'])
  })
})

describe('429, 5xx and a broken network', () => {
  test.each(['GET', 'POST', 'PATCH', 'DELETE'])('%s is sent again after 429', async (method) => {
    const limit = (): Response => new Response('', { status: 429 })
    const { iamFetch, seen, clock } = make([limit, limit])
    expect((await iamFetch('/x', { method })).status).toBe(200)
    expect(seen).toHaveLength(3)
    expect(clock.sleeps).toEqual([100, 200])
  })

  test.each([500, 502, 503, 504])(
    'GET is sent again after %d, at most three times',
    async (status) => {
      const { iamFetch, seen, events } = make(
        Array.from({ length: 9 }, () => () => new Response('why', { status })),
      )
      const response = await iamFetch('/x')
      expect(response.status).toBe(status)
      expect(await response.text()).toBe('why')
      expect(seen).toHaveLength(3)
      expect(events.filter(({ type }) => type === 'retry')).toMatchObject([
        { reason: 'server-error', waitMs: 100 },
        { reason: 'server-error', waitMs: 200 },
      ])
    },
  )

  test.each(['POST', 'PATCH', 'CUSTOM'])(
    '%s is never sent twice after a 5xx or a network failure',
    async (method) => {
      for (const status of [500, 501, 502, 503, 504]) {
        const { iamFetch, seen } = make([new Response('', { status })])
        expect((await iamFetch('/x', { method })).status).toBe(status)
        expect(seen).toHaveLength(1)
      }
      const { iamFetch, seen } = make([down])
      await expect(iamFetch('/x', { method })).rejects.toMatchObject({ code: 'NETWORK_OR_CORS' })
      expect(seen).toHaveLength(1)
    },
  )

  test('POST is sent again where the caller says that it may be', async () => {
    const { iamFetch, seen } = make([new Response('', { status: 503 }), down], {
      retry: { methods: ['POST'], random: () => 0 },
    })
    expect((await iamFetch('/x', { method: 'post' })).status).toBe(200)
    expect(seen).toHaveLength(3)
    const get = make([new Response('', { status: 503 })], { retry: { methods: ['POST'] } })
    expect((await get.iamFetch('/x')).status).toBe(503)
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    '%s is sent again when the network fails',
    async (method) => {
      const { iamFetch, seen } = make([down])
      expect((await iamFetch('/x', { method })).status).toBe(200)
      expect(seen).toHaveLength(2)
    },
  )

  test('other statuses are the result', async () => {
    for (const status of [400, 404, 408, 409, 413, 501, 505]) {
      const { iamFetch, seen } = make([new Response('', { status })])
      expect((await iamFetch('/x')).status).toBe(status)
      expect(seen).toHaveLength(1)
    }
  })

  test('attempts: 1 sends once', async () => {
    const { iamFetch, seen } = make([new Response('', { status: 503 })], { retry: { attempts: 1 } })
    expect((await iamFetch('/x')).status).toBe(503)
    expect(seen).toHaveLength(1)
  })

  test('Retry-After is waited for, and too long a one ends the retries', async () => {
    const after = (seconds: string): Response =>
      new Response('', { status: 429, headers: { 'retry-after': seconds } })
    const { iamFetch, clock } = make([after('7'), after('Thu, 01 Jan 2026 00:00:10 GMT')])
    expect((await iamFetch('/x')).status).toBe(200)
    expect(clock.sleeps).toEqual([7_000, 3_000])
    for (const [seconds, times] of [
      ['20', 2],
      ['21', 1],
    ] as const) {
      const long = make([after(seconds)])
      expect((await long.iamFetch('/x')).status).toBe(times > 1 ? 200 : 429)
      expect(long.seen).toHaveLength(times)
    }
  })

  test('each attempt is signed with the time and the credentials of its moment', async () => {
    let exchanges = 0
    const { iamFetch, keys, dates } = make(
      [new Response('', { status: 503, headers: { 'retry-after': '5' } })],
      {
        credentials: async () => credentialsOf(`K${exchanges++}`),
      },
    )
    await iamFetch('/x')
    expect(keys()).toEqual(['ASIAK0', 'ASIAK1'])
    expect(dates()).toEqual(['20260101T000000Z', '20260101T000005Z'])
  })

  test('the body of a response that is not returned is cancelled', async () => {
    let cancelled = false
    const body = new ReadableStream({
      cancel() {
        cancelled = true
        // No caller waits for it, so it would surface as unhandled.
        throw new Error('no')
      },
    })
    const { iamFetch } = make([new Response(body, { status: 503 })])
    await iamFetch('/x')
    expect(cancelled).toBe(true)
  })
})

describe('a deadline', () => {
  const pending = async (clock: FixedClock, ms: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve))
    await clock.advance(ms)
  }

  test('ends a request that is under way', async () => {
    const clock = fixedClock()
    const { iamFetch, seen } = make([() => new Promise(() => {})], { clock, deadlineMs: 5_000 })
    const call = iamFetch('/x')
    const [outcome] = await Promise.all([Promise.allSettled([call]), pending(clock, 5_000)])
    expect(outcome[0]).toMatchObject({
      reason: {
        code: 'DEADLINE_EXCEEDED',
        remedy: expect.stringMatching(/\w/),
        retryable: true,
      },
    })
    expect(seen[0]?.request.signal.aborted).toBe(true)
  })

  test('is not waited for in vain: the response is returned if the next attempt would be too late', async () => {
    const clock = fixedClock()
    const { iamFetch, seen } = make(
      [new Response('busy', { status: 503, headers: { 'retry-after': '5' } })],
      { clock, deadlineMs: 5_000 },
    )
    expect(await (await iamFetch('/x')).text()).toBe('busy')
    expect(seen).toHaveLength(1)
  })

  test('ends with the headers: a body may take longer', async () => {
    const clock = fixedClock()
    let push!: (text: string) => void
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        push = (text) => {
          controller.enqueue(new TextEncoder().encode(text))
          controller.close()
        }
      },
    })
    const { iamFetch } = make([new Response(body)], { clock, deadlineMs: 5_000 })
    const response = await iamFetch('/x')
    await clock.advance(60_000)
    push('late')
    expect(await response.text()).toBe('late')
  })

  test('is not stretched by what is learnt of the time', async () => {
    const clock = fixedClock()
    const slow = 'Signature expired: 20260101T000000Z (20260101T001000Z - 5 min.)'
    const { iamFetch, seen } = make(
      [refusal(slow), new Response('', { status: 503, headers: { 'retry-after': '4' } })],
      { clock, deadlineMs: 5_000 },
    )
    const call = iamFetch('/x')
    await pending(clock, 4_000)
    expect((await call).status).toBe(200)
    expect(seen).toHaveLength(3)
  })
})
