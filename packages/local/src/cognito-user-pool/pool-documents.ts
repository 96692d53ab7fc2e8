import type { Ids } from '../ids.ts'
import type { TokenKey } from './token-key.ts'

/**
 * The documents that a user pool publishes under its issuer: key set and OpenID configuration. The endpoints for people
 * are in it where people may sign in at the pool's domain.
 *
 * @returns For each path the document that a `GET` returns; the URL is the one that was requested.
 * @see [OpenID Connect Discovery §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata)
 */
export function poolDocuments({
  ids,
  key,
  hasPages,
}: {
  ids: Ids
  key: TokenKey
  /** Whether people may sign in at the pool's domain. */
  hasPages: () => boolean
}): Record<string, (url: string) => unknown> {
  return {
    [`/${ids.userPoolId}/.well-known/jwks.json`]: () => key.jwks(),
    [`/${ids.userPoolId}/.well-known/openid-configuration`]: (url) => ({
      issuer: ids.issuer,
      // Where it really is: with the issuer of AWS, the issuer's own host does not know this pool.
      jwks_uri: new URL('jwks.json', url).href,
      token_endpoint: new URL('/oauth2/token', url).href,
      ...(hasPages() && {
        authorization_endpoint: new URL('/oauth2/authorize', url).href,
        userinfo_endpoint: new URL('/oauth2/userInfo', url).href,
        revocation_endpoint: new URL('/oauth2/revoke', url).href,
        end_session_endpoint: new URL('/logout', url).href,
      }),
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'token'],
      scopes_supported: ['openid', 'email', 'phone', 'profile'],
      subject_types_supported: ['public'],
    }),
  }
}
