import type { Claims } from './claims.ts'
import type { EventShape } from './events.ts'

/** Who called. Frozen; lists may be empty, everything that is not known is left out. */
export interface Caller {
  /**
   * - `user`: somebody who signed in.
   * - `machine`: an app client that calls for itself.
   * - `machine-for-user`: an app client that calls for a user; `subject` is the user, `actor` the client.
   * - `role`: an IAM principal without an identity pool, a role or an IAM user.
   * - `guest`: an identity of the identity pool that did not sign in.
   */
  readonly kind: 'user' | 'machine' | 'machine-for-user' | 'role' | 'guest'
  /**
   * The stable name to store things under: a user's `sub`, a machine's client ID, a role's ARN without
   * its session, a guest's identity ID.
   */
  readonly subject: string
  /** Who acts for the subject. */
  readonly actor?: { readonly clientId: string }
  readonly username?: string
  /** As the user pool has it. Whether the address is the user's own says `emailVerified`. */
  readonly email?: string
  readonly emailVerified?: boolean
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  /** The app client: `client_id` of an access token, `aud` of an ID token. */
  readonly clientId?: string
  readonly identityId?: string
  readonly identityPoolId?: string
  /** The IAM principal that signed, with its session. */
  readonly arn?: string
  readonly issuer?: string
  readonly tenant?: string
  readonly proof: Proof
  /** By which way the caller was named. */
  readonly shape: EventShape
  readonly issuedAt?: Date
  readonly expiresAt?: Date
  /** Every claim, with the type that it had in the token. Empty for a signed call without ID token. */
  readonly claims: Claims
}

/**
 * How strongly the caller is proven, from weak to strong.
 *
 * - `none`: a token that nobody verified says so.
 * - `gateway`: API Gateway, or the function URL, verified it before this code ran.
 * - `verified`: the token was verified here.
 */
export type Proof = 'none' | 'gateway' | 'verified'
