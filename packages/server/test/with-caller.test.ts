import type { IamFetchError } from '@iamfetch/core'
import { describe, expect, it } from 'vitest'
import {
  aliceClaims,
  eventFixtures,
  fixtureIds,
  machineClaims,
  type FixtureName,
} from '../src/fixtures.ts'
import { withCaller, type Caller, type GateOptions } from '../src/index.ts'
import { albToken, poolToken, trust } from './tokens.ts'

const whoami = (options?: GateOptions) =>
  withCaller(
    (_event: unknown, _context: unknown, { kind, subject }: Caller) => ({ kind, subject }),
    options,
  )
const { userPoolId } = fixtureIds
const alice = { kind: 'user', subject: aliceClaims['sub'] }

describe('withCaller', () => {
  it('hands event, context and caller to the handler', async () => {
    const handler = withCaller(
      async (event: { version: string }, context: { id: number }, caller) => [
        event.version,
        context.id,
        caller.kind,
      ],
    )
    const event = { version: '2.0', ...eventFixtures['http-jwt'].event() }
    expect(await handler(event, { id: 7 })).toEqual(['2.0', 7, 'user'])
  })

  it.each<[string, FixtureName, GateOptions, object | undefined, unknown]>([
    [
      'a user in a group that is asked for',
      'http-jwt',
      { groups: ['Admins', 'Editors'] },
      undefined,
      alice,
    ],
    ['a user in none', 'http-jwt', { groups: ['Admins'] }, undefined, 403],
    ['a group whose name is longer', 'http-jwt', { groups: ['Editor'] }, undefined, 403],
    [
      'a machine with a scope',
      'http-jwt',
      { scopes: ['premium/read'] },
      machineClaims,
      { kind: 'machine' },
    ],
    ['a machine without', 'http-jwt', { scopes: ['premium/delete'] }, machineClaims, 403],
    ['half of a scope', 'http-jwt', { scopes: ['premium'] }, machineClaims, 403],
    [
      'a machine where a group is asked for too',
      'http-jwt',
      { scopes: ['premium/read'], groups: ['Editors'] },
      machineClaims,
      403,
    ],
    ['a machine where users are wanted', 'http-jwt', { kinds: ['user'] }, machineClaims, 403],
    ['a role', 'http-iam-role', {}, undefined, { kind: 'role' }],
    ['a role where users are wanted', 'http-iam-role', { kinds: ['user'] }, undefined, 403],
    ['a guest', 'http-iam-guest', {}, undefined, 403],
    [
      'a guest where guests are wanted',
      'http-iam-guest',
      { kinds: ['guest', 'user'] },
      undefined,
      { kind: 'guest' },
    ],
    [
      'an access token that the gateway let pass, where ID tokens are wanted',
      'http-jwt',
      { userPools: [{ userPoolId, clientIds: null, tokenUse: 'id' }] },
      machineClaims,
      401,
    ],
    [
      'a token of an app client that the gateway takes, and this API does not',
      'rest-cognito',
      { userPools: [{ userPoolId, clientIds: ['another'] }] },
      undefined,
      401,
    ],
    ['no caller', 'http-open', {}, undefined, 401],
    ['no caller where nothing has to be proven', 'http-open', { proof: 'none' }, undefined, 401],
  ])('decides on %s', async (_, shape, options, claims, outcome) => {
    const event = eventFixtures[shape].event(claims ? { claims: { ...claims } } : {})
    const expected = typeof outcome === 'number' ? { statusCode: outcome } : outcome
    expect(await whoami(options)(event, {})).toMatchObject(Object(expected))
  })

  it('says of a token that is not for it what RFC 6750 says, and nothing more', async () => {
    const gate = { userPools: [{ userPoolId, clientIds: ['another'] }] }
    const answer = await whoami(gate)(eventFixtures['http-jwt'].event(), {})
    expect(answer).toMatchObject({
      statusCode: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      body: '{"message":"Unauthorized"}',
    })
  })

  it('responds like an HTTP API', async () => {
    const unproven = await whoami(trust)(eventFixtures['http-open'].event(), {})
    expect(unproven).toEqual({
      statusCode: 401,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'www-authenticate': 'Bearer',
      },
      body: '{"message":"Unauthorized"}',
      isBase64Encoded: false,
    })
    const scopeless = await whoami({ scopes: ['a/b', 'a/c'] })(
      eventFixtures['http-jwt'].event(),
      {},
    )
    expect(scopeless).toMatchObject({
      statusCode: 403,
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="a/b a/c"' },
      body: '{"message":"Forbidden"}',
    })
    const bad = await whoami(trust)(eventFixtures['http-open'].event({ token: 'x' }), {})
    expect(bad).toMatchObject({ headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
  })

  it('responds like a REST API, with the headers that a browser needs', async () => {
    const refusalHeaders = { 'access-control-allow-origin': 'https://app.example.com' }
    const handler = whoami({ groups: ['Admins'], refusalHeaders })
    expect(await handler(eventFixtures['rest-cognito'].event(), {})).toMatchObject({
      statusCode: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException', ...refusalHeaders },
    })
    expect(await handler(eventFixtures['rest-open'].event(), {})).toMatchObject({
      statusCode: 401,
      headers: { 'x-amzn-errortype': 'UnauthorizedException', ...refusalHeaders },
    })
  })

  it('responds to a load balancer in the form that it reads', async () => {
    const event = eventFixtures['alb-oidc'].event({ token: await albToken() })
    expect(await whoami({ ...trust, groups: ['Admins'] })(event, {})).toMatchObject({
      statusCode: 403,
      statusDescription: '403 Forbidden',
      headers: { 'content-type': 'application/json' },
    })
    const { headers, ...rest } = event
    const many = {
      ...rest,
      multiValueHeaders: Object.fromEntries(
        Object.entries(Object(headers)).map(([name, value]) => [name, [value]]),
      ),
    }
    expect(await whoami(trust)(many, {})).toMatchObject(alice)
    const answer = await whoami({ ...trust, groups: ['Admins'] })(many, {})
    expect(answer).toMatchObject({ multiValueHeaders: { 'content-type': ['application/json'] } })
    expect(answer).not.toHaveProperty('headers')
  })

  it('reports the reason to the log and not to the client', async () => {
    const reasons: IamFetchError[] = []
    const onRefusal = (error: IamFetchError): void => void reasons.push(error)
    const answer = await whoami({ groups: ['Secret'], onRefusal })(
      eventFixtures['http-jwt'].event(),
      {},
    )
    expect(reasons.map(({ code }) => code)).toEqual(['GROUP_MISSING'])
    expect(JSON.stringify(answer)).not.toContain('Secret')
  })

  it('leaves alone what the handler, the owner and the tenant throw', async () => {
    const fail = (): never => {
      throw new RangeError('mine')
    }
    const user = eventFixtures['http-jwt'].event()
    const machine = eventFixtures['http-jwt'].event({ claims: machineClaims })
    await expect(withCaller(fail)(user, {})).rejects.toThrow('mine')
    await expect(whoami({ owner: fail })(machine, {})).rejects.toThrow('mine')
    await expect(whoami({ tenant: fail })(user, {})).rejects.toThrow('mine')
  })

  it.each<[string, object]>([
    ['groups', { groups: [] }],
    ['scopes', { scopes: [] }],
    ['kinds', { kinds: [] }],
    ['one text', { groups: 'Admins' }],
    ['something else', { groups: [undefined] }],
    ['a pool that is none', { userPools: [{ userPoolId: 'x', clientIds: null }] }],
  ])('refuses invalid rules at once: %s', (_, options) => {
    expect(() => whoami(options)).toThrow(TypeError)
  })
})

describe('the keys', () => {
  const event = async () => eventFixtures['http-open'].event({ token: await poolToken() })
  const [pool] = trust.userPools
  const keys = Object(pool?.jwks)

  it('are fetched once for all the tokens that wait, and again for a new key, at most every 10 seconds', async () => {
    let now = trust.clock.now()
    let calls = 0
    let answer: unknown = keys
    const jwks = async () => {
      calls += 1
      return { keys: [], ...Object(answer) }
    }
    const handler = whoami({ userPools: [{ ...Object(pool), jwks }], clock: { now: () => now } })
    const event1 = await event()
    await Promise.all(Array.from({ length: 20 }, () => handler(event1, {})))
    expect(calls).toBe(1)

    const unknown = eventFixtures['http-open'].event({
      token: await poolToken({}, { header: { kid: 'new' } }),
    })
    for (let i = 0; i < 5; i += 1) {
      expect(await handler(unknown, {})).toMatchObject({ statusCode: 401 })
    }
    expect(calls).toBe(1)

    now += 10_000
    answer = { keys: [{ ...Object(keys.keys[0]), kid: 'new' }] }
    expect(await handler(unknown, {})).toMatchObject(alice)
    expect(calls).toBe(2)
  })

  it('that cannot be fetched lead to a 503, and are fetched again after 10 seconds', async () => {
    let now = trust.clock.now()
    const answers: unknown[] = [new Error('down'), { keys: 'none' }, keys]
    const jwks = async () => {
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return { keys: [], ...Object(answer) }
    }
    const reasons: IamFetchError[] = []
    const handler = whoami({
      clock: { now: () => now },
      userPools: [{ ...Object(pool), jwks }],
      onRefusal: (error) => reasons.push(error),
    })
    expect(await handler(await event(), {})).toMatchObject({ statusCode: 503 })
    now += 10_000
    expect(await handler(await event(), {})).toMatchObject({ statusCode: 503 })
    now += 10_000
    expect(await handler(await event(), {})).toMatchObject(alice)
    expect(reasons.map(({ code, retryable }) => [code, retryable])).toEqual([
      ['SERVICE_UNAVAILABLE', true],
      ['SERVICE_UNAVAILABLE', true],
    ])
  })
})
