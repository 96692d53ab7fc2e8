import { inspect } from 'node:util'
import { fakeFetch } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { withIdToken } from '../src/id-token.ts'
import { createIamFetch, type IamFetchOptions } from '../src/index.ts'
import { API, caching, credentialsOf, quickClock, refusal } from './fixtures.ts'

const HEADER = 'x-amz-iamfetch-identity'

/** An iamFetch that sends an ID token along, and what leaves. */
function make(answer: Parameters<typeof fakeFetch>[0], options: Partial<IamFetchOptions> = {}) {
  const fetch = fakeFetch(answer)
  let asked = 0
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    beforeSign: withIdToken(async () => `id.token.${++asked}`),
    clock: quickClock(),
    retry: { random: () => 0.5 },
    fetch,
    ...options,
  })
  return { iamFetch, seen: fetch.seen, asked: () => asked }
}
const ok = (): Response => Response.json({ ok: true })
const sent = (seen: readonly { headers: Headers }[]): (string | null)[] =>
  seen.map(({ headers }) => headers.get(HEADER))
const signedHeaders = (headers: Headers): string =>
  /SignedHeaders=([^,]*)/.exec(headers.get('authorization') ?? '')?.[1] ?? ''

test.each([['iamfetch', undefined] as const, ['the AWS SDK', awsSdkSigner] as const])(
  'the ID token goes along in a header that %s signs',
  async (_, signer) => {
    const idToken = async (): Promise<string> => 'id.token.1'
    const { iamFetch, seen } = make(ok, { beforeSign: withIdToken(idToken), signer })
    await iamFetch('/test', { method: 'POST', body: 'x', headers: { 'x-own': 'kept' } })
    expect(sent(seen)).toEqual(['id.token.1'])
    expect(signedHeaders(seen[0]!.headers).split(';')).toContain(HEADER)
    expect(seen[0]!.headers.get('x-own')).toBe('kept')
  },
)

test.each([
  ['eyJhunter2\nx.y.z'],
  ['eyJhunter2.\0.z'],
  ['eyJhunter2.…'],
  ['Bearer eyJhunter2.y.z'],
  [''],
  [undefined],
  [{ idToken: 'eyJhunter2.y.z' }],
])('%j is not an ID token: nothing is sent, and no error shows it', async (given) => {
  const idToken = (async () => given) as () => Promise<string>
  const { iamFetch, seen } = make(ok, { beforeSign: withIdToken(idToken) })
  const error = await iamFetch('/test').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'TOKEN_INVALID' })
  expect(inspect(error)).not.toContain('hunter2')
  expect(seen).toEqual([])
})

test('no ID token is sent unless it is configured', async () => {
  const { iamFetch, seen } = make(ok, { beforeSign: undefined })
  await iamFetch('/test')
  expect(sent(seen)).toEqual([null])
})

test('each attempt has the token of its moment', async () => {
  const { iamFetch, seen } = make((_, index) => new Response(null, { status: index ? 200 : 503 }))
  expect((await iamFetch('/test')).status).toBe(200)
  expect(sent(seen)).toEqual(['id.token.1', 'id.token.2'])
})

test('a replay after a refused session has it too', async () => {
  const { iamFetch, seen } = make(
    (_, index) => (index ? ok() : refusal('The security token included in the request is expired')),
    { credentials: caching().provider },
  )
  expect((await iamFetch('/test', { method: 'POST', body: 'x' })).status).toBe(200)
  expect(sent(seen)).toEqual(['id.token.1', 'id.token.2'])
})

test('a call cannot replace it by another user’s token, and the caller’s objects stay as they are', async () => {
  const { iamFetch, seen } = make(ok)
  const headers = new Headers({ [HEADER]: 'of.another.user' })
  const request = new Request(`${API}/test`, { headers })
  await iamFetch('/test', { headers })
  await iamFetch(request)
  expect(sent(seen)).toEqual(['id.token.1', 'id.token.2'])
  expect([headers.get(HEADER), request.headers.get(HEADER)]).toEqual([
    'of.another.user',
    'of.another.user',
  ])
})

test('it is not even read for an origin that is not allowed', async () => {
  const { iamFetch, seen, asked } = make(ok)
  for (const url of ['https://evil.example/test', `//evil.example`, `${API}.evil.example/`])
    await expect(iamFetch(url)).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' })
  expect([seen.length, asked()]).toEqual([0, 0])
})

test('it does not follow a redirect', async () => {
  const { iamFetch, seen } = make(
    () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } }),
  )
  await expect(iamFetch('/test')).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' })
  expect(seen).toHaveLength(1)
})

test('an ID token that cannot be read sends nothing, and the cause says why', async () => {
  const { iamFetch, seen } = make(ok, {
    beforeSign: withIdToken(() => Promise.reject(new Error('nobody is signed in'))),
  })
  await expect(iamFetch('/test')).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    cause: new Error('nobody is signed in'),
  })
  expect(seen).toHaveLength(0)
})

test('no event contains it', async () => {
  const events: unknown[] = []
  const { iamFetch } = make((_, index) => new Response(null, { status: index ? 200 : 503 }), {
    onEvent: (event) => events.push(event),
  })
  await iamFetch('/test')
  expect(events.length).toBeGreaterThan(1)
  expect(JSON.stringify(events)).not.toContain('id.token')
})

test('a token in place of the function that returns one is a wrong argument', () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
  const wrong = 'id.token' as unknown as () => Promise<string>
  expect(() => withIdToken(wrong)).toThrow(TypeError)
})
