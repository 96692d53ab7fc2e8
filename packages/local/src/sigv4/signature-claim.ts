import { headerOf, readQuery, type RawRequest, type Target } from '../http/raw-request.ts'
import { accepted, refused, type Result } from '../result.ts'

/** What a request states about its own signature. None of it has been verified. */
export interface SignatureClaim {
  accessKeyId: string
  /** The credential scope, its four parts. */
  scope: { date: string; region: string; service: string; terminator: string }
  signedHeaders: readonly string[]
  signature: string
  /** `X-Amz-Date`, as `20260101T000000Z`. */
  date: string
  sessionToken: string | undefined
  /** Whether the signature is in the query. */
  presigned: boolean
}

/** Why no claim could be read. */
export interface ClaimFault {
  kind: 'MissingAuthenticationToken' | 'IncompleteSignature'
  reason: string
  /** What a REST API says. */
  message: string
}

/**
 * Reads the claim from the `Authorization` header or from the query of a presigned URL.
 *
 * Strict where two spellings would mean the same: one order of the parts, sorted lower-case header names,
 * one header each, and never both places at once. Next to a signature in the query, an `Authorization` of another scheme is left
 * to the API.
 *
 * @see [AWS: signature in a header](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html)
 */
export function readClaim(request: RawRequest, target: Target): Result<SignatureClaim, ClaimFault> {
  const authorizations = request.headers.get('authorization') ?? []
  const query = readQuery(target.query) ?? []
  const inQuery = query.some(([key]) => /^x-amz-(signature|algorithm|credential)$/i.test(key))
  if (authorizations.length === 0 && !inQuery) {
    return refused(fault('MissingAuthenticationToken', 'the request is not signed'))
  }
  if (inQuery && !authorizations.every(isForTheApi)) {
    const reason = 'it is signed in the Authorization header and in the query'
    return refused(fault('IncompleteSignature', reason))
  }
  const claim = inQuery ? fromQuery(query) : fromHeader(request, authorizations)
  if (!claim.ok) return claim
  const { signedHeaders } = claim.value
  const ordered = signedHeaders.every((name, i) => i === 0 || (signedHeaders[i - 1] ?? '') < name)
  if (!ordered || !signedHeaders.every((name) => HEADER_NAME.test(name))) {
    const reason = 'SignedHeaders are not sorted lower-case header names'
    return refused(fault('IncompleteSignature', reason))
  }
  return claim
}

/**
 * Whether an `Authorization` next to a signature in the query is for the API behind the gateway: a scheme and its credentials,
 * such as `Bearer …`. Unverified on AWS: aws4-axios#1763 reports that it works.
 */
const isForTheApi = (value: string): boolean =>
  /^(?:Bearer|Basic|Digest|DPoP|Token) \S/i.test(value) && !/Signature=/i.test(value)

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^`|~-][a-z0-9!#$%&'*+.^_`|~-]*$/

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^\s,=]+), ?SignedHeaders=([^\s,=]+), ?Signature=([0-9a-f]{64})$/

function fromHeader(
  request: RawRequest,
  authorizations: readonly string[],
): Result<SignatureClaim, ClaimFault> {
  const [authorization = ''] = authorizations
  const [, credential = '', signedHeaders = '', signature = ''] =
    AUTHORIZATION.exec(authorization) ?? []
  const date = headerOf(request, 'x-amz-date')
  if (authorizations.length > 1) {
    return refused(fault('IncompleteSignature', 'Authorization came twice'))
  }
  if (!signature || !date) return refused(notSigned(request))
  const sessionToken = headerOf(request, 'x-amz-security-token')
  const claim = claimOf(credential, signedHeaders, signature, date)
  return accepted({ ...claim, sessionToken, presigned: false })
}

/**
 * How a REST API refuses an `Authorization` header that is not a signature, on a route that requires one and on a path
 * without a route.
 *
 * @see Seen on AWS: aws/chalice#828, amazon-archives/aws-cognito-angular-quickstart#50
 */
export function notSigned(request: RawRequest): ClaimFault {
  const authorization = headerOf(request, 'authorization') ?? ''
  const space = authorization.indexOf(' ')
  const pairs = space < 0 ? [] : authorization.slice(space + 1).split(',')
  const reason = 'no complete SigV4 signature'
  if (pairs.some((pair) => !pair.includes('='))) {
    return { kind: 'IncompleteSignature', reason, message: `${NO_PAIR} '***'.` }
  }
  return fault('IncompleteSignature', reason, [
    ...['Credential', 'Signature', 'SignedHeaders']
      .filter((part) => !authorization.includes(`${part}=`))
      .map((part) => `Authorization header requires '${part}' parameter.`),
    ...(headerOf(request, 'x-amz-date') === undefined ? [DATE_MISSING] : []),
  ])
}

const NO_PAIR =
  'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64):'
const DATE_MISSING =
  "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."

function fromQuery(query: readonly [string, string][]): Result<SignatureClaim, ClaimFault> {
  const parts = new Map<string, string>()
  for (const [key, value] of query) {
    if (!/^x-amz-/i.test(key)) continue
    if (parts.has(key)) {
      return refused(fault('IncompleteSignature', `${key} is in the query twice`))
    }
    parts.set(key, value)
  }
  const part = (name: string): string => parts.get(`X-Amz-${name}`) ?? ''
  const missing = ['Credential', 'Signature', 'SignedHeaders', 'Date'].filter((name) => !part(name))
  const signature = part('Signature')
  const expires = parts.get('X-Amz-Expires')
  const wellFormed =
    part('Algorithm') === 'AWS4-HMAC-SHA256' &&
    /^[0-9a-f]{64}$/.test(signature) &&
    (expires === undefined || /^[1-9]\d{0,5}$/.test(expires))
  if (missing.length > 0 || !wellFormed) {
    const needs = missing.map((name) => `AWS query-string parameters must include 'X-Amz-${name}'.`)
    return refused(fault('IncompleteSignature', 'no complete presigned signature', needs))
  }
  return accepted({
    ...claimOf(part('Credential'), part('SignedHeaders'), signature, part('Date')),
    sessionToken: parts.get('X-Amz-Security-Token'),
    presigned: true,
  })
}

function claimOf(
  credential: string,
  signedHeaders: string,
  signature: string,
  date: string,
): Omit<SignatureClaim, 'sessionToken' | 'presigned'> {
  const [accessKeyId = '', scopeDate = '', region = '', service = '', ...rest] =
    credential.split('/')
  return {
    accessKeyId,
    scope: { date: scopeDate, region, service, terminator: rest.join('/') },
    signedHeaders: signedHeaders.split(';'),
    signature,
    date,
  }
}

/** The gateway echoes the header or its hash in its message; here it is left out: it may be a token. */
const fault = (
  kind: ClaimFault['kind'],
  reason: string,
  sentences: readonly string[] = [],
): ClaimFault => ({
  kind,
  reason,
  message:
    kind === 'MissingAuthenticationToken'
      ? 'Missing Authentication Token'
      : [...sentences, 'Authorization=***'].join(' '),
})
