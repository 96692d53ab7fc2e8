import { invalidOption, isAwsHost, labelsAtAws } from '@iamfetch/core'
import { payloadFor, type Payload } from './payload.ts'

/** What the name of an AWS host says about the signatures that it accepts. */
export interface AwsHost {
  readonly region: string
  /** The signing name, which may differ from the label in the host. `undefined` for a service that is not in the table. */
  readonly service: string | undefined
}

/** What a signature is for. */
export interface SigningScope {
  readonly region: string
  /** The signing name. */
  readonly service: string
  readonly payload: Payload
}

/**
 * Reads region and service out of an AWS host name: API Gateway, function URLs, AppSync, VPC Lattice, Bedrock and AgentCore,
 * OpenSearch, IoT, and AWS's own services; in the partitions of the AWS SDK, with FIPS, dual-stack and VPC endpoints.
 *
 * @param host      With or without a port, in any case.
 * @param protocol  Of the URL: IoT has another signing name for WebSockets. @default 'https:'
 * @returns `undefined` for every other host, for example a custom domain: a region is never guessed.
 * @see [AWS: service endpoints](https://docs.aws.amazon.com/general/latest/gr/rande.html), signing names as in the AWS SDK's
 *   models (`aws.auth#sigv4`). The hosts of the European Sovereign Cloud and the isolated partitions are unverified.
 */
export function awsHostOf(host: string, protocol = 'https:'): AwsHost | undefined {
  const labels = labelsAtAws(host)?.filter((label) => label !== 'dualstack')
  if (!labels) return undefined
  // Dual-stack hosts (`….api.aws`), function URLs and VPC Lattice (`….on.aws`) have one label more.
  if (labels.at(-1) === 'api' || labels.at(-1) === 'on') labels.pop()
  // OpenSearch has its name after the region, and a VPC endpoint has `vpce` there.
  const suffix = isRegion(labels.at(-1)) ? undefined : labels.pop()
  const region = labels.pop()
  if (!isRegion(region)) return globalHost(suffix)
  if (suffix === undefined || suffix === 'vpce') {
    return { region, service: serviceOf(labels, protocol) }
  }
  if (suffix === 'es' || suffix === 'aoss') return { region, service: suffix }
  return globalHost(suffix)
}

/** The hosts without a region that are in use: `sts.amazonaws.com`, `bucket.s3.amazonaws.com`. */
function globalHost(label: string | undefined): AwsHost | undefined {
  if (label === 'sts') return { region: 'us-east-1', service: 'sts' }
  return label !== undefined && isS3(label) ? { region: 'us-east-1', service: 's3' } : undefined
}

/**
 * Reads the region out of an AWS host name.
 *
 * @param host  With or without a port.
 * @returns `undefined` for every other host, for example a custom domain: a region is never guessed.
 * @example
 * ```ts
 * regionOf('abc.execute-api.eu-central-1.amazonaws.com') // 'eu-central-1'
 * regionOf('api.example.com') // undefined
 * ```
 */
export function regionOf(host: string): string | undefined {
  const known = awsHostOf(host)
  return known?.service === 's3' ? undefined : known?.region
}

/** What the options say about the signatures of a host. */
export interface ScopeOptions {
  region?: string | undefined
  service?: string | undefined
  payload?: Payload | undefined
}

/**
 * Decides what a host's signatures are for: what the options say, else what an AWS host name says; `execute-api` for a custom
 * domain and for this machine.
 *
 * @param owner  The function that was given the options, for messages.
 * @returns Without `region` if neither the options nor the host name it.
 * @throws `TypeError` with the code `INVALID_OPTION` if an option contradicts the host, for S3, which has rules of its own,
 *   for a payload that the service does not accept, and for an AWS host of an unknown service if `service` is missing.
 */
export function scopeFor(
  owner: string,
  { region, service, payload }: ScopeOptions,
  { host, protocol }: { host: string; protocol?: string },
): { region: string | undefined; service: string; payload: Payload } {
  const known = awsHostOf(host, protocol)
  if (known?.service === 's3') {
    throw invalidOption(
      owner,
      `${host} is an S3 host, whose signatures have rules of their own: use @aws-sdk/client-s3, or a presigned URL`,
    )
  }
  if (known && region !== undefined && region !== known.region) {
    throw invalidOption(owner, `"region" is "${region}", but ${host} is in ${known.region}`)
  }
  if (known?.service && service !== undefined && service !== known.service) {
    throw invalidOption(
      owner,
      `"service" is "${service}", but ${host} accepts signatures for "${known.service}"`,
    )
  }
  const name = service ?? known?.service
  if (name === undefined && isAwsHost(host)) {
    throw invalidOption(owner, `"service" is required for ${host}, whose name does not tell it`)
  }
  const signingName = name ?? 'execute-api'
  return {
    region: region ?? known?.region,
    service: signingName,
    payload: payloadFor(owner, payload, signingName),
  }
}

/** Labels of host names whose signing name is another one. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  'lambda-url': 'lambda',
  'appsync-api': 'appsync',
  'appsync-realtime-api': 'appsync',
  'bedrock-runtime': 'bedrock',
  'bedrock-agent': 'bedrock',
  'bedrock-agent-runtime': 'bedrock',
  'bedrock-agentcore-control': 'bedrock-agentcore',
  aos: 'es',
}

/** Services whose label is their signing name. */
const SAME_NAME: readonly string[] = [
  'execute-api',
  'vpc-lattice-svcs',
  'bedrock',
  'bedrock-agentcore',
  'appsync',
  'lambda',
  'sts',
  'secretsmanager',
  'cognito-identity',
  'cognito-idp',
  'dynamodb',
  'events',
  'kinesis',
  'kms',
  'sns',
  'sqs',
  'ssm',
  'states',
]

function serviceOf(labels: readonly string[], protocol: string): string | undefined {
  const label = labels.at(-1)?.replace(/-fips$/, '') ?? ''
  if (isS3(label)) return 's3'
  if (label === 'iot') return iotServiceOf(labels, protocol)
  return SAME_NAME.includes(label) ? label : SIGNING_NAMES[label]
}

/** `iot.<region>` is the control plane; devices have `<name>-ats.iot.<region>`, in China `<name>.ats.iot.<region>`. */
function iotServiceOf(labels: readonly string[], protocol: string): string | undefined {
  if (labels.length === 1) return 'iot'
  // Jobs, tunnels, fleets and the credential provider have endpoints and signing names of their own.
  if (labels.length > 2 && !IOT_DATA.includes(labels.at(-2)!)) return undefined
  return protocol === 'wss:' || protocol === 'ws:' ? 'iotdevicegateway' : 'iotdata'
}

/** What is in front of `iot` in the longer names of its data endpoint: in China, and at a VPC endpoint. */
const IOT_DATA = ['ats', 'data']

const isRegion = (label: string | undefined): label is string =>
  label !== undefined && /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(label)

/** `s3`, `s3-accesspoint`, `s3express-use1-az4`, `s3-website-eu-central-1`. */
const isS3 = (label: string): boolean => /^s3(-|express-|$)/.test(label)
