import { serverTimeOf, type Clock, type Credentials } from '@iamfetch/core'
import { regionOf } from '@iamfetch/sigv4'
import { amzDate, signatureOf } from './mismatch.ts'

/** What can be found out here about a request that a gateway refused without saying why. */
export interface Findings {
  /** What it was not, a sentence each. */
  ruledOut: string[]
  /** What it may have been, a sentence each, what was found before what is only possible. */
  suspects: string[]
}

/** What there is to look at. */
export interface Evidence {
  request: Request | undefined
  response: Response | undefined
  credentials: Pick<Credentials, 'expiration'> | undefined
  clock: Clock
}

const WINDOW_MS = 300_000
const LONGEST_URL = 10_240
const MOST_HEADER_BYTES = 10_240

/**
 * Checks a refused request against everything that can be known without the gateway: signature, scope, time, session, sizes.
 *
 * @see [AWS: quotas of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html)
 */
export function lookInto({ request, response, credentials, clock }: Evidence): Findings {
  const ruledOut: string[] = []
  const suspects: string[] = []
  const check = (fine: boolean, good: string, bad: string): void =>
    void (fine ? ruledOut.push(good) : suspects.push(bad))
  const told = response ? serverTimeOf(response.headers) : NaN
  const now = Number.isNaN(told) ? clock.now() : told
  if (credentials?.expiration) {
    const until = credentials.expiration.toISOString()
    check(
      +credentials.expiration > now,
      `The session is not over: it ends at ${until}.`,
      `The session was over at ${until}. Get new credentials.`,
    )
  }
  if (!request) return { ruledOut, suspects }
  const { accessKeyId, region, service, names } = signatureOf(request)
  const { hostname } = new URL(request.url)
  check(!!names, 'The request left signed.', 'The request left without an AWS signature.')
  if (names) {
    check(
      !accessKeyId.startsWith('ASIA') || request.headers.has('x-amz-security-token'),
      'The session token was with it.',
      'A temporary access key came without its session token.',
    )
    const off = Math.round((amzDate(request) - now) / 60_000)
    check(
      Math.abs(amzDate(request) - now) <= WINDOW_MS,
      `The time fits: signed within five minutes of the ${Number.isNaN(told) ? "clock here; the gateway's cannot be read" : "gateway's Date"}.`,
      `The time is ${Math.abs(off)} minutes ${off < 0 ? 'slow' : 'fast'}.`,
    )
    const wanted = regionOf(hostname)
    if (wanted) {
      check(
        region === wanted,
        `The region fits the host: ${region}.`,
        `Signed for ${region}, but the host is in ${wanted}.`,
      )
    } else suspects.push(`Is the API in ${region}? The host does not tell.`)
    const expected = serviceOf(hostname)
    check(
      service === expected,
      `The service is ${service}.`,
      `Signed for the service ${service}, not ${expected}.`,
    )
  }
  let bytes = 0
  request.headers.forEach((value, name) => (bytes += name.length + value.length + 4))
  check(
    bytes <= MOST_HEADER_BYTES && request.url.length <= LONGEST_URL,
    'Headers and URL are within the limits.',
    `Headers of ${bytes} bytes or a URL of ${request.url.length} characters are too long; 10,240 each are allowed.`,
  )
  return { ruledOut, suspects }
}

/** The service that a host takes signatures for: AWS's own services have it in their names, all else is an API. */
function serviceOf(hostname: string): string {
  if (hostname.includes('.lambda-url.')) return 'lambda'
  const [, name] =
    /^([\w-]+)\.[a-z]+(?:-[a-z]+)+-\d+\.(?:amazonaws\.(?:com|eu)|api\.aws)/.exec(hostname) ?? []
  return name ?? 'execute-api'
}
