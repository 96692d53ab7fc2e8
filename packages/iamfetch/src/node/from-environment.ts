import { checkOptions, type CredentialsProvider, type OptionNames } from '@iamfetch/core'
import { cachedProvider, unavailable, type SourcedCredentials } from './provider.ts'

/** Where {@link fromEnvironment} reads. */
export interface EnvironmentOptions {
  /** The environment variables. @default process.env */
  env?: Readonly<Record<string, string | undefined>> | undefined
}

const NAMES: OptionNames<EnvironmentOptions> = { env: 'object' }

/**
 * Creates a credentials provider that reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` and
 * `AWS_CREDENTIAL_EXPIRATION`, for Lambda functions and shells.
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE` if the first two are not set.
 * @see [AWS: environment variables](https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html)
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl, credentials: fromEnvironment() })
 * ```
 */
export function fromEnvironment(options: EnvironmentOptions = {}): CredentialsProvider {
  checkOptions('fromEnvironment', options, NAMES)
  const { env = process.env } = options
  return cachedProvider(async () => readEnvironment(env), Date)
}

/** Whether the environment contains a pair of keys. */
export const hasEnvironmentKeys = (env: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY'])

function readEnvironment(env: Readonly<Record<string, string | undefined>>): SourcedCredentials {
  const accessKeyId = env['AWS_ACCESS_KEY_ID']
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY']
  if (!accessKeyId || !secretAccessKey) {
    const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID'
    throw unavailable(
      `The environment variable ${missing} is not set.`,
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary keys.',
    )
  }
  const expiry = env['AWS_CREDENTIAL_EXPIRATION']
  const expiration = expiry ? new Date(expiry) : undefined
  if (expiration && Number.isNaN(expiration.getTime())) {
    throw unavailable(
      'The environment variable AWS_CREDENTIAL_EXPIRATION is not a date.',
      'Set it to an ISO 8601 date such as 2027-01-31T12:00:00Z, or remove it.',
    )
  }
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: env['AWS_SESSION_TOKEN'] || undefined,
    expiration,
  }
}
