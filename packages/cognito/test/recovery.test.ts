import { describe, expect, test } from 'vitest'
import { HOUR, idToken, fakePool, READ, refuses, settle, BOTH, failure } from './fake-pool.ts'

const hangs = (): Promise<Response> => new Promise(() => {})

describe('a wrong local clock', () => {
  test.each([-2 * HOUR, (56 / 60) * HOUR, 2 * HOUR])(
    'a wrong local clock that is %d ms off: five calls make one exchange, and the clock to sign with is right',
    async (off) => {
      const pool = fakePool()
      pool.skew(off)
      const provider = pool.make()
      for (let i = 0; i < 5; i++) await provider()
      expect(pool.calls()).toEqual(BOTH)
      expect(provider.clock.now()).toBe(pool.serverNow())
    },
  )

  test('a wrong local clock that is two hours fast is survived where no Date can be read', async () => {
    const pool = fakePool(undefined, { date: false })
    pool.skew(2 * HOUR)
    const provider = pool.make()
    for (let i = 0; i < 5; i++) await provider()
    expect(pool.calls()).toEqual(BOTH)
    expect(provider.clock.now()).toBe(pool.serverNow())
  })

  test('is corrected from the text of a refusal, and by no response that a cache kept', async () => {
    const refusal = (_: string, __: unknown, index: number): Response | undefined => {
      if (index) return undefined
      const now = Date.UTC(2026, 0, 1) / 1_000
      return refuses(
        'NotAuthorizedException',
        `Invalid login token. Token expired: ${now} >= ${now - 5}`,
      )
    }
    const only = fakePool((operation, input) => refusal(operation, input, 0), { date: false })
    only.skew(-2 * HOUR)
    const refused = only.make()
    expect(await failure(refused())).toMatchObject({ code: 'ID_TOKEN_EXPIRED' })
    expect(refused.clock.now()).toBe(only.serverNow())
    const pool = fakePool(refusal, { date: false })
    pool.skew(-2 * HOUR)
    const provider = pool.make({
      idToken: async () => idToken({ jti: Math.random() }),
    })
    await provider()
    expect(provider.clock.now()).toBe(pool.serverNow())
    const kept = fakePool(() =>
      Response.json(
        { IdentityId: 'x' },
        { headers: { date: new Date(0).toUTCString(), age: '9' } },
      ),
    )
    const other = kept.make()
    await other().catch(() => {})
    expect(other.clock.offsetMs).toBe(0)
  })

  test('is not set by an expiry in the past if a Date was read: the response is refused', async () => {
    const pool = fakePool(undefined, { lifeMs: -60_000 })
    const provider = pool.make()
    const failed = failure(provider())
    for (let i = 0; i < 4; i++) await pool.pass(1_000)
    expect(await failed).toMatchObject({
      code: 'UNEXPECTED_ANSWER',
      message: expect.stringContaining('"Expiration"'),
    })
    expect(provider.clock.offsetMs).toBe(0)
  })

  test.each([{ age: '0' }, { age: '7200', date: new Date(0).toUTCString() }])(
    'is not set by an expiry, a text or a Date that a cache stored: %j',
    async (headers) => {
      const session = fakePool((operation) =>
        Response.json(
          operation === 'GetId'
            ? { IdentityId: 'x' }
            : {
                IdentityId: 'x',
                Credentials: {
                  AccessKeyId: 'ASIA',
                  SecretKey: 's',
                  SessionToken: 't',
                  Expiration: session.serverNow() / 1_000 - 60,
                },
              },
          { headers: headers as Record<string, string> },
        ),
      )
      const provider = session.make()
      const failed = failure(provider())
      for (let i = 0; i < 4; i++) await session.pass(1_000)
      expect(await failed).toMatchObject({ code: 'UNEXPECTED_ANSWER' })
      expect(provider.clock.offsetMs).toBe(0)

      const refused = fakePool(() =>
        Response.json(
          { __type: 'NotAuthorizedException', message: 'Token expired: 1 >= 0' },
          { status: 400, headers: headers as Record<string, string> },
        ),
      )
      const other = refused.make()
      expect(await failure(other())).toMatchObject({ code: 'ID_TOKEN_EXPIRED' })
      expect(other.clock.offsetMs).toBe(0)
    },
  )

  test.each([1e15, 1e300, -1, 0, '9999999999', [9_999_999_999], null, true, 9_999_999_999])(
    'is not measured by an expiry that is not a plausible number of seconds: %j',
    async (Expiration) => {
      const pool = fakePool((operation) =>
        operation === 'GetId'
          ? undefined
          : Response.json({
              IdentityId: 'x',
              Credentials: { AccessKeyId: 'ASIA', SecretKey: 's', SessionToken: 't', Expiration },
            }),
      )
      const provider = pool.make()
      expect(await failure(provider())).toMatchObject({ code: 'UNEXPECTED_ANSWER' })
      expect(provider.clock.offsetMs).toBe(0)
    },
  )

  test('a wrong local clock that jumps while credentials are held makes one exchange more', async () => {
    const pool = fakePool()
    const provider = pool.make()
    await provider()
    pool.skew(3 * HOUR)
    for (let i = 0; i < 5; i++) await provider()
    expect(pool.calls()).toEqual([...BOTH, BOTH[1]])
    expect(provider.clock.now()).toBe(pool.serverNow())
  })
})

describe('an identity that Cognito no longer takes', () => {
  test.each([
    [
      'ResourceNotFoundException',
      "Identity 'eu-central-1:identity-1' not found.",
      'IDENTITY_NOT_FOUND',
    ],
    [
      'NotAuthorizedException',
      "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      'IDENTITY_LOGIN_MISMATCH',
    ],
    [
      'NotAuthorizedException',
      "Access to Identity 'eu-central-1:identity-1' is forbidden.",
      'IDENTITY_DISABLED',
    ],
    ['ResourceConflictException', 'Logins are already linked to another account', 'LOGIN_CONFLICT'],
  ])(
    '(%s, %s) is corrected by one GetId and one retry, and no more',
    async (type, message, code) => {
      let refusals = 0
      const events: string[] = []
      const pool = fakePool((operation) =>
        operation === 'GetCredentialsForIdentity' && refusals-- > 0
          ? refuses(type, message)
          : undefined,
      )
      const provider = pool.make({ onEvent: ({ type: name }) => events.push(name) })
      await provider()
      refusals = 1
      await provider({ forceRefresh: true })
      expect(pool.calls().slice(2)).toEqual([BOTH[1], ...BOTH])
      expect(events).toEqual(['identity-reset'])
      refusals = 2
      await expect(provider({ forceRefresh: true })).rejects.toMatchObject({ code })
      expect(pool.calls().slice(5)).toEqual([BOTH[1], ...BOTH])
    },
  )

  test.each([
    ['InvalidIdentityPoolConfigurationException', 'Invalid identity pool configuration.'],
    ['LimitExceededException', 'limit'],
    ['NotAuthorizedException', 'something else'],
  ])('is not given up for another reason (%s)', async (type, message) => {
    const events: string[] = []
    const identityStore = new Map<string, string>()
    const pool = fakePool((operation) =>
      operation === 'GetCredentialsForIdentity' ? refuses(type, message) : undefined,
    )
    const provider = pool.make({
      guest: true,
      identityStore,
      onEvent: (event) => events.push(event.type),
    })
    await failure(provider())
    await settle()
    expect(pool.calls()).toEqual(BOTH)
    expect([...identityStore.values()]).toEqual(['eu-central-1:identity-1'])
    expect(events).toEqual(['exchange-failed'])
  })

  test('is reset once for two roles that meet it together', async () => {
    let gone = false
    const pool = fakePool((operation, { IdentityId }) => {
      if (!gone) return undefined
      if (operation === 'GetId') return Response.json({ IdentityId: 'eu-central-1:identity-9' })
      if (IdentityId !== 'eu-central-1:identity-1') return undefined
      return refuses('ResourceNotFoundException', `Identity '${IdentityId}' not found.`)
    })
    const events: string[] = []
    const provider = pool.make({ onEvent: ({ type }) => events.push(type) })
    await Promise.all([provider(), provider.withRole(READ)()])
    gone = true
    await Promise.all([
      provider({ forceRefresh: true }),
      provider.withRole(READ)({ forceRefresh: true }),
    ])
    expect(pool.count('GetId')).toBe(2)
    expect(new Set(events)).toEqual(new Set(['identity-reset']))
    expect(provider.status().identityId).toBe('eu-central-1:identity-9')
  })

  test('is not reset by a role that is refused late, when there is a new one already', async () => {
    let refuse: (() => void) | undefined
    const gone = refuses('ResourceNotFoundException', "Identity 'x' not found.")
    const pool = fakePool((operation, { CustomRoleArn, IdentityId }) => {
      if (operation === 'GetId' || IdentityId !== 'eu-central-1:identity-1') return undefined
      if (CustomRoleArn !== READ) return gone.clone()
      return new Promise((resolve) => (refuse = () => resolve(gone)))
    })
    const events: string[] = []
    const provider = pool.make({ onEvent: ({ type }) => events.push(type) })
    const late = provider.withRole(READ)()
    await settle()
    pool.forgetIdentities()
    await provider()
    refuse!()
    expect((await late).identityId).toBe('eu-central-1:identity-2')
    expect(events).toEqual(['identity-reset'])
    expect(pool.count('GetId')).toBe(2)
  })
})

describe('retries', () => {
  test.each([
    [() => refuses('TooManyRequestsException', 'Rate exceeded'), 'THROTTLED'],
    [() => refuses('InternalErrorException', 'oops', { status: 500 }), 'SERVICE_UNAVAILABLE'],
    [() => new Response('<html>bad gateway', { status: 502 }), 'SERVICE_UNAVAILABLE'],
    // What a service worker gives an app that wakes up: aws-amplify/amplify-js#12955.
    [() => new Response(null, { status: 504 }), 'SERVICE_UNAVAILABLE'],
    [() => refuses('ExternalServiceException', 'IdP down'), 'IDP_UNAVAILABLE'],
    [() => Promise.reject<Response>(new TypeError('Failed to fetch')), 'NETWORK_OR_CORS'],
  ])('three attempts with full jitter (case %#)', async (answer, code) => {
    const pool = fakePool((_, __, index) => (index < 2 ? answer() : undefined))
    const provider = pool.make()
    const got = provider()
    for (const wait of [250, 500]) {
      await settle()
      const before = pool.fetch.seen.length
      await pool.pass(wait - 1)
      expect(pool.fetch.seen.length).toBe(before)
      await pool.pass(1)
      expect(pool.fetch.seen.length).toBeGreaterThan(before)
    }
    await got
    expect(pool.calls()).toEqual(['GetId', 'GetId', ...BOTH])

    const down = fakePool(() => answer())
    const failed = failure(down.make()())
    for (let i = 0; i < 4; i++) await down.pass(1_000)
    expect(await failed).toMatchObject({ code, retryable: true })
    expect(down.calls()).toEqual(['GetId', 'GetId', 'GetId'])
  })

  test('a response without a message is reported by its status', async () => {
    const pool = fakePool(() => new Response(null, { status: 504 }))
    const failed = failure(pool.make()())
    for (let i = 0; i < 4; i++) await pool.pass(1_000)
    expect(await failed).toMatchObject({ message: 'GetId: HTTP 504', status: 504 })
  })

  test('none for LimitExceeded, and none for a response that is not JSON', async () => {
    for (const [answer, code] of [
      [() => refuses('LimitExceededException', 'limit'), 'QUOTA_EXHAUSTED'],
      // A captive portal's: the next call may fare better, this one not.
      [() => new Response('hello'), 'UNEXPECTED_ANSWER'],
      [() => Response.json({}), 'UNEXPECTED_ANSWER'],
    ] as const) {
      const pool = fakePool(answer)
      const retryable = code === 'UNEXPECTED_ANSWER'
      await expect(pool.make()()).rejects.toMatchObject({ code, retryable })
      expect(pool.calls()).toEqual(['GetId'])
    }
  })

  test('a response that lacks a part makes no credentials', async () => {
    const whole = {
      AccessKeyId: 'ASIA',
      SecretKey: 's',
      SessionToken: 't',
      Expiration: Date.UTC(2026, 0, 1, 1) / 1_000,
    }
    const answers: object[] = [{ IdentityId: 'i' }, { Credentials: whole }]
    for (const part of Object.keys(whole)) {
      for (const other of [undefined, null, '', 0, {}, ['']]) {
        answers.push({ IdentityId: 'i', Credentials: { ...whole, [part]: other } })
      }
    }
    for (const answer of answers) {
      const pool = fakePool((operation) =>
        operation === 'GetId' ? undefined : Response.json(answer),
      )
      const error = await failure(pool.make()())
      expect(error).toMatchObject({ code: 'UNEXPECTED_ANSWER', retryable: true })
    }
  })

  test('a service that hangs is given up after the timeout, and its requests are aborted', async () => {
    const pool = fakePool(hangs)
    const provider = pool.make()
    const failed = failure(provider())
    for (const ms of [10_000, 250, 10_000, 500, 9_999]) {
      await settle()
      await pool.pass(ms)
    }
    expect(pool.fetch.seen.map(({ request }) => request.signal.aborted)).toEqual([
      true,
      true,
      false,
    ])
    await pool.pass(1)
    expect(await failed).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
    expect(pool.fetch.seen.every(({ request }) => request.signal.aborted)).toBe(true)
  })

  test('a body that never ends is given up too', async () => {
    const pool = fakePool(
      () => new Response(new ReadableStream({ pull: async () => void (await hangs()) })),
    )
    const failed = failure(pool.make()())
    for (let i = 0; i < 8; i++) {
      await settle()
      await pool.pass(10_000)
    }
    expect(await failed).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })
})
