import { tokenSourceError, type Owner, type SignedIn, type TokenReader } from '@iamfetch/core'
import { decodeIdToken, type IdTokenClaims } from './id-token.ts'
import { refusal } from './refusal.ts'
import { rolesOf } from './role.ts'

/**
 * Returns the ID token of the user who is signed in, `undefined` or `null` if no user is.
 *
 * `forceRefresh` requests a new token: the present one was refused, or groups have changed.
 */
export type IdTokenSource = (options: {
  forceRefresh: boolean
}) => Promise<string | null | undefined>

/** One ID token and what the exchange needs to know of it. A guest has only the key. */
export interface Login extends SignedIn {
  /** Pool, provider, issuer and subject: another key is another user. */
  readonly key: string
  readonly token?: string
  readonly claims?: IdTokenClaims
  /** The key of the token in Cognito's `Logins`. */
  readonly provider?: string
  readonly roles?: readonly string[] | undefined
  /** What the token says about roles, to see a change. */
  readonly rights?: string
  /** The GetId under way, shared by all roles. */
  identityRequest?: Promise<string> | undefined
}

/**
 * Creates the function that reads `idToken`.
 *
 * @param idToken       `undefined` for a guest, who never changes.
 * @param pool          The identity pool's ID.
 * @param providerName  The provider, if the issuer does not name it.
 */
export function loginReader(
  idToken: IdTokenSource | undefined,
  pool: string,
  providerName: string | undefined,
): TokenReader<Login> {
  if (!idToken) {
    const guest: Login = { key: pool }
    return async () => ({ ok: true, token: guest })
  }
  return async (forceRefresh, current) => {
    try {
      const token = await idToken({ forceRefresh })
      if (!token) {
        return {
          ok: false,
          error: refusal('LOGIN_REQUIRED', '"idToken" returned no token: no user is signed in.'),
        }
      }
      const isSame = token === current?.token
      return { ok: true, token: isSame ? current : readLogin(token, pool, providerName) }
    } catch (cause) {
      return { ok: false, error: tokenSourceError('idToken', cause) }
    }
  }
}

/** Whose credentials a login is exchanged for. A guest has no name. */
export const ownerOfLogin = ({ key, claims }: Login): Owner =>
  claims ? { key, issuer: claims.iss, subject: claims.sub } : {}

/**
 * Reads an ID token for a pool.
 *
 * @param providerName  Defaults to the issuer without its scheme and without a slash at the end, as the identity pool names
 *   it (Auth0's issuers end with one, amplify-flutter#3478).
 * @throws {@link IamFetchError} `ID_TOKEN_INVALID`, `NOT_AN_ID_TOKEN`.
 */
function readLogin(token: string, pool: string, providerName: string | undefined): Login {
  const claims = decodeIdToken(token)
  const provider = providerName ?? claims.iss.replace(/^https?:\/\/|\/$/g, '')
  const roles = rolesOf(claims)
  return {
    // With `providerName` two issuers share a provider, and each numbers its own users.
    key: JSON.stringify([pool, provider, claims.iss, claims.sub]),
    token,
    claims,
    provider,
    roles,
    rights: JSON.stringify([roles, claims['cognito:preferred_role']]),
  }
}
