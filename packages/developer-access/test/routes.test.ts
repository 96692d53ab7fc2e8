import { aliceClaims, eventFixtures, machineClaims } from '@iamfetch/server/fixtures'
import { handle } from 'hono/aws-lambda'
import { describe, expect, it } from 'vitest'
import type { DeveloperAccessOptions } from '../src/index.ts'
import { alice, bob, eventWith, rig as withAccess } from './fixtures.ts'

const users = { scopesOf: () => alice.scopes }
const claimsOf = {
  alice: aliceClaims,
  bob: { ...aliceClaims, sub: bob.userId, 'cognito:username': 'bob', email: bob.email },
  machine: machineClaims,
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: {
    key: { id: string }
    secret: string
    keys: unknown[]
    events: unknown[]
    error: string
    message: string
  }
}

/** The routes in Lambda, behind an HTTP API with a JWT authorizer. */
function rig(options: Partial<DeveloperAccessOptions> = {}) {
  const made = withAccess({ users, ...options })
  const lambda = handle(made.access.routes())
  const call = async (
    who: keyof typeof claimsOf | object,
    request: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const [method = '', path = ''] = request.split(' ')
    const from =
      typeof who === 'string' ? eventFixtures['http-jwt'].event({ claims: claimsOf[who] }) : who
    const event = Object(structuredClone(from))
    Object.assign(event, { rawPath: path, headers: { ...event.headers, ...headers } })
    event.requestContext.http = { ...event.requestContext.http, method, path }
    if (body !== undefined) event.body = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = Object(await lambda(event))
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body ? JSON.parse(answer.body) : {},
    }
  }
  return { ...made, call }
}

const asked = { label: 'my script', scopes: ['notes/read'] }

describe('the routes', () => {
  it('lead a key through its life', async () => {
    const { call, clock } = rig()
    const made = await call('alice', 'POST /keys', { ...asked, expiresInSeconds: 3_600 })
    const { key, secret } = made.body
    expect(made.status).toBe(201)
    expect(made.headers).toMatchObject({
      location: `/keys/${key.id}`,
      etag: '"2"',
      'cache-control': 'no-store',
    })
    expect(key).toEqual({
      id: key.id,
      clientId: expect.stringMatching(/^[0-9a-f]{32}$/),
      label: 'my script',
      scopes: ['notes/read'],
      status: 'active',
      secrets: [{ last4: secret.slice(-4), createdAt: new Date(clock.now()).toISOString() }],
      createdAt: new Date(clock.now()).toISOString(),
      expiresAt: new Date(clock.now() + 3_600_000).toISOString(),
      version: 2,
    })
    const one = `/keys/${key.id}`
    expect((await call('alice', 'GET /keys')).body).toEqual({ keys: [key] })
    expect((await call('alice', `GET ${one}`)).body).toEqual({ key })
    const patched = await call('alice', `PATCH ${one}`, { label: 'new' }, { 'if-match': '"2"' })
    expect(patched.body.key).toMatchObject({ label: 'new', version: 3 })
    const rotated = await call('alice', `POST ${one}/rotate`, { graceSeconds: 60 })
    expect(rotated.status).toBe(200)
    expect(rotated.body.secret).not.toBe(secret)
    const deleted = await call('alice', `DELETE ${one}`, { reason: 'no longer needed' })
    expect(deleted.body.key).toMatchObject({ status: 'revoked', reason: 'no longer needed' })
    const { events } = (await call('alice', `GET ${one}/events`)).body
    expect(events).toMatchObject([
      { type: 'created', by: alice.userId, at: new Date(clock.now()).toISOString() },
      { type: 'changed', detail: { label: 'new' } },
      { type: 'rotated', detail: { graceSeconds: 60 } },
      { type: 'revoked', detail: { reason: 'no longer needed' } },
    ])
  })

  it('show a user nothing of another user’s key, and let nothing be done to it', async () => {
    const { call, access } = rig()
    const made = await call('alice', 'POST /keys', asked)
    const { key, secret } = made.body
    const one = `/keys/${key.id}`
    const nothing = await call('bob', 'GET /keys/key_none')
    expect(nothing.status).toBe(404)
    const tried = [
      await call('bob', `GET ${one}`),
      await call('bob', `GET ${one}/events`),
      await call('bob', `PATCH ${one}`, { label: 'mine' }),
      await call('bob', `PATCH ${one}`, { scopes: [] }),
      await call('bob', `POST ${one}/rotate`, { graceSeconds: 0 }),
      await call('bob', `POST ${one}/rotate`, { graceSeconds: 0 }, { 'idempotency-key': 'x' }),
      await call('bob', `DELETE ${one}`),
      await call('bob', `DELETE ${one}`, undefined, { 'if-match': '"2"' }),
    ]
    // The very answer for a key that is not there.
    for (const answer of tried) expect(answer).toEqual(nothing)
    expect((await call('bob', 'GET /keys')).body).toEqual({ keys: [] })
    expect((await call('alice', `GET ${one}`)).body).toEqual({ key })
    const caller = await access.withOwner(async (_event: unknown, _context: unknown, who) => who)(
      eventWith(secret),
      {},
    )
    expect(caller).toMatchObject({ subject: alice.userId })
  })

  it('are for users who signed in: not for machines, keys, guests, or callers without a token', async () => {
    const { call } = rig()
    const { secret } = (await call('alice', 'POST /keys', asked)).body
    const [status] = [async (who: object) => (await call(who, 'GET /keys')).status]
    expect((await call('machine', 'GET /keys')).status).toBe(403)
    expect(await status(eventWith(secret))).toBe(401)
    expect(await status(eventFixtures['http-iam-guest'].event())).toBe(403)
    expect(await status(eventFixtures['http-iam-role'].event())).toBe(403)
    expect(await status(eventFixtures['http-open'].event())).toBe(401)
  })

  it('take a signed call once the user’s name is known', async () => {
    const { access, call } = rig()
    const gate = { userPools: [{ userPoolId: 'eu-central-1_Examp1e00', clientIds: null }] }
    const app = access.routes(gate)
    const event = eventFixtures['http-iam'].event()
    const send = (method: string, body?: object) =>
      app.request(
        '/keys',
        { method, ...(body && { body: JSON.stringify(body) }) },
        Object({ event }),
      )
    const refused = await send('POST', asked)
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: 'REQUEST_INVALID', message: expect.stringContaining('ID token') },
    ])
    await call('alice', 'POST /keys', asked)
    expect((await send('POST', asked)).status).toBe(201)
    expect(Object(await (await send('GET')).json()).keys).toHaveLength(2)
  })

  it('create one key for one Idempotency-Key, and report that it existed', async () => {
    const { call } = rig()
    const headers = { 'idempotency-key': '8e03978e-40d5-43dd-bc93-6894a57f9324' }
    const first = await call('alice', 'POST /keys', asked, headers)
    const again = await call('alice', 'POST /keys', asked, headers)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true' })
    expect(again.body).toEqual({ key: first.body.key })
    const other = await call('alice', 'POST /keys', { ...asked, label: 'other' }, headers)
    expect([other.status, other.body.error]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect((await call('bob', 'POST /keys', asked, headers)).status).toBe(201)
    expect((await call('alice', 'GET /keys')).body.keys).toHaveLength(1)
  })

  it('change nothing newer than what was seen', async () => {
    const { call } = rig()
    const { key } = (await call('alice', 'POST /keys', asked)).body
    const one = `/keys/${key.id}`
    await call('alice', `PATCH ${one}`, { label: 'new' })
    for (const request of [`PATCH ${one}`, `DELETE ${one}`]) {
      const late = await call('alice', request, {}, { 'if-match': '"2"' })
      expect([late.status, late.body.error]).toEqual([412, 'KEY_CHANGED'])
    }
    expect((await call('alice', `PATCH ${one}`, {}, { 'if-match': 'x' })).status).toBe(400)
    expect((await call('alice', `DELETE ${one}`, {}, { 'if-match': '"3"' })).status).toBe(200)
  })

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['a text for the label', { ...asked, label: 7 }],
    ['a text for the scopes', { ...asked, scopes: 'notes/read' }],
    ['another member', { ...asked, userId: bob.userId }],
    ['a member of the prototype', '{"label":"a","scopes":[],"__proto__":{"x":1}}'],
    ['a lifetime that is not a number', { ...asked, expiresInSeconds: '60' }],
    ['too much', { ...asked, label: 'x'.repeat(20_000) }],
  ])('refuse a body of %s', async (_what, body) => {
    const { call } = rig()
    const { status, body: said } = await call('alice', 'POST /keys', body)
    expect([status, said.error]).toEqual([400, 'REQUEST_INVALID'])
  })

  it('refuse a grace that is none, and a scope beyond the user’s', async () => {
    const { call } = rig({ limits: { graceSeconds: 3_600 } })
    const { key } = (await call('alice', 'POST /keys', asked)).body
    for (const body of [
      {},
      { graceSeconds: '60' },
      { graceSeconds: -1 },
      { graceSeconds: 3_601 },
    ]) {
      expect((await call('alice', `POST /keys/${key.id}/rotate`, body)).status).toBe(400)
    }
    const beyond = await call('alice', 'POST /keys', { ...asked, scopes: ['admin/all'] })
    expect([beyond.status, beyond.body.error]).toEqual([403, 'SCOPES_NOT_HELD'])
    expect(beyond.body.message).toMatch(/^You do not hold .* yourself. You hold: notes/)
  })

  it('show users none of the errors of the store or the issuer', async () => {
    const { store } = withAccess()
    const broken = {
      ...store,
      keysOf: () => Promise.reject(new Error('at 10.0.0.7: password wrong')),
    }
    const { call } = rig({ store: broken })
    await expect(call('alice', 'GET /keys')).rejects.toThrow('password wrong')
    const { call: other } = rig({
      issuer: {
        scopes: { least: 0, most: 9 },
        issue: () => Promise.reject(new Error('unused')),
        addSecret: () => Promise.reject(new Error('unused')),
      },
    })
    await expect(other('alice', 'POST /keys', asked)).rejects.toThrow('unused')
  })

  it('read no more of a body than a key can need', async () => {
    const { access } = rig()
    let cancelled = false
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(32)),
      cancel: () => void (cancelled = true),
    })
    const event = eventFixtures['http-jwt'].event({ claims: aliceClaims })
    const init = { method: 'POST', body, duplex: 'half' }
    const response = await access.routes().request('/keys', init, Object({ event }))
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: 'REQUEST_INVALID', message: 'The body has more than 16384 characters.' },
    ])
    expect(cancelled).toBe(true)
  })
})
