import { timingSafeEqual } from 'node:crypto'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { getCanonicalHeaders, getPayloadHash, SignatureV4 } from '@smithy/signature-v4'
import type { Clock } from '../faults.ts'
import type { SessionKey } from '../identity/sessions.ts'
import { readClaim, type SignatureClaim } from './authorization.ts'
import { headerOf, readQuery, type RawRequest, type Target } from './raw-request.ts'

/** What a signature is checked against. */
export interface SignatureRules<Key extends SessionKey> {
  sessions: { find(accessKeyId: string): Key | undefined }
  region: string
  /** @default 'execute-api' */
  service?: string
  clock: Clock
  /** The port of the API or service: a request that was signed for another one on this machine is refused. */
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
  /** What is really wrong, for whoever runs the stack. */
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
): Promise<Key | SignatureFault> {
  const claim = readClaim(request, target)
  if ('kind' in claim) return claim
  const session = rules.sessions.find(claim.accessKeyId)
  return (
    scopeFault(claim, rules) ??
    sessionFault(claim, session, rules.clock) ??
    skewFault(claim, rules.clock) ??
    formFault(request, target, claim, rules.port) ??
    (session ? await compare(request, target, claim, session) : UNKNOWN_KEY)
  )
}

function scopeFault(
  { scope, date }: SignatureClaim,
  { region, service = EXECUTE_API }: { region: string; service?: string },
): SignatureFault | undefined {
  const wrong = [
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
  return wrong ? invalid(wrong, `the credential scope is wrong: ${wrong.trim()}`) : undefined
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
  session: SessionKey | undefined,
  clock: Clock,
): SignatureFault | undefined {
  if (!session) return UNKNOWN_KEY
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
  const signedAt = readDate(date)
  if (!signedAt) {
    return invalid('Date must be in ISO-8601 basic format', `X-Amz-Date is ${JSON.stringify(date)}`)
  }
  const now = clock.now()
  const [past, future] = [now - WINDOW_MS, now + WINDOW_MS].map(amzDate)
  if (signedAt.getTime() < now - WINDOW_MS) {
    const text = `Signature expired: ${date} is now earlier than ${past} (${amzDate(now)} - 5 min.)`
    return invalid(text, text)
  }
  if (signedAt.getTime() > now + WINDOW_MS) {
    const text = `Signature not yet current: ${date} is still later than ${future} (${amzDate(now)} + 5 min.)`
    return invalid(text, text)
  }
  return undefined
}

const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Only the one spelling that the signer writes: 31 February or 24 o'clock would be another moment's. */
function readDate(text: string): Date | undefined {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const date = new Date(iso)
  return iso !== text && !Number.isNaN(date.getTime()) && amzDate(date.getTime()) === text
    ? date
    : undefined
}

/** Refuses what the canonical form would fold onto another request, and what has to be signed but is not. */
function formFault(
  request: RawRequest,
  { path, query }: Target,
  { signedHeaders, presigned }: SignatureClaim,
  port: number | undefined,
): SignatureFault | undefined {
  const refuse = (reason: string): SignatureFault => invalid(MISMATCH, reason)
  if (/\/\/|\/\.{1,2}(\/|$)/.test(path)) {
    return refuse('the path has an empty or dot segment, which the canonical form does not keep')
  }
  const pairs = readQuery(query)
  if (!pairs) return refuse('the query has a broken percent-encoding')
  for (const [key] of pairs) {
    if (key === '' || key === '__proto__')
      return refuse('the query has a key that cannot be signed')
    if (/^x-amz-signature$/i.test(key) && !(presigned && key === 'X-Amz-Signature')) {
      return refuse(`${key} in the query is never part of the signature`)
    }
  }
  for (const name of ['host', ...request.headers.keys()]) {
    if (/^(host$|x-amz-)/.test(name) && !signedHeaders.includes(name)) {
      return refuse(`the header ${name} is not signed`)
    }
  }
  for (const name of signedHeaders) {
    const values = request.headers.get(name)
    if (!values) return refuse(`the signed header ${name} is missing`)
    if (values.length > 1 && /^(host|content-.*|x-amz-.*)$/.test(name)) {
      return refuse(`the header ${name} came ${values.length} times`)
    }
    if (values.some((value) => toText(value) === undefined)) {
      return refuse(`the header ${name} is not UTF-8`)
    }
  }
  const [, name = '', at] = /^(.*?)(?::(\d+))?$/.exec(headerOf(request, 'host') ?? '') ?? []
  if (port !== undefined && LOOPBACK.test(name) && Number(at ?? 80) !== port) {
    return refuse('the request was signed for another port of this machine')
  }
  return undefined
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|(.+\.)?localhost)$/i

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

async function compare<Key extends SessionKey>(
  request: RawRequest,
  target: Target,
  claim: SignatureClaim,
  session: Key,
): Promise<Key | SignatureFault> {
  const verifier = new Verifier(claim.scope, session)
  const claimedHash = headerOf(request, 'x-amz-content-sha256')
  if (claimedHash !== undefined && claimedHash !== (await verifier.hashOf(request.body))) {
    return invalid(MISMATCH, 'x-amz-content-sha256 is not the hash of the body')
  }
  const expected = await verifier.expect(request, target, claim)
  if (same(claim.signature, expected.signature)) return session
  const { canonicalRequest, stringToSign } = expected
  return invalid(
    `${MISMATCH}\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`,
    'the signature is not the one of this request and this key',
  )
}

/** AWS's signer. It takes its own steps; only the choice of what goes in is made here. */
class Verifier extends SignatureV4 {
  constructor(
    { region, service }: { region: string; service: string },
    { accessKeyId, secretAccessKey, sessionToken }: SessionKey,
  ) {
    super({
      service,
      region,
      credentials: { accessKeyId, secretAccessKey, sessionToken },
      sha256: Sha256,
      uriEscapePath: true,
      applyChecksum: false,
    })
  }

  hashOf(body: Uint8Array): Promise<string> {
    return getPayloadHash(new HttpRequest({ body }), this.sha256)
  }

  async expect(
    { method, headers, body }: RawRequest,
    { path, query }: Target,
    { signedHeaders, scope, date }: SignatureClaim,
  ): Promise<{ canonicalRequest: string; stringToSign: string; signature: string }> {
    const bag = new Map<string, string[]>()
    for (const [key, value] of readQuery(query) ?? [])
      bag.set(key, [...(bag.get(key) ?? []), value])
    const signed = signedHeaders.map((name) => [
      name,
      headers.get(name)?.map(toText).join(',') ?? '',
    ])
    const request = new HttpRequest({
      method,
      path,
      query: Object.fromEntries(bag),
      headers: Object.fromEntries(signed),
      body,
    })
    // Named as signable, headers that the signer leaves out by itself (user-agent, say) are verified too.
    const canonicalHeaders = getCanonicalHeaders(request, undefined, new Set(signedHeaders))
    const canonicalRequest = this.createCanonicalRequest(
      request,
      canonicalHeaders,
      await getPayloadHash(request, this.sha256),
    )
    const stringToSign = await this.createStringToSign(
      date,
      `${scope.date}/${scope.region}/${scope.service}/${scope.terminator}`,
      canonicalRequest,
      'AWS4-HMAC-SHA256',
    )
    const signingDate = readDate(date) ?? new Date(NaN)
    return {
      canonicalRequest,
      stringToSign,
      signature: await this.sign(stringToSign, { signingDate }),
    }
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Header bytes as the text that was signed. */
function toText(latin1: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  if (/^[\x00-\x7f]*$/.test(latin1)) return latin1
  try {
    return strictUtf8.decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return undefined
  }
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
