import { createSigner } from '@iamfetch/sigv4'
import { fakeFetch } from '@iamfetch/testing'
import { describe, expect, test, vi } from 'vitest'
import { rememberRequests } from '../src/explain.ts'
import { withIdToken } from '../src/id-token.ts'
import {
  createTokenFetch,
  signWebSocketUrl,
  type Credentials,
  type IamFetchOptions,
  type TokenSource,
} from '../src/index.ts'
import { presignedSigner } from '../src/presigned.ts'
import { failure, idTokenOf, ISSUER, scene, settle, type Scene } from './caller-scene.ts'
import { API, credentialsOf, refusal } from './fixtures.ts'

const busy = (): Response => new Response('', { status: 429, headers: { 'retry-after': '1' } })
const expired = (): Response => refusal('The security token included in the request is expired')
const skewed = (): Response => refusal('Signature expired: x (20260101T020000Z - 5 min.)')
const ok = (): Response => new Response('ok')
const codeOf = (error: unknown): unknown => Object(error).code

/** Why a request is sent again. */
const AGAIN: [string, () => Response, RequestInit][] = [
  ['a 429', busy, { method: 'POST', body: 'x' }],
  ['a 503', () => new Response('', { status: 503 }), {}],
  [
    'a network failure',
    () => {
      throw new TypeError('fetch failed')
    },
    {},
  ],
  ['an expired session', expired, { method: 'POST', body: 'x' }],
  ['a wrong clock', skewed, { method: 'POST', body: 'x' }],
]

/** Ways in which another user takes the place of the one who made the call. */
const CHANGES: [string, string, (device: Scene) => void][] = [
  [
    'the user signs out with clear() and another signs in',
    'CLEARED',
    (device) => {
      device.credentials.clear()
      device.user = 'bob'
    },
  ],
  [
    'the user signs out with clear() and signs in again',
    'CLEARED',
    (device) => device.credentials.clear(),
  ],
  [
    'another user signs in without clear()',
    'CALLER_CHANGED',
    (device) => {
      device.user = 'bob'
    },
  ],
  [
    'the user signs out without clear()',
    'LOGIN_REQUIRED',
    (device) => {
      device.user = undefined
    },
  ],
]

describe.each(AGAIN)('after %s', (_, first, init) => {
  test.each(CHANGES)('nothing more is sent if %s: %s', async (__, code, change) => {
    const device = scene(async (index) => {
      if (index > 0) return ok()
      await settle()
      change(device)
      return first()
    })
    const call = failure(device.iamFetch('/x', init))
    for (let i = 0; i < 6; i++) {
      await settle()
      await device.clock.advance(1_000)
    }
    expect(await call).toMatchObject({ code })
    expect(device.callers()).toEqual(['alice'])
  })
})

describe('a call that waits for another attempt', () => {
  test.each(['alone', 'while the next user already calls'])(
    'ends at once with CLEARED on clear(), %s',
    async (how) => {
      const device = scene((index) => (index ? ok() : busy()))
      const alices = failure(device.iamFetch('/x', { method: 'POST' }))
      await settle()
      device.credentials.clear()
      device.user = 'bob'
      if (how !== 'alone') await device.iamFetch('/y')
      // No time has passed.
      expect(await alices).toMatchObject({
        code: 'CLEARED',
        remedy: expect.stringMatching(/earlier/),
      })
      await device.clock.advance(5_000)
      expect(device.callers()).toEqual(how === 'alone' ? ['alice'] : ['alice', 'bob'])
    },
  )

  test('ends at once with CALLER_CHANGED when a call of another user is made', async () => {
    const device = scene((index) => (index ? ok() : busy()))
    const alices = failure(device.iamFetch('/x', { method: 'POST' }))
    await settle()
    device.user = 'bob'
    await device.iamFetch('/y')
    expect(await alices).toMatchObject({ code: 'CALLER_CHANGED', retryable: false })
    await device.clock.advance(5_000)
    expect(device.callers()).toEqual(['alice', 'bob'])
  })

  test('goes on when the same user gets a new token and another role', async () => {
    const device = scene((index) => (index ? ok() : busy()))
    const call = device.iamFetch('/x', { method: 'POST' })
    await settle()
    device.source = async () => idTokenOf('alice', { 'cognito:groups': ['Readers'], iat: 1 })
    device.credentials.switchRole('arn:aws:iam::123456789012:role/Other')
    await device.clock.advance(1_000)
    expect((await call).status).toBe(200)
    expect(device.callers()).toEqual(['alice', 'alice'])
  })
})

describe('a call whose body takes time', () => {
  const slow = (): { body: ReadableStream<Uint8Array>; finish: () => void } => {
    let finish = (): void => {}
    const body = new ReadableStream<Uint8Array>({
      start(stream) {
        finish = () => {
          stream.enqueue(new TextEncoder().encode('x'))
          stream.close()
        }
      },
    })
    return { body, finish: () => finish() }
  }

  test.each(CHANGES)('is not sent if %s: %s', async (_, code, change) => {
    const device = scene(ok)
    const { body, finish } = slow()
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    const call = failure(device.iamFetch('/x', init))
    await settle()
    change(device)
    finish()
    expect(await call).toMatchObject({ code })
    expect(device.callers()).toEqual([])
  })
})

describe('the user who is calling', () => {
  test('is read when the call starts, not a moment later', async () => {
    const device = scene(ok)
    const alices = device.iamFetch('/x')
    device.user = 'bob'
    const bobs = failure(device.iamFetch('/y'))
    await Promise.allSettled([alices, bobs])
    const callers = device.api.seen.map(({ url }, index) => [
      new URL(url).pathname,
      device.callers()[index],
    ])
    expect(callers).not.toContainEqual(['/x', 'bob'])
    expect(callers).not.toContainEqual(['/y', 'alice'])
    expect(callers).toContainEqual(['/y', 'bob'])
  })

  test('is not the one who was signed in before, if the token cannot be read', async () => {
    const device = scene(ok)
    await device.iamFetch('/x')
    device.source = async () => {
      throw new TypeError('Failed to fetch')
    }
    expect(await failure(device.iamFetch('/x', { method: 'POST' }))).toMatchObject({
      code: 'NETWORK_OR_CORS',
      retryable: true,
      message: '"idToken" failed: TypeError.',
    })
    expect(device.credentials.status()).toMatchObject({
      state: 'stale',
      sub: 'alice',
      error: { code: 'NETWORK_OR_CORS' },
    })
    device.source = undefined
    expect((await device.iamFetch('/x')).status).toBe(200)
    expect(device.credentials.status()).toMatchObject({ state: 'ready', error: undefined })
    expect(device.callers()).toEqual(['alice', 'alice'])
  })

  test('is needed: without a token the call is LOGIN_REQUIRED, and credentials that are held stay unused', async () => {
    const device = scene(ok)
    await device.iamFetch('/x')
    device.user = undefined
    expect(await failure(device.iamFetch('/x'))).toMatchObject({ code: 'LOGIN_REQUIRED' })
    expect(device.callers()).toEqual(['alice'])
  })

  test('gets CLEARED at once if clear() is called while the token is read', async () => {
    const device = scene(ok)
    device.source = () => new Promise(() => {})
    const call = failure(device.iamFetch('/x'))
    await settle()
    device.credentials.clear()
    expect(await call).toMatchObject({ code: 'CLEARED' })
    expect(device.callers()).toEqual([])
  })

  test('is another one if only the issuer differs', async () => {
    const device = scene(ok)
    const credentials = device.credentialsWith({ providerName: 'login.example' })
    const first = await credentials()
    const events: string[] = []
    const stop = credentials.subscribe(() => events.push(credentials.status().issuer ?? ''))
    device.source = async () => idTokenOf('alice', { iss: 'https://login.example/tenant-b' })
    const second = await credentials()
    stop()
    expect(second.accessKeyId).not.toBe(first.accessKeyId)
    expect(events).toContain('https://login.example/tenant-b')
  })

  test('with the role of the call’s start keeps it if the role is switched before the first attempt', async () => {
    const device = scene(ok)
    const call = device.iamFetch('/x')
    device.credentials.switchRole('arn:aws:iam::123456789012:role/Other')
    await call
    expect(device.credentials.status()).toMatchObject({ state: 'empty', role: expect.any(String) })
  })
})

describe('with any moment of a call', () => {
  test.each(CHANGES)(
    'no request of alice is signed for another user if %s',
    async (_, code, change) => {
      for (let moment = 0; moment < 80; moment++) {
        const device = scene((index) => (index ? ok() : busy()))
        const call = Promise.allSettled([device.iamFetch('/x', { method: 'POST', body: 'x' })])
        for (let i = 0; i < moment; i++) await Promise.resolve()
        change(device)
        const sent = device.sent()
        for (let i = 0; i < 3; i++) await device.clock.advance(1_000)
        await call
        expect(device.callers().filter((caller) => caller !== 'alice')).toEqual([])
        // After clear() nothing leaves any more; what was under way then had left before.
        expect(code === 'CLEARED' ? device.sent() : sent).toBe(sent)
      }
    },
  )
})

describe('credentials that come in another way', () => {
  test('from a function around cognitoCredentials are not kept for the next user', async () => {
    const device = scene(ok)
    const iamFetch = device.make({ credentials: () => device.credentials(), clock: device.clock })
    await iamFetch('/x')
    device.user = 'bob'
    await iamFetch('/x')
    expect(device.callers()).toEqual(['alice', 'bob'])
  })

  test('from a function around cognitoCredentials end a waiting call on clear()', async () => {
    const device = scene((index) => (index ? ok() : busy()))
    const iamFetch = device.make({ credentials: () => device.credentials(), clock: device.clock })
    const call = failure(iamFetch('/x', { method: 'POST' }))
    await settle()
    device.credentials.clear()
    expect(await call).toMatchObject({ code: 'CLEARED' })
  })

  test.each<[string, Partial<Credentials>, Partial<Credentials>, string[]]>([
    ['of another identity are not used', { identityId: 'a' }, { identityId: 'b' }, ['first']],
    [
      'of the same identity are used',
      { identityId: 'a' },
      { identityId: 'a' },
      ['first', 'second'],
    ],
    ['without an identity cannot be checked', {}, {}, ['first', 'second']],
  ])('from a plain provider %s in another attempt', async (_, one, other, expected) => {
    const sets = [
      { ...credentialsOf('first'), ...one },
      { ...credentialsOf('second'), ...other },
    ]
    let asked = 0
    const device = scene((index) => (index ? ok() : busy()))
    const credentials = Object.assign(async () => sets[Math.min(asked++, 1)]!, { invalidate() {} })
    const iamFetch = device.make({ credentials, clock: device.clock })
    const call = failure(iamFetch('/x', { method: 'POST' }))
    await settle()
    await device.clock.advance(1_000)
    await call
    const signers = device.api.seen.map(
      ({ headers }) => /Credential=ASIA(\w+)/.exec(headers.get('authorization')!)?.[1],
    )
    expect(signers).toEqual(expected)
  })

  test('a guest who becomes a user in another attempt is another caller, unless the identity stays', async () => {
    for (const [identityId, sent] of [
      ['eu-central-1:guest', 2],
      ['eu-central-1:alice', 1],
    ] as const) {
      const device = scene((index) => (index ? ok() : busy()))
      const guest = device.credentialsWith({ guest: true })
      const user = device.credentialsWith({})
      let signedIn = false
      const iamFetch = device.make({
        clock: device.clock,
        credentials: async () => {
          if (!signedIn) return guest()
          const held = await user()
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy with its owner
          return Object.create(held, { identityId: { value: identityId } }) as Credentials
        },
      })
      const call = failure(iamFetch('/x', { method: 'POST' }))
      await settle()
      signedIn = true
      await device.clock.advance(1_000)
      expect(codeOf(await call)).toBe(sent === 2 ? undefined : 'CALLER_CHANGED')
      expect(device.api.seen).toHaveLength(sent)
    }
  })

  test('from a signer that keeps those of the previous user are not sent', async () => {
    const device = scene(ok)
    let kept: Credentials | undefined
    const signer: IamFetchOptions['signer'] = ({ credentials, ...context }) =>
      createSigner({ ...context, credentials: async () => (kept ??= await credentials()) })
    const iamFetch = device.make({ signer })
    await iamFetch('/x')
    device.user = 'bob'
    expect(await failure(iamFetch('/x'))).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(device.callers()).toEqual(['alice'])
  })

  test('from a signer that keeps those of the previous user are not sent in the query either', async () => {
    const device = scene(ok)
    let kept: Credentials | undefined
    const signer: IamFetchOptions['signer'] = ({ credentials, ...context }) =>
      presignedSigner()({ ...context, credentials: async () => (kept ??= await credentials()) })
    const iamFetch = device.make({ signer })
    const headers = { authorization: 'Bearer of-the-api' }
    await iamFetch('/x', { headers })
    device.user = 'bob'
    expect(await failure(iamFetch('/x', { headers }))).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(device.api.seen).toHaveLength(1)
  })

  test('show their owner neither in JSON nor when they are printed or copied', async () => {
    const { inspect } = await import('node:util')
    const held = await scene(ok).credentials()
    const shown = JSON.stringify(held) + inspect(held, { showHidden: true, depth: 9 })
    expect(shown).not.toContain(ISSUER)
    expect(Object.getOwnPropertySymbols({ ...held })).toEqual([])
  })
})

describe('a request that createSigner signs', () => {
  const slowBody = { method: 'POST', body: new Blob(['x']) }

  test.each<[string, string, (device: Scene) => void]>([
    [
      'is the user’s who was signed in when it was given',
      'alice',
      (device) => void (device.user = 'bob'),
    ],
    ['is not signed after clear()', 'CLEARED', (device) => device.credentials.clear()],
    [
      'is not signed when another user was found in the meantime',
      'CALLER_CHANGED',
      (device) => {
        device.user = 'bob'
        void device.credentials()
      },
    ],
  ])('%s, also if its body takes time', async (_, expected, change) => {
    const device = scene(ok)
    await device.credentials()
    const signer = createSigner({ credentials: device.credentials })
    const signing = signer.sign(`${API}/x`, slowBody)
    // The token has been read by then, and the body has not.
    await Promise.resolve()
    await Promise.resolve()
    change(device)
    const outcome = await signing.then(
      ({ headers }) => /Credential=ASIA(\w+)x/.exec(headers.get('authorization') ?? '')?.[1],
      codeOf,
    )
    expect(outcome).toBe(expected)
  })
})

describe('the ID token that is sent with a call', () => {
  const headerOf = (device: Scene): (string | null)[] =>
    device.api.seen.map(({ headers }) => headers.get('x-amz-iamfetch-identity'))

  test('is never another user’s than the signature’s', async () => {
    const device = scene(ok)
    const iamFetch = device.make({ beforeSign: withIdToken(async () => idTokenOf('bob')) })
    expect(await failure(iamFetch('/x'))).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(device.api.seen).toEqual([])
  })

  test('with keys of the service itself is the same user’s in every attempt', async () => {
    const device = scene((index) => (index ? ok() : busy()))
    const iamFetch = device.make({
      credentials: credentialsOf('service'),
      beforeSign: withIdToken(device.idToken),
      clock: device.clock,
    })
    const call = failure(iamFetch('/x', { method: 'POST' }))
    await settle()
    device.user = 'bob'
    await device.clock.advance(1_000)
    expect(await call).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(headerOf(device)).toEqual([idTokenOf('alice')])
  })

  test('with keys of the service itself is read before a slow body', async () => {
    const device = scene(ok)
    const iamFetch = device.make({
      credentials: credentialsOf('service'),
      beforeSign: withIdToken(device.idToken),
      clock: device.clock,
    })
    const call = failure(iamFetch('/x', { method: 'POST', body: new Blob(['x']) }))
    device.user = 'bob'
    expect(await call).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(headerOf(device)).toEqual([])
  })

  test('by withIdToken of another copy of the package is read before a slow body, too', async () => {
    vi.resetModules()
    const copy = await import('../src/id-token.ts')
    expect(copy.withIdToken).not.toBe(withIdToken)
    const device = scene(ok)
    const iamFetch = device.make({
      credentials: credentialsOf('service'),
      beforeSign: copy.withIdToken(device.idToken),
      clock: device.clock,
    })
    const call = failure(iamFetch('/x', { method: 'POST', body: new Blob(['x']) }))
    device.user = 'bob'
    expect(await call).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(headerOf(device)).toEqual([])
  })
})

describe('a bearer token', () => {
  const tokens = (source: TokenSource, answer: (index: number) => Response) => {
    const device = scene(answer)
    const tokenFetch = createTokenFetch({
      baseUrl: API,
      token: source,
      fetch: device.api,
      clock: device.clock,
      retry: { random: () => 0.5 },
    })
    const sent = (): (string | null)[] =>
      device.api.seen.map(({ headers }) => headers.get('authorization')?.slice(7) ?? null)
    return { device, tokenFetch, sent }
  }

  test.each([
    ['a 429', busy],
    ['a 401', () => new Response('', { status: 401 })],
  ])('a bearer token of another user is not sent after %s', async (_, first) => {
    let user = 'alice'
    const { device, tokenFetch, sent } = tokens(
      async () => idTokenOf(user),
      (index) => (index ? ok() : first()),
    )
    const call = failure(tokenFetch('/x', { method: 'POST' }))
    user = 'bob'
    await settle()
    await device.clock.advance(1_000)
    expect(await call).toMatchObject({ code: 'CALLER_CHANGED' })
    expect(sent()).toEqual([idTokenOf('alice')])
  })

  test('a bearer token that is new and of the same user is sent in the next attempt', async () => {
    let iat = 0
    const { device, tokenFetch, sent } = tokens(
      async () => idTokenOf('alice', { iat: iat++ }),
      (index) => (index ? ok() : busy()),
    )
    const call = tokenFetch('/x', { method: 'POST' })
    await settle()
    await device.clock.advance(1_000)
    expect((await call).status).toBe(200)
    expect(sent()).toEqual([idTokenOf('alice', { iat: 0 }), idTokenOf('alice', { iat: 1 })])
  })

  test.each<[string, Record<string, unknown>, Record<string, unknown>, number]>([
    ['the same client', { client_id: 'a' }, { client_id: 'a', iat: 1 }, 2],
    ['another client', { client_id: 'a' }, { client_id: 'b' }, 1],
    [
      'the same client of another issuer',
      { client_id: 'a' },
      { client_id: 'a', iss: 'https://b' },
      1,
    ],
  ])(
    'without a subject is identified by issuer and client ID: %s',
    async (_, one, other, count) => {
      let asked = 0
      const { device, tokenFetch, sent } = tokens(
        async () => idTokenOf('', { sub: undefined, ...(asked++ ? other : one) }),
        (index) => (index ? ok() : busy()),
      )
      const call = failure(tokenFetch('/x', { method: 'POST' }))
      await settle()
      await device.clock.advance(1_000)
      await call
      expect(sent()).toHaveLength(count)
    },
  )

  test('a bearer token of a machine token source belongs to the source, also when the client was replaced', async () => {
    let client = 'a'
    const source = Object.assign(async () => idTokenOf(client), {
      invalidate() {},
      isOneClient: true,
    })
    const { device, tokenFetch, sent } = tokens(source, (index) => (index ? ok() : busy()))
    const call = tokenFetch('/x', { method: 'POST' })
    client = 'b'
    await settle()
    await device.clock.advance(1_000)
    expect((await call).status).toBe(200)
    expect(sent()).toEqual([idTokenOf('a'), idTokenOf('b')])
  })

  test('a bearer token that cannot be read names the cause and sends nothing', async () => {
    const { tokenFetch, sent } = tokens(async () => {
      throw new TypeError('Failed to fetch')
    }, ok)
    expect(await failure(tokenFetch('/x'))).toMatchObject({
      code: 'NETWORK_OR_CORS',
      retryable: true,
      message: '"token" failed: TypeError.',
    })
    expect(sent()).toEqual([])
  })
})

describe('a WebSocket URL', () => {
  const url = 'wss://abc123.execute-api.eu-central-1.amazonaws.com/prod'

  test('is not returned after clear()', async () => {
    const outcomes: string[] = []
    for (let moment = 0; moment < 100; moment++) {
      const device = scene(ok)
      let cleared = false
      const signed = signWebSocketUrl({ url, credentials: device.credentials }).then(
        () => (cleared ? 'late' : 'early'),
        (error: unknown) => String(Object(error).code),
      )
      for (let i = 0; i < moment; i++) await Promise.resolve()
      device.credentials.clear()
      cleared = true
      outcomes.push(await signed)
    }
    expect(outcomes[0]).toBe('CLEARED')
    // What was decided before `clear()` needs a few microtasks to get to the caller.
    expect(outcomes.filter((outcome) => outcome === 'late').length).toBeLessThan(4)
    expect(outcomes.join()).toMatch(/^(CLEARED,)+(late,)*(early,?)*$/)
  })

  test('is the user’s who was signed in when it was requested', async () => {
    const device = scene(ok)
    await device.credentials()
    const signed = failure(signWebSocketUrl({ url, credentials: device.credentials }))
    device.user = 'bob'
    await device.credentials().catch(() => {})
    const error = await signed
    expect([undefined, 'CALLER_CHANGED']).toContain(codeOf(error))
  })
})

test('credentials that are changed in place do not sign a call that another user began', async () => {
  const device = scene(ok)
  const shared = { ...credentialsOf('alicex1'), identityId: 'eu-central-1:alice' }
  const call = failure(device.make({ credentials: shared })('/x'))
  Object.assign(shared, credentialsOf('bobx1'), { identityId: 'eu-central-1:bob' })
  expect(await call).toMatchObject({ code: 'CALLER_CHANGED' })
  expect(device.sent()).toBe(0)
})

test('a request that is under way when the user signs out gets its response, and is not repeated', async () => {
  for (const status of [200, 503]) {
    const device = scene(async () => {
      device.credentials.clear()
      await settle()
      return new Response(null, { status })
    })
    const outcome = await device.iamFetch('/x').then(
      (response) => response.status,
      (error: unknown) => Object(error).code,
    )
    expect([outcome, device.sent()]).toEqual([status === 200 ? 200 : 'CLEARED', 1])
  }
})

test('rememberRequests sends in the step in which the caller was checked', async () => {
  for (let moment = 0; moment < 50; moment++) {
    const device = scene(ok)
    await device.credentials()
    let isCleared = false
    let late = 0
    const fetch = rememberRequests(async () => {
      if (isCleared) late++
      return new Response('ok')
    })
    const call = failure(device.make({ fetch })('/x', { method: 'POST', body: 'x' }))
    for (let turn = 0; turn < moment; turn++) await Promise.resolve()
    device.credentials.clear()
    isCleared = true
    await call
    expect(late, `after ${moment} turns`).toBe(0)
  }
})

test('a fetch that returns nothing is an error that names the option, and is not repeated', async () => {
  let sent = 0
  const device = scene(ok)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what JavaScript callers may pass
  const nothing = (async () => void sent++) as unknown as () => Promise<Response>
  expect(await failure(device.make({ fetch: nothing })('/x'))).toMatchObject({
    name: 'TypeError',
    code: 'INVALID_OPTION',
    message: 'createIamFetch: "fetch" must return a Response, got undefined',
  })
  expect(sent).toBe(1)
})

test('unknown option names are errors in every function of the entry point', async () => {
  const device = scene(ok)
  const wrong = { creds: 1 }
  expect(() => device.make(wrong as object)).toThrow('createIamFetch: "creds" is not an option')
  expect(() => device.credentialsWith(wrong as object)).toThrow('cognitoCredentials: "creds"')
  expect(() =>
    createTokenFetch({ baseUrl: API, token: async () => 'x', fetch: fakeFetch(ok), ...wrong }),
  ).toThrow('createTokenFetch: "creds"')
  await expect(
    signWebSocketUrl({ url: 'wss://x', credentials: device.credentials, ...wrong }),
  ).rejects.toThrow('signWebSocketUrl: "creds"')
})
