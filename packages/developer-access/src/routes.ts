import { IamFetchError, type ErrorCode } from '@iamfetch/core'
import type { Caller } from '@iamfetch/server'
import { requireCaller, type CallerEnv } from '@iamfetch/server/hono'
import { Hono, type Context } from 'hono'
import type { DeveloperAccess, RouteOptions } from './access.ts'
import type { NewKey } from './check.ts'
import type { KeyUser } from './create.ts'
import { refuse } from './refusal.ts'
import type { Rotation } from './rotate.ts'
import type { ShownKey } from './shown.ts'
import type { KeyEvent, KeyStore } from './store.ts'
import { sameUser, type IdOf } from './with-owner.ts'

interface Users {
  store: KeyStore
  idOf: IdOf
  scopesOf: (caller: Caller) => readonly string[] | Promise<readonly string[]>
}

/**
 * Makes the HTTP API with which users look after their keys, as a hono app.
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
  users: Users,
  { basePath = '/keys', ...gate }: RouteOptions,
): Hono<CallerEnv> {
  const app = new Hono<CallerEnv>()
  const route = new Hono<CallerEnv>()
  route.use(async (c, next) => {
    await next()
    c.header('cache-control', 'no-store')
  })
  route.use(requireCaller({ ...gate, kinds: ['user'] }))
  const user = (c: Context<CallerEnv>): Promise<KeyUser> => userOf(c.get('caller'), users)
  const userId = async (c: Context<CallerEnv>): Promise<string> => users.idOf(c.get('caller'))
  const shown = ({ key, secret, replayed }: ShownKey, c: Context, status: 200 | 201): Response => {
    if (replayed) c.header('idempotency-replayed', 'true')
    c.header('etag', `"${key.version}"`)
    return c.json({ key, ...(secret !== undefined && { secret }) }, replayed ? 200 : status)
  }
  const once = (c: Context) => ({ idempotencyKey: c.req.header('idempotency-key') })

  route.post('/', async (c) => {
    const said = await body(c, ['label', 'scopes', 'expiresInSeconds'])
    // What they are is checked where the key is made, for every caller of it.
    const asked: NewKey = Object(said)
    const made = await access.createKey(await user(c), asked, once(c))
    c.header('location', `${basePath}/${made.key.id}`)
    return shown(made, c, 201)
  })
  route.get('/', async (c) => c.json({ keys: await access.listKeys(await userId(c)) }))
  route.get('/:id', async (c) => {
    const key = await access.getKey(await userId(c), c.req.param('id'))
    return shown({ key, replayed: false }, c, 200)
  })
  route.patch('/:id', async (c) => {
    const patch = await body(c, ['label', 'scopes', 'expiresInSeconds'])
    const how = { version: versionOf(c) }
    const key = await access.patchKey(await holder(c), c.req.param('id'), Object(patch), how)
    return shown({ key, replayed: false }, c, 200)
  })
  route.post('/:id/rotate', async (c) => {
    const rotation: Rotation = Object(await body(c, ['graceSeconds']))
    const made = await access.rotateKey(await userId(c), c.req.param('id'), rotation, once(c))
    return shown(made, c, 200)
  })
  route.delete('/:id', async (c) => {
    const said = await body(c, ['reason'])
    const version = versionOf(c)
    const how = { ...said, ...(version !== undefined && { version }) }
    const key = await access.revokeKey(await userId(c), c.req.param('id'), how)
    return shown({ key, replayed: false }, c, 200)
  })
  route.get('/:id/events', async (c) => {
    const events = await access.events(await userId(c), c.req.param('id'))
    return c.json({ events: events.map(dated) })
  })
  const holder = async (c: Context<CallerEnv>) => ({
    userId: await userId(c),
    scopes: await users.scopesOf(c.get('caller')),
  })

  app.route(basePath, route)
  app.onError((error, c) => {
    if (!(error instanceof IamFetchError)) throw error
    const { code, message, remedy, retryable } = error
    c.header('cache-control', 'no-store')
    // What an issuer or a store says is not for a stranger's eyes.
    const own = STATUS[code]
    if (own === undefined) {
      return c.json(
        { error: 'SERVICE_UNAVAILABLE', message: 'Keys cannot be changed at the moment.' },
        503,
      )
    }
    const mismatched = code === 'KEY_CHANGED' && c.req.header('if-match') !== undefined
    return c.json({ error: code, message, remedy, retryable }, mismatched ? 412 : own)
  })
  return app
}

async function userOf(caller: Caller, { store, idOf, scopesOf }: Users): Promise<KeyUser> {
  const scopes = await scopesOf(caller)
  const { subject: userId, username, email } = await sameUser(caller, store, idOf)
  if (username === undefined) {
    throw refuse(
      'REQUEST_INVALID',
      'The signature alone does not tell the username: send the ID token along.',
    )
  }
  return { userId, username, scopes, ...(email !== undefined && { email }) }
}

const LONGEST_BODY = 16_384

/** Reads a JSON object with these members and no others. */
async function body(
  c: Context,
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const text = await c.req.text()
  if (text.length > LONGEST_BODY) throw refuse('REQUEST_INVALID', 'The body is too long.')
  if (text === '') return {}
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw refuse('REQUEST_INVALID', 'The body is no JSON.')
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw refuse('REQUEST_INVALID', 'The body is no JSON object.')
  }
  const members = new Map(Object.entries(read))
  if ([...members.keys()].some((name) => !names.includes(name))) {
    throw refuse('REQUEST_INVALID', `The body may have ${names.join(', ')}, and nothing else.`)
  }
  return Object.fromEntries<unknown>(members)
}

function versionOf(c: Context): number | undefined {
  const tag = c.req.header('if-match')
  if (tag === undefined || tag === '*') return undefined
  const version = Number(/^(?:W\/)?"(\d+)"$/.exec(tag)?.[1] ?? Number.NaN)
  if (Number.isSafeInteger(version)) return version
  throw refuse('REQUEST_INVALID', 'If-Match has the ETag of the key.')
}

const dated = (event: KeyEvent): object => ({ ...event, at: new Date(event.at) })

const STATUS: Partial<Record<ErrorCode, 400 | 401 | 403 | 404 | 409 | 422 | 429 | 503>> = {
  KEY_NOT_FOUND: 404,
  KEY_LIMIT_REACHED: 409,
  KEY_REVOKED: 409,
  KEY_CHANGED: 409,
  SCOPES_NOT_HELD: 403,
  USERNAME_TAKEN: 409,
  REQUEST_INVALID: 400,
  IDEMPOTENCY_KEY_REUSED: 422,
  UNDER_WAY: 409,
}
