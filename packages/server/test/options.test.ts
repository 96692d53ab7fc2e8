import { IamFetchError } from '@iamfetch/core'
import { describe, expect, it } from 'vitest'
import { eventFixtures, fixtureIds, machineClaims } from '../src/fixtures.ts'
import { requireCaller as requireCallerOfHono } from '../src/hono.ts'
import {
  callerGate,
  callerKey,
  isRefusal,
  refusalAnswer,
  refusalResponse,
  resolveCaller,
  withCaller,
  type Caller,
} from '../src/index.ts'
import { requireCaller as requireCallerOfMiddy } from '../src/middy.ts'
import { requireCaller as requireCallerOfPowertools } from '../src/powertools.ts'
import { loadBalancer, poolToken, trust, userPool } from './tokens.ts'

const refused = new IamFetchError('CALLER_MISSING', 'No caller.', {
  remedy: 'Sign in.',
  status: 401,
})
const machineEvent = eventFixtures['http-jwt'].event({ claims: machineClaims })

/** Everything that takes options, with some options added. */
const functions: [name: string, call: (options: object) => unknown][] = [
  ['resolveCaller', (options) => resolveCaller({}, options)],
  ['withCaller', (options) => withCaller(() => 1, options)],
  ['callerGate', (options) => callerGate(options)],
  ['requireCaller of hono', (options) => requireCallerOfHono(options)],
  ['requireCaller of middy', (options) => requireCallerOfMiddy(options)],
  ['requireCaller of Powertools', (options) => requireCallerOfPowertools(options)],
  [
    'an entry of userPools',
    (options) => resolveCaller({}, { userPools: [{ ...userPool, ...options }] }),
  ],
  [
    'an entry of loadBalancers',
    (options) => resolveCaller({}, { loadBalancers: [{ ...loadBalancer, ...options }] }),
  ],
  ['refusalResponse', (options) => refusalResponse(refused, {}, options)],
  ['refusalAnswer', (options) => refusalAnswer(refused, {}, options)],
  ['an event fixture', (options) => eventFixtures['http-jwt'].event(options)],
  [
    'the result of owner',
    (options) => resolveCaller(machineEvent, { owner: () => ({ subject: 'u', ...options }) }),
  ],
]

const wrongOption = expect.objectContaining({ name: 'TypeError', code: 'INVALID_OPTION' })
const errorOf = async (call: () => unknown): Promise<unknown> => {
  try {
    return await call()
  } catch (error) {
    return error
  }
}

describe.each(functions)('%s', (_, call) => {
  it.each(['group', 'Groups', 'scope', 'kind', 'userPool', 'VerifyToken', 'NotBefore', 'anything'])(
    'refuses the unknown option "%s"',
    async (name) => {
      const error = await errorOf(() => call({ [name]: ['Admin'] }))
      expect(error).toEqual(wrongOption)
      expect(String(error)).toContain(`"${name}" is not an option`)
    },
  )
})

it.each(functions.slice(0, 6))(
  '%s refuses an unknown option that is inherited',
  async (_, call) => {
    const inherited: object = Object.create({ group: ['Admin'] })
    expect(await errorOf(() => call(inherited))).toEqual(wrongOption)
  },
)

it.each(functions.slice(0, 6))('%s refuses what is not an object', async (_, call) => {
  for (const value of [null, 'groups', 1, ['Admin']]) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a caller without types may pass
    expect(await errorOf(() => call(value as unknown as object))).toEqual(wrongOption)
  }
})

it('options of a polluted prototype do not weaken a check', async () => {
  const planted = {
    proof: 'none',
    kinds: ['guest'],
    lambdaWebAdapter: true,
    verifyToken: () => ({ sub: 'x' }),
  }
  const event = eventFixtures['http-open'].event({ token: await poolToken() })
  for (const [name, value] of Object.entries(planted)) {
    // oxlint-disable-next-line no-extend-native -- the attack itself, undone below
    Object.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    })
    try {
      await expect(resolveCaller(event, {})).rejects.toMatchObject({ code: 'CALLER_UNPROVEN' })
      const gate = withCaller(() => ({ statusCode: 200 }), {})
      expect(await gate(event, {})).toMatchObject({ statusCode: 401 })
    } finally {
      Reflect.deleteProperty(Object.prototype, name)
    }
  }
})

it('rules in getters of a class, and in properties that are not enumerable, hold', async () => {
  class Rules {
    get groups(): string[] {
      return ['Nogroup']
    }
  }
  const hidden = Object.defineProperty({}, 'groups', { value: ['Nogroup'] })
  const event = eventFixtures['http-jwt'].event()
  for (const options of [new Rules(), Object.create(new Rules()), hidden]) {
    const gate = withCaller(() => ({ statusCode: 200 }), options)
    expect(await gate(event, {})).toMatchObject({ statusCode: 403 })
    await expect(resolveCaller(event, options)).rejects.toMatchObject({ code: 'GROUP_MISSING' })
  }
})

it('a list that is emptied after the gate was created does not open it', async () => {
  const groups = ['Admins']
  const gate = withCaller(() => ({ statusCode: 200 }), { groups })
  groups.push('Editors')
  expect(await gate(eventFixtures['http-jwt'].event(), {})).toMatchObject({ statusCode: 403 })
})

it('rules that are given to resolveCaller are enforced', async () => {
  const event = eventFixtures['http-jwt'].event()
  const code = { code: 'GROUP_MISSING' }
  await expect(resolveCaller(event, { groups: ['Admins'] })).rejects.toMatchObject(code)
  await expect(resolveCaller(event, { kinds: ['machine'] })).rejects.toMatchObject({
    code: 'FORBIDDEN',
  })
  await expect(resolveCaller(event, { scopes: ['a/b'] })).rejects.toMatchObject({
    code: 'SCOPES_MISSING',
  })
})

describe('wrong values', () => {
  const { userPoolId } = fixtureIds
  it.each<[string, object, string]>([
    [
      'an empty list',
      { userPools: [] },
      '"userPools" must be an array with at least one entry, got an empty array',
    ],
    [
      'one text for a list',
      { groups: 'Admin' },
      '"groups" must be an array with at least one entry, got "Admin"',
    ],
    [
      'a list with nothing in it',
      { groups: [undefined] },
      '"groups" must list texts, got undefined',
    ],
    [
      'an unknown kind',
      { kinds: ['admin'] },
      '"kinds" must list kinds of callers (user, machine, machine-for-user, role, guest), got "admin"',
    ],
    ['a pool that is a text', { userPools: [userPoolId] }, 'each entry must be an object'],
    ['a pool twice', { userPools: [userPool, userPool] }, `names "${userPoolId}" twice`],
    [
      'one client twice at one load balancer',
      { loadBalancers: [loadBalancer, loadBalancer] },
      'twice for one load balancer',
    ],
    [
      'the ARN of something else',
      { loadBalancers: [{ ...loadBalancer, albArn: 'arn:aws:s3:::x' }] },
      'got "arn:aws:s3:::x"',
    ],
    [
      'an empty list of clients',
      { loadBalancers: [{ ...loadBalancer, clientId: [] }] },
      '"clientId" must be',
    ],
    ['a function that is none', { owner: 'alice' }, '"owner" must be a function, got "alice"'],
    [
      'keys over clear text',
      { userPools: [{ ...userPool, jwks: 'http://keys.example/jwks.json' }] },
      '"jwks" must be',
    ],
    [
      'keys that are none',
      { userPools: [{ ...userPool, jwks: { keys: ['x'] } }] },
      '"jwks" must be',
    ],
    [
      'a region that is none',
      { userPools: [{ ...userPool, replicaRegions: ['Europe'] }] },
      '"replicaRegions" must list AWS regions',
    ],
    [
      'a context header by text',
      { lambdaWebAdapter: 'yes' },
      '"lambdaWebAdapter" must be true or false, got "yes"',
    ],
    ['a clock without time', { clock: {} }, '"clock" must have a method "now"'],
  ])('%s is a TypeError that names the option and the value', async (_, options, text) => {
    const error = await errorOf(() => withCaller(() => 1, options))
    expect(error).toEqual(wrongOption)
    expect(String(error)).toContain(`withCaller: `)
    expect(String(error)).toContain(text)
  })

  it('a handler that is not a function is a TypeError', async () => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a caller without types may pass
    const handler = 'handler' as unknown as () => unknown
    expect(await errorOf(() => withCaller(handler))).toEqual(wrongOption)
  })

  it.each<[string, object]>([
    ['no subject', { subject: '' }],
    ['a date that is a text', { subject: 'u', notBefore: '2026-01-01' }],
    ['a date that is none', { subject: 'u', notBefore: new Date(Number.NaN) }],
    ['scopes as one text', { subject: 'u', scopes: 'premium/read' }],
    ['a tenant of null', { subject: 'u', tenant: null }],
    ['an empty tenant', { subject: 'u', tenant: '' }],
    ['an issuer that is a list', { subject: 'u', issuer: ['https://idp.example'] }],
  ])('an owner with %s lets no caller in', async (_, owner) => {
    const found = () => ({ subject: '', ...owner })
    expect(await errorOf(() => resolveCaller(machineEvent, { owner: found }))).toEqual(wrongOption)
  })
})

describe('two copies of @iamfetch/core', () => {
  /** An error as another copy creates it: `instanceof` is false for it. */
  const ofAnotherCopy = Object.assign(new Error('Revoked.'), {
    name: 'IamFetchError',
    code: 'TOKEN_REJECTED',
    remedy: 'Use the new key.',
    status: 401,
    retryable: false,
  })

  it('a refusal of the other copy is a 401 and not an exception', async () => {
    expect(ofAnotherCopy).not.toBeInstanceOf(IamFetchError)
    expect(isRefusal(ofAnotherCopy)).toBe(true)
    const verifyToken = (): never => {
      throw ofAnotherCopy
    }
    const event = eventFixtures['http-open'].event({ token: 'key' })
    const handler = withCaller(() => ({ statusCode: 200 }), { verifyToken })
    expect(await handler(event, {})).toMatchObject({ statusCode: 401 })
  })

  it('an error with another code is not a refusal', () => {
    for (const error of [
      Object.assign(new Error('x'), { code: 'TOKEN_REJECTED', status: 401 }),
      { name: 'IamFetchError', code: 'TOKEN_REJECTED', remedy: 'Use the new key.' },
      { name: 'IamFetchError', code: 'toString', remedy: 'Use the new key.', status: 401 },
      undefined,
    ]) {
      expect(isRefusal(error)).toBe(false)
    }
  })
})

describe('callerKey', () => {
  const of = (caller: Partial<Caller>): string => callerKey({ ...base, ...caller })
  const base: Caller = {
    kind: 'user',
    subject: '1001',
    groups: [],
    scopes: [],
    proof: 'verified',
    shape: 'bearer',
    claims: {},
  }

  it('distinguishes the same subject of two issuers, and a user from a machine', () => {
    const keys = [
      of({ issuer: 'https://a.example' }),
      of({ issuer: 'https://b.example' }),
      of({ issuer: 'https://a.example', kind: 'machine' }),
      of({}),
      of({ kind: 'guest', identityId: 'eu-central-1:1' }),
      of({ subject: '1001"]' }),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('is the same for a user by each proof', async () => {
    const token = await poolToken()
    const events = [
      eventFixtures['http-jwt'].event(),
      eventFixtures['rest-cognito'].event(),
      eventFixtures['http-iam'].event(),
      eventFixtures['rest-iam'].event(),
      eventFixtures['http-open'].event({ token }),
    ]
    const keys = await Promise.all(
      events.map(async (event) => callerKey(await resolveCaller(event, trust))),
    )
    expect(new Set(keys).size).toBe(1)
  })

  it('is the same for tokens of every region that a user pool is replicated to', () => {
    const pool = 'eu-central-1_AbCdEfGhI'
    const keys = [
      'cognito-idp.eu-central-1',
      'issuer-cognito-idp.us-west-2',
      'cognito-idp.us-west-2',
    ].map((host) => of({ issuer: `https://${host}.amazonaws.com/${pool}` }))
    expect(new Set(keys).size).toBe(1)
    expect(
      of({ issuer: `https://cognito-idp.us-west-2.amazonaws.com/us-west-2_AbCdEfGhI` }),
    ).not.toBe(keys[0])
    expect(of({ issuer: `https://cognito-idp.us-west-2.example.com/${pool}` })).not.toBe(keys[0])
  })

  it('is the user’s own for a machine whose owner names the issuer', async () => {
    const issuer = 'https://idp.example'
    const caller = await resolveCaller(machineEvent, { owner: () => ({ subject: '1001', issuer }) })
    expect(callerKey(caller)).toBe(of({ issuer }))
  })
})

it('an app client that is not set is named by its place', () => {
  // As from an environment variable that is not set.
  const unset = [{ ...userPool, clientIds: ['client', ''] }]
  expect(() => withCaller(() => 1, { userPools: unset })).toThrow(
    'withCaller: "clientIds[1]" must be the ID of an app client, got ""',
  )
})

it('a token that was copied with "Bearer" is refused with what to send', async () => {
  const event = { headers: { authorization: `Bearer Bearer ${await poolToken()}` } }
  await expect(resolveCaller(event, trust)).rejects.toMatchObject({
    code: 'TOKEN_INVALID',
    message: 'The "authorization" header has "Bearer" twice.',
    remedy: expect.stringContaining('Send "Bearer", a space and the token alone.'),
  })
})
