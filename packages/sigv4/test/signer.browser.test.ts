import { IamFetchError } from '@iamfetch/core'
import { describe, expect, test } from 'vitest'
import { createSigner, presignParts, sha256Hex, signParts } from '../src/index.ts'

const url = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod/items'
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const at = new Date('2015-08-30T12:36:00Z')
const signer = createSigner({ credentials, clock: { now: () => Number(at) } })
const text = 'grüße 😀'
const bytes = new TextEncoder().encode(text)

/** By the browser's own hash. */
async function hashOf(data: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
function authorizationOf(method: string, payloadHash: string): string {
  const headers = [['host', 'abc.execute-api.eu-central-1.amazonaws.com']] as const
  const parts = { method, path: '/prod/items', query: '', headers }
  return signParts(parts, { credentials, region: 'eu-central-1', at, payloadHash }).authorization
}

test('the portable signer computes the signatures of AWS and of Node', () => {
  // Cases of AWS's signing test suite (get-vanilla, post-vanilla-query); Node's tests run all of them.
  const context = {
    credentials: { ...credentials, accessKeyId: 'AKIDEXAMPLE' },
    region: 'us-east-1',
    service: 'service',
    at,
    payloadHash: sha256Hex(''),
    expiresInSeconds: 3_600,
  }
  const headers = [['Host', 'example.amazonaws.com']] as const
  const get = { method: 'GET', path: '/', query: '', headers }
  expect(signParts(get, context).signature).toBe(
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  )
  expect(presignParts(get, context).signature).toBe(
    'e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d',
  )
  const ordered = { ...get, query: 'Param-3=Value3&Param=Value2&%E1%88%B4=Value1' }
  expect(presignParts(ordered, context).signature).toBe(
    'c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787',
  )
})

test('the portable hash agrees with the browser at every length, and at the sizes that are handed to it', async () => {
  for (let length = 0; length < 200; length++) {
    const data = crypto.getRandomValues(new Uint8Array(length))
    expect(sha256Hex(data)).toBe(await hashOf(data))
  }
})

describe('a body', () => {
  test.each<[string, () => BodyInit]>([
    ['text', () => text],
    ['parameters', () => new URLSearchParams({ a: 'b c', ü: '+' })],
    ['a blob', () => new Blob([bytes], { type: 'image/png' })],
    ['a buffer', () => bytes.slice().buffer],
    ['a view', () => new Uint8Array([1, ...bytes, 2]).subarray(1, -1)],
    ['a stream', () => new Response(bytes).body!],
    ['10 MB', () => new Uint8Array(10 * 1024 * 1024)],
  ])('a body of %s is signed and sent as the same bytes', async (_, body) => {
    const request = await signer.sign(url, { method: 'POST', body: body() })
    const sent = await request.clone().arrayBuffer()
    expect(request.headers.get('authorization')).toBe(authorizationOf('POST', await hashOf(sent)))
    expect(await hashOf(sent)).toBe(await hashOf(await new Response(body()).arrayBuffer()))
  })

  test('a body of a form keeps its boundary', async () => {
    const form = new FormData()
    form.append('name', text)
    form.append('file', new File([bytes], 'a.bin'))
    const request = await signer.sign(url, { method: 'POST', body: form })
    const hash = await hashOf(await request.clone().arrayBuffer())
    expect(request.headers.get('authorization')).toBe(authorizationOf('POST', hash))
    expect((await request.formData()).get('name')).toBe(text)
  })

  test('a body of a request is taken with all that the request says', async () => {
    const controller = new AbortController()
    const input = new Request(url, {
      method: 'PUT',
      body: text,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: controller.signal,
    })
    const request = await signer.sign(input)
    expect(request).toMatchObject({
      method: 'PUT',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    })
    expect(request.headers.get('authorization')).toBe(authorizationOf('PUT', await hashOf(bytes)))
    controller.abort()
    expect(request.signal.aborted).toBe(true)
  })

  test('a body that is too large is refused while it is read', async () => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1e6)),
    })
    const signing = signer.sign(url, { method: 'POST', body: endless })
    await expect(signing).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
  })
})

test('a mode that drops headers is refused', async () => {
  const error = await signer.sign(url, { mode: 'no-cors' }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(IamFetchError)
  expect(error).toMatchObject({ code: 'HEADER_NOT_SIGNABLE' })
})

test('a relative URL is that of the page', async () => {
  const local = createSigner({ credentials, region: 'eu-central-1' })
  expect((await local.sign('/a//b?c')).url).toBe(`${location.origin}/a/b?c=`)
})
