import {
  checkOptions,
  type Clock,
  type CredentialsProvider,
  type OptionNames,
} from '@iamfetch/core'
import { fromContainer, hasContainerEndpoint } from './from-container.ts'
import { fromEnvironment, hasEnvironmentKeys } from './from-environment.ts'
import { fromInstanceMetadata } from './from-instance-metadata.ts'
import { fromProfile } from './from-profile.ts'
import { fromWebIdentity, hasWebIdentity } from './from-web-identity.ts'
import { hasCredentials, readProfiles } from './profile-files.ts'

/** What {@link defaultCredentials} passes on to the source that it chooses. */
export interface DefaultCredentialsOptions {
  /** The region for a role that is assumed. @default AWS_REGION, or the profile's `region` */
  region?: string | undefined
  /** The environment variables. @default process.env */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the platform's `fetch` */
  fetch?: typeof globalThis.fetch | undefined
  /** @default Date */
  clock?: Clock | undefined
}

const NAMES: OptionNames<DefaultCredentialsOptions> = {
  region: 'string',
  env: 'object',
  fetch: 'function',
  clock: 'clock',
}

/**
 * Creates a credentials provider that chooses its source in the order of the AWS SDK for JavaScript v3: the environment
 * (unless AWS_PROFILE is set), a profile, a web identity, a container endpoint, the instance metadata service.
 *
 * The first source that is configured is used: if it fails, the call fails. The AWS SDK tries the next source then,
 * and may end up with another role.
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE`.
 * @see [AWS: the credential provider chain](https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html)
 * @example
 * ```ts
 * import { createIamFetch } from 'iamfetch'
 * import { defaultCredentials } from 'iamfetch/node'
 *
 * const iamFetch = createIamFetch({ baseUrl, credentials: defaultCredentials() })
 * ```
 */
export function defaultCredentials(options: DefaultCredentialsOptions = {}): CredentialsProvider {
  checkOptions('defaultCredentials', options, NAMES)
  let chosen: Promise<CredentialsProvider> | undefined
  const choose = (): Promise<CredentialsProvider> => (chosen ??= choice(options))
  const provider: CredentialsProvider = async (given) => (await choose())(given)
  provider.invalidate = (credentials) => {
    chosen?.then(
      (source) => source.invalidate?.(credentials),
      () => {},
    )
  }
  return provider
}

async function choice({
  region,
  env = process.env,
  fetch,
  clock,
}: DefaultCredentialsOptions): Promise<CredentialsProvider> {
  const profile = env['AWS_PROFILE']
  if (!profile && hasEnvironmentKeys(env)) return fromEnvironment({ env })
  if (profile || hasCredentials((await readProfiles(env)).get('default')))
    return fromProfile({ region, env, fetch, clock })
  if (hasWebIdentity(env)) return fromWebIdentity({ region, env, fetch, clock })
  if (hasContainerEndpoint(env)) return fromContainer({ env, fetch, clock })
  return fromInstanceMetadata({ env, fetch, clock })
}
