import { createSigner, presignParts } from '@iamfetch/sigv4'
import { fakeFetch } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { createIamFetch, type IamFetchOptions } from '../src/index.ts'
import { BODY_KINDS, postOf } from './body-kinds.ts'
import { API, credentialsOf, quickClock } from './fixtures.ts'

const LATTICE = 'https://svc-0a1b.7d67968.vpc-lattice-svcs.eu-central-1.on.aws'
const FUNCTION_URL = 'https://abc.lambda-url.eu-central-1.on.aws'
const HEADER = 'x-amz-content-sha256'

function signing(options: Partial<IamFetchOptions>) {
  const fetch = fakeFetch(() => new Response('ok'))
  const iamFetch = createIamFetch({
    credentials: credentialsOf('A'),
    clock: quickClock(),
    fetch,
    ...options,
  })
  return { iamFetch, seen: fetch.seen }
}

describe('the payload of VPC Lattice', () => {
  test.each(Object.entries(BODY_KINDS))(
    "%s is sent as UNSIGNED-PAYLOAD, signed as AWS's own signer signs it",
    async (_, body) => {
      const sent = await Promise.all(
        [undefined, awsSdkSigner].map(async (signer) => {
          const { iamFetch, seen } = signing({ baseUrl: LATTICE, signer })
          await iamFetch('/orders?b=2&a=1', postOf(body()))
          return seen[0]!
        }),
      )
      for (const { headers } of sent) expect(headers.get(HEADER)).toBe('UNSIGNED-PAYLOAD')
      const [ours, theirs] = sent.map(({ headers }) => headers.get('authorization'))
      expect(ours).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date')
      expect(ours).toBe(theirs)
    },
  )

  test('is unsigned for a custom domain, too, if the service is named', async () => {
    const { iamFetch, seen } = signing({
      baseUrl: 'https://orders.example.com',
      region: 'eu-central-1',
      service: 'vpc-lattice-svcs',
      payload: 'unsigned',
    })
    await iamFetch('/x')
    expect(seen[0]?.headers.get(HEADER)).toBe('UNSIGNED-PAYLOAD')
  })
})

describe('payload "header"', () => {
  // A form's boundary is drawn for each form.
  test.each(Object.entries(BODY_KINDS).filter(([kind]) => kind !== 'FormData'))(
    "sends the hash of %s, signed as AWS's own signer signs it",
    async (_, body) => {
      const sent = await Promise.all(
        [undefined, awsSdkSigner].map(async (signer) => {
          const { iamFetch, seen } = signing({ baseUrl: FUNCTION_URL, payload: 'header', signer })
          await iamFetch('/x', postOf(body()))
          return seen[0]!
        }),
      )
      const [ours, theirs] = sent.map(({ headers }) => headers)
      expect(ours?.get(HEADER)).toMatch(/^[\da-f]{64}$/)
      expect(ours?.get(HEADER)).toBe(theirs?.get(HEADER))
      expect(ours?.get('authorization')).toBe(theirs?.get('authorization'))
    },
  )

  test('is sent again with every attempt, and replaces a hash that was set before', async () => {
    const fetch = fakeFetch((_, index) => new Response('', { status: index ? 200 : 429 }))
    const { iamFetch } = signing({ baseUrl: API, payload: 'header', fetch })
    await iamFetch('/x', {
      method: 'POST',
      body: 'text',
      headers: { [HEADER]: 'UNSIGNED-PAYLOAD' },
    })
    expect(fetch.seen.map(({ headers }) => headers.get(HEADER)?.slice(0, 8))).toEqual([
      '982d9e3e',
      '982d9e3e',
    ])
  })
})

test('API Gateway and function URLs get no x-amz-content-sha256 by default', async () => {
  for (const baseUrl of [API, FUNCTION_URL]) {
    const { iamFetch, seen } = signing({ baseUrl })
    await iamFetch('/x', { method: 'POST', body: 'text' })
    expect(seen[0]?.headers.has(HEADER)).toBe(false)
  }
})

test('API Gateway is never sent UNSIGNED-PAYLOAD, whatever the caller sets', async () => {
  const { iamFetch, seen } = signing({ baseUrl: API })
  const init = { method: 'POST', body: 'text', headers: { [HEADER]: 'UNSIGNED-PAYLOAD' } }
  await iamFetch('/x', init)
  const signer = createSigner({ credentials: credentialsOf('A') })
  const signed = await signer.sign(`${API}/x`, init)
  for (const { headers } of [seen[0]!, signed]) expect(headers.get(HEADER)).toMatch(/^982d9e3e/)
})

test.each<[Partial<IamFetchOptions>, string]>([
  [{ baseUrl: API, payload: 'unsigned' }, '"signed" or "header" for execute-api, got "unsigned"'],
  [
    { baseUrl: FUNCTION_URL, payload: 'unsigned' },
    '"signed" or "header" for lambda, got "unsigned"',
  ],
  [{ baseUrl: LATTICE, payload: 'signed' }, '"unsigned" for vpc-lattice-svcs, got "signed"'],
  [{ baseUrl: LATTICE, payload: 'header' }, '"unsigned" for vpc-lattice-svcs, got "header"'],
  [{ origins: [API, LATTICE], payload: 'header' }, '"unsigned" for vpc-lattice-svcs, got "header"'],
  [
    { baseUrl: API, payload: 'hashed' as never },
    '"signed" or "header" for execute-api, got "hashed"',
  ],
])('%j is refused when the fetch is created', (options, message) => {
  expect(() => signing(options)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: `createIamFetch: "payload" must be ${message}`,
    }),
  )
})

test('a signer refuses a payload that the service of the URL does not accept', async () => {
  const signer = createSigner({ credentials: credentialsOf('A'), payload: 'unsigned' })
  await expect(signer.sign(`${API}/x`)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  expect((await signer.sign(`${LATTICE}/x`)).headers.get(HEADER)).toBe('UNSIGNED-PAYLOAD')
})

test('VPC Lattice has no presigned URLs, because it needs a header that a link cannot send', async () => {
  const errorOf = (owner: string): object => ({
    code: 'INVALID_OPTION',
    message: `${owner}: VPC Lattice accepts no presigned URLs: sign the request instead`,
  })
  const signer = createSigner({ credentials: credentialsOf('A') })
  await expect(signer.presign(`${LATTICE}/x`)).rejects.toMatchObject(errorOf('presign'))
  const parts = { method: 'GET', path: '/', query: '', headers: [['host', 'x']] as const }
  const context = {
    credentials: credentialsOf('A'),
    region: 'eu-central-1',
    service: 'vpc-lattice-svcs',
    payloadHash: 'UNSIGNED-PAYLOAD',
    at: new Date(0),
  }
  expect(() => presignParts(parts, context)).toThrow(
    expect.objectContaining(errorOf('presignParts')),
  )
})

test('one fetch sends to API Gateway signed and to VPC Lattice unsigned', async () => {
  const { iamFetch, seen } = signing({ origins: [API, LATTICE] })
  for (const host of [API, LATTICE]) await iamFetch(`${host}/x`)
  expect(seen.map(({ headers }) => headers.get(HEADER))).toEqual([null, 'UNSIGNED-PAYLOAD'])
})
