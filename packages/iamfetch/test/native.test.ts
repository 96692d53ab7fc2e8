import { fetchOf } from '@iamfetch/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { createIamFetch, createTokenFetch, signWebSocketUrl, withIdToken } from '../src/native.ts'

const baseUrl = 'https://abc.execute-api.eu-central-1.amazonaws.com'
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }

afterEach(() => vi.unstubAllGlobals())

test('the platform’s fetch is called with redirect: manual', async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('ok'))
  vi.stubGlobal('fetch', fetch)
  const response = await createIamFetch({ baseUrl, credentials })('/test')
  expect(await response.text()).toBe('ok')
  expect(fetch.mock.calls[0]?.[1]).toMatchObject({ redirect: 'manual' })
})

test('a fetch in the options, such as expo/fetch, is called with redirect: manual, too', async () => {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('ok'))
  await createIamFetch({ baseUrl, credentials, fetch })('/test')
  await createTokenFetch({ baseUrl, token: async () => 'token', fetch })('/test')
  expect(fetch.mock.calls.map(([, init]) => init?.redirect)).toEqual(['manual', 'manual'])
})

test('a response from another address is a redirect that was followed', async () => {
  const call = createTokenFetch({
    baseUrl,
    token: async () => 'token',
    fetch: async () =>
      Object.defineProperty(new Response('ok'), 'url', { value: 'https://evil.example/test' }),
  })
  await expect(call('/test')).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' })
})

test('a response whose URL is only written in another way is not a redirect', async () => {
  const call = createIamFetch({
    baseUrl,
    credentials,
    fetch: async () =>
      Object.defineProperty(new Response('ok'), 'url', {
        value: `${baseUrl.replace('https', 'HTTPS')}:443/test?a=b+c`,
      }),
  })
  expect((await call('/test?a=b c')).status).toBe(200)
})

test('a failure of Expo’s fetch is a network failure, repeated where that is safe', async () => {
  const fetch = vi.fn(async () => {
    throw new Error('fetch failed: The Internet connection appears to be offline.')
  })
  const call = createIamFetch({
    baseUrl,
    credentials,
    fetch,
    retry: { attempts: 2, random: () => 0 },
  })
  await expect(call('/test')).rejects.toMatchObject({ code: 'NETWORK_OR_CORS', retryable: true })
  expect(fetch).toHaveBeenCalledTimes(2)
})

test('a deadline ends a call with its code, an abort with its reason', async () => {
  const fetch = () => new Promise<Response>(() => {})
  const call = createIamFetch({ baseUrl, credentials, fetch, deadlineMs: 5 })
  await expect(call('/test')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(call('/test', { signal })).rejects.toThrow('enough')
  const controller = new AbortController()
  const late = call('/test', { signal: controller.signal })
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
  controller.abort(new Error('too late to matter'))
})

test('the ID token is sent, signed, and the body is hashed by the native hash', async () => {
  const sha256 = vi.fn(async () => new Uint8Array(32))
  const sent: Request[] = []
  const call = createIamFetch({
    baseUrl,
    credentials,
    sha256,
    beforeSign: withIdToken(async () => 'id.token.1'),
    fetch: fetchOf(async (request) => {
      sent.push(request)
      return new Response('ok')
    }),
  })
  await call("/a/(b)?c=d e'", { method: 'POST', body: new Uint8Array([1]) })
  expect(sha256).toHaveBeenCalledTimes(1)
  const [{ headers } = new Request(baseUrl)] = sent
  expect(headers.get('x-amz-iamfetch-identity')).toBe('id.token.1')
  expect(headers.get('authorization')).toMatch(/SignedHeaders=[^,]*;x-amz-iamfetch-identity,/)
})

test('a WebSocket’s URL is signed', async () => {
  const url = await signWebSocketUrl({
    url: `${baseUrl.replace('https', 'wss')}/prod`,
    credentials,
  })
  expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[\da-f]{64}$/)
})
