import { callerKey, type Caller } from '@iamfetch/server'
import { aliceClaims, eventFixtures, machineClaims } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import {
  cognitoIssuer,
  type DeveloperAccessOptions,
  type OwnerOptions,
  type ShownKey,
} from '../src/index.ts'
import {
  alice,
  answering,
  bob,
  eventWith,
  reading,
  rig as withAccess,
  secretOf,
} from './fixtures.ts'

const poolA = { userPoolId: 'eu-central-1_AAAAAAAAA', clientIds: null }
const poolB = { userPoolId: 'eu-central-1_BBBBBBBBB', clientIds: null }
const issuerOf = ({ userPoolId }: { userPoolId: string }): string =>
  `https://cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`
const loadBalancer = (issuer: string) => ({
  albArn: 'arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/x/1',
  clientId: 'web',
  issuer,
})
const asked = { label: 'x', scopes: ['notes/read'] }

/** The routes, called by users of both pools. */
function rig(options: Partial<DeveloperAccessOptions> = {}, gate: OwnerOptions = {}) {
  const made = withAccess({ ...options, users: { scopesOf: () => alice.scopes, ...options.users } })
  const app = made.access.routes(gate)
  const call = async (
    pool: typeof poolA,
    [sub, name]: [string, string],
    request: string,
    body?: object,
  ) => {
    const [method = '', path = ''] = request.split(' ')
    const claims = { ...aliceClaims, iss: issuerOf(pool), sub, 'cognito:username': name }
    const event = eventFixtures['http-jwt'].event({ claims })
    const init = { method, ...(body && { body: JSON.stringify(body) }) }
    const response = await app.request(path, init, Object({ event }))
    return { status: response.status, body: Object(await response.json()) }
  }
  return { ...made, call }
}

describe('several trusted issuers', () => {
  it.each<[string, OwnerOptions]>([
    ['two user pools', { userPools: [poolA, poolB] }],
    [
      'a user pool and the provider of a load balancer',
      { userPools: [poolA], loadBalancers: [loadBalancer('https://idp.example')] },
    ],
    [
      'the providers of two load balancers',
      {
        loadBalancers: [
          loadBalancer('https://idp.example'),
          { ...loadBalancer('https://other.example'), clientId: 'other' },
        ],
      },
    ],
  ])('without users.idOf are a TypeError: %s', (_, gate) => {
    const { access } = withAccess()
    const problem = expect.objectContaining({
      name: 'TypeError',
      code: 'INVALID_OPTION',
      message: expect.stringContaining('"users.idOf" of createDeveloperAccess is required'),
    })
    expect(() => access.routes(gate)).toThrow(problem)
    expect(() => access.withOwner(answering, gate)).toThrow(problem)
    expect(() => access.callerOptions(gate)).toThrow(problem)
    const named = withAccess({ users: { idOf: ({ issuer, subject }) => `${issuer} ${subject}` } })
    expect(() => named.access.routes(gate)).not.toThrow()
    expect(() => named.access.withOwner(answering, gate)).not.toThrow()
  })

  it('one issuer needs no idOf, named once or by both its pool and its load balancer', () => {
    const { access } = withAccess()
    for (const gate of [
      {},
      { userPools: [poolA] },
      { userPools: [poolA], loadBalancers: [loadBalancer(issuerOf(poolA))] },
    ]) {
      expect(() => access.routes(gate)).not.toThrow()
    }
  })

  it('give the same subject different keys, and the same username to a user of each', async () => {
    const users = {
      idOf: ({ issuer, subject }: { issuer?: string; subject: string }) => `${issuer} ${subject}`,
    }
    const { access, call } = rig({ users }, { userPools: [poolA, poolB] })
    const ofA = await call(poolA, ['1001', 'alice'], 'POST /keys', asked)
    expect(ofA.status).toBe(201)
    expect((await call(poolB, ['1001', 'mallory'], 'GET /keys')).body.keys).toEqual([])
    const rotate = `POST /keys/${ofA.body.key.id}/rotate`
    const stolen = await call(poolB, ['1001', 'mallory'], rotate, { graceSeconds: 0 })
    expect(stolen.status).toBe(404)

    expect((await call(poolB, ['2002', 'bob'], 'POST /keys', asked)).status).toBe(201)
    expect((await call(poolA, ['3003', 'bob'], 'POST /keys', asked)).status).toBe(201)
    expect((await call(poolA, ['4004', 'bob'], 'POST /keys', asked)).body.error).toBe(
      'USERNAME_TAKEN',
    )
    const found = await access.findUser({ username: 'bob', issuer: issuerOf(poolB) })
    expect(found?.userId).toBe(`${issuerOf(poolB)} 2002`)
    // Which of both is not known.
    expect(await access.findUser({ username: 'bob' })).toBeUndefined()
    expect(await access.findUser({ username: 'alice' })).toMatchObject({ issuer: issuerOf(poolA) })
  })

  it('behind a gateway, which trusts them on its own, do not share the keys of one subject', async () => {
    const { call } = rig()
    const { body } = await call(poolA, ['1001', 'alice'], 'POST /keys', asked)
    const path = `/keys/${body.key.id}`
    for (const [request, change] of [
      ['GET /keys'],
      [`GET ${path}`],
      [`GET ${path}/events`],
      ['POST /keys', asked],
      [`PATCH ${path}`, { label: 'mine' }],
      [`POST ${path}/rotate`, { graceSeconds: 0 }],
      [`DELETE ${path}`, {}],
    ] as const) {
      expect(await call(poolB, ['1001', 'mallory'], request, change), request).toMatchObject({
        status: 403,
        body: { error: 'CALLER_NOT_TRUSTED' },
      })
    }
    expect((await call(poolA, ['1001', 'alice'], 'GET /keys')).body.keys).toHaveLength(1)
  })
})

it('a user without a name does not get the name and the address of the same subject of another issuer', async () => {
  const { access, call } = rig()
  expect((await call(poolA, ['1001', 'alice'], 'POST /keys', asked)).status).toBe(201)
  const handler = access.withOwner(answering)
  const callerOf = (iss: string) => {
    const claims = { sub: '1001', iss }
    return handler(eventFixtures['http-jwt'].event({ claims }), {})
  }
  const own = (await callerOf(issuerOf(poolA))) as Caller
  expect([own.username, own.email]).toEqual(['alice', aliceClaims.email])
  const other = (await callerOf('https://idp.example')) as Caller
  expect([other.subject, other.username, other.email]).toEqual(['1001', undefined, undefined])
})

describe('the issuer of a user', () => {
  it('is the same in its regional, its global and a replicated form', async () => {
    const { access } = withAccess()
    for (const host of [
      'cognito-idp.eu-central-1',
      'issuer-cognito-idp.eu-central-1',
      'cognito-idp.us-west-2',
    ]) {
      const issuer = `https://${host}.amazonaws.com/${poolA.userPoolId}`
      await access.createKey({ ...alice, issuer }, reading)
      expect(await access.findUser({ username: 'alice', issuer })).toMatchObject({
        issuer: issuerOf(poolA),
      })
    }
  })

  it('stays when a key is created without it, and frees the username with its user', async () => {
    const { access } = withAccess()
    const issuer = issuerOf(poolA)
    const created: ShownKey = await access.createKey({ ...alice, issuer }, reading)
    await access.createKey(alice, reading)
    expect(await access.findUser({ userId: alice.userId })).toMatchObject({ issuer })
    const heir = { ...bob, username: 'alice', issuer }
    await expect(access.createKey(heir, reading)).rejects.toMatchObject({ code: 'USERNAME_TAKEN' })
    await access.removeUser(alice.userId)
    await access.createKey(heir, reading)
    expect(await access.resolveOwner(created.key.clientId)).toBeUndefined()
  })
})

describe('a client of another issuer with the client ID of a key', () => {
  /** The client IDs of keys are no secret, and Keycloak, for example, lets its administrators choose client IDs. */
  const callAs = (clientId: string, issuer: string | undefined) =>
    eventFixtures['http-jwt'].event({
      claims: { ...machineClaims, sub: clientId, client_id: clientId, iss: issuer },
    })

  it('does not act for the user of an opaque key', async () => {
    const { access } = withAccess()
    const { key } = await access.createKey(alice, reading)
    const handler = access.withOwner(answering)
    for (const issuer of ['https://keycloak.example/realms/partners', issuerOf(poolA)]) {
      const event = callAs(key.clientId, issuer)
      expect(await handler(event, {})).toMatchObject({ statusCode: 403 })
      const asMachine = access.withOwner(answering, { kinds: ['machine'] })
      expect(await asMachine(event, {})).toMatchObject({ kind: 'machine', subject: key.clientId })
    }
  })

  it('does not act for the user of an app client, whose tokens are those of its user pool', () => {
    const fetch = (): never => {
      throw new Error('not used')
    }
    const { issues } = cognitoIssuer({ userPoolId: poolA.userPoolId, fetch })
    const local = cognitoIssuer({
      userPoolId: poolA.userPoolId,
      fetch,
      endpoint: 'http://127.0.0.1:9400/',
    })
    expect(issues?.(issuerOf(poolA))).toBe(true)
    expect(issues?.(issuerOf(poolA).replace('//', '//issuer-'))).toBe(true)
    expect(issues?.(undefined)).toBe(true)
    expect(local.issues?.(`http://127.0.0.1:9400/${poolA.userPoolId}`)).toBe(true)
    for (const other of [
      issuerOf(poolB),
      `https://evil.example/${poolA.userPoolId}`,
      `${issuerOf(poolA)}.evil.example`,
      '',
    ]) {
      expect(issues?.(other), other).toBe(false)
    }
  })
})

describe('callerKey', () => {
  it('is the same for a user and for a key that the user created', async () => {
    const { access } = withAccess()
    const issuer = issuerOf(poolA)
    const created = await access.createKey({ ...alice, issuer }, reading)
    const handler = access.withOwner(async (_event: unknown, _context: unknown, caller: Caller) =>
      callerKey(caller),
    )
    const claims = { ...aliceClaims, iss: issuer, sub: alice.userId }
    expect(await handler(eventWith(secretOf(created)), {})).toBe(
      await handler(eventFixtures['http-jwt'].event({ claims }), {}),
    )
  })
})
