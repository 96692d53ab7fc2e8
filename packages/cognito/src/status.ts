import type { Credentials, Fresh, FreshStatus } from '@iamfetch/core'
import type { Login } from './login.ts'

/** What is known about the credentials, without any secret. The same object until something changes. */
export interface CredentialStatus {
  /**
   * - `empty`: nothing held, nothing asked.
   * - `loading`: the first exchange is under way.
   * - `ready`: credentials are held. Compare `expiresAt` with the clock: they may have run out.
   * - `refreshing`: credentials are held, their successors are under way.
   * - `stale`: credentials are held, the last attempt to renew them failed with `error`.
   * - `failed`: nothing held, the last exchange failed with `error`.
   */
  readonly state: FreshStatus['state']
  readonly expiresAt: Date | undefined
  readonly identityId: string | undefined
  /** Who made the token, the key in `Logins`: `sub` names somebody there. Nothing for guests and before the first call. */
  readonly provider: string | undefined
  /** Whose token it is. Nothing for guests and before the first call. */
  readonly sub: string | undefined
  readonly username: string | undefined
  readonly groups: readonly string[]
  /** The roles in the token. Nothing where the token does not speak of roles. */
  readonly roles: readonly string[] | undefined
  readonly preferredRole: string | undefined
  /** The role that was asked for. Without one, the token decides. */
  readonly role: string | undefined
  /** Why the last exchange failed. */
  readonly error: unknown
}

/** Puts a status together. */
export function statusOf(
  slot: Fresh<Credentials>,
  login: Login | undefined,
  role: string | undefined,
): CredentialStatus {
  const { state, error } = slot.status()
  const { expiration, identityId } = slot.peek() ?? {}
  const claims = login?.claims
  return {
    state,
    expiresAt: expiration,
    identityId,
    provider: login?.provider,
    sub: claims?.sub,
    username: claims?.['cognito:username'],
    groups: claims?.['cognito:groups'] ?? [],
    roles: login?.roles,
    preferredRole: claims?.['cognito:preferred_role'],
    role,
    error,
  }
}
