import { readFile } from 'node:fs/promises'
import {
  checkOptions,
  invalidOption,
  tokenSourceError,
  type CredentialsProvider,
  type OptionNames,
} from '@iamfetch/core'
import { ROLE_OPTION_NAMES } from './assume-role.ts'
import { cachedProvider, isNonEmptyText, parseObject, unavailable } from './provider.ts'
import { requestText } from './request.ts'
import { callSts, roleParameters, stsTarget, type RoleOptions } from './sts.ts'

/** Which role is assumed, and with which token. */
export interface WebIdentityOptions extends Omit<RoleOptions, 'roleArn'> {
  /** The role to assume. @default AWS_ROLE_ARN */
  roleArn?: string | undefined
  /**
   * Returns the identity provider's token (a JWT); called for each exchange.
   * @default reads the file that AWS_WEB_IDENTITY_TOKEN_FILE names, again for each exchange
   */
  token?: (() => string | Promise<string>) | undefined
}

const NAMES: OptionNames<WebIdentityOptions> = { ...ROLE_OPTION_NAMES, token: true }

/**
 * Creates a credentials provider that exchanges a token of an OpenID Connect provider for a role's credentials
 * (`sts:AssumeRoleWithWebIdentity`): IAM roles for service accounts on EKS (IRSA), GitHub Actions, GitLab, Vercel.
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE`. The token is in no error.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [AWS STS: AssumeRoleWithWebIdentity](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html)
 * @example
 * ```ts
 * // GitHub Actions, with `permissions: { id-token: write }`
 * const credentials = fromWebIdentity({
 *   roleArn: 'arn:aws:iam::123456789012:role/Deploy',
 *   region: 'eu-central-1',
 *   token: githubActionsToken(),
 * })
 * ```
 */
export function fromWebIdentity(options: WebIdentityOptions = {}): CredentialsProvider {
  checkOptions('fromWebIdentity', options, NAMES)
  const { env = process.env } = options
  const roleArn = options.roleArn ?? env['AWS_ROLE_ARN']
  if (!roleArn) throw invalidOption('fromWebIdentity', '"roleArn" or AWS_ROLE_ARN is required')
  const tokenFile = env['AWS_WEB_IDENTITY_TOKEN_FILE']
  if (options.token !== undefined && typeof options.token !== 'function') {
    // Not the value: it may be the token.
    throw invalidOption('fromWebIdentity', '"token" must be a function that returns the token')
  }
  if (!options.token && !tokenFile) {
    throw invalidOption('fromWebIdentity', '"token" or AWS_WEB_IDENTITY_TOKEN_FILE is required')
  }
  const readToken = options.token ?? (() => readTokenFile(tokenFile!))
  const role: RoleOptions = {
    ...options,
    roleArn,
    roleSessionName: options.roleSessionName ?? env['AWS_ROLE_SESSION_NAME'],
  }
  const target = stsTarget('fromWebIdentity', role)
  const { clock } = target.context
  return cachedProvider(async (signal) => {
    const token = await readFrom(readToken)
    if (!isNonEmptyText(token)) {
      throw unavailable(
        'The "token" function returned no token.',
        'Return the JWT of the identity provider as a text.',
      )
    }
    const parameters = roleParameters('AssumeRoleWithWebIdentity', role, clock)
    parameters.set('WebIdentityToken', token)
    return callSts({ ...target, parameters }, signal, undefined)
  }, clock)
}

/** Whether the environment describes a web identity. */
export const hasWebIdentity = (env: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(env['AWS_WEB_IDENTITY_TOKEN_FILE'] && env['AWS_ROLE_ARN'])

/** Reads the token from its source. */
async function readFrom(readToken: () => string | Promise<string>): Promise<unknown> {
  try {
    return await readToken()
  } catch (cause) {
    throw tokenSourceError('token', cause)
  }
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw unavailable(
      `The file ${file} of AWS_WEB_IDENTITY_TOKEN_FILE could not be read.`,
      'Check that the file exists and that this process may read it.',
      { cause, retryable: true },
    )
  }
}

/** How {@link githubActionsToken} requests the token. */
export interface GithubActionsTokenOptions {
  /** The audience that the IAM OIDC provider accepts. @default 'sts.amazonaws.com' */
  audience?: string | undefined
  /** @default process.env */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the platform's `fetch` */
  fetch?: typeof globalThis.fetch | undefined
}

const GITHUB_NAMES: OptionNames<GithubActionsTokenOptions> = {
  audience: 'string',
  env: 'object',
  fetch: 'function',
}

/**
 * Creates a function that requests the OpenID Connect token of a GitHub Actions job, for {@link fromWebIdentity}.
 *
 * The job needs `permissions: { id-token: write }`.
 *
 * @see [GitHub: OpenID Connect](https://docs.github.com/en/actions/reference/security/oidc)
 */
export function githubActionsToken(options: GithubActionsTokenOptions = {}): () => Promise<string> {
  checkOptions('githubActionsToken', options, GITHUB_NAMES)
  const { audience = 'sts.amazonaws.com', env = process.env, fetch = globalThis.fetch } = options
  return async () => {
    const address = env['ACTIONS_ID_TOKEN_REQUEST_URL']
    const bearer = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
    if (!address || !bearer || !URL.canParse(address)) {
      throw unavailable(
        'ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set.',
        'Give the GitHub Actions job "permissions: { id-token: write }".',
      )
    }
    const url = new URL(address)
    if (url.protocol !== 'https:') {
      throw unavailable(
        'ACTIONS_ID_TOKEN_REQUEST_URL is not an https: URL.',
        'Run this in a GitHub Actions job.',
      )
    }
    url.searchParams.set('audience', audience)
    const { signal } = new AbortController()
    const { status, text } = await requestText(
      {
        source: 'The token endpoint of GitHub Actions',
        fetch,
        clock: Date,
        timeoutMs: 5_000,
        signal,
      },
      url,
      { headers: { authorization: `Bearer ${bearer}` } },
    )
    const { value } = parseObject(text)
    if (status === 200 && isNonEmptyText(value)) return value
    throw unavailable(
      `The token endpoint of GitHub Actions responded with HTTP ${status} and no token.`,
      'Check the permissions of the job.',
      { status, retryable: status >= 500 },
    )
  }
}
