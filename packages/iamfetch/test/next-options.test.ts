import { describe, expect, test } from 'vitest'
import { createIamFetch, createTokenFetch } from '../src/index.ts'
import { API } from './fixtures.ts'

/** What Next.js adds to `RequestInit`. */
const next = { revalidate: 60, tags: ['content'] }

describe.each([
  [
    'createIamFetch',
    (fetch: typeof globalThis.fetch) =>
      createIamFetch({
        baseUrl: API,
        fetch,
        credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
      }),
  ],
  [
    'createTokenFetch',
    (fetch: typeof globalThis.fetch) =>
      createTokenFetch({ baseUrl: API, fetch, token: async () => 'token' }),
  ],
])('the options that Next.js reads reach the fetch below %s', (_, create) => {
  test.each<[string, string | Request, RequestInit & { next: typeof next }]>([
    ['of a GET', '/content', { cache: 'force-cache', next }],
    ['of a POST with a body', '/content', { method: 'POST', body: '{}', next }],
    ['next to a Request', new Request(`${API}/content`), { next }],
  ])('%s', async (_name, input, init) => {
    const seen: (RequestInit & { next?: unknown })[] = []
    const call = create(async (_input, given) => {
      seen.push(given!)
      return new Response('{}')
    })
    await call(input, init)
    expect(seen).toHaveLength(1)
    expect(seen[0]?.next).toEqual(next)
  })
})
