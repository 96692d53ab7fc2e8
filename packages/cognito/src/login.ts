import {
  jwtPayload,
  tokenSourceError,
  type Owner,
  type SignedIn,
  type TokenReader,
} from '@iamfetch/core'
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
  /** Who the user is at the issuer or, with a token that is not a JWT, at the provider. `undefined` for a guest. */
  readonly user?: { readonly issuer: string; readonly subject: string }
  /** The key of the token in Cognito's `Logins`. */
  readonly provider?: string
  readonly roles?: readonly string[] | undefined
  /** What the token says about roles, to see a change. */
  readonly rights?: string
  /** The GetId under way, shared by all roles. */
  identityRequest?: Promise<string> | undefined
}

/** How tokens are read for one pool. */
export interface LoginOptions {
  /** The identity pool's ID. */
  readonly pool: string
  /** The provider, if the token does not name it. */
  readonly providerName?: string | undefined
  /** Names the user of a token that is not a JWT. */
  readonly subjectOf?: ((token: string) => string | undefined) | undefined
}

/**
 * Creates the function that reads `idToken`.
 *
 * @param idToken  `undefined` for a guest, who never changes.
 */
export function loginReader(
  idToken: IdTokenSource | undefined,
  { pool, providerName, subjectOf }: LoginOptions,
): TokenReader<Login> {
  if (!idToken) {
    const guest: Login = { key: pool }
    return async () => ({ ok: true, token: guest })
  }
  const opaqueSubject = opaqueSubjects(subjectOf)
  const read = (token: string): Login =>
    providerName !== undefined && isOpaque(token)
      ? opaqueLogin(token, pool, providerName, opaqueSubject(token))
      : readLogin(token, pool, providerName)
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
      return { ok: true, token: isSame ? current : read(token) }
    } catch (cause) {
      return { ok: false, error: tokenSourceError('idToken', cause) }
    }
  }
}

/** Whose credentials a login is exchanged for. A guest has no name. */
export const ownerOfLogin = ({ key, user }: Login): Owner => (user ? { key, ...user } : {})

/**
 * Creates the function that names the user of a token that is not a JWT and therefore contains no name.
 *
 * Without `subjectOf`, each token counts as another user: nothing shows whether a new token belongs to the same user, and treating it
 * as the same could give one user the credentials of another. The names are numbers, so that nothing of a token is in them.
 */
function opaqueSubjects(subjectOf: LoginOptions['subjectOf']): (token: string) => string {
  let latest: { token: string; subject: string } | undefined
  return (token) => {
    const named = subjectOf?.(token)
    if (named !== undefined) return named
    if (latest?.token !== token) latest = { token, subject: `token ${++unnamed}` }
    return latest.subject
  }
}

/** Whether a token is opaque. A text that begins like a JWT, or with "Bearer ", is a mistake instead. */
const isOpaque = (token: unknown): boolean =>
  typeof token === 'string' && !/^eyJ|^Bearer /.test(token) && !jwtPayload(token)

/** Counts in the whole process: two providers must not have one name for two users. */
let unnamed = 0

/** A login with the token of Facebook or Login with Amazon, which only the provider can read. */
function opaqueLogin(token: string, pool: string, provider: string, subject: string): Login {
  return {
    key: JSON.stringify([pool, provider, 'opaque', subject]),
    token,
    provider,
    user: { issuer: provider, subject },
  }
}

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
    user: { issuer: claims.iss, subject: claims.sub },
    provider,
    roles,
    rights: JSON.stringify([roles, claims['cognito:preferred_role']]),
  }
}
