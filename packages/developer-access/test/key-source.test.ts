import { createHash } from 'node:crypto'
import { aliceClaims, eventFixtures } from '@iamfetch/server/fixtures'
import { describe, expect, it } from 'vitest'
import {
  createDeveloperAccess,
  opaqueIssuer,
  type KeyAuthorizerEvent,
  type KeyOwner,
} from '../src/index.ts'
import { alice, answering, reading, rig, secretOf } from './fixtures.ts'

const http = { version: '2.0', rawPath: '/notes', requestContext: { http: { method: 'GET' } } }
const withHeaders = (headers: Record<string, string>): object => ({ ...http, headers })

describe('an opaque key', () => {
  it.each([
    ['x-api-key', (key: string) => withHeaders({ 'x-api-key': key })],
    ['X-Api-Key with a scheme', (key: string) => withHeaders({ 'X-Api-Key': `Bearer ${key}` })],
    ['Authorization', (key: string) => withHeaders({ Authorization: `bearer ${key}` })],
    [
      'multi-value headers of a load balancer',
      (key: string) => ({
        path: '/notes',
        httpMethod: 'GET',
        requestContext: { elb: { targetGroupArn: 'arn:aws:x' } },
        multiValueHeaders: { 'x-api-key': [key] },
      }),
    ],
  ])('is read by withOwner from %s', async (_, eventOf) => {
    const { access } = rig()
    const made = await access.createKey(alice, reading)
    const seen: unknown[] = []
    const handler = access.withOwner((event: object, _context: object, caller) => {
      seen.push(event)
      return { subject: caller.subject }
    })
    const event = eventOf(secretOf(made))
    expect(await handler(event, {})).toEqual({ subject: alice.userId })
    // The handler receives the event as it came.
    expect(seen[0]).toBe(event)
  })

  it('in another header or in the query is read where keyFrom says so, and only there', async () => {
    const { access, store } = rig()
    const secret = secretOf(await access.createKey(alice, reading))
    const other = createDeveloperAccess({
      issuer: opaqueIssuer(),
      store,
      keyFrom: [{ header: 'x-my-key' }, { query: 'api_key' }],
    })
    const inHeader = withHeaders({ 'X-My-Key': secret })
    const inQuery = { ...http, headers: {}, queryStringParameters: { api_key: secret } }
    const inDefault = withHeaders({ 'x-api-key': secret })
    const works = async (from: typeof access, event: object): Promise<boolean> =>
      'subject' in (await from.withOwner(answering)(event, {}))
    expect([await works(other, inHeader), await works(other, inQuery)]).toEqual([true, true])
    expect(await works(other, inDefault)).toBe(false)
    expect([await works(access, inHeader), await works(access, inQuery)]).toEqual([false, false])
    expect([
      await other.authorizer()({ ...inHeader, version: '2.0' }),
      await other.authorizer()({ ...inQuery, version: '2.0' }),
      await access.authorizer()({ ...inQuery, version: '2.0' }),
    ]).toMatchObject([{ isAuthorized: true }, { isAuthorized: true }, { isAuthorized: false }])
  })

  it('never replaces the caller whom the Authorization header or the gateway names', async () => {
    const { access } = rig()
    const secret = secretOf(await access.createKey(alice, reading))
    const handler = access.withOwner(answering)
    const bob = { ...aliceClaims, sub: 'bob', 'cognito:username': 'bob' }
    const signedIn = Object(eventFixtures['http-jwt'].event({ claims: bob }))
    signedIn.headers = { authorization: 'Bearer of.bob.token', 'x-api-key': secret }
    expect(await handler(signedIn, {})).toMatchObject({ subject: 'bob' })
    const wrong = withHeaders({ authorization: 'Bearer wrong', 'x-api-key': secret })
    expect(await handler(wrong, {})).toMatchObject({ statusCode: 401 })
  })

  it('that comes twice, or in two spellings of a header, is not read', async () => {
    const { access } = rig()
    const secret = secretOf(await access.createKey(alice, reading))
    const handler = access.withOwner(answering)
    for (const headers of [
      { 'x-api-key': secret, 'X-API-KEY': secret },
      { 'x-api-key': `${secret},${secret}` },
    ]) {
      expect(await handler(withHeaders(headers), {})).toMatchObject({ statusCode: 401 })
    }
  })

  it('matches the documented pattern, and its last 8 characters are the checksum of the rest', async () => {
    const { access, store } = rig()
    let reads = 0
    const counting = createDeveloperAccess({
      issuer: opaqueIssuer({ prefix: 'acme' }),
      store: { ...store, byClientId: (id) => (reads++, store.byClientId(id)) },
    })
    const secret = secretOf(await counting.createKey(alice, reading))
    expect(secret).toMatch(/^acme_[0-9a-f]{32}_[0-9a-f]{64}$/)
    const digest = createHash('sha256').update(secret.slice(0, -8)).digest('hex')
    expect(secret.slice(-8)).toBe(digest.slice(0, 8))
    // A key with a typing error is not looked up.
    for (let at = 5; at < secret.length; at++) {
      if (secret[at] === '_') continue
      const wrong = secret.slice(0, at) + (secret[at] === '0' ? '1' : '0') + secret.slice(at + 1)
      expect(
        await counting.withOwner(answering)(withHeaders({ authorization: `Bearer ${wrong}` }), {}),
      ).toMatchObject({ statusCode: 401 })
    }
    expect(reads).toBe(0)
    expect(await access.listKeys(alice.userId)).toHaveLength(1)
  })
})

describe('the authorizer', () => {
  const arn = 'arn:aws:execute-api:eu-central-1:111122223333:abc/prod/GET/notes'
  const events = (key: string): [string, KeyAuthorizerEvent][] => [
    ['a TOKEN event', { authorizationToken: key, methodArn: arn }],
    ['a TOKEN event with a scheme', { authorizationToken: `Bearer ${key}`, methodArn: arn }],
    ['a REQUEST event with x-api-key', { headers: { 'X-Api-Key': key }, methodArn: arn }],
    ['payload 2.0 with identitySource', { version: '2.0', identitySource: [key], routeArn: arn }],
    [
      'payload 2.0 with several identity sources',
      { version: '2.0', identitySource: ['tenant-a', `Bearer ${key}`], routeArn: arn },
    ],
    ['payload 1.0 with identitySource', { version: '1.0', identitySource: key, methodArn: arn }],
  ]

  it('finds the key in every form of event', async () => {
    const { access } = rig()
    const made = await access.createKey(alice, reading)
    for (const [name, event] of events(secretOf(made))) {
      const response = await access.authorizer()(event)
      expect(response, name).toMatchObject(
        event.version === '2.0' ? { isAuthorized: true } : { principalId: made.key.clientId },
      )
      expect(response).toMatchObject({ context: { client_id: made.key.clientId } })
    }
  })

  it('names the API key of a usage plan for a REST API, from the owner of the key', async () => {
    const { access } = rig()
    const made = await access.createKey(alice, reading)
    const secret = secretOf(made)
    const asked: KeyOwner[] = []
    const authorizer = access.authorizer({
      usageIdentifierKey: (owner) => {
        asked.push(owner)
        return owner.key.clientId
      },
    })
    expect(await authorizer({ authorizationToken: secret, methodArn: arn })).toMatchObject({
      usageIdentifierKey: made.key.clientId,
    })
    expect(asked).toMatchObject([{ userId: alice.userId, key: { label: reading.label } }])
    expect(JSON.stringify(asked)).not.toContain(secret)
    // HTTP APIs have no usage plans.
    expect(await authorizer({ version: '2.0', identitySource: [secret] })).not.toHaveProperty(
      'usageIdentifierKey',
    )
    const without = access.authorizer({ usageIdentifierKey: () => undefined })
    expect(await without({ authorizationToken: secret, methodArn: arn })).not.toHaveProperty(
      'usageIdentifierKey',
    )
  })

  it('lets in no text that is not a key, wherever it is', async () => {
    const { access } = rig()
    const key = secretOf(await access.createKey(alice, reading))
    for (const [name, event] of events(key.slice(0, -1))) {
      const refused = event.version === '2.0' ? { isAuthorized: false } : 'Unauthorized'
      const response = access
        .authorizer()(event)
        .catch((error: Error) => error.message)
      expect(await response, name).toEqual(refused)
    }
    const broken = [null, {}, { headers: null }, { headers: [] }, { identitySource: [1, null] }]
    for (const event of broken) {
      await expect(access.authorizer()(Object(event))).rejects.toThrow('Unauthorized')
    }
  })
})

describe('keyFrom', () => {
  it.each([
    [[]],
    ['x-api-key'],
    [[{}]],
    [[{ header: '' }]],
    [[{ header: 'a b' }]],
    [[{ header: 'a', query: 'b' }]],
    [[{ cookie: 'a' }]],
  ])('%j is a TypeError', (keyFrom) => {
    const { store } = rig()
    const options = { issuer: opaqueIssuer(), store, ...Object({ keyFrom }) }
    expect(() => createDeveloperAccess(options)).toThrow(/"keyFrom"/)
    expect(() => rig().access.authorizer(Object({ usageKey: 1 }))).toThrow(/"usageKey"/)
  })
})
