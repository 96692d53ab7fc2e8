import { startOriginAccessControl, type Delivered } from '@iamfetch/testing/servers'
import { fakeFetch } from '@iamfetch/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withContentHash } from '../src/content-hash.ts'
import { createIamFetch, createTokenFetch } from '../src/index.ts'
import { BODY_KINDS, postOf, withoutBoundary } from './body-kinds.ts'
import { credentialsOf } from './fixtures.ts'

let distribution: Awaited<ReturnType<typeof startOriginAccessControl>>
beforeAll(async () => {
  distribution = await startOriginAccessControl()
})
afterAll(() => distribution.stop())

/** Each `fetch` of the packages that sends the hash of a body. */
const callers = (): Record<string, typeof fetch> => ({
  'createIamFetch with payload "header"': createIamFetch({
    baseUrl: distribution.url,
    region: 'eu-central-1',
    service: 'lambda',
    payload: 'header',
    credentials: credentialsOf('A'),
  }),
  'createTokenFetch on withContentHash': createTokenFetch({
    baseUrl: distribution.url,
    token: async () => 'token',
    fetch: withContentHash(),
  }),
  'withContentHash alone': withContentHash(),
})

test('origin access control refuses a POST without the hash, and one with the hash of another body', async () => {
  const url = `${distribution.url}/x`
  expect((await fetch(url, { method: 'POST', body: 'text' })).status).toBe(403)
  const headers = { 'x-amz-content-sha256': '0'.repeat(64) }
  expect((await fetch(url, { method: 'POST', body: 'text', headers })).status).toBe(403)
})

test.each(Object.entries(BODY_KINDS))(
  'origin access control accepts %s, byte by byte what plain fetch sends',
  async (_, body) => {
    const plain = await fetch(`${distribution.url}/direct`, postOf(body()))
    const expected = withoutBoundary((await plain.json()) as Delivered)
    for (const [name, call] of Object.entries(callers())) {
      const response = await call(`${distribution.url}/x`, postOf(body()))
      expect({ name, status: response.status }).toEqual({ name, status: 200 })
      expect(withoutBoundary((await response.json()) as Delivered)).toEqual(expected)
    }
  },
)

describe('withContentHash', () => {
  test('hashes the body of a Request, and keeps what else the Request says', async () => {
    const sender = fakeFetch(() => new Response('ok'))
    const request = new Request('https://cdn.example/x', {
      method: 'put',
      body: 'text',
      headers: { 'x-one': '1' },
    })
    await withContentHash(sender)(request)
    const [seen] = sender.seen
    expect(seen).toMatchObject({ url: 'https://cdn.example/x', method: 'PUT', body: 'text' })
    expect(seen?.headers.get('x-one')).toBe('1')
    expect(seen?.headers.get('x-amz-content-sha256')).toBe(
      '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
    )
  })

  test.each(['GET', 'HEAD'])(
    'leaves a %s as it is: a page needs no preflight for it',
    async (method) => {
      const sender = fakeFetch(() => new Response('ok'))
      await withContentHash(sender)('https://cdn.example/x', { method })
      expect([...sender.seen[0]!.headers]).toEqual([])
    },
  )

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'sends the hash of nothing with an empty %s',
    async (method) => {
      const sender = fakeFetch(() => new Response('ok'))
      await withContentHash(sender)('https://cdn.example/x', { method })
      expect(sender.seen[0]?.headers.get('x-amz-content-sha256')).toBe(
        'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      )
    },
  )

  test('replaces a hash that was set before', async () => {
    const sender = fakeFetch(() => new Response('ok'))
    const headers = { 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' }
    await withContentHash(sender)('https://cdn.example/x', {
      method: 'POST',
      body: 'text',
      headers,
    })
    expect(sender.seen[0]?.headers.get('x-amz-content-sha256')).toMatch(/^982d9e3e/)
  })

  test('sends nothing with the mode "no-cors", which would drop the header', async () => {
    const sender = fakeFetch(() => new Response('ok'))
    const call = withContentHash(sender)
    await expect(
      call('https://cdn.example/x', { method: 'POST', body: 'x', mode: 'no-cors' }),
    ).rejects.toMatchObject({ code: 'HEADER_NOT_SIGNABLE' })
    expect(sender.seen).toHaveLength(0)
  })

  test.each(['GET', 'POST'])(
    'refuses to call a function of ours with a %s, which would be the user’s who signs in while the body is read',
    async (method) => {
      let user = 'alice'
      const sender = fakeFetch(() => new Response('ok'))
      const api = { baseUrl: 'https://api.example', fetch: sender }
      for (const inner of [
        createTokenFetch({ ...api, token: async () => user }),
        createIamFetch({
          ...api,
          region: 'eu-central-1',
          credentials: async () => credentialsOf(user),
        }),
      ]) {
        const call = withContentHash(inner)('https://api.example/x', { method })
        user = 'bob'
        await expect(call).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      }
      expect(sender.seen).toEqual([])
    },
  )

  test('refuses a "fetch" that is not a function', () => {
    expect(() => withContentHash('x' as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: 'withContentHash: "fetch" must be a function, got "x"',
      }),
    )
  })
})
