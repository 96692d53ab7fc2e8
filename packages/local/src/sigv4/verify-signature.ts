import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../faults/faults.ts'
import type { SessionKey } from '../iam/sessions.ts'
import { amzDate, readAmzDate } from './amz-date.ts'
import { readClaim, type SignatureClaim } from './signature-claim.ts'
import { expectedSignature, payloadHash } from './expected-signature.ts'
import { headerOf, type RawRequest, type Target } from '../http/raw-request.ts'
import { accepted, refused, type Result } from '../result.ts'
import { formFault, withoutOwnPort } from './request-form.ts'

/** The facts that a signature is checked against. */
export interface SignatureRules<Key extends SessionKey> {
  sessions: { find(accessKeyId: string): Key | undefined }
  region: string
  /** @default 'execute-api' */
  service?: string
  clock: Clock
  /** The port of the API or service. A request that names another port of this machine is refused. */
  port?: number | undefined
}

/** Why a signature was refused. */
export interface SignatureFault {
  kind:
    | 'MissingAuthenticationToken'
    | 'IncompleteSignature'
    | 'InvalidSignature'
    | 'UnrecognizedClient'
    | 'ExpiredToken'
  /** What is really wrong, for the person who runs the stack. */
  reason: string
  /** What a REST API says. */
  message: string
}

/**
 * Verifies the SigV4 signature of a request for API Gateway, or for another service.
 *
 * The canonical request, the string to sign, the key and the signature are computed by AWS's own
 * `@smithy/signature-v4` and `@aws-crypto/sha256-js` from what came over the wire, and compared in constant
 * time. What that code would drop or fold, so that another request had the same signature, is refused
 * before: paths that are not in normal form, broken escapes, headers that came twice.
 *
 * @returns Whose signature it is, or why it was refused.
 * @see [AWS: create a signed request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 */
export async function verifySignature<Key extends SessionKey>(
  request: RawRequest,
  target: Target,
  rules: SignatureRules<Key>,
): Promise<Result<Key, SignatureFault>> {
  const read = readClaim(request, target)
  if (!read.ok) return read
  const claim = read.value
  const session = rules.sessions.find(claim.accessKeyId)
  if (!session) return refused(scopeFault(claim, rules) ?? UNKNOWN_KEY)
  const fault =
    scopeFault(claim, rules) ??
    sessionFault(claim, session, rules.clock) ??
    skewFault(claim, rules.clock) ??
    (await mismatch(request, target, claim, session, rules))
  return fault ? refused(fault) : accepted(session)
}

function scopeFault(
  { scope, date }: SignatureClaim,
  { region, service = EXECUTE_API }: { region: string; service?: string },
): SignatureFault | undefined {
  const failure = [
    ...(scope.region === region
      ? []
      : [`Credential should be scoped to a valid region, not '${scope.region}'. `]),
    ...(scope.service === service
      ? []
      : [`Credential should be scoped to correct service: '${service}'. `]),
    ...(scope.terminator === TERMINATOR
      ? []
      : [`Credential should be scoped with a valid terminator: '${TERMINATOR}'. `]),
    ...(scope.date === date.slice(0, 8)
      ? []
      : [
          `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. `,
        ]),
  ].join('')
  return failure ? invalid(failure, `the credential scope is wrong: ${failure.trim()}`) : undefined
}

const EXECUTE_API = 'execute-api'
const TERMINATOR = 'aws4_request'

const UNKNOWN_KEY: SignatureFault = {
  kind: 'UnrecognizedClient',
  reason: 'the access key is not one of this stack, or its session was revoked',
  message: 'The security token included in the request is invalid.',
}

function sessionFault(
  { sessionToken }: SignatureClaim,
  session: SessionKey,
  clock: Clock,
): SignatureFault | undefined {
  if (sessionToken === undefined) return { ...UNKNOWN_KEY, reason: 'the session token is missing' }
  if (!same(sessionToken, session.sessionToken)) {
    return { ...UNKNOWN_KEY, reason: 'the session token is not the one of this access key' }
  }
  if (clock.now() < session.expiresAt) return undefined
  return {
    kind: 'ExpiredToken',
    reason: `the session ended at ${new Date(session.expiresAt).toISOString()}`,
    message: 'The security token included in the request is expired',
  }
}

const WINDOW_MS = 300_000

/** Five minutes on both sides, for presigned URLs too: `X-Amz-Expires` does not count at API Gateway. */
function skewFault({ date }: SignatureClaim, clock: Clock): SignatureFault | undefined {
  const signedAt = readAmzDate(date)
  if (!signedAt) {
    return invalid('Date must be in ISO-8601 basic format', `X-Amz-Date is ${JSON.stringify(date)}`)
  }
  const now = clock.now()
  if (signedAt.getTime() < now - WINDOW_MS) {
    const past = amzDate(now - WINDOW_MS)
    const text = `Signature expired: ${date} is now earlier than ${past} (${amzDate(now)} - 5 min.)`
    return invalid(text, text)
  }
  if (signedAt.getTime() > now + WINDOW_MS) {
    const future = amzDate(now + WINDOW_MS)
    const text = `Signature not yet current: ${date} is still later than ${future} (${amzDate(now)} + 5 min.)`
    return invalid(text, text)
  }
  return undefined
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

async function mismatch(
  request: RawRequest,
  target: Target,
  claim: SignatureClaim,
  session: SessionKey,
  { port, service = EXECUTE_API }: Pick<SignatureRules<SessionKey>, 'port' | 'service'>,
): Promise<SignatureFault | undefined> {
  const form = formFault(request, target, claim, port)
  if (form !== undefined) return invalid(MISMATCH, form)
  const claimedHash = headerOf(request, 'x-amz-content-sha256')
  if (claimedHash !== undefined && claimedHash !== (await payloadHash(request.body))) {
    return invalid(MISMATCH, hashReason(claimedHash, service))
  }
  const expected = await expectedSignature(request, target, claim, session)
  if (same(claim.signature, expected.signature)) return undefined
  const portless = withoutOwnPort(request, port)
  if (portless) {
    const { signature } = await expectedSignature(portless, target, claim, session)
    if (same(claim.signature, signature)) return undefined
  }
  const { canonicalRequest, stringToSign } = expected
  return invalid(
    `${MISMATCH}\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`,
    'the signature is not the one of this request and this key',
  )
}

/** S3 has payload hashes that are not a hash. No other service accepts them. */
function hashReason(claimed: string, service: string): string {
  if (!/^(UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]{1,60})$/.test(claimed)) {
    return 'x-amz-content-sha256 is not the hash of the body'
  }
  return `x-amz-content-sha256 is ${claimed}, which ${service} does not accept; it has to be the hash of the body`
}

const same = (left: string, right: string): boolean => {
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const invalid = (message: string, reason: string): SignatureFault => ({
  kind: 'InvalidSignature',
  reason,
  message,
})
