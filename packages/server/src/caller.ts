import type { Claims } from './claims.ts'
import type { EventShape } from './evidence.ts'

/** Who called. The object is frozen; lists may be empty, and everything that is not known is omitted. */
export interface Caller {
  /**
   * - `user`: a person who signed in.
   * - `machine`: an app client that calls for itself.
   * - `machine-for-user`: an app client that calls for a user; `subject` is the user, `actor` the client.
   * - `role`: an IAM principal without an identity pool, a role or an IAM user.
   * - `guest`: an identity of the identity pool that did not sign in.
   */
  readonly kind: 'user' | 'machine' | 'machine-for-user' | 'role' | 'guest'
  /**
   * A user's `sub`, a machine's client ID, a role's ARN without its session, a guest's identity ID. It is stable and unique
   * within {@link Caller.issuer}: two issuers may use the same one. {@link callerKey} is unique among all of them.
   */
  readonly subject: string
  /** The client that acts for the subject. */
  readonly actor?: { readonly clientId: string }
  readonly username?: string
  /** As the user pool has it. Whether the address belongs to the user is in `emailVerified`. */
  readonly email?: string
  readonly emailVerified?: boolean
  /** Empty, too, if the groups in the event have more than one reading: see {@link Caller.ambiguousClaims}. */
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  /** The app client: `client_id` of an access token, `aud` of an ID token. */
  readonly clientId?: string
  readonly identityId?: string
  readonly identityPoolId?: string
  /** The IAM principal that signed, with its session. */
  readonly arn?: string
  /**
   * The issuer of the token; for a signed call the issuer of the user pool that the user signed in to, and for a machine that calls for a user
   * the issuer that `owner` names.
   */
  readonly issuer?: string
  readonly tenant?: string
  readonly proof: Proof
  /** The way in which the caller was named. */
  readonly shape: EventShape
  readonly issuedAt?: Date
  readonly expiresAt?: Date
  /** Every claim, with the type that it has in the token. Empty for a signed call without an ID token. */
  readonly claims: Claims
  /**
   * The lists that the event contains as a text that can be read in more than one way, for example `cognito:groups` of `a,b`
   * at a REST API: one group or two. They are neither in `claims` nor in `groups`, and a gate that checks `groups` refuses the
   * caller. With `userPools` and the token in `Authorization` they are read from the token itself.
   */
  readonly ambiguousClaims?: readonly string[]
}

/**
 * How strongly the caller is proven, from weak to strong.
 *
 * - `none`: only a token that was not verified names the caller.
 * - `gateway`: API Gateway, or the function URL, verified it before this code ran.
 * - `verified`: the token was verified here.
 */
export type Proof = 'none' | 'gateway' | 'verified'

/**
 * Returns a text to store a caller's data under that is different for any two callers: `subject` alone is unique within its
 * issuer only. A user of a user pool has the same key by each proof: an ID token, an access token, a signature, a token of a replica of the pool, or
 * a key of `@iamfetch/developer-access` that was created with the user's token.
 *
 * @example
 * ```ts
 * const notes = await notesTable.get(callerKey(caller))
 * ```
 */
export function callerKey({ kind, subject, issuer, identityId }: Caller): string {
  const type = kind === 'machine-for-user' ? 'user' : kind
  // The global form (issuer-cognito-idp) and the forms of replicas are the same user pool, whose ID begins with its region.
  const home = issuer?.replace(POOL_ISSUER, 'https://cognito-idp.$3.$1/$2')
  const origin = home ?? (identityId === undefined ? '' : 'cognito-identity')
  return JSON.stringify([type, origin, subject])
}

const POOL_ISSUER =
  /^https:\/\/(?:issuer-)?cognito-idp\.[\w-]+\.(amazonaws\.[a-z.]+)\/(([a-z\d-]+)_[a-zA-Z\d]+)$/
