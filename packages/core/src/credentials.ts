import type { Clock } from './clock.ts'
import type { Ending } from './ending.ts'
import type { Owner } from './owner.ts'

/**
 * AWS credentials, in the shape of the AWS SDK's `AwsCredentialIdentity`.
 *
 * @see [AWS: temporary credentials](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html)
 */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Present for temporary credentials (an `ASIA…` access key). */
  readonly sessionToken?: string
  /** When the service stops accepting them. */
  readonly expiration?: Date
  /** The Cognito identity that they belong to. */
  readonly identityId?: string
}

/**
 * Credentials, or a function that returns them.
 *
 * `createIamFetch` keeps what a plain function returns until shortly before its `expiration`, as the clients of the AWS SDK do, and cannot
 * know that another user has signed in: for users who sign in and out, pass what `cognitoCredentials` or `awsSdkCredentials` returned.
 *
 * Every credential provider of the AWS SDK v3 is one. What `cognitoCredentials` returns can do more.
 */
export type CredentialsSource = Credentials | CredentialsProvider

/** A function that returns credentials that are valid now. */
export interface CredentialsProvider {
  // The second name is never passed. It is in the type so that providers of the AWS SDK, whose only option it is, fit.
  (options?: { forceRefresh?: boolean; callerClientConfig?: never }): Promise<Credentials>
  /** Reports that a service refused these very credentials; newer ones are left alone. */
  invalidate?(credentials: Credentials): void
  /** The clock that the provider's service corrected, to sign with. */
  readonly clock?: Clock
  /** Starts a call that belongs to one user. `createIamFetch` uses it; a provider without it is called instead. */
  startCall?(): CallCredentials
}

/** The credentials of one call: those of the user who made it, or none. */
export interface CallCredentials {
  /**
   * Who is calling, by a read of the token source that began with the call. A guest has no name.
   *
   * Rejects if the read fails: nothing may be sent then.
   */
  readonly owner: Promise<Owner>
  /** Ends on `clear()` and when another user signs in: nothing more may be sent then. */
  readonly ended: Ending
  /**
   * Returns credentials of the owner with the role of the call's start.
   *
   * @param options.readAgain  Reads the token source first. An attempt that follows a wait does that.
   * @throws {@link IamFetchError} `CALLER_CHANGED`, `CLEARED`, `LOGIN_REQUIRED`; what the exchange throws.
   */
  readonly get: (options?: { readAgain?: boolean; forceRefresh?: boolean }) => Promise<Credentials>
  /** Stops following the sign-in. Call it when the call has ended. */
  readonly close: () => void
}
