import { readFile } from 'node:fs/promises'
import {
  checkOptions,
  gatewayMessage,
  invalidOption,
  type Clock,
  type CredentialsProvider,
  type OptionNames,
} from '@iamfetch/core'
import { cachedProvider, readCredentialsDocument, unavailable } from './provider.ts'
import { requestText } from './request.ts'

/** How {@link fromContainer} reaches the container's credentials endpoint. */
export interface ContainerOptions {
  /** The environment variables that name the endpoint. @default process.env */
  env?: Readonly<Record<string, string | undefined>> | undefined
  /** How long one request may take, its body included, in milliseconds. @default 1000 */
  timeoutMs?: number | undefined
  /** @default the platform's `fetch` */
  fetch?: typeof globalThis.fetch | undefined
  /** @default Date */
  clock?: Clock | undefined
}

const NAMES: OptionNames<ContainerOptions> = {
  env: 'object',
  timeoutMs: 'number',
  fetch: 'function',
  clock: 'clock',
}
const SOURCE = 'The container credentials endpoint'

/**
 * Creates a credentials provider for ECS tasks and EKS Pod Identity: the endpoint that
 * `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `AWS_CONTAINER_CREDENTIALS_FULL_URI` names, with the token of
 * `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` (read again for each request) or `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
 *
 * An address without TLS is used only on this machine and at the link-local addresses of ECS and EKS.
 *
 * @returns A provider that rejects with `CREDENTIALS_UNAVAILABLE`.
 * @see [AWS: container credential provider](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)
 */
export function fromContainer(options: ContainerOptions = {}): CredentialsProvider {
  checkOptions('fromContainer', options, NAMES)
  const { env = process.env, timeoutMs = 1_000, fetch = globalThis.fetch, clock = Date } = options
  if (!(timeoutMs > 0))
    throw invalidOption('fromContainer', '"timeoutMs" must be greater than 0', timeoutMs)
  return cachedProvider(async (signal) => {
    const url = endpointOf(env)
    const authorization = await tokenOf(env)
    const { status, text } = await requestText(
      { source: SOURCE, fetch, clock, timeoutMs, signal },
      url,
      authorization === undefined ? {} : { headers: { authorization } },
    )
    if (status === 200) return readCredentialsDocument(text, SOURCE)
    const reason =
      gatewayMessage(text) === undefined ? '' : ', with a message that is not shown here'
    throw unavailable(
      `${SOURCE} responded with HTTP ${status}${reason}.`,
      'Check the task role or the Pod Identity association of this container.',
      { status, retryable: status >= 500 || status === 429 },
    )
  }, clock)
}

/** Whether the environment names a container endpoint. */
export const hasContainerEndpoint = (env: Readonly<Record<string, string | undefined>>): boolean =>
  Boolean(
    env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'] || env['AWS_CONTAINER_CREDENTIALS_FULL_URI'],
  )

/** The address; the relative one wins, as in the AWS SDKs. */
function endpointOf(env: Readonly<Record<string, string | undefined>>): URL {
  const relative = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']
  const full = env['AWS_CONTAINER_CREDENTIALS_FULL_URI']
  if (relative?.startsWith('/')) return new URL(`http://169.254.170.2${relative}`)
  if (relative) {
    throw unavailable(
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path that begins with "/".',
      'Set it to the path that ECS gave the task, or use AWS_CONTAINER_CREDENTIALS_FULL_URI.',
    )
  }
  if (!full) {
    throw unavailable(
      'Neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set.',
      'Run this program in an ECS task with a task role or in a pod with Pod Identity, or use another credentials source.',
    )
  }
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isTrustedHost(url.hostname)))
    return url
  throw unavailable(
    'AWS_CONTAINER_CREDENTIALS_FULL_URI is neither an https: URL nor an address of this machine, ECS or EKS.',
    'Use https:, a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23].',
  )
}

/** `URL` has normalised the host already: `127.1` is `127.0.0.1` here. */
const isTrustedHost = (host: string): boolean =>
  TRUSTED_HOSTS.includes(host) || /^127(\.\d{1,3}){3}$/.test(host)

const TRUSTED_HOSTS = ['localhost', '[::1]', '169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']

/** The token for the endpoint; the file wins, as in the AWS SDKs. */
async function tokenOf(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE']
  const token = file ? await readTokenFile(file) : env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
  if (!token) return undefined
  if (/[\r\n]/.test(token)) {
    throw unavailable(
      'The container authorization token contains a line break.',
      'Write the token without a line break at its end.',
    )
  }
  return token
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw unavailable(
      `The file ${file} of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE could not be read.`,
      'Check that the file exists and that this process may read it.',
      { cause, retryable: true },
    )
  }
}
