import { inspect } from 'node:util'
import { IamFetchError } from '@iamfetch/core'
import { fixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import { machineToken, oauthTokenEndpoint, type MachineTokenOptions } from '../src/index.ts'
import { claimsOf, elapse, jwt, testEndpoint } from './endpoint.ts'

const HOUR = 3_600_000
const source = oauthTokenEndpoint({
  url: 'https://test.auth.eu-central-1.amazoncognito.com/oauth2/token',
  clientId: 'reader',
})

function setUp(options: Partial<MachineTokenOptions> = {}) {
  const clock = fixedClock()
  const endpoint = testEndpoint(clock)
  const token = machineToken({
    source,
    clientSecret: 'secret-1',
    fetch: endpoint,
    clock,
    ...options,
  })
  return { clock, endpoint, token }
}

const failure = async (promise: Promise<unknown>): Promise<IamFetchError> => {
  const error = await promise.catch((caught: unknown) => caught)
  if (!(error instanceof IamFetchError)) throw new Error('expected an IamFetchError')
  return error
}

describe('one token', () => {
  test('serves a hundred calls that come at once, and every later one', async () => {
    const { endpoint, token } = setUp()
    const tokens = await Promise.all(Array.from({ length: 100 }, () => token()))
    expect(new Set(tokens)).toEqual(new Set(endpoint.minted))
    expect(await token()).toBe(tokens[0])
    expect(endpoint.minted).toHaveLength(1)
  })

  test('is requested with the scopes sorted and without repetition', async () => {
    const { endpoint, token } = setUp({
      scopes: ['premium/write', 'premium/read', 'premium/write'],
    })
    await token()
    expect(new URLSearchParams(endpoint.seen[0]!.body).get('scope')).toBe(
      'premium/read premium/write',
    )
  })

  test('comes with its expiry and the scopes that were granted', async () => {
    const { clock, endpoint, token } = setUp()
    const got = await token.get()
    expect(got.token).toBe(endpoint.minted[0])
    expect(got.expiresAt).toEqual(new Date(clock.now() + HOUR))
    expect(got.scopes).toEqual(['premium/read', 'premium/write'])
  })

  test('does not show up in JSON or in inspection, nor does the secret', async () => {
    const { endpoint, token } = setUp()
    const got = await token.get()
    const shown = [got, token, source, token.stats()]
      .flatMap((thing) => [inspect(thing, { depth: 9 }), JSON.stringify(thing) ?? ''])
      .join()
    expect(shown).not.toContain(endpoint.minted[0])
    expect(shown).not.toContain('secret-1')
  })

  test('is shared by two machine tokens of one process', async () => {
    const original = globalThis.fetch
    const endpoint = testEndpoint(Date)
    // The one test of what happens without a fetch of one's own.
    globalThis.fetch = endpoint
    try {
      const make = () => machineToken({ source, clientSecret: 'secret-1' })
      expect(await make()()).toBe(await make()())
      expect(endpoint.minted).toHaveLength(1)
    } finally {
      globalThis.fetch = original
    }
  })

  test('one token of five minutes, the shortest life that Cognito allows, is cached until its last tenth', async () => {
    const { clock, endpoint, token } = setUp()
    endpoint.lifeSeconds = 300
    for (let call = 0; call < 10; call++) {
      await token()
      await clock.advance(5_000)
    }
    expect(endpoint.minted).toHaveLength(1)
    await clock.advance(210_000)
    expect(await token()).toBe(endpoint.minted[0])
  })

  test('lives until its exp if that is earlier than expires_in', async () => {
    const { clock, endpoint, token } = setUp()
    const exp = clock.now() / 1_000 + 600
    endpoint.next.push(() =>
      Response.json({
        access_token: jwt({ token_use: 'access', exp, scope: '' }),
        token_type: 'Bearer',
        expires_in: 3_600,
      }),
    )
    expect((await token.get()).expiresAt).toEqual(new Date(exp * 1_000))
  })

  test('lives by the time of the server, whatever the local clock says', async () => {
    const server = fixedClock()
    const local = fixedClock(server.now() - 2 * HOUR)
    const endpoint = testEndpoint(server)
    const dated: typeof fetch = async (input, init) => {
      const response = await endpoint(input, init)
      response.headers.set('date', new Date(server.now()).toUTCString())
      return response
    }
    const token = machineToken({ source, clientSecret: 'secret-1', fetch: dated, clock: local })
    expect((await token.get()).expiresAt).toEqual(new Date(server.now() + HOUR))
    local.jump(HOUR - 1_000)
    server.jump(HOUR - 1_000)
    await token()
    expect(endpoint.minted).toHaveLength(2)
  })
})

describe('renewal', () => {
  test('starts in the background before the token expires, and the old token is used in the meantime', async () => {
    const { clock, endpoint, token } = setUp()
    const first = await token()
    await clock.advance(0.81 * HOUR)
    expect(await token()).toBe(first)
    await expect.poll(() => endpoint.minted.length).toBe(2)
    await expect.poll(() => token()).toBe(endpoint.minted[1])
  })

  test('renewal that fails keeps the token that still works, also in its last minute', async () => {
    const { clock, endpoint, token } = setUp()
    const first = await token()
    const down = () => new Response('<html>503</html>', { status: 503 })
    endpoint.next.push(...Array.from({ length: 20 }, () => down))
    for (const leftMs of [240_000, 60_000]) {
      clock.jump(HOUR - leftMs - (clock.now() - fixedClock().now()))
      expect(await token()).toBe(first)
    }
  })
})

describe('a token that an API rejects', () => {
  test('is replaced once, however many calls saw the rejection', async () => {
    const { endpoint, token } = setUp()
    const old = await token()
    const after = await Promise.all(
      Array.from({ length: 20 }, async () => {
        expect(token.invalidate(old)).toBe(true)
        return token()
      }),
    )
    expect(new Set(after)).toEqual(new Set([endpoint.minted[1]]))
    expect(endpoint.minted).toHaveLength(2)
  })

  test('does not come back from the store', async () => {
    const { token } = setUp()
    const old = await token()
    token.invalidate(old)
    expect(await token()).not.toBe(old)
  })

  test('is kept if it has just replaced a rejected one: an API that rejects every token costs two tokens', async () => {
    const { clock, endpoint, token } = setUp()
    for (let call = 0; call < 5; call++) {
      const used = await token()
      const another = token.invalidate(used)
      expect((await token()) !== used).toBe(another)
    }
    expect(endpoint.minted).toHaveLength(2)
    await clock.advance(60_000)
    expect(token.invalidate(await token())).toBe(true)
    expect(token.invalidate(await token())).toBe(false)
    expect(endpoint.minted).toHaveLength(3)
    await clock.advance(60_000)
    expect(token.invalidate(await token())).toBe(false)
  })

  test('is dropped at once if it did not replace a rejected one', async () => {
    const { clock, endpoint, token } = setUp()
    token.invalidate(await token())
    await token()
    await clock.advance(HOUR)
    expect(await token()).toBe(endpoint.minted[2])
    expect(token.invalidate(endpoint.minted[2]!)).toBe(true)
    expect(await token()).toBe(endpoint.minted[3])
  })

  test('has a successor already if it is not the one that is cached', async () => {
    const { token } = setUp()
    const held = await token()
    expect(token.invalidate('another')).toBe(true)
    expect(await token()).toBe(held)
  })
})

describe('a refusal', () => {
  test('a refusal of a wrong secret is requested once a minute', async () => {
    const { clock, endpoint, token } = setUp({ clientSecret: 'wrong' })
    for (let call = 0; call < 20; call++) {
      expect(await failure(token())).toMatchObject({ code: 'INVALID_CLIENT', status: 400 })
    }
    expect(endpoint.seen).toHaveLength(1)
    await clock.advance(60_000)
    await failure(token())
    expect(endpoint.seen).toHaveLength(2)
  })

  test('contains neither the secret nor the body of the response', async () => {
    const { endpoint, token } = setUp()
    endpoint.next.push(() => new Response('secret-1 {"access_token":"leaked', { status: 200 }))
    const error = await failure(token())
    expect(error.code).toBe('UNEXPECTED_ANSWER')
    const shown = inspect(error, { depth: 9 }) + JSON.stringify(error)
    expect(shown).not.toContain('secret-1')
    expect(shown).not.toContain('leaked')
  })

  test('names the scopes that were silently left out', async () => {
    const { clock, endpoint, token } = setUp({ scopes: ['premium/read', 'premium/write'] })
    endpoint.next.push(() =>
      Response.json({
        access_token: jwt({
          token_use: 'access',
          scope: 'premium/read',
          exp: clock.now() / 1_000 + 60,
        }),
        token_type: 'Bearer',
        expires_in: 60,
      }),
    )
    const error = await failure(token())
    expect(error.code).toBe('SCOPES_MISSING')
    expect(error.message).toContain('premium/write')
    expect(error.message).not.toContain('premium/read')
  })

  test('a refusal of a token that has expired in a cache is followed by another attempt', async () => {
    const { clock, endpoint, token } = setUp()
    const old = jwt({ token_use: 'access', exp: clock.now() / 1_000 - 1 })
    endpoint.next.push(() =>
      Response.json({ access_token: old, token_type: 'Bearer', expires_in: 3_600 }),
    )
    expect(claimsOf(await elapse(clock, token()))['jti']).toBe('reader-0')
  })
})

describe('one caller', () => {
  test('may stop waiting without an effect on the others', async () => {
    const { endpoint, token } = setUp()
    const controller = new AbortController()
    const quitter = token({ signal: controller.signal })
    const stayer = token()
    controller.abort(new Error('changed my mind'))
    await expect(quitter).rejects.toThrow('changed my mind')
    expect(await stayer).toBe(endpoint.minted[0])
  })
})

describe('options that cannot work', () => {
  const fine: MachineTokenOptions = { source, clientSecret: 'secret' }
  test.each([
    ['no source', { ...fine, source: undefined }],
    ['a source that looks like every other', { ...fine, source: { ...source, identity: [] } }],
    ['an empty secret', { ...fine, clientSecret: '' }],
    ['an empty previous secret', { ...fine, clientSecret: { current: 'a', previous: '' } }],
    ['two scopes in one text', { ...fine, scopes: ['premium/read premium/write'] }],
    ['scopes that are a text', { ...fine, scopes: 'premium/read' }],
    ['a store without get', { ...fine, store: {} }],
    [
      'a lease that cannot be given back',
      { ...fine, store: { get() {}, set() {}, tryLease() {} } },
    ],
  ])('are a TypeError: %s', (_, options) => {
    // @ts-expect-error what a caller without types may hand over
    expect(() => machineToken(options)).toThrow(TypeError)
  })
})
