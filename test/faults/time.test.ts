import { fetchOf } from '@iamfetch/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  HOUR,
  MINUTE,
  rest,
  startScene,
  statuses,
  times,
  withoutDate,
  type Person,
} from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

const scene = await sceneOfFile()
let alice: Person
beforeEach(async () => {
  alice = await scene.person('alice')
})

const SKEWS = [
  ['two hours slow', -2 * HOUR],
  ['56 minutes fast', 56 * MINUTE],
  ['two hours fast', 2 * HOUR],
] as const

/** Two hours fast, the ID token seems to have expired as well: a new one is requested, once. */
const renewed = (skew: number): object => (skew === 2 * HOUR ? { InitiateAuth: 1 } : {})

describe.each(SKEWS)('a clock that is %s', (_, skew) => {
  test.each(['http', 'rest'])(
    'costs nothing: five calls of an API of type %s are one exchange',
    async (api) => {
      const { call, credentials } = scene.page(alice, { api, clock: scene.laptop(skew) })
      for (let i = 0; i < 5; i++) expect((await call('/test')).status).toBe(200)
      expect(scene.asked()).toEqual({
        GetId: 1,
        GetCredentialsForIdentity: 1,
        [`${api} ANY /test`]: 5,
        ...renewed(skew),
      })
      expect(Math.abs(credentials.clock.offsetMs + skew)).toBeLessThan(1_000)
    },
  )

  test('costs one refused request if Cognito shows no Date and a REST API has the time in its text', async () => {
    const { call, events } = scene.page(alice, {
      api: 'rest',
      clock: scene.laptop(skew),
      credentials: { fetch: withoutDate },
      fetch: { fetch: withoutDate },
    })
    const methods = ['POST', 'GET', 'GET', 'GET', 'GET']
    for (const method of methods) expect((await call('/test', { method })).status).toBe(200)
    // Two hours fast, the credentials themselves prove it: they seem to be over when they come.
    const refused = skew === 2 * HOUR ? 0 : 1
    expect(scene.asked()).toEqual({
      GetId: 1,
      GetCredentialsForIdentity: 1,
      'rest ANY /test': 5 + refused,
      ...renewed(skew),
    })
    expect(events.filter(({ type }) => type === 'clock-corrected')).toHaveLength(refused)
  })

  test('is corrected by the Date of an HTTP API, which says nothing else', async () => {
    const { call } = scene.page(alice, {
      clock: scene.laptop(skew),
      credentials: { fetch: withoutDate },
    })
    expect(await statuses(times(2, () => call('/test')))).toEqual([200, 200])
    const refused = skew === 2 * HOUR ? 0 : 2
    expect(scene.asked()).toEqual({
      GetId: 1,
      GetCredentialsForIdentity: 1,
      'http ANY /test': 2 + refused,
      ...renewed(skew),
    })
  })
})

test('a clock that is not corrected leads to the refusal, after one request', async () => {
  const { call } = scene.page(alice, {
    clock: scene.laptop(-2 * HOUR),
    credentials: { fetch: withoutDate },
    fetch: { fetch: withoutDate },
  })
  expect((await call('/test')).status).toBe(403)
  expect(scene.asked()).toEqual({ GetId: 1, GetCredentialsForIdentity: 1, 'http ANY /test': 1 })
})

test.each([2 * HOUR, -2 * HOUR, 40 * MINUTE])(
  'a clock that jumps by %d ms while credentials are held costs one refused request and one exchange at most',
  async (jump) => {
    const clock = scene.laptop()
    const { call } = scene.page(alice, { api: 'rest', clock })
    expect((await call('/test')).status).toBe(200)
    scene.faults.reset()
    clock.jump(jump)
    for (const method of ['POST', 'GET', 'GET', 'GET', 'GET'])
      expect((await call('/test', { method })).status).toBe(200)
    const asked = scene.asked()
    expect(asked['rest ANY /test']).toBeLessThanOrEqual(6)
    // Backward a gateway's word is enough; forward by two hours Cognito is asked for the time.
    expect(asked['GetCredentialsForIdentity'] ?? 0).toBe(jump === 40 * MINUTE ? 0 : 1)
    expect(asked['GetId']).toBeUndefined()
  },
)

test('a laptop that slept three hours waits for one exchange, with a new token, and then calls', async () => {
  const { call } = scene.page(alice)
  expect((await call('/test')).status).toBe(200)
  scene.faults.reset()
  scene.time.jump(3 * HOUR)
  expect(await statuses(times(20, () => call('/test')))).toEqual(times(20, () => 200))
  expect(scene.asked()).toEqual({
    InitiateAuth: 1,
    GetCredentialsForIdentity: 1,
    'http ANY /test': 20,
  })
})

test('a laptop whose clock stood still while it slept learns the time from one refusal and one exchange', async () => {
  const clock = scene.laptop()
  const { call } = scene.page(alice, { api: 'rest', clock })
  expect((await call('/test')).status).toBe(200)
  scene.faults.reset()
  scene.time.jump(30 * MINUTE)
  clock.jump(-30 * MINUTE)
  expect((await call('/test', { method: 'POST' })).status).toBe(200)
  expect((await call('/test', { method: 'POST' })).status).toBe(200)
  expect(scene.asked()).toEqual({ 'rest ANY /test': 3, GetCredentialsForIdentity: 1 })
})

test('a session of 15 minutes is renewed within its 15 minutes', async () => {
  const short = await startScene({
    ...(await import('../group-access.ts')).groupAccess,
    identityPool: { sessionSeconds: 900 },
  })
  try {
    const { call, credentials } = short.page(await short.person('alice'))
    for (let minute = 0; minute < 60; minute++) {
      expect((await call('/test')).status).toBe(200)
      const { expiration } = await credentials()
      expect(Number(expiration)).toBeGreaterThan(short.time.now())
      await rest(credentials)
      await short.time.advance(MINUTE)
    }
    // At 75 % of each life, in the background.
    expect(short.asked()).toEqual({
      GetId: 1,
      GetCredentialsForIdentity: 5,
      'http ANY /test': 60,
    })
  } finally {
    await short.stack.stop()
  }
})

/** The date of a signature, in milliseconds since the epoch. */
const signedAt = (request: Request): number =>
  Date.parse(
    request.headers
      .get('x-amz-date')!
      .replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'),
  )

const stampOf = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** A proxy that claims that the time is `aheadMs` later than it is, by the text of a refusal and by its `Date`. */
function hostileProxy(aheadMs: () => number, message: 'Forbidden' | 'Signature expired') {
  const dates: number[] = []
  const fetch = fetchOf(async (request) => {
    dates.push(signedAt(request))
    const claimed = scene.time.now() + aheadMs()
    return Response.json(
      {
        message:
          message === 'Forbidden' ? message : `Signature expired: x (${stampOf(claimed)} - 5 min.)`,
      },
      { status: 403, headers: { date: new Date(claimed).toUTCString() } },
    )
  })
  return { fetch, dates }
}

describe.each(['Forbidden', 'Signature expired'] as const)(
  'a proxy that answers "%s" with a later time',
  (message) => {
    test.each([6 * MINUTE, 50 * MINUTE, 365 * 24 * HOUR])(
      'of %d ms gets no signature dated more than five minutes after the time of Cognito',
      async (aheadMs) => {
        const proxy = hostileProxy(() => aheadMs, message)
        const { call, credentials } = scene.page(alice, { fetch: { fetch: proxy.fetch } })
        for (let i = 0; i < 10; i++) await call('/test', { method: 'POST' })
        expect(Math.max(...proxy.dates)).toBeLessThanOrEqual(scene.time.now() + 5 * MINUTE)
        expect(Math.abs(credentials.clock.offsetMs)).toBeLessThanOrEqual(5 * MINUTE)
        // The exchange confirms the time once, and not for each call.
        expect(scene.asked()['GetCredentialsForIdentity']).toBe(2)
      },
    )

    test('gets no signature further ahead than five minutes by many small steps', async () => {
      let steps = 0
      const proxy = hostileProxy(() => ++steps * 4.5 * MINUTE, message)
      const { call } = scene.page(alice, { fetch: { fetch: proxy.fetch } })
      for (let i = 0; i < 20; i++) await call('/test')
      expect(Math.max(...proxy.dates)).toBeLessThanOrEqual(scene.time.now() + 5 * MINUTE)
      expect(Math.max(...proxy.dates)).toBeGreaterThan(scene.time.now())
    })

    test('gets no signature further ahead than five minutes if Cognito shows no Date either', async () => {
      let steps = 0
      const proxy = hostileProxy(() => ++steps * 4.5 * MINUTE, message)
      const { call } = scene.page(alice, {
        credentials: { fetch: withoutDate },
        fetch: { fetch: proxy.fetch },
      })
      for (let i = 0; i < 20; i++) await call('/test')
      expect(Math.max(...proxy.dates)).toBeLessThanOrEqual(scene.time.now() + 5 * MINUTE)
    })

    test('cannot add up steps by going back in between', async () => {
      let steps = 0
      const proxy = hostileProxy(() => (++steps % 2 ? 4.9 * MINUTE : -HOUR), message)
      const { call } = scene.page(alice, { fetch: { fetch: proxy.fetch } })
      for (let i = 0; i < 20; i++) await call('/test')
      expect(Math.max(...proxy.dates)).toBeLessThanOrEqual(scene.time.now() + 5 * MINUTE)
    })

    test('that came from a cache changes nothing', async () => {
      const proxy = hostileProxy(() => 4.9 * MINUTE, message)
      const { call, credentials } = scene.page(alice, {
        fetch: {
          fetch: async (input, init) => {
            const response = await proxy.fetch(input, init)
            response.headers.set('age', '0')
            return response
          },
        },
      })
      await call('/test')
      expect(proxy.dates).toHaveLength(1)
      expect(credentials.clock.offsetMs).toBe(0)
    })
  },
)

test('a time that came out of a cache, or after a quarter of an hour, is not believed', async () => {
  const aged: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    const headers = new Headers(response.headers)
    headers.set('age', '7200')
    headers.set('date', new Date(scene.time.now() - 2 * HOUR).toUTCString())
    return new Response(response.body, { status: response.status, headers })
  }
  const cached = scene.page(alice, { credentials: { fetch: aged }, fetch: { fetch: aged } })
  expect((await cached.call('/test')).status).toBe(200)
  expect(cached.credentials.clock.offsetMs).toBe(0)
  const slow: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    scene.time.jump(16 * MINUTE)
    return response
  }
  const late = scene.page(alice, { credentials: { fetch: slow } })
  expect((await late.call('/test')).status).toBe(200)
  expect(late.credentials.clock.offsetMs).toBe(0)
  expect(scene.asked()).toEqual({ GetId: 2, GetCredentialsForIdentity: 2, 'http ANY /test': 2 })
})
