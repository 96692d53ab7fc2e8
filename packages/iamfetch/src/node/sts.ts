import {
  awsDomain,
  checkEndpoint,
  invalidOption,
  type Clock,
  type CredentialsSource,
} from '@iamfetch/core'
import { createSigner } from '@iamfetch/sigv4'
import { isNonEmptyText, unavailable, type SourcedCredentials } from './provider.ts'
import { requestText, type RequestContext } from './request.ts'

/** The options of both ways to assume a role. */
export interface RoleOptions {
  /** The role to assume, `arn:aws:iam::123456789012:role/Deploy`. */
  roleArn: string
  /** Appears in CloudTrail: 2 to 64 letters, digits and `=,.@_-`. @default 'iamfetch' and the time */
  roleSessionName?: string | undefined
  /** The region whose STS endpoint is called. @default AWS_REGION, then AWS_DEFAULT_REGION */
  region?: string | undefined
  /** How long the session lasts, in seconds: 900 to the maximum of the role. @default 3600 */
  durationSeconds?: number | undefined
  /** A session policy (JSON) that narrows what the session may do. */
  policy?: string | undefined
  /** Another STS endpoint, for a local stack or a VPC. @default `https://sts.<region>.amazonaws.com/` */
  endpoint?: string | URL | undefined
  /** How long one request may take, its body included, in milliseconds. @default 5000 */
  timeoutMs?: number | undefined
  /** The environment variables. @default process.env */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** @default the platform's `fetch` */
  fetch?: typeof globalThis.fetch | undefined
  /** @default Date */
  clock?: Clock | undefined
}

/** The role options after they were checked. */
export interface StsTarget {
  readonly url: URL
  readonly region: string
  readonly parameters: URLSearchParams
  readonly context: Omit<RequestContext, 'signal'>
}

/**
 * Checks the options and prepares what is the same in every request.
 *
 * @param owner  The function that was given the options.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function stsTarget(owner: string, options: RoleOptions): Omit<StsTarget, 'parameters'> {
  const { env = process.env, timeoutMs = 5_000, fetch = globalThis.fetch, clock = Date } = options
  const region = options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION']
  if (!region || !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region)) {
    throw invalidOption(owner, '"region" or AWS_REGION must be an AWS region', region)
  }
  checkRole(owner, options)
  if (!(timeoutMs > 0)) throw invalidOption(owner, '"timeoutMs" must be greater than 0', timeoutMs)
  const endpoint = String(options.endpoint ?? `https://sts.${region}.${awsDomain(region)}/`)
  checkEndpoint(owner, endpoint)
  if (!URL.canParse(endpoint)) {
    throw invalidOption(owner, '"endpoint" must be an absolute https: URL', endpoint)
  }
  const url = new URL(endpoint)
  return { url, region, context: { source: 'AWS STS', fetch, clock, timeoutMs } }
}

function checkRole(
  owner: string,
  { roleArn, roleSessionName, durationSeconds }: RoleOptions,
): void {
  if (!/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(roleArn)) {
    throw invalidOption(
      owner,
      '"roleArn" must be a role ARN such as arn:aws:iam::123456789012:role/Deploy',
      roleArn,
    )
  }
  if (roleSessionName !== undefined && !/^[\w+=,.@-]{2,64}$/.test(roleSessionName)) {
    throw invalidOption(
      owner,
      '"roleSessionName" must have 2 to 64 letters, digits or =,.@_-',
      roleSessionName,
    )
  }
  const seconds = durationSeconds ?? 3_600
  if (!(Number.isInteger(seconds) && seconds >= 900 && seconds <= 43_200)) {
    throw invalidOption(
      owner,
      '"durationSeconds" must be a whole number from 900 to 43200',
      seconds,
    )
  }
}

/** The parameters that both operations take. */
export function roleParameters(
  action: string,
  options: RoleOptions,
  clock: Clock,
): URLSearchParams {
  const { roleArn, roleSessionName = `iamfetch-${clock.now()}`, durationSeconds, policy } = options
  const parameters = new URLSearchParams({
    Action: action,
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: roleSessionName,
  })
  if (durationSeconds !== undefined) parameters.set('DurationSeconds', String(durationSeconds))
  if (policy !== undefined) parameters.set('Policy', policy)
  return parameters
}

/**
 * Calls STS and reads the credentials out of its XML.
 *
 * @param signWith  The credentials that sign the request; `undefined` for an operation that is not signed.
 * @throws {@link IamFetchError} `CREDENTIALS_UNAVAILABLE`, with AWS's error code.
 * @see [AWS STS: AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)
 */
export async function callSts(
  { url, region, parameters, context }: StsTarget,
  signal: AbortSignal,
  signWith: CredentialsSource | undefined,
): Promise<SourcedCredentials> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: parameters.toString(),
  }
  const { clock } = context
  const request = signWith
    ? await createSigner({ credentials: signWith, region, service: 'sts', clock }).sign(
        url.href,
        init,
      )
    : new Request(url, init)
  const { status, text } = await requestText({ ...context, signal }, request)
  const operation = parameters.get('Action') ?? ''
  if (status !== 200) throw refusedBySts(operation, status, text)
  const expiration = new Date(xmlText(text, 'Expiration') ?? '')
  const [accessKeyId, secretAccessKey, sessionToken] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
  ].map((name) => xmlText(text, name))
  if (
    isNonEmptyText(accessKeyId) &&
    isNonEmptyText(secretAccessKey) &&
    isNonEmptyText(sessionToken) &&
    !Number.isNaN(expiration.getTime())
  ) {
    return { accessKeyId, secretAccessKey, sessionToken, expiration }
  }
  throw unavailable(
    `The response of ${operation} contains no complete credentials.`,
    'Check "endpoint": something other than AWS STS may have responded.',
    { status, retryable: true },
  )
}

const RETRYABLE_CODES = [
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'IDPCommunicationError',
]

function refusedBySts(operation: string, status: number, text: string): Error {
  const code = xmlText(text, 'Code') ?? ''
  const name = /^[A-Za-z.]{1,60}$/.test(code) ? code : `HTTP ${status}`
  return unavailable(`AWS STS rejected ${operation}: ${name}.`, REMEDIES[code] ?? DEFAULT_REMEDY, {
    status,
    retryable: status >= 500 || RETRYABLE_CODES.includes(code),
  })
}

const DEFAULT_REMEDY = "Check the role's ARN and its trust policy."

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    "Allow the caller in the role's trust policy, and for AssumeRole also sts:AssumeRole in the caller's own policy.",
  ExpiredTokenException: 'Provide a new web identity token; the one that was sent has expired.',
  InvalidIdentityToken:
    'Create an IAM OIDC provider for the issuer of the token, and check the audience of the token.',
  IDPCommunicationError: 'Try again later; AWS could not reach the identity provider.',
  RegionDisabledException: 'Activate STS in this region for the account, or choose another region.',
  SignatureDoesNotMatch: 'Check the credentials that sign the request.',
  InvalidClientTokenId: 'Check the access key of the credentials that sign the request.',
}

/**
 * Reads the text of the first element with a name. STS writes neither attributes nor character references into the
 * elements that are read here.
 */
function xmlText(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`)
  const end = xml.indexOf(`</${name}>`, start)
  return start < 0 || end < 0 ? undefined : xml.slice(start + name.length + 2, end).trim()
}
