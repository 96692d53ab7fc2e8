import { invalidOption } from './options.ts'

/**
 * Returns the domain of AWS's services in a region: `amazonaws.com`, `amazonaws.com.cn` in China, `amazonaws.eu` in the
 * European Sovereign Cloud.
 *
 * @see The partitions of the AWS SDK, `@smithy/util-endpoints` (`dnsSuffix`). The isolated partitions are not among them.
 */
export function awsDomain(region: string): string {
  if (region.startsWith('eusc')) return 'amazonaws.eu'
  if (region.startsWith('cn')) return 'amazonaws.com.cn'
  return 'amazonaws.com'
}

/**
 * Returns whether a host belongs to AWS, in any partition. Nothing that is secret may go to one without TLS.
 *
 * @param host  A host name in any case, with or without a port and a final dot.
 * @see The partitions of the AWS SDK (`dnsSuffix`, `dualStackDnsSuffix`), and the domains of Cognito's hosted pages,
 *   CloudFront and Global Accelerator. `.aws` is a top-level domain of Amazon (function URLs, VPC Lattice, dual stack).
 */
export const isAwsHost = (host: string): boolean => labelsAtAws(host) !== undefined

/**
 * Returns the labels in front of AWS's domain: `['abc', 'execute-api', 'eu-central-1']` for
 * `abc.execute-api.eu-central-1.amazonaws.com`, none for the domain itself.
 *
 * @param host  A host name in any case, with or without a port and a final dot.
 * @returns `undefined` for a host that is not AWS's.
 */
export function labelsAtAws(host: string): string[] | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.+$/, '')
  const domain = AWS_DOMAINS.find(
    (candidate) => name === candidate || name.endsWith(`.${candidate}`),
  )
  if (domain === undefined) return undefined
  return name === domain ? [] : name.slice(0, -domain.length - 1).split('.')
}

/**
 * Checks the endpoint of a service to which tokens or passwords are sent.
 *
 * @param owner     The function that was given the option.
 * @param endpoint  An absolute https URL, or an http URL of a host that is not AWS's, such as a local stack.
 * @param option    The option's name. @default 'endpoint'
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkEndpoint(owner: string, endpoint: string, option = 'endpoint'): void {
  // Not with `URL`: React Native's own changes neither dot segments nor upper-case letters.
  const [, scheme, authority = ''] = /^(https?):\/\/([^/?#\\\s]+)/i.exec(endpoint) ?? []
  if (!scheme) throw invalidOption(owner, `"${option}" must be an absolute https: URL`)
  if (authority.includes('@')) {
    throw invalidOption(owner, `"${option}" must not contain a user or a password`)
  }
  if (scheme.toLowerCase() === 'https') return
  if (!PLAIN_HTTP.test(endpoint)) {
    throw invalidOption(
      owner,
      `"${option}" must name its host in letters, digits, "-" and "." if it begins with http:`,
      endpoint,
    )
  }
  if (isAwsHost(authority)) {
    throw invalidOption(
      owner,
      `"${option}" must begin with https: for an AWS host, because tokens would be readable on the way`,
      endpoint,
    )
  }
}

/**
 * A host that every parser reads alike. `URL` removes tabs, decodes `%61` and takes `。` for a period: what looks like another
 * host would be one of AWS's.
 */
const PLAIN_HTTP = /^http:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?(?:[/?#]\S*)?$/i

const AWS_DOMAINS = [
  'aws',
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'amazonwebservices.com.cn',
  'amazonwebservices.eu',
  'amazoncognito.com',
  'amazoncognito.com.cn',
  'amazoncognito.eu',
  'cloudfront.net',
  'awsapprunner.com',
  'awsapps.com',
  'amplifyapp.com',
  'awsglobalaccelerator.com',
  // the isolated partitions
  'c2s.ic.gov',
  'aws.ic.gov',
  'sc2s.sgov.gov',
  'aws.scloud',
  'cloud.adc-e.uk',
  'cloud-aws.adc-e.uk',
  'csp.hci.ic.gov',
  'aws.hci.ic.gov',
]
