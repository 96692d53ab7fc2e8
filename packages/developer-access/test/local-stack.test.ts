import { cognitoCredentials } from '@iamfetch/cognito'
import { createFaults, defineStack, startLocalStack, type LocalStack } from '@iamfetch/local'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import type { Caller } from '@iamfetch/server'
import { handle } from 'hono/aws-lambda'
import { createIamFetch, createTokenFetch } from 'iamfetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import {
  cognitoIssuer,
  createDeveloperAccess,
  opaqueIssuer,
  type DeveloperAccess,
  type KeyIssuer,
} from '../src/index.ts'
import { sqliteStore, type SqliteStore } from '../src/sqlite.ts'

type Lambda = (event: unknown, context: unknown) => Promise<unknown>
const lambdas: Record<string, Lambda> = {}
const invoke =
  (name: string): Lambda =>
  (event, context) =>
    lambdas[name]!(event, context)
const scopes = ['notes/read']
const policy = {
  Statement: {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_rest/*',
  },
}
const keys = { auth: 'jwt', handler: invoke('keys') } as const
const definition = defineStack({
  groups: { Members: { precedence: 1, policy } },
  users: {
    alice: { groups: ['Members'], email: 'alice@example.com' },
    bob: { groups: ['Members'], email: 'bob@example.com' },
  },
  resourceServers: { notes: ['read', 'write'] },
  appClients: { other: { scopes } },
  apis: {
    rest: {
      type: 'rest',
      routes: {
        'GET /keys': keys,
        'POST /keys': keys,
        'DELETE /keys/{id}': keys,
        'POST /keys/{id}/rotate': keys,
        'GET /user': { auth: 'jwt', handler: invoke('notes') },
        'GET /machine': { auth: 'jwt', scopes, handler: invoke('notes') },
        'GET /signed': { auth: 'iam', handler: invoke('notes') },
        'GET /open': { auth: 'none', handler: invoke('notes') },
      },
    },
  },
})

interface Made {
  key: { id: string; clientId: string }
  secret: string
}

let stack: LocalStack
let store: SqliteStore
let access: DeveloperAccess
const idTokens: Record<string, string> = {}
/** A clock that tests move; the stack's and ours. */
let ahead = 0
const clock = { now: () => Date.now() + ahead }

/** The API as it is deployed: one process for the portal, another one for the notes. */
function deploy(issuer: KeyIssuer): void {
  const { userPoolId, endpoints } = stack.config
  const jwks = async (): Promise<{ keys: object[] }> =>
    Object(
      await (await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)).json(),
    )
  const userPools = [{ userPoolId, clientIds: null, jwks }]
  const users = { scopesOf: () => scopes }
  access = createDeveloperAccess({ issuer, store, clock, users })
  const notes = createDeveloperAccess({ issuer, store, clock, users })
  lambdas['keys'] = handle(access.routes({ userPools, clock })) as Lambda
  lambdas['notes'] = notes.withOwner(
    async (_event: unknown, _context: unknown, { kind, subject, username, email }: Caller) => ({
      statusCode: 200,
      body: JSON.stringify({ kind, of: { subject, username, email } }),
    }),
    { userPools, clock },
  )
}

beforeAll(async () => {
  stack = await startLocalStack(definition, { faults: createFaults({ clock }) })
  store = sqliteStore({ path: ':memory:' })
  for (const name of ['alice', 'bob']) idTokens[name] = (await signIn(stack, name)).idToken
})
afterAll(async () => {
  store.close()
  await stack.stop()
})

const api = (path: string): string => `${stack.config.apis['rest']?.url}${path}`
const asUser = async (
  name: string,
  request: string,
  body?: object,
  more: Record<string, string> = {},
): Promise<Response> => {
  const [method = 'GET', path = ''] = request.split(' ')
  const headers = {
    authorization: `Bearer ${idTokens[name]}`,
    'content-type': 'application/json',
    ...more,
  }
  return fetch(api(path), { method, headers, ...(body && { body: JSON.stringify(body) }) })
}
const makeKey = async (name: string): Promise<Made> => {
  const answer = await asUser(name, 'POST /keys', { label: 'my script', scopes })
  expect(answer.status).toBe(201)
  return Object(await answer.json())
}
const asSigner = (name: string): typeof fetch => {
  const { region, identityPoolId, endpoints } = stack.config
  const credentials = cognitoCredentials({
    identityPoolId,
    endpoint: endpoints.cognitoIdentity,
    idToken: async () => idTokens[name] ?? '',
  })
  return createIamFetch({ baseUrl: api(''), region, credentials })
}
const tokenOf = ({ key, secret }: Made) =>
  machineToken({
    source: oauthTokenEndpoint({
      url: `${stack.config.endpoints.oauth}/oauth2/token`,
      clientId: key.clientId,
    }),
    clientSecret: secret,
    clock,
    // Not of another user.
    fetch: (...asked) => fetch(...asked),
  })
/** Rotates alice's key while four callers use it, and expects that each call is let in. @returns The new secret. */
async function rotateUnderLoad(
  { key, secret }: Made,
  statusWith: (secret: string) => Promise<number>,
): Promise<string> {
  let newest = secret
  const statuses: number[] = []
  const callers = Array.from({ length: 4 }, async (_, caller) => {
    // Until the rotation has ended, and five times after that; with what each one of a fleet holds: the old secret
    // or the newest.
    for (let after = 0; after < 5; after += newest === secret ? 0 : 1) {
      statuses.push(await statusWith(caller % 2 ? secret : newest))
    }
  })
  const rotated = await asUser('alice', `POST /keys/${key.id}/rotate`, { graceSeconds: 60 })
  const { secret: next }: Made = Object(await rotated.json())
  expect(next).not.toBe(secret)
  newest = next
  await Promise.all(callers)
  expect(statuses.length).toBeGreaterThanOrEqual(20)
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  return next
}
const json = async (answer: Response | Promise<Response>) => (await answer).json()

describe('app clients of the local Cognito', () => {
  const issuing = (): KeyIssuer => {
    const { region, userPoolId, endpoints } = stack.config
    return cognitoIssuer({
      userPoolId,
      endpoint: endpoints.cognitoIdp,
      fetch: createIamFetch({
        baseUrl: endpoints.cognitoIdp,
        service: 'cognito-idp',
        region,
        credentials: stack.admin,
      }),
    })
  }

  it('are the same user as an ID token and a signature, and never another one', async () => {
    deploy(issuing())
    for (const name of ['alice', 'bob']) {
      const made = await makeKey(name)
      const { sub } = stack.users[name]!
      const of = { subject: sub, username: name, email: `${name}@example.com` }
      const byKey = createTokenFetch({ baseUrl: api(''), token: tokenOf(made) })
      expect(await json(asUser(name, 'GET /user'))).toEqual({ kind: 'user', of })
      expect(await json(asSigner(name)('/signed'))).toEqual({ kind: 'user', of })
      expect(await json(byKey('/machine'))).toEqual({ kind: 'machine-for-user', of })
      // Without a gateway that proves it, the token is verified here.
      expect(await json(byKey('/open'))).toEqual({ kind: 'machine-for-user', of })
    }
    const { other } = stack.appClients
    const stranger = tokenOf({
      key: { id: '', clientId: other!.clientId },
      secret: other!.clientSecret,
    })
    const byStranger = createTokenFetch({ baseUrl: api(''), token: stranger })
    expect((await byStranger('/machine')).status).toBe(403)
  })

  it('end with their key: refused within 5 seconds, although the token has an hour to go', async () => {
    deploy(issuing())
    const made = await makeKey('alice')
    const token = tokenOf(made)
    const headers = { authorization: `Bearer ${await token()}` }
    const call = async (path: string) => (await fetch(api(path), { headers })).status
    expect([await call('/machine'), await call('/open')]).toEqual([200, 200])
    expect((await asUser('bob', `DELETE /keys/${made.key.id}`)).status).toBe(404)
    expect(await call('/machine')).toBe(200)
    expect((await asUser('alice', `DELETE /keys/${made.key.id}`)).status).toBe(200)
    ahead += 4_999
    expect([await call('/machine'), await call('/open')]).toEqual([401, 401])
    // And Cognito gives no other token.
    await expect(tokenOf(made)()).rejects.toMatchObject({ code: 'INVALID_CLIENT' })
  })

  it('are rotated under load, and no call is lost', async () => {
    deploy(issuing())
    const made = await makeKey('alice')
    const next = await rotateUnderLoad(made, async (secret) => {
      // A new token each time.
      const call = createTokenFetch({ baseUrl: api(''), token: tokenOf({ ...made, secret }) })
      return (await call('/machine')).status
    })
    ahead += 60_000
    expect(await access.sweep()).toMatchObject({ settled: 1, deferred: 0 })
    await expect(tokenOf(made)()).rejects.toMatchObject({ code: 'INVALID_CLIENT' })
    expect(await tokenOf({ ...made, secret: next })()).toMatch(/^ey/)
  })

  it('are made once for one idempotency key, however many ask at once', async () => {
    deploy(issuing())
    const before = stack.faults.calls()['CreateUserPoolClient'] ?? 0
    const ask = () =>
      asUser(
        'bob',
        'POST /keys',
        { label: 'asked for often', scopes },
        { 'idempotency-key': 'one' },
      )
    const answers = await Promise.all(Array.from({ length: 20 }, ask))
    const bodies = await Promise.all(answers.map(async (answer) => Object(await answer.json())))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(1)
    expect(bodies.filter(({ secret }) => secret !== undefined)).toHaveLength(1)
    // A call during its creation gets an error that says so; a later call gets the key without its secret.
    const others = bodies.filter(({ secret }) => secret === undefined)
    const { key } = Object(bodies.find(({ secret }) => secret !== undefined))
    for (const other of others) {
      expect([other.error, other.key?.id]).toEqual(
        other.error ? ['UNDER_WAY', undefined] : [undefined, key.id],
      )
    }
    expect((stack.faults.calls()['CreateUserPoolClient'] ?? 0) - before).toBe(1)
    const again = await ask()
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    const { keys: listed } = Object(await json(asUser('bob', 'GET /keys')))
    expect(listed.filter(({ label }: { label: string }) => label === key.label)).toHaveLength(1)
  })

  it('are tidied up with the clients of the definition left alone', async () => {
    deploy(issuing())
    const made = await makeKey('bob')
    const fault = stack.faults.next('DeleteUserPoolClient', { fault: 'fail', times: 9 })
    await access.revokeKey(stack.users['bob']!.sub, made.key.id)
    fault.release()
    expect(await access.sweep()).toMatchObject({ settled: 1, deferred: 0, missing: 0 })
    await expect(tokenOf(made)()).rejects.toMatchObject({ code: 'INVALID_CLIENT' })
    const { other } = stack.appClients
    const kept = { key: { id: '', clientId: other!.clientId }, secret: other!.clientSecret }
    expect(await tokenOf(kept)()).toMatch(/^ey/)
  })

  it('get the scopes that their key has, and keep getting tokens', async () => {
    deploy(issuing())
    const user = { userId: stack.users['bob']!.sub, username: 'bob' }
    const all = ['notes/read', 'notes/write']
    const made = await access.createKey({ ...user, scopes: all }, { label: 'both', scopes: all })
    await access.patchKey({ ...user, scopes: all }, made.key.id, { scopes: ['notes/write'] })
    const token = tokenOf({ key: made.key, secret: made.secret ?? '' })
    expect((await token.get()).scopes).toEqual(['notes/write'])
  })
})

describe('opaque keys', () => {
  it('are the same user in the same API, without any token endpoint', async () => {
    deploy(opaqueIssuer())
    const made = await makeKey('alice')
    const of = { subject: stack.users['alice']!.sub, username: 'alice', email: 'alice@example.com' }
    const headers = { authorization: `Bearer ${made.secret}` }
    const call = () => fetch(api('/open'), { headers })
    expect(await json(call())).toEqual({ kind: 'machine-for-user', of })
    expect((await asUser('alice', `DELETE /keys/${made.key.id}`)).status).toBe(200)
    ahead += 4_999
    expect((await call()).status).toBe(401)
  })

  it('are rotated under load, and no call is lost', async () => {
    deploy(opaqueIssuer())
    const made = await makeKey('alice')
    const statusWith = async (secret: string): Promise<number> =>
      (await fetch(api('/open'), { headers: { authorization: `Bearer ${secret}` } })).status
    await rotateUnderLoad(made, statusWith)
    ahead += 60_000
    expect(await statusWith(made.secret)).toBe(401)
  })
})
