import { inspect } from 'node:util'
import { serverClock } from '@iamfetch/core'
import { fixedClock, type FixedClock } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import {
  cognitoClientToken,
  machineToken,
  memoryStore,
  oauthTokenEndpoint,
  type MachineTokenOptions,
  type TokenEndpoint,
} from '../src/index.ts'
import { secretsManager } from '../src/secrets-manager.ts'
import { drivenClock, elapse, jwt } from './endpoint.ts'

const HOUR = 3_600
const url = 'https://idp.example/oauth2/token'
const jwtEndpoint = oauthTokenEndpoint({ url, clientId: 'reader' })
const opaqueEndpoint = oauthTokenEndpoint({ url, clientId: 'reader', tokenFormat: 'opaque' })

function setUp(
  respond: (clock: FixedClock) => Response | Promise<Response>,
  { source = jwtEndpoint, ...options }: Partial<MachineTokenOptions> = {},
) {
  const clock = drivenClock()
  const sent: string[] = []
  const fetch: typeof globalThis.fetch = async (input) => {
    sent.push(new Request(input).url)
    return respond(clock)
  }
  const learned = serverClock(clock)
  const token = machineToken({ source, clientSecret: SECRET, fetch, clock: learned, ...options })
  return { clock, learned, sent, token, call: () => elapse(clock, token.get(), 250) }
}

/** Letters and digits only, as Cognito generates them. */
const SECRET = '1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6'
const seconds = (clock: FixedClock): number => Math.floor(clock.now() / 1_000)

describe('a response that a cache kept', () => {
  const cached =
    (ageSeconds: number, accessToken: (mintedAt: number) => string, more: object = {}) =>
    (clock: FixedClock): Response => {
      const mintedAt = seconds(clock) - ageSeconds
      const body = { access_token: accessToken(mintedAt), token_type: 'Bearer', ...more }
      return Response.json(body, {
        headers: { age: String(ageSeconds), date: new Date(mintedAt * 1_000).toUTCString() },
      })
    }
  const withExp = (mintedAt: number): string =>
    jwt({ token_use: 'access', client_id: 'reader', exp: mintedAt + HOUR })

  test('does not move the clock, so its expired token is not served', async () => {
    const { learned, call } = setUp(cached(4_000, withExp, { expires_in: HOUR }))
    await expect(call()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    expect(learned.offsetMs).toBe(0)
  })

  test('serves its token for what is left of the lifetime, a JWT or not', async () => {
    for (const [source, token] of [
      [jwtEndpoint, withExp],
      [jwtEndpoint, () => jwt({ token_use: 'access' })],
      [opaqueEndpoint, () => 'opaque'],
    ] as const) {
      const { clock, token: machine } = setUp(cached(1_000, token, { expires_in: HOUR }), {
        source,
      })
      expect((await machine.get()).expiresAt).toEqual(
        new Date((seconds(clock) + HOUR - 1_000) * 1_000),
      )
    }
  })

  test('is rejected if its opaque token has expired in the cache', async () => {
    const old = setUp(
      cached(HOUR, () => 'opaque', { expires_in: HOUR }),
      { source: opaqueEndpoint },
    )
    await expect(old.call()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
    const unnamed = setUp(
      cached(300, () => 'opaque'),
      { source: opaqueEndpoint },
    )
    await expect(unnamed.call()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('is rejected if its Age cannot be read', async () => {
    const body = { access_token: 'opaque', token_type: 'Bearer', expires_in: HOUR }
    const { call } = setUp(() => Response.json(body, { headers: { age: '-5' } }), {
      source: opaqueEndpoint,
    })
    await expect(call()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })
})

describe('a response without end', () => {
  const endless = (onCancel: () => void): Response =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)),
        cancel: onCancel,
      }),
    )
  const stalling = (): Response =>
    new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) }),
    )

  test('a response without end of the token endpoint is read up to one megabyte', async () => {
    for (const source of [
      jwtEndpoint,
      cognitoClientToken({ region: 'eu-central-1', clientId: 'reader' }),
    ]) {
      let cancelled = 0
      const { sent, call } = setUp(() => endless(() => cancelled++), { source })
      await expect(call()).rejects.toMatchObject({
        code: 'UNEXPECTED_ANSWER',
        message: expect.stringContaining('1048576 bytes'),
      })
      expect(cancelled).toBe(sent.length)
    }
  })

  test('a response without end of the token endpoint that stalls in the body ends after ten seconds', async () => {
    const { clock, call } = setUp(stalling)
    const begun = clock.now()
    await expect(call()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' })
    expect(clock.now() - begun).toBeLessThan(3 * 10_000 + 3_000)
  })

  test('a response without end of Secrets Manager is read up to one megabyte, and one that stalls ends after five seconds', async () => {
    const secretFrom = (clock: FixedClock, response: () => Response) =>
      secretsManager({
        secretId: 'reader',
        region: 'eu-central-1',
        fetch: async () => response(),
        clock,
      })
    const clock = fixedClock()
    let cancelled = 0
    await expect(secretFrom(clock, () => endless(() => cancelled++))()).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
    })
    expect(cancelled).toBe(1)
    const begun = clock.now()
    await expect(elapse(clock, secretFrom(clock, stalling)(), 250)).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    })
    expect(clock.now() - begun).toBeLessThanOrEqual(5_500)
  })

  test('a response without end that grants a token of 70,000 characters grants nothing', async () => {
    const body = { access_token: 'x'.repeat(70_000), token_type: 'Bearer', expires_in: HOUR }
    const { call } = setUp(() => Response.json(body), { source: opaqueEndpoint })
    await expect(call()).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
  })

  test('a response without end of a store is an entry that is not read', async () => {
    const body = { access_token: 'opaque', token_type: 'Bearer', expires_in: HOUR }
    const events: string[] = []
    const { call } = setUp(() => Response.json(body), {
      source: opaqueEndpoint,
      store: { ...memoryStore(), get: async () => 'A'.repeat(10_000_000) },
      onEvent: ({ type }) => events.push(type),
    })
    expect((await call()).token).toBe('opaque')
    expect(events).toContain('store-failed')
  })
})

describe('a server that echoes what it was sent', () => {
  const JWT = jwt({ token_use: 'access', client_id: 'reader', exp: 9e9 })
  const placesOf = (secret: string): [string, () => Response][] => [
    ['the error', () => Response.json({ error: secret }, { status: 400 })],
    ['the error of a success', () => Response.json({ error: secret })],
    ['the type', () => Response.json({ __type: secret }, { status: 400 })],
    [
      'the type with a namespace',
      () => Response.json({ __type: `a#${secret}:b` }, { status: 400 }),
    ],
    [
      'the message',
      () => Response.json({ error: 'invalid_client', error_description: secret }, { status: 400 }),
    ],
    ['the body', () => new Response(secret, { status: 400 })],
    ...['x-amzn-errortype', 'x-amzn-requestid', 'x-amz-cf-id', 'location', 'www-authenticate'].map(
      (name): [string, () => Response] => [
        name,
        () => new Response('', { status: 400, headers: { [name]: secret } }),
      ],
    ),
    [
      'a token type',
      () => Response.json({ access_token: 'x', token_type: secret, expires_in: HOUR }),
    ],
    [
      'a lifetime',
      () => Response.json({ access_token: JWT, token_type: 'Bearer', expires_in: secret }),
    ],
  ]
  const endpoints: TokenEndpoint[] = [
    jwtEndpoint,
    oauthTokenEndpoint({ url, clientId: 'reader', auth: 'basic' }),
    cognitoClientToken({ region: 'eu-central-1', clientId: 'reader' }),
  ]

  test('never gets the secret or a token into an error or an event', async () => {
    for (const secret of [SECRET, 'onlyletters', JWT]) {
      for (const [place, respond] of placesOf(secret)) {
        for (const source of endpoints) {
          const events: unknown[] = []
          const { call } = setUp(respond, {
            source,
            clientSecret: secret,
            onEvent: (event) => events.push(event),
          })
          const error: unknown = await call().catch((thrown: unknown) => thrown)
          expect(error, place).toMatchObject({ name: 'IamFetchError' })
          const shown = [String(error), JSON.stringify(error), inspect(error, { depth: 9 })]
          expect([...shown, inspect(events, { depth: 9 })].join('\n'), place).not.toContain(secret)
        }
      }
    }
  })

  test('never gets a client secret of Secrets Manager into an error', async () => {
    for (const [place, respond] of [
      ...placesOf(SECRET),
      ['another field', () => Response.json({ SecretString: JSON.stringify({ other: SECRET }) })],
    ] as const) {
      const read = secretsManager({
        secretId: 'reader',
        region: 'eu-central-1',
        field: 'secret',
        fetch: async () => respond(),
      })
      const error: unknown = await read().catch((thrown: unknown) => thrown)
      expect(error, place).toMatchObject({ code: 'SECRET_UNAVAILABLE' })
      expect(String(error) + inspect(error, { depth: 9 }), place).not.toContain(SECRET)
    }
  })

  test('still has its known error names and request IDs shown', async () => {
    const requestid = '7a1c9f4e-0d6b-4a53-9a58-0f9f6f6b8f11'
    const { call } = setUp(() =>
      Response.json(
        { error: 'invalid_client' },
        { status: 400, headers: { 'x-amzn-requestid': requestid } },
      ),
    )
    const error: unknown = await call().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ requestId: requestid })
    expect(String(error)).toContain('(invalid_client)')
  })
})

describe('a lifetime', () => {
  const granting = (fields: object) =>
    setUp(() => Response.json({ access_token: 'opaque', token_type: 'Bearer', ...fields }), {
      source: opaqueEndpoint,
    })

  test.each([1e15, 1e300, -1, 0, '0', '-1', '1e3', ' 60', '60s', '', true, [60], {}])(
    'a lifetime of %j is not a lifetime',
    async (expiresIn) => {
      const error: unknown = await granting({ expires_in: expiresIn })
        .call()
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code: 'TOKEN_INVALID',
        message: expect.stringContaining('"expires_in"'),
      })
    },
  )

  test('a lifetime that an issuer sends for "never" is a date', async () => {
    const { clock, token } = granting({ expires_in: 2_147_483_647 })
    expect((await token.get()).expiresAt).toEqual(new Date(clock.now() + 2_147_483_647_000))
  })
})
