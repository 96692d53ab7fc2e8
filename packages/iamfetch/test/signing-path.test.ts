import { createSigner } from '@iamfetch/sigv4'
import { fakeFetch } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { withIdToken } from '../src/id-token.ts'
import { createIamFetch, type IamFetchOptions } from '../src/index.ts'
import { API, credentialsOf, quickClock } from './fixtures.ts'

const clock = quickClock()
const toProd = (path: string): string => path.replace(/^\/api(?=\/|$)/, '/prod')

/** An iamFetch whose API is called through a CDN: `/api` there is the stage `/prod` here. */
function make(options: Partial<IamFetchOptions> = {}) {
  const fetch = fakeFetch((_, index) => new Response('', { status: index ? 200 : 503 }))
  const iamFetch = createIamFetch({
    baseUrl: 'https://app.example.com/api',
    signingHost: new URL(API).host,
    credentials: credentialsOf('A'),
    signingPath: toProd,
    clock,
    retry: { random: () => 0 },
    fetch,
    ...options,
  })
  return { iamFetch, seen: fetch.seen }
}

test.each([
  ['iamfetch', undefined] as const,
  ['a signer of the caller', createSigner] as const,
  ['the AWS SDK', awsSdkSigner] as const,
])(
  'each attempt goes to the address that was called, with the signature by %s of what the gateway sees',
  async (_, signer) => {
    const { iamFetch, seen } = make({ signer })
    const init = { method: 'PUT', body: 'text', headers: { 'x-amz-meta': 'm', 'x-own': 'o' } }
    expect((await iamFetch('/items//a%2Fb?flag&q=a+b', init)).status).toBe(200)
    const direct = createSigner({ credentials: credentialsOf('A'), clock })
    const expected = await direct.sign(`${API}/prod/items/a%2Fb?flag&q=a+b`, init)
    expect(seen).toHaveLength(2)
    for (const { url, body, method, headers, request } of seen) {
      expect(url).toBe('https://app.example.com/api/items/a%2Fb?flag=&q=a%20b')
      expect([method, body, request.redirect]).toEqual(['PUT', 'text', 'manual'])
      expect(Object.fromEntries(headers)).toEqual(Object.fromEntries(expected.headers))
    }
  },
)

test('the signing path goes together with the ID token', async () => {
  const { iamFetch, seen } = make({ beforeSign: withIdToken(async () => 'a.b.c') })
  await iamFetch('/items')
  expect(seen[0]!.headers.get('authorization')).toContain('x-amz-iamfetch-identity')
  expect(seen[0]!.url).toBe('https://app.example.com/api/items')
})

test.each([['prod/items'], ['https://evil.example/'], ['/a?b'], ['/a#b'], [''], [undefined]])(
  '%j is not a path: nothing is sent',
  async (path) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may give
    const { iamFetch, seen } = make({ signingPath: () => path as string })
    await expect(iamFetch('/items')).rejects.toMatchObject({
      code: 'URL_NOT_SIGNABLE',
      remedy: expect.stringMatching(/\w/),
    })
    expect(seen).toEqual([])
  },
)

test('a path in place of the function is a wrong argument', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
  const wrong = '/prod' as unknown as () => string
  expect(() => make({ signingPath: wrong })).toThrow(
    'createIamFetch: "signingPath" must be a function, got "/prod"',
  )
})
