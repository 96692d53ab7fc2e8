import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSigner } from '@iamfetch/sigv4'
import { fakeFetch, fixedClock } from '@iamfetch/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { awsSdkCredentials } from '../src/aws-sdk-credentials.ts'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { createIamFetch, type SignerContext } from '../src/index.ts'
import { API, caching, credentialsOf, quickClock, refusal, signedBy } from './fixtures.ts'

const clock = fixedClock()
const context: SignerContext = {
  credentials: async () => credentialsOf('A'),
  service: 'execute-api',
  clock,
}
const engine = awsSdkSigner(context)

const sorted = ({ search }: URL): string[] => search.slice(1).split('&').toSorted()

test('both engines send the same URL and the same signature', async () => {
  const own = createSigner(context)
  const text = fc.string({ unit: 'grapheme', maxLength: 8 })
  const segment = fc.oneof(
    text,
    fc.constantFrom('a b', '%20', '%2F', "(1)!'*", '@x', 'ä', '~', '$default', '', '.'),
  )
  const requests = fc.record({
    path: fc.array(
      segment.map((part) => (part.includes('%') ? part : encodeURI(part).replace(/[?#]/g, '_'))),
      { maxLength: 4 },
    ),
    query: fc.array(
      fc.tuple(
        text.filter((name) => name !== '' && !/^(__proto__|x-amz-signature)$/i.test(name)),
        text,
      ),
      { maxLength: 4 },
    ),
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    body: fc.oneof(fc.constant(undefined), text, fc.uint8Array({ maxLength: 50 })),
    extra: fc.constantFrom(undefined, 'one', 'two   words '),
  })
  await fc.assert(
    fc.asyncProperty(requests, async ({ path, query, method, body, extra }) => {
      const url = `${API}/${path.join('/')}?${new URLSearchParams(query)}`
      const init = {
        method,
        headers: { accept: '*/*', ...(extra && { 'x-amz-meta': extra }) },
        ...(body !== undefined && method !== 'GET' && { body: body as BodyInit }),
      }
      const [theirs, ours] = await Promise.all([engine.sign(url, init), own.sign(url, init)])
      // The engines may order equal names differently on the wire; the canonical order is the same.
      expect(theirs.headers.get('authorization')).toBe(ours.headers.get('authorization'))
      expect(theirs.headers.get('x-amz-security-token')).toBe('session-A')
      const [one, other] = [new URL(theirs.url), new URL(ours.url)]
      expect(one.pathname).toBe(other.pathname)
      expect(sorted(one)).toEqual(sorted(other))
    }),
    { numRuns: 300 },
  )
})

test('both engines presign the same', async () => {
  const own = createSigner(context)
  for (const url of [`${API}/prod?b=2&a=1%201`, `wss://${new URL(API).host}/prod`]) {
    const [theirs, ours] = await Promise.all([engine.presign(url), own.presign(url)])
    expect(theirs.searchParams.get('X-Amz-Signature')).toMatch(/^[\da-f]{64}$/)
    expect(Object.fromEntries(theirs.searchParams)).toEqual(Object.fromEntries(ours.searchParams))
  }
})

test('a proxied host, a region and a body of any kind are signed as by the first engine', async () => {
  const options = { ...context, region: 'eu-west-3', signingHost: 'abc.example.com' }
  const body = (): Blob => new Blob(['blob'], { type: 'image/png' })
  const [theirs, ours] = await Promise.all(
    [awsSdkSigner(options), createSigner(options)].map((signer) =>
      signer.sign('https://cdn.example.com/x', { method: 'POST', body: body() }),
    ),
  )
  expect(theirs?.headers.get('authorization')).toBe(ours?.headers.get('authorization'))
  expect(theirs?.headers.get('content-type')).toBe('image/png')
  expect(await theirs?.text()).toBe('blob')
})

test.each([
  ['https://api.example.com/', {}, 'REGION_UNKNOWN'],
  ['/relative', {}, 'URL_NOT_SIGNABLE'],
  ['https://user:pw@api.example.com/', {}, 'URL_NOT_SIGNABLE'],
  [`${API}/?=v`, {}, 'URL_NOT_SIGNABLE'],
  [`${API}/?__proto__=v`, {}, 'URL_NOT_SIGNABLE'],
  [`${API}/`, { headers: { authorization: 'Bearer x' } }, 'HEADER_NOT_SIGNABLE'],
  [`${API}/`, { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }, 'HEADER_NOT_SIGNABLE'],
  [`${API}/`, { body: 'x' }, 'BODY_NOT_ALLOWED'],
])('%s with %j is refused before anything leaves', async (url, init, code) => {
  await expect(engine.sign(url, init)).rejects.toMatchObject({ code })
})

test('credentials that lack a part, or are over, sign nothing', async () => {
  const { sessionToken: _, ...bare } = credentialsOf('A')
  for (const [credentials, code] of [
    [bare, 'CREDENTIALS_INCOMPLETE'],
    [{ ...bare, sessionToken: 'undefined' }, 'CREDENTIALS_INCOMPLETE'],
    [credentialsOf('A', new Date(0)), 'CREDENTIALS_EXPIRED'],
  ] as const) {
    const signer = awsSdkSigner({ ...context, credentials: async () => credentials })
    await expect(signer.sign(`${API}/x`)).rejects.toMatchObject({ code })
    await expect(signer.presign(`${API}/x`)).rejects.toMatchObject({ code })
  }
  await expect(engine.presign(`${API}/x`, { expiresInSeconds: 301 })).rejects.toMatchObject({
    code: 'EXPIRES_TOO_LATE',
  })
})

test('it works in createIamFetch, with the same replays', async () => {
  const { provider } = caching()
  const fetch = fakeFetch(
    (_seen, index) =>
      [
        refusal('Signature expired: x (20260101T001000Z - 5 min.)'),
        refusal('The security token included in the request is expired'),
      ][index] ?? new Response('ok'),
  )
  const iamFetch = createIamFetch({
    baseUrl: `${API}/prod`,
    credentials: provider,
    signer: awsSdkSigner,
    clock: quickClock(),
    fetch,
  })
  expect((await iamFetch('/x', { method: 'POST', body: 'b' })).status).toBe(200)
  expect(fetch.seen.map(({ headers }) => [signedBy(headers), headers.get('x-amz-date')])).toEqual([
    ['ASIAA', '20260101T000000Z'],
    ['ASIAA', '20260101T001000Z'],
    ['ASIAB', '20260101T001000Z'],
  ])
})

// An identity pool that answers and remembers; the SDK really calls it over loopback.
let pool: Server
let endpoint: string
let asked: { operation: string; body: Record<string, unknown> }[] = []
let expiration = Date.UTC(2026, 0, 1, 1) / 1000

beforeAll(async () => {
  pool = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => (text += String(chunk)))
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.')[1]!
      asked.push({ operation, body: JSON.parse(text) })
      const IdentityId = `eu-central-1:identity-${asked.length}`
      const answer =
        operation === 'GetId'
          ? { IdentityId }
          : {
              IdentityId,
              Credentials: {
                AccessKeyId: `ASIA${asked.length}`,
                SecretKey: 'secret',
                SessionToken: 'token',
                Expiration: expiration,
              },
            }
      response.setHeader('content-type', 'application/x-amz-json-1.1')
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => pool.listen(0, '127.0.0.1', resolve))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on TCP
  endpoint = `http://127.0.0.1:${(pool.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
})
afterAll(() => new Promise((resolve) => pool.close(resolve)))

const idTokenOf = (iss: string, sub = 'user'): string =>
  `e30.${btoa(JSON.stringify({ iss, sub, aud: 'app' }))}.s`
const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab'

test('the SDK exchanges the ID token once for any number of callers, and again after invalidate', async () => {
  const credentials = awsSdkCredentials({
    identityPoolId: 'eu-central-1:pool',
    idToken: async () => idTokenOf(ISSUER),
    role: 'arn:aws:iam::123456789012:role/ReadOnly',
    endpoint,
    clock,
  })
  const [held] = await Promise.all(Array.from({ length: 10 }, () => credentials()))
  expect(held).toMatchObject({
    accessKeyId: 'ASIA2',
    sessionToken: 'token',
    identityId: 'eu-central-1:identity-1',
  })
  const Logins = { [ISSUER.slice('https://'.length)]: idTokenOf(ISSUER) }
  expect(asked).toMatchObject([
    { operation: 'GetId', body: { IdentityPoolId: 'eu-central-1:pool', Logins } },
    {
      operation: 'GetCredentialsForIdentity',
      body: {
        IdentityId: 'eu-central-1:identity-1',
        Logins,
        CustomRoleArn: 'arn:aws:iam::123456789012:role/ReadOnly',
      },
    },
  ])
  credentials.invalidate?.(held!)
  expect((await credentials()).accessKeyId).toBe('ASIA4')
})

test('after clear() the next user gets a new identity', async () => {
  let user = 'alice'
  const credentials = awsSdkCredentials({
    identityPoolId: 'eu-central-1:pool',
    idToken: async () => idTokenOf(`https://${user}/`),
    endpoint,
    clock,
  })
  await credentials()
  user = 'bob'
  credentials.clear()
  await credentials()
  expect(asked.map(({ operation }) => operation)).toEqual([
    'GetId',
    'GetCredentialsForIdentity',
    'GetId',
    'GetCredentialsForIdentity',
  ])
  expect(JSON.stringify(asked.slice(2))).not.toMatch(/alice|identity-1"/)
})

test('the SDK’s credentials are the user’s whose token a call has read, without clear()', async () => {
  let user = 'alice'
  let broken = false
  const credentials = awsSdkCredentials({
    identityPoolId: 'eu-central-1:pool',
    async idToken() {
      if (broken) throw new TypeError('Failed to fetch')
      return user ? idTokenOf(ISSUER, user) : undefined
    },
    endpoint,
    clock,
  })
  const alices = await credentials()
  expect(await credentials()).toBe(alices)
  broken = true
  await expect(credentials()).rejects.toMatchObject({ code: 'NETWORK_OR_CORS', retryable: true })
  broken = false
  user = 'bob'
  expect((await credentials()).accessKeyId).not.toBe(alices.accessKeyId)
  user = ''
  await expect(credentials()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
})

test.each(['CALLER_CHANGED', 'CLEARED'])(
  'a call with the SDK’s credentials is not sent again for another user, nor after clear(): %s',
  async (code) => {
    let user = 'alice'
    const fetch = fakeFetch((_, index) => new Response('', { status: index ? 200 : 429 }))
    const credentials = awsSdkCredentials({
      identityPoolId: 'eu-central-1:pool',
      idToken: async () => idTokenOf(ISSUER, user),
      endpoint,
      clock,
    })
    const time = fixedClock()
    const iamFetch = createIamFetch({ baseUrl: API, credentials, clock: time, fetch })
    const call = iamFetch('/x', { method: 'POST' }).catch((error: unknown) => error)
    await expect.poll(() => time.sleeps.length).toBe(1)
    if (code === 'CLEARED') credentials.clear()
    else user = 'bob'
    await time.advance(20_000)
    expect(await call).toMatchObject({ code })
    expect(fetch.seen).toHaveLength(1)
  },
)

test('a response without end is neither read to its end nor waited for for ever', async () => {
  const time = fixedClock()
  const idToken = async (): Promise<string> => idTokenOf(ISSUER)
  const make = (fetch: typeof globalThis.fetch) =>
    awsSdkCredentials({ identityPoolId: 'eu-central-1:pool', idToken, fetch, clock: time })
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536
      controller.enqueue(new Uint8Array(65_536).fill(32))
    },
  })
  await expect(make(async () => new Response(endless))()).rejects.toThrow('larger than')
  expect(sent).toBeLessThan(4_000_000)
  const waiting = make(() => new Promise(() => {}))().catch((error: unknown) => error)
  await time.advance(0)
  await time.advance(30_000)
  expect(await waiting).toMatchObject({ code: 'DEADLINE_EXCEEDED' })
})

test('both halves together make a signed call', async () => {
  expiration = Date.UTC(2026, 0, 1, 1) / 1000
  const fetch = fakeFetch(() => new Response('ok'))
  const iamFetch = createIamFetch({
    baseUrl: API,
    credentials: awsSdkCredentials({
      identityPoolId: 'eu-central-1:pool',
      idToken: async () => idTokenOf(ISSUER),
      endpoint,
      clock,
    }),
    signer: awsSdkSigner,
    clock,
    fetch,
  })
  await Promise.all([iamFetch('/a'), iamFetch('/b')])
  expect(asked).toHaveLength(2)
  expect(signedBy(fetch.seen[0]!.headers)).toBe('ASIA2')
})

test('a malformed pool ID, and a token that is none, are clear errors', async () => {
  const idToken = async (): Promise<string> => 'no token'
  expect(() => awsSdkCredentials({ identityPoolId: 'pool', idToken })).toThrow(
    /^awsSdkCredentials: "identityPoolId" must be/,
  )
  const credentials = awsSdkCredentials({
    identityPoolId: 'eu-central-1:pool',
    idToken,
    endpoint,
    clock,
  })
  await expect(credentials()).rejects.toMatchObject({ code: 'ID_TOKEN_INVALID' })
  expect(asked).toHaveLength(0)
})
