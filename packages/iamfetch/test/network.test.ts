import { inspect } from 'node:util'
import { fakeFetch } from '@iamfetch/testing'
import { afterEach, assert, expect, test, vi } from 'vitest'
import { createIamFetch, createTokenFetch, IamFetchError } from '../src/index.ts'
import { presignedSigner } from '../src/presigned.ts'
import { API, credentialsOf, quickClock } from './fixtures.ts'

const both = (answer: Parameters<typeof fakeFetch>[0]) => {
  const fetch = fakeFetch(answer)
  const options = { baseUrl: API, clock: quickClock(), fetch }
  return {
    seen: fetch.seen,
    made: [
      createIamFetch({ ...options, credentials: credentialsOf('A') }),
      createTokenFetch({ ...options, token: async () => 'token' }),
    ],
  }
}
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

afterEach(() => vi.unstubAllGlobals())

test('a signature in the query that a platform writes into its error is not shown', async () => {
  const code = 'ECONNREFUSED'
  for (const inCause of [false, true]) {
    const iamFetch = createIamFetch({
      baseUrl: API,
      clock: quickClock(),
      credentials: credentialsOf('A'),
      signer: presignedSigner(),
      fetch: async (url) => {
        const words = `error sending request for url (${new Request(url).url})`
        const cause = Object.assign(new Error(inCause ? words : 'refused'), { code })
        throw new TypeError(inCause ? 'fetch failed' : words, { cause })
      },
    })
    const error = await failure(iamFetch('/x', { headers: { authorization: 'Bearer of-the-api' } }))
    expect(error).toMatchObject({
      code: 'NETWORK_OR_CORS',
      message: expect.stringContaining(code),
    })
    expect(inspect(error, { depth: 9 })).not.toMatch(/X-Amz-Signature|session-A/)
  }
})

test.each<[string, (url: string) => unknown]>([
  ['another kind of error', (url) => new Error(`request to ${url} failed`)],
  [
    'the cause of a cause',
    (url) => new TypeError('a', { cause: new Error('b', { cause: new Error(url) }) }),
  ],
  ['an error of several', (url) => new AggregateError([new Error(url)], 'all failed')],
  ['a text', (url) => url],
])('a signature in the query is not shown either by %s', async (_, errorOf) => {
  const iamFetch = createIamFetch({
    baseUrl: API,
    clock: quickClock(),
    credentials: credentialsOf('A'),
    signer: presignedSigner(),
    fetch: async (url) => {
      throw errorOf(new Request(url).url)
    },
  })
  const error = await failure(iamFetch('/x', { headers: { authorization: 'Bearer of-the-api' } }))
  expect(error).toBeInstanceOf(Error)
  expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/X-Amz-Signature|session-A/)
})

test('a failed fetch says what may be hidden behind it, and keeps the cause', async () => {
  const cause = new TypeError('Failed to fetch')
  const { made } = both(() => {
    throw cause
  })
  for (const call of made) {
    const error = await failure(
      call('/x?secret=1', { method: 'POST', headers: { 'x-a': 'hunter2' } }),
    )
    expect(error).toMatchObject({ code: 'NETWORK_OR_CORS', retryable: true, cause })
    assert(error instanceof IamFetchError)
    const { message, remedy } = error
    expect(message).toContain(`POST ${API}/x:`)
    expect(message + remedy).not.toMatch(/secret=|hunter2|session-/)
    expect(remedy).toMatch(/Content Security Policy.*refusals.*CORS.*explain/)
  }
})

test('the error code of Node is in the message', async () => {
  const { made } = both(() => {
    throw new TypeError('fetch failed', {
      cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
    })
  })
  expect(await failure(made[0]!('/x', { method: 'POST' }))).toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('a device that knows to be offline says so', async () => {
  vi.stubGlobal('navigator', { onLine: false })
  const { made } = both(() => {
    throw new TypeError('Failed to fetch')
  })
  for (const call of made) {
    expect(await failure(call('/x', { method: 'POST' }))).toMatchObject({
      code: 'OFFLINE',
      retryable: true,
      remedy: expect.stringContaining('online'),
    })
  }
})

test('an error that is not a network failure is passed on as it is, and the request is not sent again', async () => {
  const other = new RangeError('mine')
  const { made, seen } = both(() => {
    throw other
  })
  expect(await failure(made[0]!('/x'))).toBe(other)
  expect(seen).toHaveLength(1)
})

test.each([301, 302, 303, 307, 308])('a redirect of %d is not followed', async (status) => {
  const to = { headers: { location: 'https://evil.example/?token=hunter2' } }
  const { made, seen } = both(() => new Response(null, { status, ...to }))
  for (const call of made) {
    for (const redirect of ['follow', 'error', undefined] as const) {
      const error = await failure(
        call('/x', { method: 'POST', body: 'b', ...(redirect && { redirect }) }),
      )
      expect(error).toMatchObject({
        code: 'REDIRECT_REFUSED',
        status,
        remedy: expect.stringMatching(/\w/),
      })
      expect(JSON.stringify(error)).not.toContain('hunter2')
    }
    expect((await call('/x', { redirect: 'manual' })).status).toBe(status)
    expect((await call(new Request(`${API}/x`, { redirect: 'manual' }))).status).toBe(status)
  }
  expect(seen.every(({ request }) => request.redirect === 'manual')).toBe(true)
})

test('a 3xx without a location is a response', async () => {
  for (const status of [300, 304, 302]) {
    const { made } = both(() => new Response(null, { status }))
    expect((await made[0]!('/x')).status).toBe(status)
  }
})

test('a 201 with a location is a response', async () => {
  const location = `${API}/items/1`
  const { made } = both(() => new Response(null, { status: 201, headers: { location } }))
  for (const call of made) {
    const response = await call('/items', { method: 'POST' })
    expect(response.headers.get('location')).toBe(location)
  }
})

test('an opaque redirect, and one that a platform followed unasked, are refused', async () => {
  for (const fields of [{ type: 'opaqueredirect', status: 0 }, { redirected: true }]) {
    const { made } = both(() => {
      const response = new Response('')
      for (const [name, value] of Object.entries(fields)) {
        Object.defineProperty(response, name, { value })
      }
      return response
    })
    expect(await failure(made[0]!('/x'))).toMatchObject({ code: 'REDIRECT_REFUSED' })
  }
})

test.each<[RequestInit, RegExp]>([
  [{ method: 'TRACE' }, /TRACE/],
  [{ method: 'two words' }, /TWO WORDS/],
  [{ mode: 'navigate' }, /navigate/],
])(
  'a request that the platform does not take does not count as a failure of the network: %j',
  async (init, message) => {
    let calls = 0
    const iamFetch = createIamFetch({
      baseUrl: API,
      credentials: credentialsOf('A'),
      fetch: async (url, given) => {
        calls++
        return globalThis.fetch(url, given)
      },
    })
    const error = await failure(iamFetch('/x', init))
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringMatching(message) })
    expect(calls).toBe(1)
  },
)
