import { accepted, refused, type Result } from '../result.ts'

/** A request for a token with the client credentials grant. Nothing of it has been verified. */
export interface TokenRequest extends ShownClient {
  grant: 'client_credentials'
  /** Empty asks for all. */
  scopes: readonly string[]
}

/** The app client that a request names, and how it showed its secret. */
export interface ShownClient {
  clientId: string
  /** The possible secrets: a Basic one has two readings. Empty if no secret was sent. */
  secrets: readonly string[]
  /** Whether a secret came, an empty one included. */
  withSecret: boolean
  /** Whether the client showed itself in the `Authorization` header. */
  basic: boolean
}

/** A request for the tokens of a person, with a code or a refresh token. Nothing of it has been verified. */
export type UserTokenRequest = ShownClient &
  (
    | {
        grant: 'authorization_code'
        code: string
        redirectUri: string
        verifier: string | undefined
      }
    | { grant: 'refresh_token'; refreshToken: string }
  )

/** RFC 6749 §5.2; `invalid_scope` is not in Cognito's list and comes nevertheless. */
export interface TokenRefusal {
  error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unauthorized_client'
    | 'unsupported_grant_type'
    | 'invalid_scope'
  reason: string
}

/** Whether the body is a form, by its `Content-Type`. */
export function isForm(headers: Headers): boolean {
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}

/**
 * Reads the form of a token request.
 *
 * Strict: each parameter once (RFC 6749 §3.2), one way of showing the secret (§2.3).
 */
export function readTokenRequest(
  headers: Headers,
  form: URLSearchParams,
): Result<TokenRequest | UserTokenRequest, TokenRefusal> {
  const refuse = (reason: string): Result<never, TokenRefusal> =>
    refused({ error: 'invalid_request', reason })
  for (const name of new Set(form.keys())) {
    // The name is the sender's text; a duplicate of a secret is still a secret, so no value is repeated.
    if (form.getAll(name).length > 1) return refuse(`${name} came twice`)
  }
  const grant = form.get('grant_type')
  if (!grant) return refuse('grant_type is missing')
  if (grant === 'authorization_code' || grant === 'refresh_token') {
    const client = readShownClient(headers, form)
    return client.ok ? accepted(readUserRequest(grant, client.value, form)) : client
  }
  if (grant !== 'client_credentials') {
    const reason = 'the grant is not client_credentials'
    return refused({ error: 'unsupported_grant_type', reason })
  }
  if (form.has('resource')) {
    const reason = 'resource: whether Cognito takes it for this grant is unverified'
    return refuse(`${reason}, so it is not built here`)
  }
  if (!isMetadata(form.get('aws_client_metadata'))) {
    return refuse('aws_client_metadata is not a JSON object of strings')
  }
  const scopes = (form.get('scope') ?? '').split(' ').filter(Boolean)
  const client = readShownClient(headers, form)
  return client.ok ? accepted({ ...client.value, grant, scopes }) : client
}

/** Reads which app client a request names, and its secret: in the form or as Basic, not both (RFC 6749 §2.3). */
export function readShownClient(
  headers: Headers,
  form: URLSearchParams,
): Result<ShownClient, TokenRefusal> {
  const refuse = (reason: string): Result<never, TokenRefusal> =>
    refused({ error: 'invalid_request', reason })
  const shown = headers.get('authorization')
  if (shown === null) {
    const clientId = form.get('client_id')
    if (!clientId) return refuse('client_id is missing')
    const secret = form.get('client_secret')
    const withSecret = secret !== null
    return accepted({ clientId, secrets: secret ? [secret] : [], withSecret, basic: false })
  }
  if (form.has('client_secret')) {
    return refuse('the secret came twice: in Authorization and in the form')
  }
  const [client, ...others] = readBasic(shown)
  if (!client) return refuse('Authorization is not Basic base64(client_id:client_secret)')
  const named = form.get('client_id')
  if (named !== null && named !== client.clientId) {
    return refuse('client_id in the form is not the one in Authorization')
  }
  const secrets = [client, ...others].map(({ secret }) => secret).filter(Boolean)
  return accepted({ clientId: client.clientId, secrets, withSecret: true, basic: true })
}

function readUserRequest(
  grant: 'authorization_code' | 'refresh_token',
  client: ShownClient,
  form: URLSearchParams,
): UserTokenRequest {
  const textOf = (name: string): string => form.get(name) ?? ''
  return grant === 'refresh_token'
    ? { ...client, grant, refreshToken: textOf('refresh_token') }
    : {
        ...client,
        grant,
        code: textOf('code'),
        redirectUri: textOf('redirect_uri'),
        verifier: form.get('code_verifier') ?? undefined,
      }
}

/**
 * Reads `Basic`. RFC 6749 §2.3.1 wants both parts form-encoded, many clients send them as they are; how Cognito
 * decodes them is unverified, so both readings are tried here.
 */
function readBasic(header: string): { clientId: string; secret: string }[] {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header) ?? []
  const [, clientId = '', secret = ''] =
    /^([^:]+):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  if (!clientId) return []
  const raw = { clientId, secret }
  try {
    const decoded = decodeURIComponent(secret.replaceAll('+', ' '))
    return decoded === secret ? [raw] : [raw, { clientId, secret: decoded }]
  } catch {
    return [raw]
  }
}

function isMetadata(text: string | null): boolean {
  if (text === null) return true
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || !value || Array.isArray(value)) return false
    return Object.values(value).every((entry) => typeof entry === 'string')
  } catch {
    return false
  }
}
