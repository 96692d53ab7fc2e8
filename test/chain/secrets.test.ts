import { fetchOf } from '@iamfetch/testing'
import { explainRole, decodeIdToken } from '@iamfetch/cognito'
import {
  cognitoIssuer,
  createDeveloperAccess,
  opaqueIssuer,
  type KeyIssuer,
} from '@iamfetch/developer-access'
import { sqliteStore } from '@iamfetch/developer-access/sqlite'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { machineToken, memoryStore, oauthTokenEndpoint } from '@iamfetch/machine'
import { identityHeader, resolveCaller, withCaller } from '@iamfetch/server'
import { aliceClaims, eventFixtures } from '@iamfetch/server/fixtures'
import { createSigner } from '@iamfetch/sigv4'
import { createIamFetch, createTokenFetch, describeRefusal } from 'iamfetch'
import { explain, rememberRequests } from 'iamfetch/explain'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure, rest, settle, startScene, type Person, type Scene } from '../faults/scene.ts'
import { piecesOf, printed } from './printed.ts'

let scene: Scene
let alice: Person
/** A stack in real time, for the machines. */
let machines: LocalStack
/** Everything that was handed out, by what it is. */
const handed: [what: string, value: unknown][] = []
/** Everything that must not show, by what it is. */
const secrets = new Map<string, string>()

const keep = <T>(what: string, value: T): T => {
  handed.push([what, value])
  return value
}
const failed = async (what: string, promise: Promise<unknown>): Promise<void> => {
  const error = keep(what, await failure(promise))
  expect(error, what).toBeInstanceOf(Error)
}
const hide = (what: string, secret: string | undefined): string => {
  expect(secret, what).toMatch(/.{16}/)
  secrets.set(what, secret!)
  return secret!
}
/** The header of a token is not secret. Its payload and its signature must not show. */
const hideToken = (what: string, token: string): void => {
  hide(what, token.split('.')[2])
  hide(`${what}, payload`, token.split('.')[1])
}

const QUOTING = 'a message that quotes'

beforeAll(async () => {
  scene = await startScene()
  machines = await startLocalStack({
    resourceServers: { premium: ['read'] },
    appClients: { reader: { scopes: ['premium/read'] } },
  })
  alice = await scene.person('alice')
  hideToken('ID token', alice.idToken)
  hideToken('access token', alice.accessToken)
  hide('password', scene.stack.users.alice?.password)
})
afterAll(() => Promise.all([scene?.stack.stop(), machines?.stop()]))

/** Credentials, providers, statuses, events and errors of the exchange. */
async function exchanges(): Promise<void> {
  const { credentials, events } = scene.page(alice)
  const first = keep('credentials', await credentials())
  hide('secret access key', first.secretAccessKey)
  hide('session token', first.sessionToken)
  keep('provider', credentials)
  keep('provider of a role', credentials.withRole())
  keep('status', credentials.status())
  keep('claims explained', explainRole(decodeIdToken(alice.idToken)))
  const next = keep('credentials, refreshed', await credentials({ forceRefresh: true }))
  hide('secret access key, refreshed', next.secretAccessKey)
  hide('session token, refreshed', next.sessionToken)
  await credentials.refreshIdentity()
  hideToken('ID token, refreshed', alice.idToken)
  scene.faults.next('GetCredentialsForIdentity', { fault: 'fail', times: 9 })
  await failed('exchange failed', credentials({ forceRefresh: true }))
  keep('status, stale', credentials.status())
  scene.faults.reset()
  await settle()

  for (const operation of ['GetId', 'GetCredentialsForIdentity'])
    for (const type of ['NotAuthorizedException', 'ResourceConflictException', 'OddException']) {
      const secretAccessKey = secrets.get('secret access key')
      const message = `${QUOTING} ${alice.idToken} and ${secretAccessKey} and ${first.sessionToken}`
      scene.faults.next(operation, { fault: 'refuse', times: 3, refusal: { type, message } })
      const page = scene.page(alice)
      await failed(`${operation} refused with ${type}`, page.credentials())
      keep('status, failed', page.credentials.status())
      await settle()
      keep('events, failed', page.events)
      scene.faults.reset()
    }
  for (const fault of ['garbage', 'drop', 'throttle', 'fail'] as const) {
    scene.faults.next('GetId', { fault, times: 3 })
    scene.faults.next('GetCredentialsForIdentity', { fault, times: 3 })
    await failed(`exchange met ${fault}`, scene.page(alice).credentials())
    scene.faults.reset()
  }
  const leaky = scene.page(alice, {
    credentials: {
      fetch: async () => new Response(`{"SecretKey":"${first.secretAccessKey}" ${alice.idToken}`),
    },
  })
  await failed('exchange answered with half of a JSON', leaky.credentials())
  for (const token of [alice.accessToken, `${alice.idToken}.x`, alice.idToken.slice(20)])
    await failed(
      'a token that is none',
      scene.page({ ...alice, token: async () => token }).credentials(),
    )
  await failed('nobody', scene.page(() => undefined).credentials())
  const hanging = scene.faults.next('GetId', 'hang')
  const cleared = scene.page(alice)
  const waiting = failed('signed out in the meantime', cleared.credentials())
  await hanging.met
  cleared.credentials.clear()
  await waiting
  hanging.release()
  await rest(credentials)
  keep('events', events)
}

/** Fetches, signers, their events, errors and explanations. */
async function calls(): Promise<void> {
  const held = await scene.page(alice).credentials()
  hide('secret access key of a fetch', held.secretAccessKey)
  hide('session token of a fetch', held.sessionToken)
  const { accessKeyId, secretAccessKey, sessionToken = '' } = held
  const plain = { accessKeyId, secretAccessKey, sessionToken }
  const signer = keep('signer', createSigner({ credentials: plain, region: 'eu-central-1' }))
  for (const api of ['http', 'rest']) {
    const remembering = { fetch: { fetch: rememberRequests(), retry: { attempts: 1 } } }
    const { call, credentials, events } = scene.page(alice, { api, ...remembering })
    keep('fetch', call)
    const used = await credentials()
    hide(`session token at ${api}`, used.sessionToken)
    const refusal = { type: 'AccessDeniedException', message: `Authorization=${alice.idToken}` }
    scene.faults.next('ANY /test', { fault: 'refuse', refusal })
    const refused = await call('/test')
    keep('refusal', await describeRefusal(refused))
    keep('explanation', await explain(refused))
    const tampered = scene.page(alice, {
      api,
      fetch: {
        credentials: plain,
        fetch: rememberRequests(
          fetchOf((request) =>
            fetch(new Request(request.url.replace('127.0.0.1', 'localhost'), request)),
          ),
        ),
      },
    })
    const mismatch = await tampered.call('/test?X-Amz-Security-Token-x=1')
    expect(mismatch.status).toBe(403)
    keep('explanation of a mismatch', await explain(mismatch))
    scene.faults.next('ANY /test', 'drop')
    const error = await failure(call(`/test?token=${sessionToken}`))
    keep('network error', error)
    keep('explanation of an error', await explain(error, { probe: fetch }))
    await settle()
    keep('events of a fetch', events)
  }
  const iamFetch = createIamFetch({
    baseUrl: scene.stack.config.apis.http?.url,
    region: 'eu-central-1',
    credentials: plain,
    fetch: async () => new Response(null, { status: 302, headers: { location: 'http://x/' } }),
  })
  keep('fetch of static credentials', iamFetch)
  await failed('redirect', iamFetch(`/test?token=${sessionToken}`))
  await failed(
    'foreign origin',
    iamFetch(`https://me:${secretAccessKey}@evil.example/${sessionToken}`),
  )
  await failed('no URL', iamFetch(`https://[${sessionToken}`))
  await failed('mode', iamFetch('/test', { mode: 'no-cors' }))
  await failed('body', iamFetch('/test', { method: 'GET', body: sessionToken }))
  for (const broken of [
    { ...plain, sessionToken: undefined },
    { ...plain, sessionToken: `${sessionToken}\n` },
    { ...plain, secretAccessKey: '' },
    { ...plain, expiration: new Date(0) },
  ]) {
    const sign = createSigner({ credentials: broken as typeof plain, region: 'eu-central-1' })
    await failed('incomplete credentials', sign.sign('https://api.example.com/'))
  }
  const headers = { authorization: `Bearer ${alice.idToken}` }
  await failed('two authorizations', signer.sign('https://api.example.com/', { headers }))
  await failed(
    'no region',
    createSigner({ credentials: plain }).sign(`https://a.example/?t=${sessionToken}`),
  )
  await failed('too long', signer.presign('https://a.example/', { expiresInSeconds: 3_600 }))
}

/** Machine tokens, their events, stores and errors. */
async function machineTokens(): Promise<void> {
  const { clientId, clientSecret } = machines.appClients.reader!
  hide('client secret', clientSecret)
  const events: unknown[] = []
  const store = keep('store', memoryStore())
  const source = keep(
    'source',
    oauthTokenEndpoint({ url: `${machines.config.endpoints.oauth}/oauth2/token`, clientId }),
  )
  const make = (more: object): ReturnType<typeof machineToken> =>
    machineToken({
      source,
      clientSecret,
      scopes: ['premium/read'],
      store,
      onEvent: (event) => void events.push(event),
      ...more,
    })
  // Nothing that another one got, and no real pauses between attempts.
  const sleep = (ms: number): Promise<void> =>
    ms < 5_000 ? Promise.resolve() : new Promise(() => {})
  const own = { store: undefined, clock: { now: Date.now, sleep } }
  const token = keep('machine token', make({}))
  hideToken('machine’s token', await token())
  keep('machine’s token with its life', await token.get())
  keep('stats', token.stats())
  keep('token fetch', createTokenFetch({ baseUrl: 'https://api.example.com', token }))
  await failed('wrong secret', make({ clientSecret: `${clientSecret}x` })())
  await failed('wrong scope', make({ scopes: ['premium/none'] })())
  await failed(
    'unreachable',
    make({ ...own, fetch: () => Promise.reject(new TypeError('fetch failed')) })(),
  )
  const echo = async (): Promise<Response> =>
    Response.json(
      { error: 'invalid_client', error_description: `${QUOTING} ${clientSecret}` },
      { status: 400 },
    )
  await failed('an endpoint that echoes the secret', make({ ...own, fetch: echo })())
  keep('events of a machine', events)
  const bearer = createTokenFetch({
    baseUrl: 'https://api.example.com',
    token: async () => `${await token()}\n`,
  })
  await failed('a token with a line break', bearer('/x'))
}

/** Callers of the server, and its refusals. */
async function callers(): Promise<void> {
  const { userPoolId, userPoolClientId, endpoints } = scene.stack.config
  const pool = { userPoolId, clientIds: [userPoolClientId] }
  const keys = await fetch(`${endpoints.cognitoIdp}/${userPoolId}/.well-known/jwks.json`)
  const jwks = (await keys.json()) as { keys: object[] }
  const clock = scene.time
  const believing = keep('options', { userPools: [{ ...pool, jwks }], clock })
  const eventOf = (authorization: string, more: object = {}): object => ({
    version: '2.0',
    headers: { authorization, ...more },
    requestContext: { http: {} },
  })
  for (const token of [alice.idToken, alice.accessToken]) {
    const event = eventOf(`Bearer ${token}`)
    expect(keep('caller', await resolveCaller(event, believing))).toMatchObject({ kind: 'user' })
    for (const userPools of [
      [{ ...pool, jwks: { keys: [] } }],
      [{ ...pool, jwks, clientIds: ['another'] }],
      [{ ...pool, jwks: () => Promise.reject(new Error('no network')) }],
    ]) {
      await failed('refused caller', resolveCaller(event, { userPools, clock }))
    }
    await failed('unproven caller', resolveCaller(event))
    await failed('late caller', resolveCaller(event, { ...believing, clock: { now: () => 4e12 } }))
    const bent = eventOf(`Bearer x${token}`)
    await failed('no token', resolveCaller(bent, believing))
    const refusals: unknown[] = []
    const gate = {
      ...believing,
      groups: ['None'],
      onRefusal: (error: unknown) => refusals.push(error),
    }
    const answer = withCaller(() => ({}), gate)
    keep('answer of a gate', await answer(event, {}))
    keep('answer of a gate to no token', await answer(bent, {}))
    expect(keep('refusals of a gate', refusals)).toHaveLength(2)
  }
  const poolName = `cognito-idp.eu-central-1.amazonaws.com/${userPoolId}`
  const claims = { ...aliceClaims, iss: `https://${poolName}` }
  const signed = Object(eventFixtures['http-iam'].event({ claims }))
  for (const token of [alice.idToken, alice.accessToken, `x${alice.idToken}`]) {
    const headers = { ...signed.headers, [identityHeader]: token }
    await failed('two callers', resolveCaller({ ...signed, headers }, believing))
  }
}

/** Keys of users: what is handed out with them, and what goes wrong. */
async function developerAccess(): Promise<void> {
  const { region, userPoolId, endpoints } = machines.config
  const asAdmin = createIamFetch({
    baseUrl: endpoints.cognitoIdp,
    service: 'cognito-idp',
    region,
    credentials: machines.admin,
  })
  /** A Cognito whose errors quote what it was asked and what it would have said. */
  const quoting: typeof fetch = async (input, init) => {
    const text = await (await asAdmin(input, init)).text()
    const type = 'OddException'
    return Response.json({ __type: type, message: `${QUOTING} ${text}` }, { status: 400 })
  }
  const cognito = (send: typeof fetch): KeyIssuer =>
    cognitoIssuer({ userPoolId, endpoint: endpoints.cognitoIdp, fetch: send })
  const opaque = opaqueIssuer()
  const user = { userId: 'u', username: 'alice', scopes: ['premium/read'] }
  const wanted = { label: 'a key', scopes: ['premium/read'] }
  const once = { idempotencyKey: 'the-same' }
  let presented = ''
  for (const [kind, issuer] of [
    ['opaque', opaque],
    ['cognito', cognito(asAdmin)],
  ] as const) {
    const store = keep(`${kind}: store`, sqliteStore({ path: ':memory:' }))
    const deferred = keep(`${kind}: deferred`, [] as unknown[])
    const limits = { keysPerUser: 2 }
    const onDeferred = (error: unknown): void => void deferred.push(error)
    const access = keep(
      `${kind}: access`,
      createDeveloperAccess({ issuer, store, limits, onDeferred }),
    )
    keep(`${kind}: issuer`, issuer)
    const made = keep(`${kind}: made`, await access.createKey(user, wanted, once))
    hideKey(`${kind}: secret`, made.secret)
    const { id, clientId } = made.key
    if (kind === 'opaque') presented = made.secret ?? ''
    keep(`${kind}: made before`, await access.createKey(user, wanted, once))
    const next = keep(`${kind}: rotated`, await access.rotateKey(user, id, { graceSeconds: 60 }))
    hideKey(`${kind}: next secret`, next.secret)
    const issued = keep(`${kind}: issued`, await issuer.issue({ keyId: 'x', ...wanted }))
    hideKey(`${kind}: issued secret`, issued.secret.value)
    keep(`${kind}: listed`, await access.listKeys('u'))
    keep(`${kind}: events`, await access.events('u', id))
    keep(`${kind}: owner`, await access.resolveOwner(clientId))
    keep(`${kind}: user`, await access.findUser({ userId: 'u' }))
    keep(`${kind}: row`, await store.key(id))
    keep(`${kind}: routes`, access.routes())
    const tries = {
      'too much': access.createKey(user, { label: 'x', scopes: ['premium/all'] }),
      'no label': access.createKey(user, { ...wanted, label: `${made.secret}\n` }),
      'another request': access.createKey(user, { ...wanted, label: `${made.secret}` }, once),
      'another user': access.getKey('somebody', id),
      'a second rotation': access.rotateKey(user, id, { graceSeconds: 60 }),
    }
    for (const [what, promise] of Object.entries(tries)) await failed(`${kind}: ${what}`, promise)
    const event = {
      version: '2.0',
      headers: { authorization: `Bearer ${made.secret}` },
      requestContext: { http: {} },
    }
    const seen: unknown[] = []
    const handler = access.withOwner((_event: unknown, _context: unknown, caller) => {
      seen.push(keep(`${kind}: caller`, caller))
      return {}
    })
    if (kind === 'opaque') {
      await handler(event, {})
      keep('answer of the authorizer', await access.authorizer()(event))
    }
    // Cognito's keys are exchanged for tokens; they are none themselves.
    expect(seen).toHaveLength(kind === 'opaque' ? 1 : 0)
    await access.revokeKey('u', id, { reason: 'over' })
    await failed(`${kind}: over`, access.rotateKey(user, id, { graceSeconds: 0 }))
    keep(`${kind}: refused`, await handler(event, {}))
    if (kind === 'opaque') {
      const { verifyToken } = access.callerOptions({})
      await failed('a revoked key', Promise.resolve(verifyToken?.(presented)))
      const wrong = presented.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
      await failed('a wrong key', Promise.resolve(verifyToken?.(wrong)))
    }
    store.close()
    await failed(`${kind}: store closed`, access.createKey(user, wanted))
  }
  const store = sqliteStore({ path: ':memory:' })
  const access = createDeveloperAccess({ issuer: cognito(quoting), store })
  await failed('cognito: quotes what it made', access.createKey(user, wanted))
  const broken = createDeveloperAccess({
    issuer: opaque,
    store: { ...store, byClientId: () => Promise.reject(new Error('no disk')) },
  })
  const { verifyToken } = broken.callerOptions({})
  await failed('a store that is down', Promise.resolve(verifyToken?.(presented)))
  store.close()
}

/** An opaque key has its client ID in it, which is for everybody to see. */
const hideKey = (what: string, secret: string | undefined): string =>
  hide(what, secret?.replace(/^ifk_\w{32}_/, ''))

test('nothing that the packages hand out shows a secret, in whatever way it is printed', async () => {
  await exchanges()
  await calls()
  await machineTokens()
  await callers()
  await developerAccess()
  expect(handed.length).toBeGreaterThan(120)
  expect(secrets.size).toBeGreaterThan(18)
  const leaks: string[] = []
  for (const [what, value] of handed) {
    const shown = printed(value)
    for (const [name, secret] of secrets)
      if (piecesOf(secret).some((part) => shown.includes(part))) leaks.push(`${what} shows ${name}`)
  }
  expect(leaks).toEqual([])
  // The search finds what is there.
  for (const secret of secrets.values()) {
    const shown = printed(new Error('see the cause', { cause: new Error(`it was ${secret}`) }))
    expect(piecesOf(secret).every((part) => shown.includes(part))).toBe(true)
  }
})
