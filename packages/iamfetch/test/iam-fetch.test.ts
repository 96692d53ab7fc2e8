import type { Credentials } from '@iamfetch/core'
import { serverClock } from '@iamfetch/core'
import { fakeFetch, fixedClock } from '@iamfetch/testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { awsSdkSigner } from '../src/aws-sdk.ts'
import { createIamFetch, type FetchEvent, type IamFetchOptions } from '../src/index.ts'
import {
  API,
  caching,
  credentialsOf,
  hiddenCredentialsOf,
  quickClock,
  refusal,
  signedBy,
} from './fixtures.ts'

const ok = (): Response => Response.json({ ok: true })

/** An iamFetch whose server answers from `answer`. */
function make(answer: Parameters<typeof fakeFetch>[0], options: Partial<IamFetchOptions> = {}) {
  const fetch = fakeFetch(answer)
  const events: FetchEvent[] = []
  const iamFetch = createIamFetch({
    baseUrl: `${API}/prod`,
    credentials: credentialsOf('A'),
    clock: quickClock(),
    retry: { random: () => 0.5 },
    fetch,
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { iamFetch, seen: fetch.seen, events }
}

test('a call is signed for the region in the host name, joined to the stage, and answered as by fetch', async () => {
  const { iamFetch, seen } = make(() => new Response('no', { status: 404 }))
  const response = await iamFetch('/test?b=2&a=1', {
    method: 'post',
    body: '{"x":1}',
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(404)
  expect(await response.text()).toBe('no')
  expect(seen[0]?.url).toMatch(`${API}/prod/test?`)
  expect(seen[0]?.method).toBe('POST')
  expect(seen[0]?.body).toBe('{"x":1}')
  expect(seen[0]?.headers.get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=ASIAA\/20260101\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[\da-f]{64}$/,
  )
  expect(seen[0]?.headers.get('x-amz-security-token')).toBe('session-A')
  expect(seen[0]?.request.redirect).toBe('manual')
})

test.each([
  [{ credentials: undefined }, /^createIamFetch: "credentials" is missing/],
  [{ baseUrl: undefined }, /pass "baseUrl" or "origins"/],
  [{ baseUrl: 'https://api.example.com' }, /"region" is required for/],
  [{ baseUrl: 'http://127.0.0.1:4000' }, /"region" is required for/],
  [{ origins: ['https://api.example.com'] }, /"region" is required for/],
  [{ deadlineMs: 0 }, /^createIamFetch: "deadlineMs" must be above 0/],
  [{ deadlineMs: Number.NaN }, /^createIamFetch: "deadlineMs" must be a number, got NaN/],
  [{ retry: { attempts: 0 } }, /^createIamFetch: "retry.attempts" must be above 0/],
])('%j is a wrong argument at construction', (options, message) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
  const wrong = options as Partial<IamFetchOptions>
  expect(() => make(ok, wrong)).toThrow(TypeError)
  expect(() => make(ok, wrong)).toThrow(message)
})

test('a custom domain is signed for the region given, and for the host behind the proxy', async () => {
  const { iamFetch, seen } = make(ok, {
    baseUrl: 'https://api.example.com',
    region: 'eu-west-1',
    service: 'lambda',
  })
  await iamFetch('/x')
  expect(seen[0]?.headers.get('authorization')).toContain('/eu-west-1/lambda/aws4_request')
  const proxied = make(ok, {
    baseUrl: 'https://cdn.example.com',
    signingHost: 'abc.execute-api.us-east-2.amazonaws.com',
  })
  await proxied.iamFetch('/x')
  expect(proxied.seen[0]?.headers.get('authorization')).toContain('/us-east-2/execute-api/')
})

test('nothing leaves for another origin, and credentials are not even requested', async () => {
  let asked = 0
  const { iamFetch, seen } = make(ok, {
    credentials: async () => {
      asked++
      return credentialsOf('A')
    },
  })
  for (const input of [
    'https://evil.example/x',
    '//evil.example',
    new URL('https://evil.example'),
  ]) {
    await expect(iamFetch(input)).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' })
  }
  await expect(iamFetch(new Request('https://evil.example/'))).rejects.toMatchObject({
    code: 'ORIGIN_NOT_ALLOWED',
  })
  expect(seen).toHaveLength(0)
  expect(asked).toBe(0)
})

test('no crafted input gets a signature for another origin', async () => {
  const { iamFetch, seen } = make(ok, {
    origins: ['http://localhost:4000'],
    region: 'eu-central-1',
  })
  const host = new URL(API).host
  const pieces = fc.constantFrom(
    '/',
    '//',
    '\\',
    ':',
    '@',
    '?',
    '#',
    '..',
    '%2e',
    '\t',
    '\n',
    '\u0000',
    ' ',
    '。',
    'http:',
    'https:',
    'blob:',
    'data:',
    'ws:',
    'user',
    'pw',
    'evil.example',
    API,
    host,
    'localhost:4000',
    'prod',
  )
  const texts = fc.array(pieces, { maxLength: 7 }).map((parts) => parts.join(''))
  const inputs = fc.tuple(texts, fc.constantFrom('text', 'url', 'request'))
  await fc.assert(
    fc.asyncProperty(inputs, async ([text, kind]) => {
      const input = () => {
        if (kind === 'url') return new URL(text)
        return kind === 'request' ? new Request(text) : text
      }
      // What is refused is refused; here only what leaves counts.
      await (async () => iamFetch(input()))().catch(() => {})
    }),
    { numRuns: 1_000 },
  )
  expect(seen.length).toBeGreaterThan(10)
  const origins = new Set(seen.map(({ url }) => new URL(url).origin))
  expect(
    [...origins].filter((origin) => origin !== API && origin !== 'http://localhost:4000'),
  ).toEqual([])
  expect(seen.every(({ headers }) => signedBy(headers) === 'ASIAA')).toBe(true)
})

test('an object that changes its address after it was looked at is not sent', async () => {
  let reads = 0
  const shifty = Object.defineProperty(new Request(`${API}/x`), 'url', {
    get: () => (reads++ ? 'https://evil.example/x' : `${API}/x`),
  })
  const { iamFetch, seen } = make(ok)
  await iamFetch(shifty).catch(() => {})
  for (const { url } of seen) expect(url).toMatch(API)
})

test('a signer that moves the request elsewhere, or does not sign it, sends nothing', async () => {
  const signer = (to: string, headers: HeadersInit) => () => ({
    sign: async () => new Request(to, { headers }),
    presign: async () => new URL(to),
  })
  const moved = make(ok, { signer: signer('https://evil.example/', { authorization: 'AWS4' }) })
  await expect(moved.iamFetch('/x')).rejects.toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' })
  const bare = make(ok, { signer: signer(`${API}/x`, {}) })
  await expect(bare.iamFetch('/x')).rejects.toMatchObject({
    code: 'HEADER_NOT_SIGNABLE',
    remedy: expect.stringMatching(/\w/),
  })
  expect([...moved.seen, ...bare.seen]).toHaveLength(0)
})

test('no request leaves unsigned, whatever goes wrong before', async () => {
  const failing: Partial<IamFetchOptions>[] = [
    { credentials: () => Promise.reject(new Error('signed out')) },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
    { credentials: async () => undefined as unknown as Credentials },
    { credentials: { accessKeyId: 'ASIA1', secretAccessKey: 's' } },
    { credentials: { accessKeyId: '', secretAccessKey: '' } },
    {
      signer: () => ({
        sign: () => Promise.reject(new Error('broken')),
        presign: async () => new URL(API),
      }),
    },
  ]
  for (const options of failing) {
    const { iamFetch, seen } = make(ok, options)
    await expect(iamFetch('/x', { method: 'POST' })).rejects.toBeInstanceOf(Error)
    expect(seen).toHaveLength(0)
  }
  const { iamFetch, seen } = make(ok)
  await expect(iamFetch('/x', { body: 'x' })).rejects.toMatchObject({ code: 'BODY_NOT_ALLOWED' })
  expect(seen).toHaveLength(0)
})

test('what is above the limits of API Gateway does not leave, what is just within does', async () => {
  const { iamFetch, seen } = make(ok)
  const rest = 10_240 - `${API}/prod/?a=`.length
  await iamFetch(`/?a=${'x'.repeat(rest)}`)
  expect(seen).toHaveLength(1)
  for (const call of [
    iamFetch(`/?a=${'x'.repeat(rest + 1)}`),
    iamFetch('/', { headers: { 'x-large': 'x'.repeat(10_240) } }),
  ]) {
    await expect(call).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  }
  expect(seen).toHaveLength(1)
})

test('the error of the credentials source reaches the caller as it is', async () => {
  const cause = new Error('signed out')
  const { iamFetch } = make(ok, { credentials: () => Promise.reject(cause) })
  await expect(iamFetch('/x')).rejects.toBe(cause)
})

test('a plain function is kept until its credentials expire, for any number of callers', async () => {
  const clock = fixedClock()
  let exchanges = 0
  const { iamFetch, seen } = make(ok, {
    clock,
    credentials: async () => credentialsOf(`X${exchanges++}`, new Date(clock.now() + 3_600_000)),
  })
  await Promise.all(Array.from({ length: 100 }, () => iamFetch('/x')))
  await iamFetch('/x')
  expect(exchanges).toBe(1)
  clock.jump(3_600_001)
  await iamFetch('/x')
  expect(exchanges).toBe(2)
  expect(signedBy(seen.at(-1)!.headers)).toBe('ASIAX1')
})

test('the credentials of a plain function are renewed shortly before they expire, and used until then if they cannot be', async () => {
  const clock = fixedClock()
  let exchanges = 0
  const { iamFetch, seen } = make(ok, {
    clock,
    credentials: async () => {
      if (exchanges === 1) throw new Error('offline')
      return credentialsOf(`X${exchanges++}`, new Date(clock.now() + 3_600_000))
    },
  })
  await iamFetch('/x')
  clock.jump(3_600_000 - 300_001)
  await iamFetch('/x')
  clock.jump(2)
  await iamFetch('/x')
  expect(seen.map(({ headers }) => signedBy(headers))).toEqual(['ASIAX0', 'ASIAX0', 'ASIAX0'])
  clock.jump(300_000)
  await expect(iamFetch('/x')).rejects.toThrow('offline')
  exchanges = 2
  await iamFetch('/x')
  clock.jump(3_600_000 - 300_000)
  await iamFetch('/x')
  expect(seen.slice(3).map(({ headers }) => signedBy(headers))).toEqual(['ASIAX2', 'ASIAX3'])
})

test('credentials of a plain function that live for ten minutes are renewed in the last one', async () => {
  const clock = fixedClock()
  let exchanges = 0
  const { iamFetch, seen } = make(ok, {
    clock,
    credentials: async () => credentialsOf(`X${exchanges++}`, new Date(clock.now() + 600_000)),
  })
  await iamFetch('/x')
  clock.jump(539_999)
  await iamFetch('/x')
  clock.jump(1)
  await iamFetch('/x')
  expect(seen.map(({ headers }) => signedBy(headers))).toEqual(['ASIAX0', 'ASIAX0', 'ASIAX1'])
})

test('static credentials that have expired send nothing', async () => {
  const clock = fixedClock()
  const credentials = credentialsOf('A', new Date(clock.now()))
  const { iamFetch, seen } = make(ok, { clock, credentials })
  await expect(iamFetch('/x')).rejects.toMatchObject({ code: 'CREDENTIALS_EXPIRED' })
  expect(seen).toEqual([])
})

test('a request with the mode "no-cors", which would lose its signature, is not sent', async () => {
  const { iamFetch, seen } = make(ok)
  const call = iamFetch('/x', { mode: 'no-cors' })
  await expect(call).rejects.toMatchObject({ code: 'HEADER_NOT_SIGNABLE' })
  expect(seen).toEqual([])
})

test('a refusal by a policy is not repeated with new credentials, even if those of the call have expired', async () => {
  const clock = fixedClock()
  let exchanges = 0
  const { iamFetch, seen } = make(
    () => {
      clock.jump(3_600_000)
      return refusal('User: arn:aws:sts::1:assumed-role/R/S is not authorized to perform: a:B')
    },
    {
      clock,
      credentials: async () => credentialsOf(`X${exchanges++}`, new Date(clock.now() + 3_600_000)),
    },
  )
  expect((await iamFetch('/x')).status).toBe(403)
  expect([seen.length, exchanges]).toEqual([1, 1])
})

test('credentials whose secrets hide from printing sign as others do, with both engines', async () => {
  for (const signer of [undefined, awsSdkSigner]) {
    const { iamFetch, seen } = make(ok, {
      credentials: async () => hiddenCredentialsOf('H'),
      signer,
    })
    await iamFetch('/x')
    expect(signedBy(seen[0]!.headers)).toBe('ASIAH')
    expect(seen[0]?.headers.get('x-amz-security-token')).toBe('session-H')
  }
})

test('a provider that returns undefined without a user fails with CREDENTIALS_INCOMPLETE', async () => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as Amplify's fetchAuthSession does when signed out
  const nothing = undefined as unknown as Credentials
  const { iamFetch, seen } = make(ok, { credentials: async () => nothing })
  await expect(iamFetch('/x')).rejects.toMatchObject({ code: 'CREDENTIALS_INCOMPLETE' })
  expect(seen).toHaveLength(0)
})

test('a plain function without an expiration is called for each attempt', async () => {
  let calls = 0
  const { iamFetch, seen } = make(ok, { credentials: async () => credentialsOf(`N${calls++}`) })
  await iamFetch('/x')
  await iamFetch('/x')
  expect(seen.map(({ headers }) => signedBy(headers))).toEqual(['ASIAN0', 'ASIAN1'])
})

test('the signer is made once for each set of credentials', async () => {
  const { provider } = caching()
  const made: string[] = []
  const { iamFetch } = make(ok, {
    credentials: provider,
    signer: ({ credentials, region, service, clock }) => {
      made.push(`${region} ${service} ${typeof clock.now()}`)
      return {
        sign: async (input, init) => {
          const headers = new Headers(init?.headers)
          headers.set('authorization', (await credentials()).accessKeyId)
          return new Request(input, { ...init, headers })
        },
        presign: async (url) => new URL(url),
      }
    },
    region: 'eu-central-1',
  })
  for (let n = 0; n < 5; n++) await iamFetch('/x')
  expect(made).toEqual(['eu-central-1 execute-api number'])
})

test("the clock of the credentials' source is shared with the signer", async () => {
  const clock = serverClock(fixedClock())
  clock.learn(clock.now() + 7_200_000)
  const { provider } = caching()
  const { iamFetch, seen } = make(ok, { credentials: Object.assign(provider, { clock }) })
  await iamFetch('/x')
  expect(seen[0]?.headers.get('x-amz-date')).toBe('20260101T020000Z')
})

test('the events report what happened, without query and secrets', async () => {
  const { provider } = caching()
  const { iamFetch, events } = make(
    (_, index) =>
      [refusal('The security token included in the request is expired'), refusal('Forbidden')][
        index
      ]!,
    { credentials: provider },
  )
  await iamFetch('/test?key=hunter2', { method: 'POST', body: 'hunter2' })
  expect(
    events.map((event) => `${event.type} ${'attempt' in event ? event.attempt : event.attempts}`),
  ).toEqual(['signed 1', 'retry 1', 'signed 2', 'response 2'])
  expect(events[0]).toEqual({
    type: 'signed',
    attempt: 1,
    method: 'POST',
    url: `${API}/prod/test`,
    signMs: expect.any(Number),
  })
  const took = events.map((event) => (event.type === 'signed' ? event.signMs : 0))
  expect(took.every((ms) => ms >= 0 && ms < 1_000)).toBe(true)
  expect(events[1]).toMatchObject({ reason: 'token', waitMs: 0 })
  expect(JSON.stringify(events)).not.toMatch(/hunter2|secret-|session-|Signature/)
})

test('a listener that throws harms no call', async () => {
  const faults: unknown[] = []
  let onFault: (error: unknown) => void = () => {}
  const bothFaults = new Promise<void>((resolve) => {
    onFault = (error) => void (faults.push(error) === 2 && resolve())
  })
  process.on('unhandledRejection', onFault)
  // Vitest counts unhandled rejections as failures: here they are what is wanted.
  const others = process.listeners('unhandledRejection').filter((listener) => listener !== onFault)
  for (const listener of others) process.off('unhandledRejection', listener)
  const { iamFetch } = make(ok, {
    onEvent: () => {
      throw new Error('mine')
    },
  })
  expect((await iamFetch('/x')).status).toBe(200)
  await bothFaults
  expect(faults).toMatchObject([{ message: 'mine' }, { message: 'mine' }])
  for (const listener of others) process.on('unhandledRejection', listener)
  process.off('unhandledRejection', onFault)
})
