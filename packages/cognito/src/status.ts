import type { Credentials, Fresh, FreshStatus, IamFetchError } from '@iamfetch/core'
import type { Login } from './login.ts'

/** What is known about the credentials, without any secret. The same object until something changes. */
export interface CredentialStatus {
  /**
   * - `empty`: nothing held, nothing requested.
   * - `loading`: the first exchange is under way.
   * - `ready`: credentials are held. Compare `expiresAt` with the clock: they may have expired.
   * - `refreshing`: credentials are held, their successors are under way.
   * - `stale`: credentials are held, but renewing them or reading the token failed with `error`.
   * - `failed`: nothing held, and the exchange or reading the token failed with `error`.
   */
  readonly state: FreshStatus['state']
  /**
   * Whether a user is signed in, as far as the token was read: `undefined` before the first read and while reads fail for another
   * reason than `LOGIN_REQUIRED`. No exchange is needed for it: `checkSignIn()` and every call read the token. `false` for guests.
   */
  readonly signedIn: boolean | undefined
  readonly expiresAt: Date | undefined
  readonly identityId: string | undefined
  /** The key of the token in Cognito's `Logins`. `undefined` for guests and before the first call. */
  readonly provider: string | undefined
  /**
   * `iss` of the token; the provider for a token that is not a JWT. A user is `issuer` and `sub` together. `undefined` for guests
   * and before the first call.
   */
  readonly issuer: string | undefined
  /**
   * `sub` of the token: names a user of that issuer. For a token that is not a JWT, what `subjectOf` returned, else a name that
   * changes with each token. `undefined` for guests and before the first call.
   */
  readonly sub: string | undefined
  readonly username: string | undefined
  readonly groups: readonly string[]
  /** The roles in the token. `undefined` if the token does not name roles. */
  readonly roles: readonly string[] | undefined
  readonly preferredRole: string | undefined
  /** The role that was requested. Without one, the token decides. */
  readonly role: string | undefined
  /** Why the last exchange, or the last read of the token, failed. */
  readonly error: IamFetchError | undefined
}

/**
 * Puts a status together.
 *
 * @param readError  Why the last read of the token failed. It counts before the error of an exchange.
 */
export function statusOf(
  slot: Fresh<Credentials>,
  login: Login | undefined,
  readError: IamFetchError | undefined,
  role: string | undefined,
  signedIn: boolean | undefined,
): CredentialStatus {
  const { state, error } = slot.status()
  const { expiration, identityId } = slot.peek() ?? {}
  const claims = login?.claims
  return {
    state: readError ? afterReadError(state) : state,
    signedIn,
    expiresAt: expiration,
    identityId,
    provider: login?.provider,
    issuer: login?.user?.issuer,
    sub: login?.user?.subject,
    username: claims?.['cognito:username'],
    groups: claims?.['cognito:groups'] ?? [],
    roles: login?.roles,
    preferredRole: claims?.['cognito:preferred_role'],
    role,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an exchange throws nothing else
    error: readError ?? (error as IamFetchError | undefined),
  }
}

/** A read that failed has started no exchange, so the state of the exchange does not show it. */
function afterReadError(state: FreshStatus['state']): FreshStatus['state'] {
  if (state === 'empty') return 'failed'
  if (state === 'ready') return 'stale'
  return state
}
