/// <reference types="@vitest/browser-playwright" />
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cdp } from 'vitest/browser'
import { createIamFetch, createTokenFetch } from '../src/index.ts'
import { credentialsOf, signedBy } from './fixtures.ts'

/** What Chromium's network answers for a path of this page's origin; a function answers when it is called. */
const ROUTES: Record<string, { status: number; headers?: Record<string, string>; body?: string }> =
  {
    '/redirects': { status: 307, headers: { location: `${location.origin}/target` } },
    '/elsewhere': { status: 302, headers: { location: 'https://elsewhere.example/' } },
    '/target': { status: 200, body: 'target' },
    '/denied': {
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: '{"message":"Forbidden"}',
    },
  }

interface Paused {
  requestId: string
  request: { url: string; method: string; headers: Record<string, string>; postData?: string }
}
const seen: Paused['request'][] = []
const pathOf = (url: string): string => new URL(url).pathname

beforeAll(async () => {
  const session = cdp()
  session.on('Fetch.requestPaused', ({ requestId, request }: Paused) => {
    seen.push(request)
    const route = ROUTES[pathOf(request.url)]
    // Without a route the request stays under way, until it is aborted.
    if (!route) return
    const { status, headers = {}, body = '' } = route
    void session.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: status,
      responseHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
      body: btoa(body),
    })
  })
  const paths = [...Object.keys(ROUTES), '/hangs']
  await session.send('Fetch.enable', {
    patterns: paths.map((path) => ({ urlPattern: `${location.origin}${path}*` })),
  })
})
afterAll(() => cdp().send('Fetch.disable'))

const both = (): (typeof fetch)[] => {
  const options = { baseUrl: location.origin }
  return [
    createIamFetch({ ...options, region: 'eu-central-1', credentials: credentialsOf('A') }),
    createTokenFetch({ ...options, token: async () => 'token' }),
  ]
}

test('a signed request leaves Chromium as it was signed, and its response arrives', async () => {
  seen.length = 0
  const [iamFetch] = both()
  const response = await iamFetch!('/target', { method: 'POST', body: 'body' })
  expect(await response.text()).toBe('target')
  const headers = new Headers(seen[0]?.headers)
  expect(signedBy(headers)).toBe('ASIAA')
  expect(headers.get('x-amz-security-token')).toBe('session-A')
  expect(seen[0]?.postData).toBe('body')
})

test('a redirect that Chromium hides is refused, and its target never asked', async () => {
  seen.length = 0
  for (const call of both()) {
    for (const path of ['/redirects', '/elsewhere']) {
      await expect(call(path)).rejects.toMatchObject({ code: 'REDIRECT_REFUSED' })
      const response = await call(path, { redirect: 'manual' })
      expect(response.type).toBe('opaqueredirect')
    }
  }
  expect(seen.map(({ url }) => pathOf(url))).not.toContain('/target')
  expect(seen).toHaveLength(8)
})

test('an abort under way ends the call with its reason', async () => {
  for (const call of both()) {
    const abort = new AbortController()
    const reason = new Error('the user left')
    const pending = call('/hangs', { signal: abort.signal })
    setTimeout(() => abort.abort(reason), 50)
    await expect(pending).rejects.toBe(reason)
  }
})

test('a deadline ends the call', async () => {
  const iamFetch = createIamFetch({
    baseUrl: location.origin,
    region: 'eu-central-1',
    credentials: credentialsOf('A'),
    deadlineMs: 50,
  })
  const { signal } = new AbortController()
  await expect(iamFetch('/hangs', { signal })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
})

test("mode 'no-cors', which drops the authorization, sends nothing", async () => {
  seen.length = 0
  for (const call of both()) {
    await expect(call('/target', { mode: 'no-cors' })).rejects.toMatchObject({
      code: 'HEADER_NOT_SIGNABLE',
    })
  }
  expect(seen).toHaveLength(0)
})

test('a refusal is a response whose body is whole', async () => {
  for (const call of both()) {
    const response = await call('/denied', { method: 'POST' })
    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ message: 'Forbidden' })
  }
})

test('a host that does not respond is NETWORK_OR_CORS', async () => {
  const iamFetch = createIamFetch({
    baseUrl: 'http://127.0.0.1:9',
    region: 'eu-central-1',
    credentials: credentialsOf('A'),
    retry: { attempts: 1 },
  })
  await expect(iamFetch('/x')).rejects.toMatchObject({ code: 'NETWORK_OR_CORS', retryable: true })
})
