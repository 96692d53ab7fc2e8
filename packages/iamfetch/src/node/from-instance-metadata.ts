import {
  checkOptions,
  invalidOption,
  type Clock,
  type CredentialsProvider,
  type OptionNames,
} from '@iamfetch/core'
import {
  cachedProvider,
  readCredentialsDocument,
  unavailable,
  type SourcedCredentials,
} from './provider.ts'
import { requestText, type RequestContext } from './request.ts'

/** How {@link fromInstanceMetadata} reaches the instance metadata service. */
export interface InstanceMetadataOptions {
  /**
   * Reads `AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` and `AWS_EC2_METADATA_DISABLED`.
   * @default process.env
   */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** How long one request may take, its body included, in milliseconds. @default 1000 */
  timeoutMs?: number | undefined
  /** @default the platform's `fetch` */
  fetch?: typeof globalThis.fetch | undefined
  /** @default Date */
  clock?: Clock | undefined
}

const NAMES: OptionNames<InstanceMetadataOptions> = {
  env: 'object',
  timeoutMs: 'number',
  fetch: 'function',
  clock: 'clock',
}
const SOURCE = 'The instance metadata service'
const ROLE_PATH = '/latest/meta-data/iam/security-credentials/'
/** How long credentials that have expired are used while the service cannot renew them. */
const EXTENSION_MS = 300_000

/**
 * Creates a credentials provider for EC2 instances. Only version 2 of the instance metadata service (IMDSv2) is used: a
 * session token is requested first, so that a forged request from inside the instance gets nothing.
 *
 * If the service returns credentials that have expired, they are used for five more minutes, as the AWS SDKs do.
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE`.
 * @see [AWS: IMDSv2](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html)
 * @see [AWS: static stability](https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html)
 */
export function fromInstanceMetadata(options: InstanceMetadataOptions = {}): CredentialsProvider {
  checkOptions('fromInstanceMetadata', options, NAMES)
  const { env = process.env, timeoutMs = 1_000, fetch = globalThis.fetch, clock = Date } = options
  if (!(timeoutMs > 0)) {
    throw invalidOption('fromInstanceMetadata', '"timeoutMs" must be greater than 0', timeoutMs)
  }
  return cachedProvider(async (signal) => {
    const endpoint = endpointOf(env)
    const context: RequestContext = { source: SOURCE, fetch, clock, timeoutMs, signal }
    const token = await read(context, new URL('/latest/api/token', endpoint), 'PUT', {
      'x-aws-ec2-metadata-token-ttl-seconds': '21600',
    })
    const headers = { 'x-aws-ec2-metadata-token': token.trim() }
    const role = (await read(context, new URL(ROLE_PATH, endpoint), 'GET', headers)).trim()
    const path = ROLE_PATH + encodeURIComponent(role.split('\n')[0] ?? '')
    const document = await read(context, new URL(path, endpoint), 'GET', headers)
    return extended(readCredentialsDocument(document, SOURCE), clock)
  }, clock)
}

function extended(credentials: SourcedCredentials, clock: Clock): SourcedCredentials {
  if (Number(credentials.expiration) > clock.now()) return credentials
  return { ...credentials, expiration: new Date(clock.now() + EXTENSION_MS) }
}

function endpointOf(env: Readonly<Record<string, string | undefined>>): URL {
  if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') {
    throw unavailable(
      'AWS_EC2_METADATA_DISABLED is "true", so the instance metadata service is not asked for credentials.',
      'Remove the variable, or configure another source of credentials.',
    )
  }
  const isIpv6 = env['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE']?.toLowerCase() === 'ipv6'
  const standard = isIpv6 ? 'http://[fd00:ec2::254]' : 'http://169.254.169.254'
  const address = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || standard
  if (URL.canParse(address) && /^https?:/.test(address)) return new URL(address)
  throw unavailable(
    'AWS_EC2_METADATA_SERVICE_ENDPOINT is not an absolute URL.',
    'Set it to an address such as http://169.254.169.254, or remove it.',
  )
}

async function read(
  context: RequestContext,
  url: URL,
  method: 'GET' | 'PUT',
  headers: Record<string, string>,
): Promise<string> {
  const { status, text } = await requestText(context, url, { method, headers })
  if (status === 200) return text
  if (status === 404 && url.pathname.startsWith(ROLE_PATH)) {
    throw unavailable(
      'The instance has no role.',
      'Attach an instance profile with a role to the instance.',
      { status },
    )
  }
  throw unavailable(
    `${SOURCE} responded with HTTP ${status} to ${method} ${url.pathname}.`,
    'Check that instance metadata is enabled, and that the hop limit lets containers reach it.',
    { status, retryable: status >= 500 || status === 429 || status === 401 },
  )
}
