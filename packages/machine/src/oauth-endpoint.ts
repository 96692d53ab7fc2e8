import { checkOptions, checkSecureUrl, invalidOption, type OptionNames } from '@iamfetch/core'
import { secretAssertion } from './client-assertion.ts'
import { grantOf } from './grant.ts'
import { metadataText } from './metadata.ts'
import type { PrivateKeyJwt } from './private-key-jwt.ts'
import {
  refusalOfStatus,
  refusalWithoutName,
  refused,
  type RefusalTexts,
  type TokenRefusalCode,
} from './refusal.ts'
import { field, textField } from './response-fields.ts'
import type {
  TokenEndpoint,
  TokenParameters,
  TokenRequest,
  TokenResponse,
} from './token-endpoint.ts'

/** Which endpoint, and which client. */
export interface OAuthTokenEndpointOptions {
  /** `https://<domain>/oauth2/token` for Cognito. Plain http only on loopback. */
  url: string | URL
  /** The client's ID. */
  clientId: string
  /**
   * How the client authenticates.
   *
   * - `post`: client ID and secret in the form, whose encoding is the same everywhere.
   * - `basic`: `Basic base64(clientId:secret)` with both **as they are**. RFC 6749 §2.3.1 wants them form-encoded first,
   *   libraries differ (`_` and `+` come out in three ways), and how Cognito decodes them is unverified: for a secret with
   *   other characters than letters and digits use `post`.
   * - `client_secret_jwt`: a JWT signed with the secret (HS256), which is never sent itself. Not for Cognito.
   * - `privateKeyJwt(…)`: a JWT signed with a private key. There is no client secret. Not for Cognito.
   *
   * @default 'post'
   */
  auth?: 'post' | 'basic' | 'client_secret_jwt' | PrivateKeyJwt | undefined
  /** The `aud` of the JWT with which the client authenticates. Some issuers want their issuer URL. @default the URL */
  assertionAudience?: string | undefined
  /** The API that the token is for, as Auth0 requires. */
  audience?: string | undefined
  /** `resource` of RFC 8707. Whether Cognito accepts it for this grant is unverified. */
  resource?: string | undefined
  /** More parameters of the request. Those that this package sets itself are not allowed. */
  params?: Readonly<Record<string, string>> | undefined
  /** Reaches a pre-token trigger (V3) of Cognito as `clientMetadata`, sent as `aws_client_metadata`. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** `opaque` also accepts tokens that are not a JWT. Cognito's always are one. @default 'jwt' */
  tokenFormat?: 'jwt' | 'opaque' | undefined
  /** How long an opaque token is used, in seconds, if the response has no `expires_in`. @default 300 */
  defaultLifetimeSeconds?: number | undefined
}

const OWNER = 'oauthTokenEndpoint'
const NAMES: OptionNames<OAuthTokenEndpointOptions> = {
  url: true,
  clientId: true,
  auth: true,
  assertionAudience: true,
  audience: true,
  resource: true,
  params: true,
  metadata: true,
  tokenFormat: true,
  defaultLifetimeSeconds: true,
}

/**
 * An OAuth 2.0 token endpoint with the client credentials grant: of a Cognito user pool domain, of Auth0, Okta, Entra ID,
 * Keycloak, or any other issuer.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`, for example for a URL that is neither https nor http on loopback.
 * @see [Cognito: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 * @example
 * ```ts
 * const cognito = oauthTokenEndpoint({
 *   url: 'https://example.auth.eu-central-1.amazoncognito.com/oauth2/token',
 *   clientId: '1example23456789',
 * })
 * const auth0 = oauthTokenEndpoint({
 *   url: 'https://example.eu.auth0.com/oauth/token',
 *   clientId: 'abc123',
 *   audience: 'https://api.example.com',
 * })
 * ```
 */
export function oauthTokenEndpoint(options: OAuthTokenEndpointOptions): TokenEndpoint {
  check(options)
  const { clientId, auth = 'post', tokenFormat = 'jwt' } = options
  const url = String(options.url)
  const parameters = parametersOf(options)
  const method = typeof auth === 'string' ? auth : auth.method
  return {
    identity: ['oauth', url, clientId, method, JSON.stringify(parameters), tokenFormat],
    withoutSecret: method === 'private_key_jwt',
    request: (given) => requestOf({ ...options, auth }, url, parameters, given),
    read(response) {
      const { status, json } = response
      const error = textField(json, 'error')
      if (status !== 200 || error) throw refusalOf(response, error, method)
      if (typeof json !== 'object' || json === null) throw refused('UNEXPECTED_ANSWER', response)
      return grantOf(
        {
          token: field(json, 'access_token'),
          tokenType: field(json, 'token_type'),
          expiresIn: field(json, 'expires_in'),
          scope: field(json, 'scope'),
          clientId,
          format: tokenFormat,
          defaultLifetimeSeconds: options.defaultLifetimeSeconds,
        },
        response,
      )
    },
  }
}

/** The parameters of every request, in a fixed order. */
function parametersOf({ audience, resource, params, metadata }: OAuthTokenEndpointOptions) {
  return [
    ...(audience ? [['audience', audience] as const] : []),
    ...(resource ? [['resource', resource] as const] : []),
    ...Object.entries(params ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ...(metadata ? [['aws_client_metadata', metadataText(metadata)] as const] : []),
  ]
}

function requestOf(
  options: OAuthTokenEndpointOptions & { auth: NonNullable<OAuthTokenEndpointOptions['auth']> },
  url: string,
  parameters: ReturnType<typeof parametersOf>,
  { clientSecret, scopes, now = Date.now() }: TokenParameters,
): TokenRequest | Promise<TokenRequest> {
  const { clientId, auth, assertionAudience = url } = options
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  const form = new URLSearchParams({ grant_type: 'client_credentials' })
  if (auth === 'basic') headers['authorization'] = `Basic ${base64(`${clientId}:${clientSecret}`)}`
  else form.set('client_id', clientId)
  if (auth === 'post') form.set('client_secret', clientSecret)
  if (scopes.length) form.set('scope', scopes.join(' '))
  for (const [name, value] of parameters) form.set(name, value)
  if (auth === 'post' || auth === 'basic') return { url, headers, body: form.toString() }

  const claims = { clientId, audience: assertionAudience, now }
  const assertion =
    auth === 'client_secret_jwt' ? secretAssertion(clientSecret, claims) : auth.assertion(claims)
  return assertion.then((jwt) => {
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    form.set('client_assertion', jwt)
    return { url, headers, body: form.toString() }
  })
}

function refusalOf(response: TokenResponse, error: string, method: string) {
  const { status } = response
  const code = refusalOfStatus(status) ?? codeOf(status, error)
  if (code === 'FORBIDDEN' && error === 'access_denied') {
    return refused(code, response, error, ACCESS_DENIED)
  }
  if (code === 'INVALID_CLIENT') return refused(code, response, error, INVALID_CLIENT_BY[method])
  return refused(code, response, error)
}

/**
 * A 401 says that the client could not be authenticated, whatever the name next to it: Keycloak answers a wrong secret with
 * `unauthorized_client`, and Auth0 with `access_denied`.
 */
const codeOf = (status: number, error: string): TokenRefusalCode =>
  (status !== 401 && BY_ERROR.get(error)) || refusalWithoutName(status)

/** @see [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2). Cognito sends `invalid_scope`, too. */
const BY_ERROR: ReadonlyMap<string, TokenRefusalCode> = new Map(
  Object.entries<TokenRefusalCode>({
    invalid_client: 'INVALID_CLIENT',
    invalid_scope: 'INVALID_SCOPE',
    unauthorized_client: 'UNAUTHORIZED_CLIENT',
    unsupported_grant_type: 'UNAUTHORIZED_CLIENT',
    access_denied: 'FORBIDDEN',
    invalid_request: 'REQUEST_INVALID',
    invalid_grant: 'REQUEST_INVALID',
    invalid_target: 'REQUEST_INVALID',
    invalid_resource: 'REQUEST_INVALID',
    slow_down: 'THROTTLED',
    too_many_requests: 'THROTTLED',
    temporarily_unavailable: 'SERVICE_UNAVAILABLE',
    server_error: 'SERVICE_UNAVAILABLE',
  }),
)

const ACCESS_DENIED: RefusalTexts = {
  message: 'The token endpoint denies this client access to the API that it requests.',
  remedy:
    'Authorize the client for the API at the issuer, and check "audience", "params" and "scopes". Auth0 requires "audience".',
}

const ASSERTION_REFUSED: RefusalTexts = {
  message: 'The token endpoint does not accept the signed assertion of this client.',
  remedy:
    'Check the client ID, that the issuer knows the key and its "keyId", and that "assertionAudience" is what the issuer expects (its issuer URL or its token endpoint).',
}

/** What to do about a refused client depends on how it authenticates. */
const INVALID_CLIENT_BY: Readonly<Record<string, RefusalTexts | undefined>> = {
  basic: {
    message:
      'The token endpoint does not accept this client ID with this secret in a Basic header.',
    remedy:
      "Pass auth: 'post' if the secret has other characters than letters and digits, because issuers decode a Basic header differently. Otherwise compare the client ID and the secret with the client's settings.",
  },
  private_key_jwt: ASSERTION_REFUSED,
  client_secret_jwt: ASSERTION_REFUSED,
}

function check(options: OAuthTokenEndpointOptions): void {
  checkOptions(OWNER, options, NAMES)
  const { url, clientId, auth, tokenFormat, defaultLifetimeSeconds } = options
  checkSecureUrl(OWNER, 'url', url)
  checkText('clientId', clientId)
  if (auth === 'basic' && clientId.includes(':')) {
    throw invalidOption(OWNER, '"clientId" must not contain ":" with auth: \'basic\'', clientId)
  }
  const isMethod = auth === undefined || (typeof auth === 'string' && METHODS.includes(auth))
  const isPrivateKey = typeof auth === 'object' && typeof auth?.assertion === 'function'
  if (!isMethod && !isPrivateKey) {
    throw invalidOption(
      OWNER,
      "\"auth\" must be 'post', 'basic', 'client_secret_jwt' or privateKeyJwt(…)",
      auth,
    )
  }
  for (const name of ['assertionAudience', 'audience', 'resource'] as const) {
    if (options[name] !== undefined) checkText(name, options[name])
  }
  checkTexts('params', options.params)
  checkTexts('metadata', options.metadata)
  const reserved = Object.keys(options.params ?? {}).find((name) => RESERVED.includes(name))
  if (reserved !== undefined) {
    throw invalidOption(OWNER, `"params" must not contain "${reserved}", which has its own option`)
  }
  if (tokenFormat !== undefined && tokenFormat !== 'jwt' && tokenFormat !== 'opaque') {
    throw invalidOption(OWNER, "\"tokenFormat\" must be 'jwt' or 'opaque'", tokenFormat)
  }
  if (defaultLifetimeSeconds !== undefined && !isLifetime(defaultLifetimeSeconds)) {
    throw invalidOption(
      OWNER,
      '"defaultLifetimeSeconds" must be a number of seconds from 1 to 86400',
      defaultLifetimeSeconds,
    )
  }
}

function checkText(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  throw invalidOption(OWNER, `"${name}" must be a text that is not empty`, value)
}

function checkTexts(name: string, value: unknown): void {
  if (value === undefined) return
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isRecord && Object.values(value).every((text) => typeof text === 'string')) return
  throw invalidOption(OWNER, `"${name}" must be an object of texts`)
}

const isLifetime = (seconds: number): boolean =>
  Number.isFinite(seconds) && seconds >= 1 && seconds <= 86_400

const METHODS: readonly string[] = ['post', 'basic', 'client_secret_jwt']

/** Parameters that come from other options, or that would send the secret twice. */
const RESERVED: readonly string[] = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'audience',
  'resource',
  'aws_client_metadata',
]

const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
