import { IamFetchError } from '@iamfetch/core'
import { describe, expect, it } from 'vitest'
import { aliceClaims, eventFixtures, fixtureIds, machineClaims } from '../src/fixtures.ts'
import { identityHeader, resolveCaller, type Caller, type CallerOptions } from '../src/index.ts'
import { machine, rows, strangerKey, sub, type Row } from './outcomes.ts'
import { loadBalancer, poolToken, trust } from './tokens.ts'

const { userPoolId, machineClientId } = fixtureIds

describe('every shape and every outcome', () => {
  const resolve = async ([shape, , change, options]: Row): Promise<Caller> => {
    const event = eventFixtures[shape].event(typeof change === 'function' ? await change() : change)
    return resolveCaller(event, options)
  }

  it.each(rows.filter((row) => typeof row[4] === 'object'))('%s: %s', async (...row) => {
    const caller = await resolve(row)
    expect(caller).toMatchObject(Object(row[4]))
    expect(Object.isFrozen(caller) && Object.isFrozen(caller.groups)).toBe(true)
  })

  it.each(rows.filter((row) => typeof row[4] === 'string'))('%s: %s', async (...row) => {
    await expect(resolve(row)).rejects.toMatchObject({ name: 'IamFetchError', code: row[4] })
  })

  it('has a row for each fixture', () => {
    expect(new Set(rows.map(([shape]) => shape))).toEqual(new Set(Object.keys(eventFixtures)))
  })
})

describe('two proofs at once', () => {
  it('are refused, as no gateway sends them', async () => {
    const jwt = { claims: { sub: 'a' } }
    const iam = { userArn: 'arn:aws:iam::123456789012:user/b' }
    const both = { version: '2.0', requestContext: { authorizer: { jwt, iam } } }
    await expect(resolveCaller(both, trust)).rejects.toMatchObject({ code: 'CALLER_MISMATCH' })
  })
})

describe('the owner of a machine', () => {
  const event = eventFixtures['http-jwt'].event({ claims: machineClaims })

  it('becomes the subject, the machine stays as actor, and scopes are what both have', async () => {
    const owner = async () => ({
      subject: sub,
      username: 'alice',
      groups: ['Editors'],
      scopes: ['premium/read', 'premium/delete'],
      tenant: 't1',
    })
    expect(await resolveCaller(event, { owner })).toMatchObject({
      kind: 'machine-for-user',
      subject: sub,
      actor: { clientId: machineClientId },
      username: 'alice',
      groups: ['Editors'],
      scopes: ['premium/read'],
      clientId: machineClientId,
      tenant: 't1',
    })
  })

  it('is undefined for a machine that calls for itself, and is not asked about users', async () => {
    const asked: string[] = []
    const owner = (caller: { subject: string }): undefined => void asked.push(caller.subject)
    expect(await resolveCaller(event, { owner })).toMatchObject(machine)
    await resolveCaller(eventFixtures['http-jwt'].event(), { owner })
    expect(asked).toEqual([machineClientId])
  })

  it('may have revoked the token in the meantime', async () => {
    const issuedMs = Number(machineClaims['iat']) * 1_000
    const since = (ms: number): CallerOptions => ({
      owner: () => ({ subject: sub, notBefore: new Date(ms) }),
    })
    expect(await resolveCaller(event, since(issuedMs))).toMatchObject({ subject: sub })
    await expect(resolveCaller(event, since(issuedMs + 1))).rejects.toMatchObject({
      code: 'TOKEN_REJECTED',
      status: 401,
    })
    const undated = eventFixtures['http-jwt'].event({
      claims: { ...machineClaims, iat: undefined },
    })
    await expect(resolveCaller(undated, since(0))).rejects.toMatchObject({ code: 'TOKEN_REJECTED' })
  })
})

it('calls the tenant function and takes no claim for the tenant by itself', async () => {
  const claims = { ...aliceClaims, tenant: 'claimed', 'custom:tenant': 'claimed' }
  const event = eventFixtures['http-jwt'].event({ claims })
  expect((await resolveCaller(event)).tenant).toBeUndefined()
  const tenant = (caller: { subject: string }) => `of ${caller.subject}`
  expect((await resolveCaller(event, { tenant })).tenant).toBe(`of ${sub}`)
})

it('names the missing proof and the status to respond with, and never a token', async () => {
  const secret = await poolToken({}, { key: strangerKey })
  const events = [secret, `${secret}x`, `x${secret}`, 'eyJhbGciOiJSUzI1NiJ9.c2VjcmV0LXBhcnQ.x'].map(
    (text) => eventFixtures['http-open'].event({ token: text }),
  )
  for (const event of events) {
    const error: unknown = await resolveCaller(event, trust).catch((caught: unknown) => caught)
    if (!(error instanceof IamFetchError)) throw new TypeError('not refused')
    const said = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)} ${JSON.stringify(error.cause)}`
    expect(error.status).toBe(401)
    expect(error.remedy).not.toBe('')
    for (const part of [...secret.split('.'), 'secret-part', 'alice'])
      expect(said).not.toContain(part)
  }
})

it("the token of a TOKEN authorizer's event is verified", async () => {
  const methodArn = 'arn:aws:execute-api:eu-central-1:123456789012:example0api/prod/GET/'
  const eventWith = (authorizationToken: string): object => ({
    type: 'TOKEN',
    methodArn,
    authorizationToken,
  })
  const token = await poolToken()
  for (const value of [token, `Bearer ${token}`]) {
    expect(await resolveCaller(eventWith(value), trust)).toMatchObject({
      kind: 'user',
      username: 'alice',
      proof: 'verified',
      shape: 'bearer',
    })
  }
  await expect(resolveCaller(eventWith(`${token}x`), trust)).rejects.toMatchObject({
    code: 'TOKEN_INVALID',
  })
})

it('a Lambda authorizer that names no caller leads to advice that works when it is followed', async () => {
  const context = { claims: JSON.stringify({ sub: 'u-1', 'cognito:groups': ['a,b'] }) }
  const event = { version: '2.0', requestContext: { authorizer: { lambda: context } } }
  await expect(resolveCaller(event)).rejects.toMatchObject({
    code: 'CALLER_MISSING',
    message: 'The context of the Lambda authorizer has no "sub"; it has "claims".',
    remedy: expect.stringContaining('"authorizerContext"'),
  })
  const authorizerContext = ({ claims }: Readonly<Record<string, unknown>>) =>
    Object(JSON.parse(String(claims)))
  expect(await resolveCaller(event, { authorizerContext })).toMatchObject({
    subject: 'u-1',
    groups: ['a,b'],
  })
})

describe('the remedy of a proof that is too weak', () => {
  const options: CallerOptions = { ...trust, proof: 'verified' }
  const remedyOf = (event: object): Promise<string> =>
    resolveCaller(event, options).then(
      () => 'accepted',
      (error: unknown) => String(Object(error).remedy),
    )

  it('names the ID token for a signed call, and works when it is followed', async () => {
    expect(await remedyOf(eventFixtures['http-iam'].event())).toContain('withIdToken(idToken)')
    const headers = { [identityHeader]: await poolToken() }
    expect(await remedyOf(eventFixtures['http-iam'].event({ headers }))).toBe('accepted')
  })

  it('names the header for the claims of a token, and works when it is followed', async () => {
    expect(await remedyOf(eventFixtures['http-jwt'].event())).toContain('"Authorization"')
    const token = await poolToken()
    expect(await remedyOf(eventFixtures['http-jwt'].event({ token }))).toBe('accepted')
  })

  it('names the context for a Lambda authorizer, and works when it is followed', async () => {
    expect(await remedyOf(eventFixtures['rest-lambda'].event())).toContain('no "sub"')
    const token = await poolToken()
    const event = eventFixtures['rest-lambda'].event({ claims: { principalId: 'user' }, token })
    expect(await remedyOf(event)).toBe('accepted')
  })
})

describe('invalid options', () => {
  it.each<[string, object]>([
    ['an empty allow-list', { userPools: [] }],
    ['a pool ID that is none', { userPools: [{ userPoolId: 'pool', clientIds: null }] }],
    ['no word on the app clients', { userPools: [{ userPoolId }] }],
    ['an empty list of app clients', { userPools: [{ userPoolId, clientIds: [] }] }],
    ['a pool twice', { userPools: [1, 2].map(() => ({ userPoolId, clientIds: null })) }],
    ['another token use', { userPools: [{ userPoolId, clientIds: null, tokenUse: 'refresh' }] }],
    ['a load balancer without client', { loadBalancers: [{ ...loadBalancer, clientId: '' }] }],
    ['an unknown proof', { proof: 'some' }],
    ['verification with nothing to verify by', { proof: 'verified' }],
    ['keys that are none', { userPools: [{ userPoolId, clientIds: null, jwks: { keys: 'x' } }] }],
  ])('%s is a TypeError', async (_, options) => {
    await expect(resolveCaller({}, options)).rejects.toBeInstanceOf(TypeError)
  })
})

it.each<[string, object, string]>([
  ['a tenant', { tenant: () => null }, '"tenant" must return a text or undefined, got null'],
  ['an empty tenant', { tenant: () => '' }, '"tenant" must return a text or undefined, got ""'],
  ['a kind', { kindOf: () => 'admin' }, `"kindOf" must return 'user', 'machine' or undefined`],
])('refuses what an option returns for %s that is not one', async (_, options, problem) => {
  const event = eventFixtures['http-jwt'].event()
  await expect(resolveCaller(event, options)).rejects.toMatchObject({
    name: 'TypeError',
    code: 'INVALID_OPTION',
    message: expect.stringContaining(problem),
  })
})
