import { fakeFetch } from '@iamfetch/testing'
import { expect, test, vi } from 'vitest'
import { createIamFetch, createTokenFetch } from '../src/index.ts'
import { API, credentialsOf, quickClock } from './fixtures.ts'

const bytes = new TextEncoder().encode('bytes')
const form = (): FormData => {
  const data = new FormData()
  data.set('field', 'value')
  data.set('file', new File(['content'], 'a.txt', { type: 'text/plain' }))
  return data
}
const stream = (): RequestInit =>
  ({ body: new Blob(['stream']).stream(), duplex: 'half' }) as RequestInit

/** Each kind of body, as one would hand it to `fetch`. */
const KINDS: Record<string, () => [RequestInfo, RequestInit?]> = {
  string: () => ['/x', { method: 'POST', body: 'text' }],
  URLSearchParams: () => ['/x', { method: 'POST', body: new URLSearchParams({ a: '1 2' }) }],
  Blob: () => ['/x', { method: 'POST', body: new Blob(['blob'], { type: 'image/png' }) }],
  File: () => ['/x', { method: 'POST', body: new File(['file'], 'a.txt') }],
  FormData: () => ['/x', { method: 'POST', body: form() }],
  ArrayBuffer: () => ['/x', { method: 'POST', body: bytes.slice().buffer }],
  'typed array': () => ['/x', { method: 'POST', body: bytes }],
  DataView: () => ['/x', { method: 'POST', body: new DataView(bytes.slice().buffer, 1, 3) }],
  'ReadableStream in init': () => ['/x', { method: 'POST', ...stream() }],
  'Request with a string': () => [new Request(`${API}/x`, { method: 'POST', body: 'text' })],
  'Request with a form': () => [new Request(`${API}/x`, { method: 'POST', body: form() })],
  'Request with a stream': () => [new Request(`${API}/x`, { method: 'POST', ...stream() })],
  'Request and a body in init': () => [new Request(`${API}/x`), { method: 'PUT', body: 'init' }],
  'no body': () => ['/x', { method: 'POST' }],
}

test.each(Object.entries(KINDS))('%s survives a replay, byte by byte', async (_, kind) => {
  const answer = (_seen: unknown, index: number): Response =>
    new Response('', { status: index ? 200 : 429 })
  const direct = fakeFetch(() => new Response(''))
  const [url, init] = kind()
  const request = typeof url === 'string' ? `${API}${url}` : url
  await direct(request, init)
  const clock = quickClock()
  const sender = fakeFetch(answer)
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock,
    fetch: sender,
  })
  const tokenSender = fakeFetch(answer)
  const tokenFetch = createTokenFetch({
    baseUrl: API,
    token: async () => 't',
    clock,
    fetch: tokenSender,
  })
  await iamFetch(...kind())
  await tokenFetch(...kind())
  // Each form has a new random boundary, so it is compared by shape.
  const shape = (text: string | null): string | undefined =>
    text?.replaceAll(/-{2,}[\w-]*(formdata|boundary)[\w-]*/gi, 'BOUNDARY')
  for (const { seen } of [sender, tokenSender]) {
    expect(seen).toHaveLength(2)
    expect(seen[0]?.body).toBe(seen[1]?.body)
    expect(seen[0]?.headers.get('content-type')).toBe(seen[1]?.headers.get('content-type'))
    expect(shape(seen[0]!.body)).toBe(shape(direct.seen[0]!.body))
    expect(shape(seen[0]!.headers.get('content-type'))).toBe(
      shape(direct.seen[0]!.headers.get('content-type')),
    )
  }
})

test('what a Request and init say besides is kept in every attempt', async () => {
  const fetch = fakeFetch((_, index) => new Response('', { status: index ? 200 : 503 }))
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: quickClock(),
    fetch,
  })
  const request = new Request(`${API}/x`, {
    method: 'PUT',
    headers: { 'x-one': '1' },
    keepalive: true,
    credentials: 'include',
  })
  await iamFetch(request, { cache: 'no-store' })
  for (const { request: sent, headers } of fetch.seen) {
    expect(sent).toMatchObject({
      method: 'PUT',
      keepalive: true,
      credentials: 'include',
      cache: 'no-store',
    })
    expect(headers.get('x-one')).toBe('1')
  }
  expect(fetch.seen).toHaveLength(2)
})

test('the body of a refusal that was read is whole, and a streamed response stays a stream', async () => {
  const long = JSON.stringify({ message: 'x'.repeat(100_000) })
  const answers = [
    new Response(long, { status: 403 }),
    new Response('<html>', { status: 401 }),
    new Response(new Blob(['one', 'two']).stream()),
  ]
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: quickClock(),
    fetch: fakeFetch((_, index) => answers[index]!),
  })
  expect(await (await iamFetch('/x')).text()).toBe(long)
  expect(await (await iamFetch('/x')).text()).toBe('<html>')
  const { body } = await iamFetch('/x')
  expect(await new Response(body).text()).toBe('onetwo')
})

test.each([undefined, 500, 5_000])(
  'a refusal whose body stalls is the response after two seconds at most, with deadlineMs %s',
  async (deadlineMs) => {
    vi.useFakeTimers()
    try {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
      })
      const iamFetch = createIamFetch({
        baseUrl: API,
        credentials: credentialsOf('A'),
        deadlineMs,
        fetch: async () => new Response(body, { status: 403 }),
      })
      const call = iamFetch('/x')
      await vi.advanceTimersByTimeAsync(Math.min(deadlineMs ?? 2_000, 2_000))
      const response = await call
      expect(response.status).toBe(403)
      expect(response.bodyUsed).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  },
)

test('a refusal that never ends is not waited for', async () => {
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: tick\n\n')),
  })
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: credentialsOf('A'),
    clock: quickClock(),
    fetch: fakeFetch(() => new Response(endless, { status: 403 })),
  })
  const response = await iamFetch('/x')
  const reader = response.body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: tick\n\n')
  await reader.cancel()
})

test('what the caller changes after the call is not sent, as with fetch', async () => {
  const fetch = fakeFetch(() => new Response())
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: async () => credentialsOf('A'),
    fetch,
  })
  const headers = new Headers({ 'x-amz-note': 'first' })
  const body = form()
  const call = iamFetch('/x', { method: 'POST', headers, body })
  headers.set('x-amz-note', 'second')
  body.set('field', 'changed')
  await call
  expect(fetch.seen[0]?.headers.get('x-amz-note')).toBe('first')
  expect(fetch.seen[0]?.body).toContain('value')
})
