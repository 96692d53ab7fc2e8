import { withCaller, type Caller, type GateOptions, type TrustedUserPool } from '@iamfetch/server'
import type { Clock } from 'iamfetch'
import type { Notes } from './notes.ts'
import type { Tenant } from './tenants.ts'

/** What the functions have to know. On AWS these are environment variables; `jwks` and `clock` stay out. */
export interface Trust {
  userPoolId: string
  /** The app client that users sign in with. */
  userClientId: string
  /** Whose app client it is, by client ID. */
  tenantOf: ReadonlyMap<string, Tenant>
  /** @default the keys that the user pool publishes */
  jwks?: TrustedUserPool['jwks']
  /** @default Date */
  clock?: Clock | undefined
  /** Told who is let in, for the log. */
  onCaller?: ((caller: Caller) => void) | undefined
}

/** What the handlers read of an event, an HTTP API's or a REST API's. */
export interface ApiEvent {
  /** An HTTP API's events have one. */
  version?: string
  pathParameters?: Readonly<Record<string, string>> | null
  body?: string | null
  isBase64Encoded?: boolean
}

/** The functions behind the API's routes. */
export type Handlers = ReturnType<typeof createHandlers>

/** One of them. */
export type HandlerName = keyof Handlers

/** Creates the Lambda functions. Call it once, outside of the handler, because it caches the keys. */
export function createHandlers(trust: Trust, notes: Notes) {
  const { userPoolId, userClientId, tenantOf, jwks, clock, onCaller } = trust
  // Only ID tokens, only of the client that people sign in with: a tenant's service is not a user, and an HTTP API's
  // authorizer would let its access token pass.
  const forUsers: GateOptions = {
    userPools: [{ userPoolId, clientIds: [userClientId], tokenUse: 'id', jwks }],
    kinds: ['user'],
    clock,
  }
  const forTenants: GateOptions = {
    userPools: [{ userPoolId, clientIds: [...tenantOf.keys()], tokenUse: 'access', jwks }],
    kinds: ['machine'],
    // The client ID that was proven, and nothing that the request says.
    tenant: ({ clientId = '' }) => tenantOf.get(clientId),
    clock,
  }
  const whoIs = (_event: ApiEvent, _context: unknown, caller: Caller): Answer => {
    onCaller?.(caller)
    const { subject, username, email, groups, proof } = caller
    return json(200, { sub: subject, username, email, groups, proof })
  }
  const forTenant = (
    work: (own: Map<string, string>, event: ApiEvent, tenant: Tenant) => Answer,
    scope: string,
  ) =>
    withCaller(
      (event: ApiEvent, _context: unknown, caller) => {
        onCaller?.(caller)
        const tenant = tenantOf.get(caller.clientId ?? '')
        if (!tenant || tenant !== caller.tenant) return json(403, { message: 'Forbidden' })
        return work(notes.of(tenant), event, tenant)
      },
      { ...forTenants, scopes: [scope] },
    )

  return {
    /** Believes the gateway's authorizer. */
    me: withCaller(whoIs, forUsers),
    /** Verifies once more the token that the gateway passed on. */
    meVerified: withCaller(whoIs, { ...forUsers, proof: 'verified' }),
    /** Behind IAM: a signature identifies only the `sub`; the ID token that is sent with it contains the rest. */
    meSigned: withCaller(whoIs, forUsers),
    listNotes: forTenant(
      (own, _event, tenant) => json(200, { tenant, notes: Object.fromEntries(own) }),
      'notes/read',
    ),
    readNote: forTenant((own, event) => {
      const text = own.get(idOf(event) ?? '')
      return text === undefined ? json(404, { message: 'Not Found' }) : json(200, { text })
    }, 'notes/read'),
    writeNote: forTenant((own, event) => {
      const id = idOf(event)
      const text = textOf(event)
      if (!id || text === undefined) return json(400, { message: '{ "text": "…" } is asked for' })
      own.set(id, text)
      return json(200, { text })
    }, 'notes/write'),
  }
}

/** The note's ID as the caller meant it: a REST API hands on a path's escapes, an HTTP API has undone them. */
function idOf({ version, pathParameters }: ApiEvent): string | undefined {
  const id = pathParameters?.['id']
  if (!id || version) return id
  try {
    return decodeURIComponent(id)
  } catch {
    return undefined
  }
}

function textOf({ body, isBase64Encoded }: ApiEvent): string | undefined {
  try {
    const json = isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '')
    const { text }: { text?: unknown } = Object(JSON.parse(json))
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

interface Answer {
  statusCode: number
  headers: Record<string, string>
  body: string
}

const json = (statusCode: number, body: object): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
