import { serverTimeOf, type Clock, type Credentials } from '@iamfetch/core'
import { awsHostOf } from '@iamfetch/sigv4'
import { amzDate, signatureOf } from './mismatch.ts'

/** What was found out about a request that a gateway refused without saying why. */
export interface Findings {
  /** What is not the reason, a sentence each. */
  ruledOut: string[]
  /** What may be the reason, a sentence each: what was found, before what is only possible. */
  suspects: string[]
}

/** What there is to check. */
export interface Evidence {
  request: Request | undefined
  response: Response | undefined
  credentials: Pick<Credentials, 'expiration'> | undefined
  clock: Clock
}

const WINDOW_MS = 300_000
const MAX_URL_LENGTH = 10_240
const MAX_HEADER_BYTES = 10_240

/**
 * Checks a refused request against everything that can be known without the gateway: session, signature, scope, time, sizes.
 *
 * @see [AWS: quotas of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html)
 */
export function checkRequest({ request, response, credentials, clock }: Evidence): Findings {
  const findings: Findings = { ruledOut: [], suspects: [] }
  const reported = response ? serverTimeOf(response.headers) : NaN
  const now = Number.isNaN(reported) ? clock.now() : reported
  checkSession(findings, credentials?.expiration, now)
  if (!request) return findings
  checkSignature(findings, request)
  if (signatureOf(request).names) {
    checkTime(findings, request, now, Number.isNaN(reported))
    checkScope(findings, request)
  }
  checkSizes(findings, request)
  return findings
}

function note(
  { ruledOut, suspects }: Findings,
  isFine: boolean,
  messageIfFine: string,
  messageIfSuspect: string,
): void {
  if (isFine) ruledOut.push(messageIfFine)
  else suspects.push(messageIfSuspect)
}

function checkSession(findings: Findings, expiration: Date | undefined, now: number): void {
  // As a `Date`, because it is text where credentials come from JSON.
  const expiresAt = new Date(expiration ?? NaN)
  if (Number.isNaN(expiresAt.getTime())) return
  const until = expiresAt.toISOString()
  note(
    findings,
    expiresAt.getTime() > now,
    `The session has not expired: it lasts until ${until}.`,
    `The session expired at ${until}. Get new credentials.`,
  )
}

function checkSignature(findings: Findings, request: Request): void {
  const { accessKeyId, names } = signatureOf(request)
  note(
    findings,
    names !== undefined,
    'The request was signed when it was sent.',
    'The request was sent without an AWS signature.',
  )
  if (!names) return
  note(
    findings,
    !accessKeyId.startsWith('ASIA') || request.headers.has('x-amz-security-token'),
    'The session token was sent along.',
    'A temporary access key was sent without its session token.',
  )
}

function checkTime(findings: Findings, request: Request, now: number, isLocal: boolean): void {
  const aheadMs = amzDate(request) - now
  const minutes = Math.abs(Math.round(aheadMs / 60_000))
  const reference = isLocal
    ? 'the clock here; the clock of the gateway cannot be read'
    : "the gateway's Date"
  note(
    findings,
    Math.abs(aheadMs) <= WINDOW_MS,
    `The time fits: the request was signed within five minutes of ${reference}.`,
    `The clock that signed is ${minutes} minutes ${aheadMs < 0 ? 'slow' : 'fast'}.`,
  )
}

function checkScope(findings: Findings, request: Request): void {
  const { region, service } = signatureOf(request)
  const known = awsHostOf(new URL(request.url).host)
  if (known) {
    note(
      findings,
      region === known.region,
      `The region fits the host: ${region}.`,
      `The request was signed for ${region}, but the host is in ${known.region}.`,
    )
  } else
    findings.suspects.push(
      `The API may be in another region than ${region}: the host does not tell.`,
    )
  const expected = known?.service ?? 'execute-api'
  note(
    findings,
    service === expected,
    `The service fits the host: ${service}.`,
    `The request was signed for the service ${service}, not for ${expected}.`,
  )
}

function checkSizes(findings: Findings, { headers, url }: Request): void {
  let bytes = 0
  headers.forEach((value, name) => (bytes += name.length + value.length + 4))
  note(
    findings,
    bytes <= MAX_HEADER_BYTES && url.length <= MAX_URL_LENGTH,
    'Headers and URL are within the limits.',
    `Headers of ${bytes} bytes or a URL of ${url.length} characters are too long; 10,240 each are allowed.`,
  )
}
