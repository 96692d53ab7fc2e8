import { describe, expect, test } from 'vitest'
import { fakePool, FULL, idToken, READ } from '../../cognito/test/fake-pool.ts'
import {
  createPermissions,
  type OutdatedEvent,
  type PermissionTable,
  type RouteOf,
  watchPermissions,
  type WatchOptions,
} from '../src/permissions.ts'

const allow = { effect: 'allow', statement: 'statement 0' }
const table = {
  version: 1,
  groups: [
    { group: 'FullAccess', role: 'FullAccessRole' },
    { group: 'ReadOnlyAccess', role: 'ReadOnlyAccessRole' },
  ],
  defaultRole: null,
  alwaysDefaultRole: false,
  guestRole: null,
  roles: {
    FullAccessRole: {
      'GET /notes': allow,
      'POST /notes': allow,
      'GET /notes/{id}': {
        effect: 'depends',
        statement: 'statement 1',
        dependsOn: ['aws:SourceIp'],
      },
      'GET /notes/latest': allow,
      'GET /health': { effect: 'allow' },
    },
    ReadOnlyAccessRole: {
      'GET /notes': allow,
      'POST /notes': { effect: 'deny' },
      'GET /notes/{id}': allow,
      'GET /notes/latest': { effect: 'deny', statement: 'statement 2' },
      'GET /health': { effect: 'allow' },
    },
  },
}
const BASE_URL = 'https://abc.execute-api.eu-central-1.amazonaws.com/prod'
const bob = (claims = {}): string =>
  idToken({
    sub: 'bob-sub',
    'cognito:username': 'bob',
    'cognito:groups': ['ReadOnlyAccess'],
    'cognito:roles': [READ],
    'cognito:preferred_role': READ,
    ...claims,
  })
const forbidden = (): Response => new Response('{"message":"Forbidden"}', { status: 403 })

async function signedIn(token: string | undefined, other: Partial<PermissionTable> = {}) {
  const pool = fakePool()
  pool.token = token
  const credentials = pool.make()
  await credentials.checkSignIn()
  const events: OutdatedEvent[] = []
  const onEvent = (event: OutdatedEvent): void => void events.push(event)
  const permissions = createPermissions({ ...table, ...other }, credentials)
  const watch = (fetch: typeof globalThis.fetch, options: WatchOptions = {}) =>
    watchPermissions(permissions, fetch, { onEvent, ...options })
  return { pool, credentials, permissions, events, watch }
}

describe('a hint', () => {
  test('is unknown before the token was read, and never asks a service', async () => {
    const pool = fakePool()
    const credentials = pool.make()
    const permissions = createPermissions(table, credentials)
    expect(permissions.can('POST /notes')).toBeUndefined()
    expect(permissions.can('GET /health')).toBe(true)
    let changes = 0
    const end = permissions.subscribe(() => changes++)
    await credentials.checkSignIn()
    await Promise.resolve()
    expect([permissions.can('POST /notes'), changes > 0]).toEqual([true, true])
    end()
    expect(pool.calls()).toEqual([])
  })

  test('follows the predicted role, switchRole, withRole and sign-out', async () => {
    const { credentials, permissions } = await signedIn(idToken())
    expect(permissions.can('POST /notes')).toBe(true)
    expect(permissions.can('GET /notes/{id}')).toBeUndefined()
    expect(permissions.hint('GET /notes/{id}')).toEqual({
      role: 'FullAccessRole',
      effect: 'depends',
      statement: 'statement 1',
      dependsOn: ['aws:SourceIp'],
    })
    const reading = createPermissions(table, credentials.withRole(READ))
    expect(reading.can('POST /notes')).toBe(false)
    credentials.switchRole(READ)
    expect(permissions.can('POST /notes')).toBe(false)
    await credentials()
    expect(permissions.can('POST /notes')).toBe(false)
    credentials.clear()
    expect(permissions.can('GET /notes')).toBe(false)
    expect(permissions.can('GET /health')).toBe(true)
    expect(permissions.hint('GET /notes')).toBeUndefined()
  })

  test('a hint of alice is never one for bob', async () => {
    const { pool, credentials, permissions } = await signedIn(idToken())
    expect(permissions.can('POST /notes')).toBe(true)
    pool.token = bob()
    await credentials.checkSignIn()
    expect(permissions.can('POST /notes')).toBe(false)
    expect(permissions.hint('POST /notes')?.role).toBe('ReadOnlyAccessRole')
    pool.token = undefined
    await credentials.checkSignIn()
    expect(permissions.can('GET /notes')).toBe(false)
  })

  test.each([
    [
      'another role name in a deployment, by the first group',
      { 'cognito:preferred_role': 'arn:aws:iam::123456789012:role/Stack-Role-1X' },
      {},
      false,
    ],
    ['the only role of a token', { 'cognito:preferred_role': undefined }, {}, false],
    [
      'several roles and no preferred one, denied by the pool',
      { 'cognito:roles': [READ, FULL], 'cognito:preferred_role': undefined },
      {},
      false,
    ],
    [
      'several roles and no preferred one, with a default role',
      { 'cognito:roles': [READ, FULL], 'cognito:preferred_role': undefined },
      { defaultRole: 'FullAccessRole' },
      true,
    ],
    [
      'no role, with a table that knows no default',
      { 'cognito:roles': undefined, 'cognito:preferred_role': undefined },
      { defaultRole: undefined },
      undefined,
    ],
    [
      'a pool that gives every user the default role',
      {},
      { alwaysDefaultRole: true, defaultRole: 'FullAccessRole' },
      true,
    ],
    [
      'a role and a group that are not in the table',
      { 'cognito:preferred_role': 'arn:aws:iam::123456789012:role/New', 'cognito:groups': ['New'] },
      {},
      undefined,
    ],
  ])('for %s', async (_, claims, other, expected) => {
    const { permissions } = await signedIn(bob(claims), other as Partial<PermissionTable>)
    expect(permissions.can('POST /notes')).toBe(expected)
  })

  test('a hint of a requested role that is not in the table is unknown, whatever the groups are', async () => {
    const { credentials } = await signedIn(idToken())
    const role = 'arn:aws:iam::123456789012:role/Another'
    expect(createPermissions(table, credentials.withRole(role)).can('GET /notes')).toBeUndefined()
  })

  test('a hint of a route or an effect that the table does not have is unknown', async () => {
    const ReadOnlyAccessRole = { 'GET /notes': allow, 'POST /notes': { effect: 'maybe' } }
    const { permissions } = await signedIn(bob(), { roles: { ...table.roles, ReadOnlyAccessRole } })
    const can = (route: string): boolean | undefined => permissions.can(route as 'GET /notes')
    expect(can('GET /notes')).toBe(true)
    for (const route of ['POST /notes', 'GET /notes/{id}', 'GET /nots', 'toString', '__proto__']) {
      expect(can(route), route).toBeUndefined()
    }
  })

  test('a hint of a guest is known once there is an identity', async () => {
    const pool = fakePool()
    const credentials = pool.make({ idToken: undefined, guest: true })
    const permissions = createPermissions(
      { ...table, guestRole: 'ReadOnlyAccessRole' },
      credentials,
    )
    expect(permissions.can('GET /notes')).toBeUndefined()
    await credentials()
    expect(permissions.can('GET /notes')).toBe(true)
    expect(createPermissions(table, credentials).can('GET /notes')).toBe(false)
  })
})

describe('a watched fetch', () => {
  test('makes a hint false that a refusal proves outdated, for this user and this role', async () => {
    const { pool, credentials, permissions, events, watch } = await signedIn(idToken())
    let changes = 0
    permissions.subscribe(() => changes++)
    const watched = watch(async () => forbidden(), { baseUrl: BASE_URL })
    const response = await watched(`${BASE_URL}/notes?page=2`, { method: 'post' })
    expect(await response.json()).toEqual({ message: 'Forbidden' })
    expect(permissions.can('POST /notes')).toBe(false)
    await Promise.resolve()
    expect(events).toEqual([
      { type: 'outdated', route: 'POST /notes', role: 'FullAccessRole', expected: 'allow' },
    ])
    expect(changes).toBe(1)
    // Not a second time.
    await watched('/notes', { method: 'POST' })
    expect(events).toHaveLength(1)
    pool.token = bob({ 'cognito:roles': [FULL], 'cognito:preferred_role': FULL })
    await credentials.checkSignIn()
    expect(permissions.can('POST /notes')).toBe(true)
  })

  test('makes a hint true that a success proves outdated', async () => {
    const { permissions, events, watch } = await signedIn(bob())
    await watch(async () => new Response('ok'))('/notes', { method: 'POST' })
    expect(permissions.can('POST /notes')).toBe(true)
    expect(events).toMatchObject([{ expected: 'deny', role: 'ReadOnlyAccessRole' }])
  })

  test('learns nothing from the application, from routes that depend, and from other addresses', async () => {
    const { permissions, events, watch } = await signedIn(idToken())
    const byApplication = watch(
      async () => new Response('{"message":"Not your note"}', { status: 403 }),
    )
    await byApplication('/notes', { method: 'POST' })
    const refused = watch(async () => forbidden(), { baseUrl: BASE_URL })
    await refused('/notes/42')
    await refused('https://elsewhere.example/notes', { method: 'POST' })
    await refused('/notes/42/more')
    await watch(async () => new Response('', { status: 500 }))('/notes')
    expect(permissions.can('POST /notes')).toBe(true)
    expect(permissions.can('GET /notes')).toBe(true)
    expect(events).toEqual([])
  })

  test('learns nothing from a call with an escaped slash, which IAM may decide by another path', async () => {
    const { permissions, events, watch } = await signedIn(bob())
    const refused = watch(async () => forbidden(), { baseUrl: BASE_URL })
    await refused('/notes/42%2Fadmin')
    await refused('/notes/42%2fadmin')
    expect(permissions.can('GET /notes/{id}')).toBe(true)
    await refused('/notes/42')
    expect(permissions.can('GET /notes/{id}')).toBe(false)
    await Promise.resolve()
    expect(events).toHaveLength(1)
  })

  test('learns about the route that was called, not about one that the options name later', async () => {
    const { permissions, watch } = await signedIn(idToken())
    const init = { method: 'POST' }
    const refused = watch(async () => forbidden())('/notes', init)
    init.method = 'GET'
    await refused
    expect([permissions.can('POST /notes'), permissions.can('GET /notes')]).toEqual([false, true])
  })

  test('takes the route with the fewest parameters, and the message of a REST API', async () => {
    const { events, watch } = await signedIn(idToken())
    const message =
      'User: arn:aws:sts::123456789012:assumed-role/R/S is not authorized to perform: execute-api:Invoke on resource: arn'
    const watched = watch(
      async () => new Response(JSON.stringify({ Message: message }), { status: 403 }),
      { baseUrl: BASE_URL },
    )
    await watched(new Request(`${BASE_URL}/notes/latest`))
    expect(events).toMatchObject([{ route: 'GET /notes/latest' }])
  })

  test('does not read a refusal to its end that is none of a gateway', async () => {
    const { events, watch } = await signedIn(idToken())
    let chunks = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (++chunks > 1_000) controller.close()
        else controller.enqueue(new Uint8Array(16_384).fill(123))
      },
    })
    const watched = watch(async () => new Response(endless, { status: 403 }))
    await watched('/notes', { method: 'POST' })
    expect(chunks).toBeLessThan(100)
    expect(events).toEqual([])
  })

  test('says nothing about a call during which the user changed', async () => {
    const { pool, credentials, permissions, events, watch } = await signedIn(idToken())
    const watched = watch(async () => {
      pool.token = bob({ 'cognito:roles': [FULL], 'cognito:preferred_role': FULL })
      await credentials.checkSignIn()
      return forbidden()
    })
    await watched('/notes', { method: 'POST' })
    expect([permissions.can('POST /notes'), events]).toEqual([true, []])
  })
})

test('the routes are those of the table', () => {
  const route: RouteOf<typeof table> = 'GET /notes'
  // @ts-expect-error -- there is no such route
  const other: RouteOf<typeof table> = 'GET /nots'
  const permissions = createPermissions(table, fakePool().make())
  // @ts-expect-error -- there is no such route
  expect([route, other, permissions.can('PUT /notes')]).toEqual([
    'GET /notes',
    'GET /nots',
    undefined,
  ])
})

test('a table of another version is an error', () => {
  const wrong = { ...table, version: 2 }
  expect(() => createPermissions(wrong, fakePool().make())).toThrow(
    'createPermissions: "table" must be a table of version 1',
  )
})

test('a table or credentials that are missing are named', () => {
  const nothing = undefined as never
  const code = 'INVALID_OPTION'
  expect(() => createPermissions(nothing, fakePool().make())).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('"table"') }),
  )
  expect(() => createPermissions(table, nothing)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining('"credentials"') }),
  )
})
