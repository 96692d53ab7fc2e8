import type { AppClient } from '../cognito-user-pool/app-clients.ts'
import { accepted, refused, type Result } from '../result.ts'

/** Finds an app client by its ID. `undefined` unless people may sign in by redirect with it. */
export type FindHostedClient = (clientId: string) => AppClient | undefined

/** An authorization request that may be carried out. */
export interface Authorization {
  clientId: string
  redirectUri: string
  scopes: readonly string[]
  /** Given back as it came. */
  state: string | undefined
  nonce: string | undefined
  /** BASE64URL(SHA-256(verifier)). `undefined` if the request came without PKCE, which Cognito takes. */
  codeChallenge: string | undefined
  prompt: readonly string[]
  /** The API that the access token is for, as its `aud`. `undefined` if the request names none. */
  resource: string | undefined
}

/** Why an authorization request is refused. */
export interface AuthorizationRefusal {
  error: string
  reason: string
  /** Where to send it. `undefined` if the address itself is not to be trusted. */
  redirectUri?: string
  state?: string | undefined
}

/**
 * Reads an authorization request by Cognito's rules. An error goes to the callback only if client and callback are right.
 *
 * Built: `response_type=code`, PKCE with S256, `prompt` of `none` and `login`, `login_hint`, `resource`. Ignored: `lang`,
 * `ui_locales`, `max_age` (Cognito's page has no such parameter). The implicit grant and other identity providers are not built.
 *
 * @see [AWS: authorize endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html)
 * @see [RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)
 */
export function readAuthorization(
  query: URLSearchParams,
  find: FindHostedClient,
): Result<Authorization, AuthorizationRefusal> {
  const twice = [...new Set(query.keys())].find((name) => query.getAll(name).length > 1)
  const redirectUri = query.get('redirect_uri') ?? ''
  const client = find(query.get('client_id') ?? '')
  if (!client) return refused({ error: 'invalid_request', reason: NOT_A_HOSTED_CLIENT })
  const { clientId, callbackUrls, scopes } = client
  if (!callbackUrls.includes(redirectUri)) {
    const reason = `redirect_uri is not one of the callback URLs of the app client: ${callbackUrls.join(', ')}`
    return refused({ error: 'redirect_mismatch', reason })
  }
  const state = query.get('state') ?? undefined
  const refuse = (error: string, reason: string): Result<never, AuthorizationRefusal> =>
    refused({ error, reason, redirectUri, state })
  if (twice !== undefined) return refuse('invalid_request', 'a parameter came twice')
  const type = query.get('response_type')
  if (type === 'token') return refuse('unauthorized_client', 'the implicit grant is not built here')
  if (type !== 'code') return refuse('invalid_request', 'response_type is not code')
  for (const name of ['identity_provider', 'idp_identifier']) {
    if (query.has(name) && query.get(name) !== 'COGNITO') {
      return refuse('invalid_request', `${name}: there is no other provider here`)
    }
  }
  const challenge = query.get('code_challenge') ?? undefined
  const method = query.get('code_challenge_method')
  if ((challenge !== undefined || method !== null) && method !== 'S256') {
    return refuse('invalid_request', 'code_challenge_method is not S256')
  }
  if (method !== null && !/^[\w-]{43}$/.test(challenge ?? '')) {
    return refuse('invalid_request', 'code_challenge is not the BASE64URL of a SHA-256')
  }
  const resource = query.get('resource') ?? undefined
  if (resource !== undefined && !isResource(resource)) {
    return refuse(
      'invalid_request',
      `resource is not a URL with https:, http://localhost or an app's own scheme`,
    )
  }
  // Without requested scopes, all that the client may have are granted.
  const requested = (query.get('scope') ?? '').split(' ').filter(Boolean)
  if (!requested.every((scope) => scopes.includes(scope))) {
    return refuse('invalid_scope', `the app client may have [${scopes.join(' ')}]`)
  }
  return accepted({
    clientId,
    redirectUri,
    scopes: requested.length > 0 ? [...new Set(requested)] : scopes,
    state,
    nonce: query.get('nonce') ?? undefined,
    codeChallenge: challenge,
    prompt: (query.get('prompt') ?? '').split(' ').filter(Boolean),
    resource,
  })
}

/** As Cognito's page on the authorize endpoint has it. unverified: the error of another value. */
function isResource(text: string): boolean {
  if (!URL.canParse(text) || !text.includes('://')) return false
  const { protocol, hostname } = new URL(text)
  return protocol !== 'http:' || hostname === 'localhost'
}

/** The reason for a `client_id` that the pages refuse. */
export const NOT_A_HOSTED_CLIENT =
  'client_id is not an app client with which people may sign in by redirect'
