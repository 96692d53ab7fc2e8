import { fakeFetch } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { createTokenFetch, type TokenFetchOptions, type TokenSource } from '../src/index.ts'
import { API, quickClock } from './fixtures.ts'

const bearer = (headers: Headers): string | undefined =>
  headers.get('authorization')?.replace('Bearer ', '')
const unauthorized = (): Response => Response.json({ message: 'Unauthorized' }, { status: 401 })

/** A cache of tokens T1, T2, … and how many were got. */
function tokens(): { token: TokenSource; got: () => number } {
  let held: string | undefined
  let count = 0
  const token = Object.assign(async () => (held ??= `T${++count}`), {
    invalidate(refused: string) {
      if (held === refused) held = undefined
    },
  })
  return { token, got: () => count }
}

function make(answer: Parameters<typeof fakeFetch>[0], options: Partial<TokenFetchOptions> = {}) {
  const fetch = fakeFetch(answer)
  const tokenFetch = createTokenFetch({
    baseUrl: API,
    token: async () => 'token',
    clock: quickClock(),
    fetch,
    ...options,
  })
  return {
    tokenFetch,
    seen: fetch.seen,
    sent: () => fetch.seen.map(({ headers }) => bearer(headers)),
  }
}

test('a call carries the token of the moment', async () => {
  const { tokenFetch, seen } = make(() => new Response('ok'))
  const response = await tokenFetch('/x', { headers: { 'x-a': '1' } })
  expect(await response.text()).toBe('ok')
  expect(seen[0]?.headers.get('authorization')).toBe('Bearer token')
  expect(seen[0]?.headers.get('x-a')).toBe('1')
})

test.each([
  ['an init', '/x', { headers: { authorization: 'Basic mine' } }],
  ['a Request', new Request(`${API}/x`, { headers: { authorization: 'Basic mine' } }), {}],
])('an Authorization header in %s is refused, not replaced', async (_, input, init) => {
  const { tokenFetch, seen } = make(() => new Response('ok'))
  await expect(tokenFetch(input, init)).rejects.toMatchObject({
    code: 'HEADER_NOT_SIGNABLE',
    message: expect.not.stringContaining('mine'),
  })
  expect(seen).toHaveLength(0)
})

test('wrong arguments are found at construction', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
  expect(() => make(unauthorized, { token: 'abc' as unknown as TokenSource })).toThrow(
    /^createTokenFetch: "token" must be a function/,
  )
  expect(() => make(unauthorized, { baseUrl: undefined })).toThrow(/pass "baseUrl" or "origins"/)
})

test('no token goes to another origin', async () => {
  const { tokenFetch, seen } = make(unauthorized)
  await expect(tokenFetch('https://evil.example/')).rejects.toMatchObject({
    code: 'ORIGIN_NOT_ALLOWED',
  })
  expect(seen).toHaveLength(0)
})

test.each(['', undefined, null])('%j as a token means that no user is signed in', async (none) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
  const { tokenFetch, seen } = make(unauthorized, { token: async () => none as string })
  await expect(tokenFetch('/x')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  expect(seen).toHaveLength(0)
})

test.each(['two words', 'line\nbreak', 42])(
  '%j is not a bearer token and is not sent',
  async (wrong) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
    const { tokenFetch, seen } = make(unauthorized, { token: async () => wrong as string })
    await expect(tokenFetch('/x')).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    expect(seen).toHaveLength(0)
  },
)

test('a refused token is invalidated once and the POST sent with the next', async () => {
  const { token, got } = tokens()
  const { tokenFetch, sent, seen } = make(
    ({ headers }) => (bearer(headers) === 'T1' ? unauthorized() : new Response('ok')),
    { token },
  )
  const response = await tokenFetch('/x', { method: 'POST', body: 'b' })
  expect(response.status).toBe(200)
  expect(sent()).toEqual(['T1', 'T2'])
  expect(seen.map(({ body }) => body)).toEqual(['b', 'b'])
  expect(got()).toBe(2)
})

test('20 refusals of one token at once cost one new token', async () => {
  const { token, got } = tokens()
  const { tokenFetch, seen } = make(
    ({ headers }) => (bearer(headers) === 'T1' ? unauthorized() : new Response('ok')),
    { token },
  )
  const all = await Promise.all(Array.from({ length: 20 }, () => tokenFetch('/x')))
  expect(all.every(({ ok }) => ok)).toBe(true)
  expect(got()).toBe(2)
  expect(seen).toHaveLength(40)
})

test('an API that refuses every token costs one new token, not one a call', async () => {
  const { token, got } = tokens()
  const { tokenFetch, sent } = make(unauthorized, { token })
  for (let n = 0; n < 5; n++) expect((await tokenFetch('/x')).status).toBe(401)
  expect(got()).toBe(2)
  expect(sent()).toEqual(['T1', 'T2', 'T2', 'T2', 'T2', 'T2'])
})

test('a token that has worked is doubted again when it is refused later', async () => {
  const { token } = tokens()
  const refused = new Set(['T1'])
  const { tokenFetch, sent } = make(
    ({ headers }) => (refused.has(bearer(headers)!) ? unauthorized() : new Response('ok')),
    { token },
  )
  await tokenFetch('/x')
  await tokenFetch('/x')
  refused.add('T2')
  expect((await tokenFetch('/x')).status).toBe(200)
  expect(sent()).toEqual(['T1', 'T2', 'T2', 'T2', 'T3'])
})

test('a 403 says nothing about the token', async () => {
  const { token, got } = tokens()
  const { tokenFetch, seen } = make(
    () => Response.json({ message: 'Forbidden' }, { status: 403 }),
    { token },
  )
  expect((await tokenFetch('/x')).status).toBe(403)
  expect(seen).toHaveLength(1)
  expect(got()).toBe(1)
})

test('a source without invalidate is called with forceRefresh, once for all who wait', async () => {
  let held = 'T1'
  const asked: unknown[] = []
  const { tokenFetch } = make(
    ({ headers }) => (bearer(headers) === 'T1' ? unauthorized() : new Response('ok')),
    {
      token: async (options) => {
        if (options) {
          asked.push(options)
          held = 'T2'
        }
        return held
      },
    },
  )
  const all = await Promise.all(Array.from({ length: 5 }, () => tokenFetch('/x')))
  expect(all.every(({ ok }) => ok)).toBe(true)
  expect(asked).toEqual([{ forceRefresh: true }])
})

test('a source that has only the refused token leaves the 401 to the caller', async () => {
  const { tokenFetch, seen } = make(unauthorized)
  const response = await tokenFetch('/x')
  expect(await response.json()).toEqual({ message: 'Unauthorized' })
  expect(seen).toHaveLength(1)
})

test('429 and 5xx are sent again as by createIamFetch', async () => {
  const { tokenFetch, seen } = make((_, index) => new Response('', { status: index ? 200 : 503 }))
  expect((await tokenFetch('/x')).status).toBe(200)
  expect(seen).toHaveLength(2)
  const post = make(() => new Response('', { status: 503 }))
  expect((await post.tokenFetch('/x', { method: 'POST' })).status).toBe(503)
  expect(post.seen).toHaveLength(1)
})
