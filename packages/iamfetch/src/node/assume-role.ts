import {
  checkOptions,
  invalidOption,
  type CredentialsProvider,
  type CredentialsSource,
  type OptionNames,
} from '@iamfetch/core'
import { cachedProvider } from './provider.ts'
import { callSts, roleParameters, stsTarget, type RoleOptions } from './sts.ts'

/** Which role is assumed, and with whose credentials. */
export interface AssumeRoleOptions extends RoleOptions {
  /** The credentials that may assume the role, or a provider of them. */
  credentials: CredentialsSource
  /** The external ID that the role's trust policy requires. */
  externalId?: string | undefined
}

/** The names of the options that both ways to assume a role have. */
export const ROLE_OPTION_NAMES: OptionNames<RoleOptions> = {
  roleArn: 'string',
  roleSessionName: 'string',
  region: 'string',
  durationSeconds: 'number',
  policy: 'string',
  endpoint: true,
  timeoutMs: 'number',
  env: 'object',
  fetch: 'function',
  clock: 'clock',
}

const NAMES: OptionNames<AssumeRoleOptions> = {
  ...ROLE_OPTION_NAMES,
  credentials: true,
  externalId: 'string',
}

/**
 * Creates a credentials provider that assumes a role with other credentials (`sts:AssumeRole`).
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE`, and with what `credentials` rejects with.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS STS: AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)
 * @example
 * ```ts
 * const credentials = assumeRole({
 *   credentials: fromEnvironment(),
 *   roleArn: 'arn:aws:iam::123456789012:role/Reports',
 * })
 * ```
 */
export function assumeRole(options: AssumeRoleOptions): CredentialsProvider {
  checkOptions('assumeRole', options, NAMES)
  const { credentials, externalId } = options
  if (!credentials) throw invalidOption('assumeRole', '"credentials" is required')
  const target = stsTarget('assumeRole', options)
  const { clock } = target.context
  return cachedProvider(async (signal) => {
    const parameters = roleParameters('AssumeRole', options, clock)
    if (externalId !== undefined) parameters.set('ExternalId', externalId)
    return callSts({ ...target, parameters }, signal, credentials)
  }, clock)
}
