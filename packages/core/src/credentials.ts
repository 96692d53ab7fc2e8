import type { Clock } from './clock.ts'

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
 * Credentials, or something to ask for them before each attempt.
 *
 * A provider of the AWS SDK v3 is one. What `cognitoCredentials` returns is one that can do more.
 */
export type CredentialsSource = Credentials | CredentialsProvider

/** A function that gives credentials that are valid now. */
export interface CredentialsProvider {
  // The second name is never given. It stands here so that providers of the AWS SDK, whose only option it is, fit the type.
  (options?: { forceRefresh?: boolean; callerClientConfig?: never }): Promise<Credentials>
  /** Says that a service refused these very credentials; newer ones are left alone. */
  invalidate?(credentials: Credentials): void
  /** The clock that the provider's service corrected, to sign with. */
  readonly clock?: Clock
}
