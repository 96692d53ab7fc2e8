import { IamFetchError, type Clock } from '@iamfetch/core'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { aliceClaims, eventFixtures, fixtureIds } from '../src/fixtures.ts'
import { resolveCaller, type CallerOptions, type TrustedUserPool } from '../src/index.ts'
import { albToken, clock, loadBalancer, poolToken, trust, userPool } from './tokens.ts'

const { userPoolId } = fixtureIds
const poolKeys = Object(userPool.jwks)
/** A clock of its own, so that no keys are shared with another test. */
const sameTime = (): Clock => ({ now: () => clock.now() })
const urlOf = (input: string | URL | Request): string =>
  input instanceof Request ? input.url : String(input)
const bearing = (token: string): object => eventFixtures['http-open'].event({ token })
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => Object(error).code,
  )

/** A pool whose keys come from a function that counts its calls, at a time that the test sets. */
function counted(load: (call: number) => unknown) {
  let now = clock.now()
  let calls = 0
  const pool: TrustedUserPool = {
    ...userPool,
    jwks: async () => {
      calls += 1
      const keys = await load(calls)
      if (keys instanceof Error) throw keys
      return { keys: [], ...Object(keys) }
    },
  }
  const options: CallerOptions = { userPools: [pool], clock: { now: () => now } }
  return {
    options,
    calls: () => calls,
    wait: (ms: number) => void (now += ms),
    resolve: (token: string) => codeOf(resolveCaller(bearing(token), options)),
  }
}

describe('tokens with invented key IDs', () => {
  it.each<[string, unknown]>([
    ['is down', new Error('connection refused')],
    ['returns something else', '<html>'],
    ['has the keys', poolKeys],
  ])('cause one call in 10 seconds while the key source %s', async (_, keys) => {
    const source = counted(() => keys)
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_none, index) =>
        poolToken({}, { header: { kid: `invented-${index}` } }),
      ),
    )
    for (const token of tokens) expect(await source.resolve(token)).not.toBe('accepted')
    expect(source.calls()).toBe(1)
    source.wait(9_999)
    await source.resolve(tokens[0]!)
    expect(source.calls()).toBe(1)
    source.wait(1)
    await Promise.all(tokens.map((token) => source.resolve(token)))
    expect(source.calls()).toBe(2)
  })

  it('do not stop tokens with a known key while the key source is down', async () => {
    const source = counted((call) => (call === 1 ? poolKeys : new Error('down')))
    const good = await poolToken({ exp: Number(aliceClaims['exp']) + 172_800 })
    expect(await source.resolve(good)).toBe('accepted')
    source.wait(10_000)
    const invented = await poolToken({}, { header: { kid: 'invented' } })
    expect(await source.resolve(invented)).toBe('SERVICE_UNAVAILABLE')
    expect(await source.resolve(good)).toBe('accepted')
  })
})

describe('a key that was withdrawn', () => {
  const long = () => poolToken({ exp: Number(aliceClaims['exp']) + 172_800 })

  it('is no longer trusted after an hour, without a token that names a new key', async () => {
    const source = counted((call) => (call === 1 ? poolKeys : { keys: [] }))
    const token = await long()
    expect(await source.resolve(token)).toBe('accepted')
    source.wait(3_599_999)
    expect(await source.resolve(token)).toBe('accepted')
    source.wait(1)
    expect(await source.resolve(token)).toBe('TOKEN_INVALID')
    expect(source.calls()).toBe(2)
  })

  it('is trusted for a day at most while the key source is down', async () => {
    const source = counted((call) => (call === 1 ? poolKeys : new Error('down')))
    const token = await long()
    await source.resolve(token)
    source.wait(86_399_999)
    expect(await source.resolve(token)).toBe('accepted')
    source.wait(1)
    expect(await source.resolve(token)).toBe('SERVICE_UNAVAILABLE')
  })

  it('is not trusted under its old ID if the ID has another key now', async () => {
    const other = await generateKeyPair('RS256', { extractable: true })
    const kid = String(poolKeys.keys[0].kid)
    const jwk = { ...(await exportJWK(other.publicKey)), kid, alg: 'RS256', use: 'sig' }
    const source = counted((call) => (call === 1 ? poolKeys : { keys: [jwk] }))
    const old = await long()
    expect(await source.resolve(old)).toBe('accepted')
    source.wait(3_600_000)
    expect(await source.resolve(old)).toBe('TOKEN_INVALID')
    const exp = Number(aliceClaims['exp']) + 172_800
    expect(await source.resolve(await poolToken({ exp }, { key: other.privateKey }))).toBe(
      'accepted',
    )
  })
})

describe('options that are written inline', () => {
  it('fetch the keys once for all calls, also with an inline function', async () => {
    let calls = 0
    const inlineClock = sameTime()
    const token = await poolToken()
    for (let call = 0; call < 5; call += 1) {
      await resolveCaller(bearing(token), {
        userPools: [
          {
            userPoolId,
            clientIds: null,
            jwks: async () => {
              calls += 1
              return poolKeys
            },
          },
        ],
        clock: inlineClock,
      })
    }
    expect(calls).toBe(1)
  })

  it.each<[string, () => object, number]>([
    ['3 calls', () => poolKeys, 3],
    ['1 call while the key source is down', () => Promise.reject(new Error('down')), 1],
  ])('limit invented key IDs to %s in 10 seconds', async (_, load, limit) => {
    let calls = 0
    const inlineClock = sameTime()
    for (let call = 0; call < 50; call += 1) {
      const token = await poolToken({}, { header: { kid: `invented-${call}` } })
      const jwks = async () => {
        calls += 1
        return { keys: [], ...(await Promise.resolve(load())) }
      }
      const options = { userPools: [{ userPoolId, clientIds: null, jwks }], clock: inlineClock }
      expect(await codeOf(resolveCaller(bearing(token), options))).not.toBe('accepted')
    }
    expect(calls).toBeLessThanOrEqual(limit)
  })

  it('use the keys of the function that is given if those of an earlier one do not fit', async () => {
    const other = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...(await exportJWK(other.publicKey)), kid: 'other', alg: 'RS256', use: 'sig' }
    const inlineClock = sameTime()
    const optionsWith = (keys: object): CallerOptions => ({
      userPools: [{ userPoolId, clientIds: null, jwks: async () => ({ keys: [], ...keys }) }],
      clock: inlineClock,
    })
    const signing = { key: other.privateKey, header: { kid: 'other' } }
    expect(await codeOf(resolveCaller(bearing(await poolToken()), optionsWith(poolKeys)))).toBe(
      'accepted',
    )
    const another = await poolToken({}, signing)
    expect(await codeOf(resolveCaller(bearing(another), optionsWith({ keys: [jwk] })))).toBe(
      'accepted',
    )
  })

  it('fetch the keys of a user pool and of a load balancer once from their public addresses', async () => {
    const asked: string[] = []
    const pair = await generateKeyPair('ES256', { extractable: true })
    const kid = 'abb8289f-e3a4-4a34-9472-c2105e2b2482'
    const pem = await exportSPKI(pair.publicKey)
    const fetch: typeof globalThis.fetch = async (input) => {
      const url = urlOf(input)
      asked.push(url)
      return url.includes('jwks.json') ? Response.json(poolKeys) : new Response(pem)
    }
    const { jwks: _given, ...balancer } = loadBalancer
    const inlineClock = sameTime()
    const oidcData = await albToken({}, { key: pair.privateKey, header: { kid } })
    const events = [
      bearing(await poolToken()),
      eventFixtures['alb-oidc'].event({ token: oidcData }),
    ]
    for (let call = 0; call < 3; call += 1) {
      for (const event of events) {
        const options = {
          userPools: [{ userPoolId, clientIds: null }],
          loadBalancers: [{ ...balancer }],
          fetch,
          clock: inlineClock,
        }
        expect(await codeOf(resolveCaller(event, options))).toBe('accepted')
      }
    }
    expect(asked).toEqual([
      `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}/.well-known/jwks.json`,
      `https://public-keys.auth.elb.eu-central-1.amazonaws.com/${kid}`,
    ])
  })
})

describe('a fetch of keys', () => {
  const withFetch = (fetch: typeof globalThis.fetch, more: CallerOptions = {}): CallerOptions => ({
    userPools: [{ userPoolId, clientIds: null }],
    fetch,
    clock: sameTime(),
    ...more,
  })
  const errorOf = async (options: CallerOptions): Promise<IamFetchError> => {
    const error: unknown = await resolveCaller(bearing(await poolToken()), options).catch(
      (caught: unknown) => caught,
    )
    if (!(error instanceof IamFetchError)) throw new TypeError('not refused')
    return error
  }

  it('reads 256 kB at most', async () => {
    let sent = 0
    const endless: typeof globalThis.fetch = async () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += 65_536
            controller.enqueue(new Uint8Array(65_536).fill(0x20))
          },
        }),
      )
    const error = await errorOf(withFetch(endless))
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: 503 })
    expect(error.cause).toMatchObject({ code: 'UNEXPECTED_ANSWER' })
    expect(sent).toBeLessThan(1_000_000)
  })

  it('ends after 5 seconds, the body included', async () => {
    const waited: number[] = []
    const stalled: typeof globalThis.fetch = async () => new Response(new ReadableStream({}))
    const sleeping = {
      now: () => clock.now(),
      sleep: async (ms: number) => void waited.push(ms),
    }
    const error = await errorOf(withFetch(stalled, { clock: sleeping }))
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
    expect(waited).toEqual([5_000])
  })

  it('follows no redirect and takes no response with an error status', async () => {
    const seen: (RequestInit | undefined)[] = []
    const failing: typeof globalThis.fetch = async (_input, init) => {
      seen.push(init)
      return Response.json(poolKeys, { status: 502 })
    }
    expect((await errorOf(withFetch(failing))).code).toBe('SERVICE_UNAVAILABLE')
    expect(seen[0]?.redirect).toBe('error')
  })

  it('uses the address that is given as "jwks"', async () => {
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(urlOf(input))
      return Response.json(poolKeys)
    }
    const jwks = 'http://127.0.0.1:9229/pool/.well-known/jwks.json'
    const options = withFetch(fetch, { userPools: [{ userPoolId, clientIds: null, jwks }] })
    expect(await codeOf(resolveCaller(bearing(await poolToken()), options))).toBe('accepted')
    expect(asked).toEqual([jwks])
  })

  it('asks a load balancer’s endpoint for UUIDs alone, and for 10 unknown keys in 10 seconds', async () => {
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(urlOf(input))
      return new Response('no such key', { status: 404 })
    }
    const { jwks: _given, ...balancer } = loadBalancer
    const options = { loadBalancers: [balancer], fetch, clock: sameTime() }
    const resolve = async (kid: string): Promise<unknown> => {
      const token = await albToken({}, { header: { kid } })
      return codeOf(resolveCaller(eventFixtures['alb-oidc'].event({ token }), options))
    }
    for (const kid of ['../../evil', 'x?y', '']) expect(await resolve(kid)).not.toBe('accepted')
    expect(asked).toEqual([])
    for (let index = 10; index < 60; index += 1) {
      expect(await resolve(`abb8289f-e3a4-4a34-9472-c2105e2b24${index}`)).toBe(
        'SERVICE_UNAVAILABLE',
      )
    }
    expect(asked).toHaveLength(10)
  })
})

it('a token of the pool is verified with the given keys and the clock of the options', async () => {
  const pair = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }
  const token = await new SignJWT({ ...aliceClaims })
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .sign(pair.privateKey)
  const options = { ...trust, userPools: [{ ...userPool, jwks: { keys: [jwk] } }] }
  expect(await codeOf(resolveCaller(bearing(token), options))).toBe('accepted')
  const later = { ...options, clock: { now: () => Number(aliceClaims['exp']) * 1_000 } }
  expect(await codeOf(resolveCaller(bearing(token), later))).toBe('TOKEN_EXPIRED')
})
