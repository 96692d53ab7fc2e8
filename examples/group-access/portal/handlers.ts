import type { DeveloperAccess } from '@iamfetch/developer-access'
import type { Caller, TrustedUserPool } from '@iamfetch/server'
import { handle } from 'hono/aws-lambda'
import type { Notes } from './notes.ts'
import { scopesOf } from './scopes.ts'

/** What the functions have to know. */
export interface HandlerOptions {
  access: DeveloperAccess
  notes: Notes
  /** The pool that users and keys are of. */
  userPool: TrustedUserPool
  clock?: { now(): number } | undefined
}

/** The functions behind the portal's routes. */
export type Handlers = ReturnType<typeof createHandlers>

/** One of them. */
export type HandlerName = keyof Handlers

/** What the handlers read of an event. */
export interface ApiEvent {
  body?: string
  requestContext: { http: { method: string } }
}

/**
 * Creates the Lambda functions of the portal.
 *
 * `withOwner` decides whose call it is: the user by a signature or an ID token, and the same user by one of the
 * user's keys. What a caller may do is decided here, by scopes: a user's by the groups, a key's by the key.
 */
export function createHandlers(options: HandlerOptions) {
  const { access, notes, userPool, clock = Date } = options
  const gate = { userPools: [userPool], clock }
  const held = ({ kind, groups, scopes }: Caller): readonly string[] =>
    kind === 'user' ? scopesOf(groups) : scopes

  return {
    /** The HTTP API of developer-access, for users who signed in. */
    keys: handle(access.routes(gate)) as (event: unknown, context: unknown) => Promise<unknown>,

    /** Who calls, and which scopes the user may hand out. */
    me: access.withOwner(
      (_event: ApiEvent, _context: unknown, caller) =>
        json(200, { username: caller.username, scopes: held(caller) }),
      { ...gate, kinds: ['user'] },
    ),

    /** The caller's notes: of a user, however the user is proven. */
    notes: access.withOwner(async (event: ApiEvent, _context: unknown, caller) => {
      const writes = event.requestContext.http.method === 'POST'
      const needed = writes ? 'notes/write' : 'notes/read'
      if (!held(caller).includes(needed)) {
        return json(403, { message: `The scope ${needed} is needed.` })
      }
      if (writes) {
        const text = textOf(event.body)
        if (text === undefined) return json(400, { message: '{ "text": "…" } is asked for.' })
        const by = caller.actor?.clientId ?? 'you'
        await notes.add(caller.subject, { text, by, at: clock.now() })
      }
      return json(writes ? 201 : 200, {
        of: caller.username,
        as: caller.kind,
        notes: await notes.of(caller.subject),
      })
    }, gate),
  }
}

function textOf(body = ''): string | undefined {
  try {
    const { text }: { text?: unknown } = Object(JSON.parse(body))
    return typeof text === 'string' && text.trim() !== '' ? text.slice(0, 500) : undefined
  } catch {
    return undefined
  }
}

const json = (statusCode: number, body: object) => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
})
