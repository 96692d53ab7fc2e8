import { grantOf } from './grant.ts'
import { lastResort, refusalOf, refused, type Refusal } from './refusal.ts'
import { isSecureUrl } from './secure-url.ts'
import { field, metadataText, wireName, type TokenSource } from './source.ts'

/** Which endpoint, and who asks. */
export interface OAuthTokenEndpointOptions {
  /** `https://<domain>/oauth2/token` for Cognito. Plain http only for loopback. */
  url: string | URL
  clientId: string
  /**
   * How the client shows its secret.
   *
   * - `post`: in the form. The encoding of a form is beyond dispute.
   * - `basic`: as `Basic base64(clientId:secret)` with both **as they are**. RFC 6749 §2.3.1 would have them
   *   form-encoded first, libraries differ (`_` and `+` come out in three ways), and how Cognito decodes
   *   them is unverified: with a secret that has other characters than letters and digits, use `post`.
   *
   * @default 'post'
   */
  auth?: 'post' | 'basic' | undefined
  /** `resource` of RFC 8707. Whether Cognito takes it for this grant is unverified. */
  resource?: string | undefined
  /** Reaches a pre-token trigger (V3) as `clientMetadata`, sent as `aws_client_metadata`. */
  metadata?: Readonly<Record<string, string>> | undefined
  /** `opaque`: take tokens that are no JWT. Cognito's always are one. @default 'jwt' */
  tokenFormat?: 'jwt' | 'opaque' | undefined
}

/**
 * An OAuth 2.0 token endpoint with the client credentials grant, such as that of a Cognito user pool domain.
 *
 * @throws TypeError for a URL that is not https (or http on loopback) or has a user, a password or a fragment.
 * @see [Cognito: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)
 * @see [RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)
 */
export function oauthTokenEndpoint(options: OAuthTokenEndpointOptions): TokenSource {
  const { clientId, auth = 'post', resource, metadata, tokenFormat = 'jwt' } = options
  const url = String(options.url)
  if (!isSecureUrl(url)) {
    throw new TypeError('url: an https URL is needed (http only for loopback), without user or #')
  }
  if (typeof clientId !== 'string' || !clientId) throw new TypeError('clientId: a text is needed')
  if (auth !== 'post' && auth !== 'basic') throw new TypeError("auth: 'post' or 'basic'")
  if (auth === 'basic' && clientId.includes(':')) throw new TypeError('clientId: no ":" with basic')
  const described = metadata ? metadataText(metadata) : ''
  return {
    identity: ['oauth', url, clientId, auth, resource ?? '', described, tokenFormat],
    request({ clientSecret, scopes }) {
      const headers: Record<string, string> = {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      }
      const form = new URLSearchParams({ grant_type: 'client_credentials' })
      if (auth === 'post') {
        form.set('client_id', clientId)
        form.set('client_secret', clientSecret)
      } else {
        headers['authorization'] = `Basic ${base64(`${clientId}:${clientSecret}`)}`
      }
      if (scopes.length) form.set('scope', scopes.join(' '))
      if (resource) form.set('resource', resource)
      if (described) form.set('aws_client_metadata', described)
      return { url, headers, body: form.toString() }
    },
    read(answer) {
      const { status, json } = answer
      const error = wireName(field(json, 'error'))
      if (status === 200 && !error) {
        if (typeof json !== 'object' || !json) throw refused('UNEXPECTED_ANSWER', answer)
        return grantOf(
          {
            token: field(json, 'access_token'),
            tokenType: field(json, 'token_type'),
            expiresIn: field(json, 'expires_in'),
            scope: field(json, 'scope'),
            clientId,
            format: tokenFormat,
          },
          answer,
        )
      }
      const code = refusalOf(status) ?? BY_ERROR.get(error) ?? lastResort(status)
      throw refused(code, answer, error)
    },
  }
}

/** RFC 6749 §5.2; `invalid_scope` is missing in Cognito's list and comes nevertheless. */
const BY_ERROR: ReadonlyMap<string, Refusal> = new Map(
  Object.entries<Refusal>({
    invalid_client: 'INVALID_CLIENT',
    invalid_scope: 'INVALID_SCOPE',
    unauthorized_client: 'UNAUTHORIZED_CLIENT',
    unsupported_grant_type: 'UNAUTHORIZED_CLIENT',
    access_denied: 'FORBIDDEN',
    invalid_request: 'REQUEST_INVALID',
    invalid_grant: 'REQUEST_INVALID',
    invalid_target: 'REQUEST_INVALID',
    slow_down: 'THROTTLED',
    temporarily_unavailable: 'SERVICE_UNAVAILABLE',
    server_error: 'SERVICE_UNAVAILABLE',
  }),
)

const base64 = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
