import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { fakeFetch, fixedClock } from '@iamfetch/testing'
import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import {
  machineToken,
  memoryStore,
  oauthTokenEndpoint,
  privateKeyJwt,
  type AssertionAlgorithm,
  type MachineTokenOptions,
  type PrivateKeyJwtOptions,
} from '../src/index.ts'

const url = 'https://idp.example/oauth2/token'
const now = Date.UTC(2026, 0, 1)
const claims = { clientId: 'reader', audience: url, now }

/** A key of each algorithm, as Node creates it. */
const pairs: Record<AssertionAlgorithm, { privateKey: KeyObject; publicKey: KeyObject }> = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  RS384: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  RS512: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  PS384: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  PS512: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
const algorithms = Object.keys(pairs) as AssertionAlgorithm[]
const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString()
const jwkOf = (key: KeyObject): JsonWebKey => key.export({ format: 'jwk' })

/** Verifies as an issuer does, with another library. */
const verified = (assertion: string, algorithm: AssertionAlgorithm) =>
  jose.jwtVerify(assertion, pairs[algorithm].publicKey, {
    algorithms: [algorithm],
    issuer: 'reader',
    subject: 'reader',
    audience: url,
    currentDate: new Date(now),
  })

describe('an assertion that is signed with a private key', () => {
  test.each(algorithms)(
    'is verified by another library: %s from PEM and from JWK',
    async (algorithm) => {
      const { privateKey } = pairs[algorithm]
      for (const key of [
        pemOf(privateKey),
        jwkOf(privateKey),
        { ...jwkOf(privateKey), use: 'sig' },
      ]) {
        const auth = privateKeyJwt({ privateKey: key, algorithm, keyId: 'key-1' })
        const { payload, protectedHeader } = await verified(await auth.assertion(claims), algorithm)
        expect(protectedHeader).toEqual({ alg: algorithm, kid: 'key-1', typ: 'JWT' })
        expect(payload).toEqual({
          iss: 'reader',
          sub: 'reader',
          aud: url,
          jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
          iat: now / 1_000,
          exp: now / 1_000 + 60,
        })
      }
    },
  )

  test('takes the algorithm from a JWK or a CryptoKey, and is used once', async () => {
    const jwk = { ...jwkOf(pairs.ES256.privateKey), alg: 'ES256' }
    const auth = privateKeyJwt({ privateKey: jwk })
    const first = await auth.assertion(claims)
    const second = await auth.assertion(claims)
    const { payload } = await verified(first, 'ES256')
    expect((await verified(second, 'ES256')).payload.jti).not.toBe(payload.jti)
    for (const algorithm of ['RS256', 'PS384', 'ES384', 'EdDSA'] as const) {
      const key = await jose.importPKCS8(pemOf(pairs[algorithm].privateKey), algorithm)
      await verified(await privateKeyJwt({ privateKey: key }).assertion(claims), algorithm)
    }
    await verified(
      await privateKeyJwt({ privateKey: jwkOf(pairs.ES512.privateKey) }).assertion(claims),
      'ES512',
    )
  })

  test.each(['ES256', 'ES384', 'ES512'] as const)(
    'comes from a "sign" function in DER, as from KMS, or as a JWS has it: %s',
    async (algorithm) => {
      const hash = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }[algorithm]
      for (const dsaEncoding of ['der', 'ieee-p1363'] as const) {
        const auth = privateKeyJwt({
          algorithm,
          sign: async (data) =>
            createSign(hash).update(data).sign({ key: pairs[algorithm].privateKey, dsaEncoding }),
        })
        // Numbers with leading zeros are rare: 200 signatures have some.
        for (let run = 0; run < 200; run++) {
          const { payload } = await verified(await auth.assertion(claims), algorithm)
          expect(payload.iss).toBe('reader')
        }
      }
    },
  )

  test('has the header parameters that an issuer requires', async () => {
    const header = { 'x5t#S256': 'abc' }
    const auth = privateKeyJwt({ privateKey: pemOf(pairs.RS256.privateKey), header })
    const { protectedHeader } = await verified(await auth.assertion(claims), 'RS256')
    expect(protectedHeader).toEqual({ 'x5t#S256': 'abc', alg: 'RS256', typ: 'JWT' })
  })

  test.each<[string, PrivateKeyJwtOptions]>([
    ['neither a key nor "sign"', {}],
    ['both', { privateKey: 'x', sign: async (data) => data }],
    ['an unknown algorithm', Object({ privateKey: 'x', algorithm: 'none' })],
    ['an algorithm with a shared secret', Object({ privateKey: 'x', algorithm: 'HS256' })],
    ['an algorithm of the JWK that is not one', { privateKey: { kty: 'oct', alg: 'HS256' } }],
    ['a "sign" that is not a function', Object({ sign: 'x' })],
  ])('is refused with %s', (_, options) => {
    expect(() => privateKeyJwt(options)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'INVALID_OPTION' }),
    )
  })

  test('never shows a key that WebCrypto does not accept', async () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0IGtleQ==\n-----END PRIVATE KEY-----'
    for (const privateKey of [pem, 'c2VjcmV0IGtleQ==', { kty: 'RSA', d: 'c2VjcmV0IGtleQ==' }]) {
      const error: unknown = await privateKeyJwt({ privateKey })
        .assertion(claims)
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ name: 'TypeError', code: 'INVALID_OPTION' })
      expect(inspect(error, { depth: 9 })).not.toContain('c2VjcmV0')
    }
  })
})

describe('a token endpoint that the client authenticates to with an assertion', () => {
  const setUp = (
    auth: Parameters<typeof oauthTokenEndpoint>[0]['auth'],
    options: Partial<MachineTokenOptions> = {},
    assertionAudience?: string,
  ) => {
    const clock = fixedClock(now)
    const endpoint = fakeFetch(() =>
      Response.json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 60 }),
    )
    const source = oauthTokenEndpoint({
      url,
      clientId: 'reader',
      tokenFormat: 'opaque',
      auth,
      assertionAudience,
    })
    const token = machineToken({ source, fetch: endpoint, clock, ...options })
    const form = (): URLSearchParams => new URLSearchParams(endpoint.seen.at(-1)?.body)
    return { clock, endpoint, token, form }
  }
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  const key = { privateKey: pemOf(pairs.RS256.privateKey) }

  test('receives it with private_key_jwt, and no secret', async () => {
    const { token, form, endpoint } = setUp(privateKeyJwt(key))
    expect(await token()).toBe('opaque')
    expect(form().get('client_assertion_type')).toBe(type)
    expect(form().has('client_secret')).toBe(false)
    expect(endpoint.seen[0]!.headers.has('authorization')).toBe(false)
    await verified(form().get('client_assertion')!, 'RS256')
  })

  test('receives it with client_secret_jwt, and never the secret itself', async () => {
    const audience = 'https://idp.example/'
    const { token, form, endpoint } = setUp(
      'client_secret_jwt',
      { clientSecret: { current: 'secret-2', previous: 'secret-1' } },
      audience,
    )
    await token()
    const assertion = form().get('client_assertion') ?? ''
    const [signed, signature] = [assertion.replace(/\.[^.]*$/, ''), assertion.split('.')[2]]
    expect(createHmac('sha256', 'secret-2').update(signed).digest('base64url')).toBe(signature)
    expect(jose.decodeJwt(assertion)).toMatchObject({ iss: 'reader', aud: audience })
    expect(jose.decodeProtectedHeader(assertion).alg).toBe('HS256')
    expect(endpoint.seen[0]!.body).not.toContain('secret-2')
  })

  test('has its time from the corrected clock', async () => {
    const clock = fixedClock(now - 7_200_000)
    const { token, form } = setUp(privateKeyJwt(key), {
      clock: Object.assign(clock, { now: () => now, offsetMs: 0, learn: () => false }),
    })
    await token()
    expect(jose.decodeJwt(form().get('client_assertion')!).iat).toBe(now / 1_000)
  })

  test('receives a new assertion for each attempt', async () => {
    const { clock, token, form } = setUp(privateKeyJwt(key))
    await token()
    const first = form().get('client_assertion')
    clock.jump(60_000)
    await token()
    expect(form().get('client_assertion')).not.toBe(first)
  })

  test('needs no client secret, and a separate secret for a shared store', async () => {
    const store = memoryStore()
    const auth = privateKeyJwt(key)
    expect(() => setUp(auth, { clientSecret: 's' })).toThrow(/"clientSecret" must not be set/)
    expect(() => setUp(auth, { store })).toThrow(/"storeSecret"/)
    expect(() => setUp(auth, { store, storeSecret: 'short' })).toThrow(/at least 16 characters/)
    expect(() => setUp('client_secret_jwt')).toThrow(/"clientSecret"/)

    const written: string[] = []
    const watched = {
      ...store,
      set: (storeKey: string, value: string, ttlMs: number) => {
        written.push(value)
        return store.set(storeKey, value, ttlMs)
      },
    }
    const storeSecret = 'a secret that the fleet shares'
    const one = setUp(auth, { store: watched, storeSecret })
    await one.token()
    expect(written.join()).not.toContain('opaque')
    const same = setUp(auth, { store: watched, storeSecret })
    await same.token()
    expect(same.endpoint.seen).toHaveLength(0)
    const other = setUp(auth, { store: watched, storeSecret: 'a secret of another fleet' })
    await other.token()
    expect(other.endpoint.seen).toHaveLength(1)
  })

  test('a token endpoint that the client authenticates to with an assertion that refuses the assertion is called once a minute', async () => {
    const clock = fixedClock(now)
    const endpoint = fakeFetch(() => Response.json({ error: 'invalid_client' }, { status: 401 }))
    const token = machineToken({
      source: oauthTokenEndpoint({ url, clientId: 'reader', auth: privateKeyJwt(key) }),
      fetch: endpoint,
      clock,
    })
    for (let call = 0; call < 5; call++) {
      await expect(token()).rejects.toMatchObject({
        code: 'INVALID_CLIENT',
        remedy: expect.stringContaining('"assertionAudience"'),
      })
    }
    expect(endpoint.seen).toHaveLength(1)
  })
})
