import { exec, type ExecException } from 'node:child_process'
import {
  checkOptions,
  invalidOption,
  type Clock,
  type CredentialsProvider,
  type OptionNames,
} from '@iamfetch/core'
import { assumeRole } from './assume-role.ts'
import { fromContainer } from './from-container.ts'
import { fromEnvironment } from './from-environment.ts'
import { fromInstanceMetadata } from './from-instance-metadata.ts'
import { fromWebIdentity } from './from-web-identity.ts'
import { readProfiles, type Profile } from './profile-files.ts'
import {
  cachedProvider,
  isNonEmptyText,
  parseObject,
  unavailable,
  type SourcedCredentials,
} from './provider.ts'

/** Which profile {@link fromProfile} reads. */
export interface ProfileOptions {
  /** @default AWS_PROFILE, then 'default' */
  profile?: string | undefined
  /** The region for profiles that assume a role. @default the profile's `region`, then AWS_REGION */
  region?: string | undefined
  /** Another STS endpoint, for profiles that assume a role. */
  stsEndpoint?: string | URL | undefined
  /** How long a `credential_process` may run, in milliseconds. @default 60000 */
  processTimeoutMs?: number | undefined
  /** The environment variables. @default process.env */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the platform's `fetch` */
  fetch?: typeof globalThis.fetch | undefined
  /** @default Date */
  clock?: Clock | undefined
}

const NAMES: OptionNames<ProfileOptions> = {
  profile: 'string',
  region: 'string',
  stsEndpoint: true,
  processTimeoutMs: 'number',
  env: 'object',
  fetch: 'function',
  clock: 'clock',
}

/**
 * Creates a credentials provider that reads a profile of `~/.aws/config` and `~/.aws/credentials`: static keys,
 * `credential_process`, `role_arn` with `source_profile` or `credential_source`, and `web_identity_token_file`.
 *
 * Profiles of IAM Identity Center (`sso_…`) and `aws login` are not supported: use `fromSSO` of
 * `@aws-sdk/credential-providers`, which is accepted wherever a provider is. Nor is `mfa_serial`.
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE`.
 * @see [AWS: shared config and credentials files](https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html)
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl, credentials: fromProfile({ profile: 'staging' }) })
 * ```
 */
export function fromProfile(options: ProfileOptions = {}): CredentialsProvider {
  checkOptions('fromProfile', options, NAMES)
  const { env = process.env, clock = Date, processTimeoutMs = 60_000 } = options
  if (!(Number.isInteger(processTimeoutMs) && processTimeoutMs > 0)) {
    throw invalidOption(
      'fromProfile',
      '"processTimeoutMs" must be a whole number above 0',
      processTimeoutMs,
    )
  }
  const name = options.profile ?? (env['AWS_PROFILE'] || 'default')
  let resolved: CredentialsProvider | undefined
  return cachedProvider(async () => {
    resolved ??= providerOf(name, await readProfiles(env), options, [])
    const credentials = await resolved({ forceRefresh: true })
    // Read one by one: the secrets of our providers are not copied by spreading.
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials
    return { accessKeyId, secretAccessKey, sessionToken, expiration }
  }, clock)
}

/** Creates the provider for one profile, as `credential-provider-ini` of the AWS SDK chooses it. */
function providerOf(
  name: string,
  profiles: ReadonlyMap<string, Profile>,
  options: ProfileOptions,
  visited: readonly string[],
): CredentialsProvider {
  const profile = profiles.get(name)
  if (!profile) {
    throw unavailable(
      `The profile "${name}" is in neither of the AWS configuration files.`,
      'Check AWS_PROFILE, or create the profile with "aws configure".',
    )
  }
  if (visited.includes(name)) {
    throw unavailable(
      `The profiles ${[...visited, name].join(', ')} refer to each other in a circle.`,
      'Change "source_profile" so that the chain ends at a profile with keys.',
    )
  }
  const { clock = Date } = options
  const keys = staticKeys(profile)
  // The end of a chain of roles: its keys count, even if it has a role itself.
  if (keys && visited.length > 0) return cachedProvider(async () => keys, clock)
  if (profile['role_arn'] && (profile['source_profile'] || profile['credential_source'])) {
    return roleProvider(name, profile, profiles, options, visited)
  }
  if (keys) return cachedProvider(async () => keys, clock)
  if (profile['role_arn'] && profile['web_identity_token_file'])
    return webIdentityProvider(name, profile, options)
  if (profile['credential_process'])
    return processProvider(name, profile['credential_process'], options)
  const isSso = Object.keys(profile).some((setting) => setting.startsWith('sso_'))
  throw unavailable(
    isSso
      ? `The profile "${name}" uses IAM Identity Center, which is not supported.`
      : `The profile "${name}" has no keys, no role and no credential_process.`,
    isSso
      ? 'Pass fromSSO() of @aws-sdk/credential-providers as "credentials".'
      : 'Add them to the profile, or pass fromIni() of @aws-sdk/credential-providers as "credentials".',
  )
}

function staticKeys(profile: Profile): SourcedCredentials | undefined {
  const accessKeyId = profile['aws_access_key_id']
  const secretAccessKey = profile['aws_secret_access_key']
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, sessionToken: profile['aws_session_token'] || undefined }
}

function roleProvider(
  name: string,
  profile: Profile,
  profiles: ReadonlyMap<string, Profile>,
  options: ProfileOptions,
  visited: readonly string[],
): CredentialsProvider {
  if (profile['mfa_serial']) {
    throw unavailable(
      `The profile "${name}" requires multi-factor authentication, which is not supported.`,
      'Pass fromIni({ mfaCodeProvider }) of @aws-sdk/credential-providers as "credentials".',
    )
  }
  const source = profile['source_profile']
  const credentials = source
    ? providerOf(source, profiles, options, [...visited, name])
    : sourceProvider(name, profile['credential_source'] ?? '', options)
  return ofProfile(name, () =>
    assumeRole({
      credentials,
      externalId: profile['external_id'],
      durationSeconds: profile['duration_seconds']
        ? Number(profile['duration_seconds'])
        : undefined,
      ...roleOptions(profile, options),
    }),
  )
}

/** A wrong setting is an error of the profile, not of a function that the program has not called. */
function ofProfile(name: string, create: () => CredentialsProvider): CredentialsProvider {
  try {
    return create()
  } catch (error) {
    const text = error instanceof Error ? error.message : ''
    const [, option, problem] = OPTION_PROBLEM.exec(text) ?? []
    if (option === undefined) throw error
    const setting = option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    throw unavailable(
      `The profile "${name}" cannot be used: "${setting}"${problem}.`,
      'Correct the setting in the AWS configuration file. A region can also be passed as "region".',
    )
  }
}

/** An error about an option that is a setting of a profile, too. */
const OPTION_PROBLEM = /^\w+: "(roleArn|durationSeconds|roleSessionName|region)"(.*)$/s

/** What both ways to assume a role read from a profile. */
function roleOptions(profile: Profile, options: ProfileOptions) {
  const { env, fetch, clock } = options
  return {
    roleArn: profile['role_arn'] ?? '',
    roleSessionName: profile['role_session_name'],
    region: options.region ?? profile['region'],
    endpoint: options.stsEndpoint,
    env,
    fetch,
    clock,
  }
}

function webIdentityProvider(
  name: string,
  profile: Profile,
  options: ProfileOptions,
): CredentialsProvider {
  const role = roleOptions(profile, options)
  const env = {
    ...(options.env ?? process.env),
    AWS_WEB_IDENTITY_TOKEN_FILE: profile['web_identity_token_file'],
  }
  return ofProfile(name, () => fromWebIdentity({ ...role, env }))
}

function sourceProvider(
  name: string,
  source: string,
  options: ProfileOptions,
): CredentialsProvider {
  const { env, fetch, clock } = options
  if (source === 'Environment') return fromEnvironment({ env })
  if (source === 'EcsContainer') return fromContainer({ env, fetch, clock })
  if (source === 'Ec2InstanceMetadata') return fromInstanceMetadata({ env, fetch, clock })
  throw unavailable(
    `"credential_source" of the profile "${name}" is not Environment, EcsContainer or Ec2InstanceMetadata.`,
    'Correct the setting in the AWS configuration file.',
  )
}

/** Runs the command of a profile in a shell, as the AWS CLI and SDKs do. */
function processProvider(
  name: string,
  command: string,
  options: ProfileOptions,
): CredentialsProvider {
  const { clock = Date, env = process.env, processTimeoutMs = 60_000 } = options
  return cachedProvider(async (signal) => {
    const output = await runCommand(name, command, {
      signal,
      timeout: processTimeoutMs,
      env: { ...env },
    })
    const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration } = parseObject(output)
    if (Version !== 1 || !isNonEmptyText(AccessKeyId) || !isNonEmptyText(SecretAccessKey)) {
      throw unavailable(
        `The credential_process of the profile "${name}" did not print a JSON object with "Version": 1, AccessKeyId and SecretAccessKey.`,
        'Run the command in a terminal and check what it prints.',
      )
    }
    const expiration = isNonEmptyText(Expiration) ? new Date(Expiration) : undefined
    if (expiration && Number.isNaN(expiration.getTime())) {
      throw unavailable(
        `The credential_process of the profile "${name}" printed an "Expiration" that is not a date.`,
        'Let the command print an ISO 8601 date such as 2027-01-31T12:00:00Z, or no "Expiration".',
      )
    }
    if (expiration && expiration.getTime() <= clock.now()) {
      throw unavailable(
        `The credential_process of the profile "${name}" printed credentials that have expired.`,
        'Run the command in a terminal, renew its session, and check the clock of this machine.',
      )
    }
    const sessionToken = isNonEmptyText(SessionToken) ? SessionToken : undefined
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken, expiration }
  }, clock)
}

function runCommand(
  name: string,
  command: string,
  limits: { signal: AbortSignal; timeout: number; env: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    // A command may ignore any other signal.
    const options = { ...limits, ...SHELL, killSignal: 'SIGKILL' } as const
    exec(command, options, (error, stdout) => {
      if (!error) return resolve(stdout)
      reject(
        unavailable(
          `The credential_process of the profile "${name}" ${failureOf(error)}.`,
          'Run the command in a terminal and check what it prints.',
          { retryable: true },
        ),
      )
    })
  })
}

const MAX_OUTPUT_BYTES = 1_048_576
const SHELL = { maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true }

/** Describes how a command failed. Neither the command nor its output is quoted: both may contain secrets. */
function failureOf({ killed, signal, code }: ExecException): string {
  if (killed) return 'did not end in time'
  if (String(code) === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return `printed more than ${MAX_OUTPUT_BYTES} bytes`
  }
  if (signal) return `was ended by the signal ${signal}`
  return `failed with exit code ${code ?? 'unknown'}`
}
