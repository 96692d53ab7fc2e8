import { copyOptions, isIamFetchError, readText, type ErrorCode } from '@iamfetch/core'
import type { Caller } from '@iamfetch/server'
import { requireCaller, type CallerEnv } from '@iamfetch/server/hono'
import { Hono, type Context } from 'hono'
import type { DeveloperAccess, RouteOptions } from './access.ts'
import type { KeyPatch, NewKey } from './check.ts'
import type { KeyUser } from './create.ts'
import type { KeyHolder } from './held-scopes.ts'
import { issuerName } from './issuer-name.ts'
import { refuse } from './refusal.ts'
import type { Rotation } from './rotate.ts'
import type { ShownKey } from './shown-key.ts'
import type { KeyEvent, KeyStore } from './store.ts'
import { checkGate, sameUser, userIdOf, type IdOf } from './with-owner.ts'

/** How the users of the routes are known. */
interface RouteUsers {
  store: KeyStore
  idOf: IdOf | undefined
  scopesOf: (caller: Caller) => readonly string[] | Promise<readonly string[]>
}

type RouteContext = Context<CallerEnv>

/**
 * Creates the HTTP API with which users manage their keys, as a hono app.
 *
 * ```
 * POST   /keys               { label, scopes, expiresInSeconds? }  → 201 { key, secret }
 * GET    /keys                                                     → { keys }
 * GET    /keys/:id                                                 → { key }
 * PATCH  /keys/:id           { label?, scopes?, expiresInSeconds? } → { key }
 * POST   /keys/:id/rotate    { graceSeconds }                      → { key, secret }
 * DELETE /keys/:id           { reason? }                           → { key }
 * GET    /keys/:id/events                                          → { events }
 * ```
 *
 * `Idempotency-Key` on the two `POST`s, `If-Match` with a key's `ETag` on `PATCH` and `DELETE`.
 *
 * @see [hono: AWS Lambda](https://hono.dev/docs/getting-started/aws-lambda)
 */
export function keyRoutes(
  access: DeveloperAccess,
  users: RouteUsers,
  options: RouteOptions,
): Hono<CallerEnv> {
  const { basePath = '/keys', ...gate } = copyOptions(options)
  checkGate('routes', gate, ['owner', 'verifyToken', 'kinds'])
  const requireUser = requireCaller({ ...gate, kinds: ['user'] })
  const { userId, holder, user } = callersOf(users, userIdOf('routes', users.idOf, gate))
  const route = new Hono<CallerEnv>()
  route.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
  })
  route.use(requireUser)

  route.post('/', async (c) => {
    const asked = await bodyOf<NewKey>(c, ['label', 'scopes', 'expiresInSeconds'])
    const created = await access.createKey(await user(c), asked, idempotencyOf(c))
    c.header('location', `${basePath}/${created.key.id}`)
    return responseOf(created, c, 201)
  })
  route.get('/', async (c) => c.json({ keys: await access.listKeys(await userId(c)) }))
  route.get('/:id', async (c) => {
    const key = await access.getKey(await userId(c), c.req.param('id'))
    return responseOf({ key, replayed: false }, c, 200)
  })
  route.patch('/:id', async (c) => {
    const patch = await bodyOf<KeyPatch>(c, ['label', 'scopes', 'expiresInSeconds'])
    const how = { version: versionOf(c) }
    const key = await access.patchKey(await holder(c), c.req.param('id'), patch, how)
    return responseOf({ key, replayed: false }, c, 200)
  })
  route.post('/:id/rotate', async (c) => {
    const rotation = await bodyOf<Rotation>(c, ['graceSeconds'])
    const how = idempotencyOf(c)
    const rotated = await access.rotateKey(await holder(c), c.req.param('id'), rotation, how)
    return responseOf(rotated, c, 200)
  })
  route.delete('/:id', async (c) => {
    const { reason } = await bodyOf<{ reason?: string }>(c, ['reason'])
    const how = { reason, version: versionOf(c) }
    const key = await access.revokeKey(await userId(c), c.req.param('id'), how)
    return responseOf({ key, replayed: false }, c, 200)
  })
  route.get('/:id/events', async (c) => {
    const events = await access.events(await userId(c), c.req.param('id'))
    return c.json({ events: events.map(withDate) })
  })

  const app = new Hono<CallerEnv>()
  app.route(basePath, route)
  app.onError(errorResponse)
  return app
}

/** Reads who calls a route: the ID, the ID with the scopes that the user holds now, or all that a new key needs. */
function callersOf({ store, idOf: configured, scopesOf }: RouteUsers, idOf: IdOf) {
  const userId = async (c: RouteContext): Promise<string> => {
    const caller = c.get('caller')
    const id = await idOf(caller)
    if (!configured) await checkIssuer(caller, id, store)
    return id
  }
  const holder = async (c: RouteContext): Promise<KeyHolder> => ({
    userId: await userId(c),
    scopes: await scopesOf(c.get('caller')),
  })
  const user = async (c: RouteContext): Promise<KeyUser> => {
    const caller = c.get('caller')
    const { userId: id, scopes } = await holder(c)
    const { username, email } = await sameUser(caller, store, () => id)
    if (username === undefined) {
      throw refuse(
        'REQUEST_INVALID',
        'The request has no ID token, and the signature alone does not tell the username.',
        {
          remedy: 'Send the ID token with the request.',
        },
      )
    }
    const { issuer } = caller
    return {
      userId: id,
      username,
      scopes,
      ...(email !== undefined && { email }),
      ...(issuer !== undefined && { issuer }),
    }
  }
  return { userId, holder, user }
}

/**
 * Without `users.idOf`, the ID is the subject of the token, and a gateway may trust more issuers than this code knows of: a
 * subject of one issuer never gets at the keys of the same subject of another.
 */
async function checkIssuer({ issuer }: Caller, userId: string, store: KeyStore): Promise<void> {
  if (issuer === undefined) return
  const stored = await store.user({ userId })
  if (stored?.issuer === undefined || stored.issuer === issuerName(issuer)) return
  throw refuse('CALLER_NOT_TRUSTED', 'This user ID belongs to a user of another issuer.')
}

function responseOf({ key, secret, replayed }: ShownKey, c: Context, status: 200 | 201): Response {
  if (replayed) c.header('idempotency-replayed', 'true')
  c.header('etag', `"${key.version}"`)
  return c.json({ key, ...(secret !== undefined && { secret }) }, replayed ? 200 : status)
}

function errorResponse(error: Error, c: Context): Response {
  if (!isIamFetchError(error)) throw error
  const { code, message, remedy, retryable } = error
  c.header('cache-control', 'no-store')
  const status = STATUS[code]
  // Errors of an issuer or a store are not shown to users.
  if (status === undefined) {
    return c.json(
      { error: 'SERVICE_UNAVAILABLE', message: 'Keys cannot be changed at the moment.' },
      503,
    )
  }
  const isMismatch = code === 'KEY_CHANGED' && c.req.header('if-match') !== undefined
  return c.json({ error: code, message, remedy, retryable }, isMismatch ? 412 : status)
}

const MAX_BODY_LENGTH = 16_384

/**
 * Reads a JSON object with these members and no others. What the members are is checked where the key is changed, for every
 * caller of it.
 */
async function bodyOf<Body extends object>(
  c: Context,
  names: readonly (keyof Body & string)[],
): Promise<Body> {
  const text = await textOf(c)
  if (text.length > MAX_BODY_LENGTH) throw tooLong()
  let body: unknown
  try {
    body = text === '' ? {} : JSON.parse(text)
  } catch {
    throw refuse('REQUEST_INVALID', 'The body of the request is not JSON.')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse('REQUEST_INVALID', 'The body of the request is not a JSON object.')
  }
  const unknown = Object.keys(body).find((name) => !names.some((known) => known === name))
  if (unknown !== undefined) {
    throw refuse('REQUEST_INVALID', `The body may contain only ${names.join(', ')}.`)
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return { ...body } as Body
}

/** Reads a body up to the limit. One that a middleware has read already comes from hono. */
async function textOf(c: Context): Promise<string> {
  const { body, bodyUsed } = c.req.raw
  if (bodyUsed || !body) return c.req.text()
  try {
    // A character has at most four bytes.
    return await readText(new Response(body), 4 * MAX_BODY_LENGTH)
  } catch (error) {
    throw isIamFetchError(error, 'UNEXPECTED_ANSWER') ? tooLong() : error
  }
}

const tooLong = (): Error =>
  refuse('REQUEST_INVALID', `The body has more than ${MAX_BODY_LENGTH} characters.`)

const idempotencyOf = (c: Context) => ({ idempotencyKey: c.req.header('idempotency-key') })

function versionOf(c: Context): number | undefined {
  const tag = c.req.header('if-match')
  if (tag === undefined || tag === '*') return undefined
  const version = Number(/^(?:W\/)?"(\d+)"$/.exec(tag)?.[1] ?? NaN)
  if (Number.isSafeInteger(version)) return version
  throw refuse('REQUEST_INVALID', 'The header "If-Match" must be the ETag of the key.')
}

const withDate = (event: KeyEvent): object => ({ ...event, at: new Date(event.at) })

const STATUS: Partial<Record<ErrorCode, 400 | 403 | 404 | 409 | 422>> = {
  KEY_NOT_FOUND: 404,
  KEY_LIMIT_REACHED: 409,
  KEY_REVOKED: 409,
  KEY_CHANGED: 409,
  SCOPES_NOT_HELD: 403,
  CALLER_NOT_TRUSTED: 403,
  USERNAME_TAKEN: 409,
  REQUEST_INVALID: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  UNDER_WAY: 409,
}
