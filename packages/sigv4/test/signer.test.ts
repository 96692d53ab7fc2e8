import { inspect } from 'node:util'
import { IamFetchError, type Credentials } from '@iamfetch/core'
import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import {
  createSigner,
  presignParts,
  sha256Hex,
  signParts,
  type Parts,
  type SignerOptions,
} from '../src/index.ts'

const url = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod/items'
const credentials: Credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2VjEXAMPLE//////////wEaDGV1LWNlbnRyYWwtMSJIMEYCIQ==',
}
const clock = fixedClock(Date.UTC(2026, 0, 1, 12))
const signer = (options: Partial<SignerOptions> = {}) =>
  createSigner({ credentials, clock, ...options })

/** The code and remedy of what a promise rejects with; secrets must not be in the error. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => 'nothing',
    (caught: unknown) => caught,
  )
  if (!(error instanceof IamFetchError)) throw error
  expect(error.message).not.toBe('')
  expect(error.remedy).toMatch(/\w/)
  const shown = JSON.stringify(error) + String(error.stack) + String(error.cause)
  expect(shown).not.toContain(credentials.secretAccessKey)
  expect(shown).not.toContain(credentials.sessionToken)
  return error.code
}
const signedHeaders = (request: Request): string =>
  /SignedHeaders=([^,]*)/.exec(request.headers.get('authorization')!)![1]!

describe('what is signed', () => {
  test('is the host, the date, the session token and every x-amz header that the caller set, no more', async () => {
    const request = await signer().sign(url, {
      method: 'POST',
      body: '{}',
      headers: {
        'X-Amz-Meta': ' a  b ',
        accept: 'text/plain',
        'content-type': 'application/json',
        'x-api-key': 'k',
      },
    })
    expect(signedHeaders(request)).toBe('host;x-amz-date;x-amz-meta;x-amz-security-token')
    expect([...request.headers.keys()]).toEqual([
      'accept',
      'authorization',
      'content-type',
      'x-amz-date',
      'x-amz-meta',
      'x-amz-security-token',
      'x-api-key',
    ])
    const { authorization } = signParts(
      {
        method: 'POST',
        path: '/prod/items',
        query: '',
        headers: [
          ['host', 'abc.execute-api.eu-central-1.amazonaws.com'],
          ['x-amz-meta', 'a b'],
        ],
      },
      {
        credentials,
        region: 'eu-central-1',
        service: 'execute-api',
        at: new Date(clock.now()),
        payloadHash: sha256Hex('{}'),
      },
    )
    expect(request.headers.get('authorization')).toBe(authorization)
    expect(request.headers.get('x-amz-date')).toBe('20260101T120000Z')
  })

  test('is found in every kind of headers, however their names are written', async () => {
    for (const headers of [
      { Accept: '*/*', 'X-Amz-Meta': 'a' },
      { 'X-Amz-Meta': 'a', accept: '*/*' },
      { ACCEPT: '*/*', 'Accept-Language': 'de', 'X-AMZ-META': 'a' },
      new Headers({ 'X-Amz-Meta': 'a' }),
      [['X-Amz-Meta', 'a']] satisfies [string, string][],
      { 'X-Amz-Meta': 'a', 'X-Accept': '*/*' },
    ]) {
      const request = await signer().sign(url, { headers })
      expect(signedHeaders(request)).toBe('host;x-amz-date;x-amz-meta;x-amz-security-token')
      const own = await signer().sign(url, { headers: { 'X-Amz-Accept': 'a' } })
      expect(signedHeaders(own)).toBe('host;x-amz-accept;x-amz-date;x-amz-security-token')
      const bearer = { headers: { Accept: '*/*', Authorization: 'Bearer x' } }
      expect(await refusal(signer().sign(url, bearer))).toBe('HEADER_NOT_SIGNABLE')
    }
  })

  test('is what signHeaders names too, where the request has it', async () => {
    const signs = signer({ signHeaders: ['X-Api-Key', 'Content-Type', 'X-Absent', 'x-amz-target'] })
    const request = await signs.sign(url, {
      method: 'POST',
      body: new URLSearchParams({ a: '1' }),
      headers: { 'x-api-key': 'k', 'x-amz-target': 't' },
    })
    expect(signedHeaders(request)).toBe(
      'content-type;host;x-amz-date;x-amz-security-token;x-amz-target;x-api-key',
    )
  })

  test('is sent in the very form that is signed', async () => {
    const request = await signer().sign(url + "//a/../b%20c*?flag&q=a+b&q=%7e'&e=%C3%A9")
    expect(request.url).toBe(url + '/b%20c*?e=%C3%A9&flag=&q=a%20b&q=~%27')
  })

  test('is the host that a proxy forwards, when signingHost names it', async () => {
    const context = {
      credentials,
      region: 'eu-west-1',
      service: 'execute-api',
      at: new Date(clock.now()),
      payloadHash: sha256Hex(''),
    }
    const signingHost = 'abc.execute-api.eu-west-1.amazonaws.com'
    const request = await signer({ signingHost }).sign('https://cdn.example.com:8443/x', {
      headers: { host: 'other.example.com' },
    })
    const parts = {
      method: 'GET',
      path: '/x',
      query: '',
      headers: [['host', signingHost]] as const,
    }
    expect(request.headers.get('authorization')).toBe(signParts(parts, context).authorization)
    expect(request.headers.has('host')).toBe(false)
    expect(request.url).toBe('https://cdn.example.com:8443/x')
  })

  test('is never an unsigned payload: x-amz-content-sha256 is only sent when set, and then with the hash', async () => {
    const request = await signer().sign('https://abc.lambda-url.eu-central-1.on.aws/', {
      method: 'PUT',
      body: 'text',
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    })
    expect(request.headers.get('x-amz-content-sha256')).toBe(sha256Hex('text'))
    expect(signedHeaders(request)).toContain('x-amz-content-sha256')
  })

  test.each(['get', 'Post', 'patch', 'DELETE'])(
    'is the method in capitals, which is also the one that is sent: %s',
    async (method) => {
      const request = await signer().sign(url, { method })
      const inCapitals = await signer().sign(url, { method: method.toUpperCase() })
      expect(request.method).toBe(method.toUpperCase())
      expect([...request.headers]).toEqual([...inCapitals.headers])
    },
  )

  test('is the text itself where the body is text, with the content type that fetch sets', async () => {
    const signs = signer({ signHeaders: ['content-type'] })
    const request = await signs.sign(url, { method: 'POST', body: 'grüße \ud800' })
    const same = await signs.sign(url, {
      method: 'POST',
      body: new TextEncoder().encode('grüße \ufffd'),
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
    })
    expect([...request.headers]).toEqual([...same.headers])
    expect(signedHeaders(request)).toContain('content-type;')
  })

  test('is the method of a Request that is passed in place of the options, as fetch takes it', async () => {
    const request = new Request(url, { method: 'DELETE' })
    const signed = await signer().sign(`${url}/1`, request)
    expect([signed.method, signed.url]).toEqual(['DELETE', `${url}/1`])
  })

  test('can be signed again later, with new credentials', async () => {
    const first = await signer().sign(url, { method: 'POST', body: 'text' })
    const fresh = { accessKeyId: 'AKIDOTHER', secretAccessKey: 'other' }
    const later = fixedClock(clock.now() + 60_000)
    const again = await signer({ credentials: fresh, clock: later }).sign(first)
    const renewed = await signer({ credentials: fresh, clock: later }).sign(url, {
      method: 'POST',
      body: 'text',
    })
    expect([...again.headers]).toEqual([...renewed.headers])
    expect(await again.text()).toBe('text')
  })
})

describe('credentials', () => {
  test('are requested before each signature, and the clock of their source is used', async () => {
    let asked = 0
    const source = Object.assign(
      () => Promise.resolve({ accessKeyId: `AKID${++asked}`, secretAccessKey: 's' }),
      { clock: fixedClock(Date.UTC(2030, 0, 1)) },
    )
    const signs = createSigner({ credentials: source })
    expect((await signs.sign(url)).headers.get('authorization')).toContain(
      'AKID1/20300101/eu-central-1',
    )
    expect((await signs.sign(url)).headers.get('authorization')).toContain(
      'AKID2/20300101/eu-central-1',
    )
  })

  test.each<[string, string, { [name in keyof Credentials]?: Credentials[name] | undefined }]>([
    ['CREDENTIALS_INCOMPLETE', 'an ASIA key without its token', { sessionToken: undefined }],
    ['CREDENTIALS_INCOMPLETE', 'an ASIA key with an empty token', { sessionToken: '' }],
    [
      'CREDENTIALS_INCOMPLETE',
      'the word "undefined" as token',
      { accessKeyId: 'AKID', sessionToken: 'undefined' },
    ],
    [
      'CREDENTIALS_INCOMPLETE',
      'a token with a line break',
      { sessionToken: credentials.sessionToken + '\na' },
    ],
    ['CREDENTIALS_INCOMPLETE', 'no secret', { secretAccessKey: '' }],
    ['CREDENTIALS_INCOMPLETE', 'no access key', { accessKeyId: '' }],
    ['CREDENTIALS_EXPIRED', 'an expiration that has passed', { expiration: new Date(clock.now()) }],
  ])('are refused as %s for %s', async (code, _, part) => {
    const signs = signer({ credentials: { ...credentials, ...part } as Credentials })
    expect(await refusal(signs.sign(url))).toBe(code)
    expect(await refusal(signs.presign(url))).toBe(code)
  })

  test('that a source does not return are a distinct error', async () => {
    const none = JSON.parse('{}').credentials
    expect(await refusal(signer({ credentials: async () => none }).sign(url))).toBe(
      'CREDENTIALS_INCOMPLETE',
    )
  })

  test('whose expiry is text, as in JSON, expire as well', async () => {
    const before = JSON.parse(JSON.stringify({ ...credentials, expiration: new Date(clock.now()) }))
    expect(await refusal(signer({ credentials: before }).sign(url))).toBe('CREDENTIALS_EXPIRED')
    const after = { ...before, expiration: new Date(clock.now() + 1).toISOString() }
    expect((await signer({ credentials: after }).sign(url)).url).toBe(url)
  })

  test('are good until the moment they expire', async () => {
    const expiration = new Date(clock.now() + 1)
    const request = await signer({ credentials: { ...credentials, expiration } }).sign(url)
    expect(request.headers.has('authorization')).toBe(true)
  })
})

describe('before anything leaves', () => {
  test('a host without a region in its name needs one', async () => {
    expect(await refusal(signer().sign('https://api.example.com/'))).toBe('REGION_UNKNOWN')
    const request = await signer({ region: 'ap-south-1' }).sign('https://api.example.com/')
    expect(request.headers.get('authorization')).toContain('/ap-south-1/execute-api/')
  })

  test.each([
    ['is relative where there is no page', '/items'],
    ['is not a URL', 'https://'],
    ['is a file', 'file:///etc/passwd'],
    ['is a blob', `blob:${url}`],
    [
      'has a password',
      `https://user:${credentials.secretAccessKey.replaceAll('/', '')}@abc.execute-api.eu-central-1.amazonaws.com/`,
    ],
    ['has a parameter without a name', url + '?a=1&=v'],
    ['is signed already', url + '?X-Amz-Signature=abc'],
  ])('a URL that %s is refused', async (_, address) => {
    expect(await refusal(signer({ region: 'eu-central-1' }).sign(address))).toBe('URL_NOT_SIGNABLE')
    expect(await refusal(signer({ region: 'eu-central-1' }).presign(address))).toBe(
      'URL_NOT_SIGNABLE',
    )
  })

  test.each([
    '?X-Amz-Signature=0',
    '?x-amz-signature=0',
    '?X-Amz-Signatur%65=0',
    '?%58-Amz-Signature=0',
    '?a=1&X%2DAmz%2DSignature',
    '?a=1&&%78%2d%61%6d%7a%2d%73%69%67%6e%61%74%75%72%65=0',
  ])(
    'a URL that is signed already is refused, however its letters are escaped: %s',
    async (query) => {
      expect(await refusal(signer().sign(url + query))).toBe('URL_NOT_SIGNABLE')
      expect(await refusal(signer().presign(url + query))).toBe('URL_NOT_SIGNABLE')
    },
  )

  test.each([
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'X-Amz-Security-Token',
    'X-Amz-Anything',
    'x-amz-expires',
    'X-Amz-Expire%73',
    '%58-Amz-Expires',
    'X%2DAmz%2DExpires',
  ])(
    'a URL with the parameter %s is not presigned, because the service could take either one',
    async (name) => {
      for (const query of [`?${name}=604800`, `?a=1&${name}`, `?a=1&${name}=1&b=2`]) {
        expect(await refusal(signer().presign(url + query))).toBe('URL_NOT_SIGNABLE')
      }
    },
  )

  test('a parameter whose value names a signature is a parameter like any other', async () => {
    const query = '?next=X-Amz-Signature%3D0&q=x-amz-date'
    expect((await signer().presign(url + query)).searchParams.get('next')).toBe('X-Amz-Signature=0')
    expect((await signer().sign(url + query)).url).toBe(url + query)
  })

  test.each(['\n', '\r\n', '\u0000', ' ', '&', '/', ',', '\u00e9', '\u202e'])(
    'credentials with %j in a part are refused, and the error shows neither secret nor signature',
    async (odd) => {
      for (const name of ['accessKeyId', 'sessionToken'] as const) {
        if (name === 'sessionToken' && /[&/,]/.test(odd)) continue
        const given = { ...credentials, [name]: `${credentials[name]}${odd}x` }
        for (const signing of [
          signer({ credentials: given }).sign(url),
          signer({ credentials: given }).presign(url),
        ]) {
          const error: unknown = await signing.catch((caught: unknown) => caught)
          expect(error).toMatchObject({ code: 'CREDENTIALS_INCOMPLETE' })
          const shown = inspect(error, { depth: 9, showHidden: true })
          expect(shown).not.toMatch(/Signature=|AWS4-HMAC/)
          expect(shown).not.toContain(credentials.secretAccessKey)
          expect(shown).not.toContain(credentials.sessionToken)
        }
      }
    },
  )

  test.each([{ region: 'eu-central-1\n' }, { service: 'execute-api\r\nx: 1' }, { region: 'a/b' }])(
    'a region or service that would break the Authorization header is refused at once: %j',
    (wrong) => {
      expect(() => signer(wrong)).toThrow(
        expect.objectContaining({ name: 'TypeError', code: 'INVALID_OPTION' }),
      )
    },
  )

  test('an Authorization header of the caller is refused, not lost', async () => {
    const bearer = { headers: { authorization: 'Bearer x' } }
    expect(await refusal(signer().sign(url, bearer))).toBe('HEADER_NOT_SIGNABLE')
  })

  test('a signed header that a server could read in two ways is refused', async () => {
    const latin = { headers: { 'x-amz-meta': 'caf\u00e9' } }
    expect(await refusal(signer().sign(url, latin))).toBe('HEADER_NOT_SIGNABLE')
  })

  test('a mode that would drop the signature is refused', async () => {
    expect(await refusal(signer().sign(url, { mode: 'no-cors' }))).toBe('HEADER_NOT_SIGNABLE')
  })

  test('wrong arguments are refused at once', () => {
    // @ts-expect-error credentials are needed
    expect(() => createSigner({})).toThrow(TypeError)
    expect(() => signer({ signingHost: 'https://example.com' })).toThrow(TypeError)
  })
})

describe('a presigned URL', () => {
  test('lasts five minutes, carries the session token inside the signature and signs the host', async () => {
    const signed = await signer().presign(
      'wss://abc.execute-api.eu-central-1.amazonaws.com//prod?b=a+b',
    )
    expect(signed.protocol + signed.pathname).toBe('wss:/prod')
    expect([...signed.searchParams.keys()]).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-Security-Token',
      'X-Amz-SignedHeaders',
      'b',
      'X-Amz-Signature',
    ])
    expect(signed.searchParams.get('X-Amz-Expires')).toBe('300')
    expect(signed.searchParams.get('X-Amz-SignedHeaders')).toBe('host')
    expect(signed.search).not.toContain('+')
  })

  test('is refused for longer than the gateway would take it', async () => {
    for (const expiresInSeconds of [301, 0, -1, 0.5, 59.9, Infinity]) {
      expect(await refusal(signer().presign(url, { expiresInSeconds }))).toBe('EXPIRES_TOO_LATE')
    }
    await expect(signer().presign(url, { expiresInSeconds: Number.NaN })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    })
    const lambda = signer()
    const functionUrl = 'https://abc.lambda-url.eu-central-1.on.aws/'
    await lambda.presign(functionUrl, { expiresInSeconds: 604_800 })
    expect(await refusal(lambda.presign(functionUrl, { expiresInSeconds: 604_801 }))).toBe(
      'EXPIRES_TOO_LATE',
    )
  })

  test('a presigned URL of the parts lasts five minutes too; a signature in headers has no such end', () => {
    const parts: Parts = { method: 'GET', path: '/', query: '', headers: [['host', 'a.example']] }
    const context = { credentials, region: 'eu-west-1', at: new Date(clock.now()), payloadHash: '' }
    expect(presignParts(parts, context).query).toContain('&X-Amz-Expires=300&')
    const signed = signParts(parts, context)
    expect(signParts(parts, { ...context, expiresInSeconds: 9_000 })).toEqual(signed)
  })

  test('differs by method', async () => {
    const get = await signer().presign(url)
    const put = await signer().presign(url, { method: 'PUT' })
    expect(get.searchParams.get('X-Amz-Signature')).not.toBe(
      put.searchParams.get('X-Amz-Signature'),
    )
    // `fetch` sends it in capitals.
    const lower = await signer().presign(url, { method: 'put' })
    expect(lower.href).toBe(put.href)
  })
})

test('signing keys are not mixed up between secrets, days, regions and services', () => {
  const base = {
    credentials,
    region: 'eu-central-1',
    service: 'execute-api',
    at: new Date(clock.now()),
    payloadHash: '',
  }
  const variants = [
    base,
    { ...base, credentials: { ...credentials, secretAccessKey: 'other' } },
    { ...base, at: new Date(clock.now() + 86_400_000) },
    { ...base, region: 'eu-west-1' },
    { ...base, service: 'lambda' },
  ]
  const parts = { method: 'GET', path: '/', query: '', headers: [] }
  const sign = (context: typeof base): string => signParts(parts, context).signature
  const first = variants.map(sign)
  expect(new Set(first).size).toBe(5)
  // Credentials that were never seen before have no key held.
  const unseen = variants.map((one) => sign({ ...one, credentials: { ...one.credentials } }))
  expect(first).toEqual(unseen)
  // The key of one and the same object, changed under way and changed back.
  const changing: { -readonly [name in keyof Credentials]: Credentials[name] } = { ...credentials }
  const signature = (): string => sign({ ...base, credentials: changing })
  expect(signature()).toBe(first[0])
  changing.secretAccessKey = 'other'
  expect(signature()).toBe(first[1])
  changing.secretAccessKey = credentials.secretAccessKey
  expect(signature()).toBe(first[0])
  changing.sessionToken += '\n'
  expect(signature).toThrow(IamFetchError)
  expect(variants.map(sign)).toEqual(first)
})

describe('wrong parts and contexts', () => {
  const parts = { method: 'GET', path: '/', query: '', headers: [['host', 'api.example.com']] }
  const context = {
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    region: 'eu-central-1',
    at: new Date(0),
    payloadHash: sha256Hex(''),
  }

  test.each([
    [{ region: undefined }, '"region" must consist of letters, digits and "-", got undefined'],
    [{ region: 'eu-central-1\n' }, '"region" must consist of letters'],
    [{ service: '' }, '"service" must consist of letters'],
    [{ credentials: undefined }, '"credentials" is missing'],
    [{ at: undefined }, '"at" must be a Date before the year 10000, got undefined'],
    [{ at: 5 }, '"at" must be a Date'],
    [{ at: new Date(Number.NaN) }, '"at" must be a Date'],
    [{ at: new Date(253_402_300_800_000) }, '"at" must be a Date'],
  ])('%o is refused by signParts and presignParts, not signed as "undefined"', (wrong, message) => {
    const given = [parts, { ...context, ...wrong }] as unknown as Parameters<typeof signParts>
    expect(() => signParts(...given)).toThrow(`signParts: ${message}`)
    expect(() => presignParts(...given)).toThrow(`presignParts: ${message}`)
  })

  test('a clock that returns no time of a calendar is an error that names it', async () => {
    for (const now of [Number.NaN, 253_402_300_800_000]) {
      const signs = createSigner({ credentials: context.credentials, clock: { now: () => now } })
      const error = { code: 'INVALID_OPTION', message: expect.stringContaining('"clock" must') }
      await expect(signs.sign(url)).rejects.toMatchObject(error)
      await expect(signs.presign(url)).rejects.toMatchObject(error)
    }
  })

  test('the name of a signed header adds no parameter to a presigned query', () => {
    const headers = [['host', 'api.example.com'] as const, ["x-amz-a&b%+'", 'v'] as const]
    const { query } = presignParts({ ...parts, headers }, context)
    expect(new URLSearchParams(query).get('X-Amz-SignedHeaders')).toBe("host;x-amz-a&b%+'")
    expect([...new URLSearchParams(query).keys()]).toHaveLength(6)
  })

  test('names of headers that are not texts are refused, not left unsigned', () => {
    const signHeaders = [undefined] as unknown as string[]
    expect(() => createSigner({ credentials: context.credentials, signHeaders })).toThrow(
      'createSigner: "signHeaders" must be an array of strings, got an array',
    )
  })
})
