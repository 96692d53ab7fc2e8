import { fakeFetch, fetchOf } from '@iamfetch/testing'
import { expect, test } from 'vitest'
import { createIamFetch } from '../src/index.ts'

const OWN = 'https://abc.execute-api.eu-central-1.amazonaws.com'
const EVIL = 'https://evil.example'

/** Returns our own URL for the first `times` calls, and a foreign one later. */
const turning = (times: number): (() => string) => {
  let asked = 0
  return () => (asked++ < times ? `${OWN}/x` : `${EVIL}/x`)
}

test('what turns into another origin after it was looked at is signed for no other origin', async () => {
  const seen: string[] = []
  const baseUrl = new URL(`${OWN}/prod`)
  const origins = [OWN]
  const call = createIamFetch({
    baseUrl,
    origins,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    fetch: fetchOf(async (request) => {
      seen.push(new URL(request.url).origin)
      return new Response()
    }),
  })
  baseUrl.href = EVIL
  origins.push(EVIL)
  for (let times = 0; times < 6; times++) {
    const inGetter = turning(times)
    const inClass = turning(times)
    const inText = turning(times)
    const inProxy = turning(times)
    class Turning extends Request {
      override get url(): string {
        return inClass()
      }
    }
    const inputs: unknown[] = [
      Object.defineProperty({}, 'url', { get: inGetter }),
      new Turning(`${OWN}/x`),
      { toString: inText },
      new Proxy({}, { get: (_, name) => (name === 'toString' ? inProxy : undefined) }),
      Object.create({ url: `${EVIL}/x` }),
    ]
    for (const input of inputs) {
      const outcome = await call(input as Request).then(
        () => 'sent to its own origin',
        (error: unknown): unknown => Object(error).code,
      )
      expect(['sent to its own origin', 'ORIGIN_NOT_ALLOWED']).toContain(outcome)
    }
  }
  await expect(call(`${EVIL}/x`)).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' })
  expect(new Set(seen)).toEqual(new Set([OWN]))
})

test('a signer whose request changes its URL sends to no other origin', async () => {
  const seen: string[] = []
  for (let times = 0; times < 6; times++) {
    const call = createIamFetch({
      baseUrl: OWN,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
      signer: () => ({
        presign: async () => new URL(OWN),
        async sign() {
          const authorization = 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/x'
          const url: unknown = { toString: turning(times), includes: () => false, length: 1 }
          return Object.create(new Request(OWN), {
            url: { value: url },
            headers: { value: new Headers({ authorization }) },
          }) as Request
        },
      }),
      fetch: async (url) => {
        seen.push(new URL(new Request(url).url).origin)
        return new Response()
      },
    })
    await call('/x').catch(() => {})
  }
  expect(new Set(seen)).toEqual(new Set([OWN]))
})

test('what the caller changes after the call is not sent, whatever kind of body the call has', async () => {
  const bodies: Record<string, () => BodyInit> = {
    text: () => 'a=1',
    bytes: () => new TextEncoder().encode('a=1'),
    blob: () => new Blob(['a=1']),
    stream: () => new Blob(['a=1']).stream(),
    parameters: () => new URLSearchParams('a=1'),
  }
  for (const [kind, create] of Object.entries(bodies)) {
    const fetch = fakeFetch(() => new Response())
    const call = createIamFetch({
      baseUrl: OWN,
      credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
      fetch,
    })
    const headers = new Headers({ 'x-a': 'before' })
    const body = create()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' }
    const sending = call('/x', init)
    headers.set('x-a', 'after')
    if (body instanceof Uint8Array) body.fill(0)
    if (body instanceof URLSearchParams) body.set('a', '2')
    Object.assign(init, { method: 'DELETE', body: 'other', mode: 'no-cors', headers: {} })
    await sending
    const [{ request, headers: sent, body: text } = fail(kind)] = fetch.seen
    expect([kind, request.method, sent.get('x-a'), text]).toEqual([kind, 'POST', 'before', 'a=1'])
  }
})

function fail(kind: string): never {
  throw new Error(`Nothing was sent for ${kind}.`)
}
