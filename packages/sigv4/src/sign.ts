import { hex, sha256Hex } from '#edge'
import { checkOptions, IamFetchError, type Credentials, type OptionNames } from '@iamfetch/core'
import { canonicalHeaders, canonicalPath, canonicalQuery } from './canonical.ts'
import { signingKey } from './key.ts'

/** What goes over the wire, as far as a signature covers it. */
export interface Parts {
  /** Exactly as sent, for example `GET`. */
  readonly method: string
  /** As on the wire: a space is already `%20`. */
  readonly path: string
  /** As on the wire, without the `?`. */
  readonly query: string
  /** Each of them is signed. `host` belongs here. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Who signs, for what, and when. */
export interface SigningContext {
  readonly credentials: Credentials
  /** `eu-central-1`. */
  readonly region: string
  /** @default 'execute-api' */
  readonly service?: string | undefined
  readonly at: Date
  /** SHA-256 of the body in hexadecimal digits, as {@link sha256Hex} returns it. */
  readonly payloadHash: string
  /** `false` leaves dots and slashes of the path as they are, which S3 asks for. @default true */
  readonly normalizePath?: boolean | undefined
  /** `false` adds the session token after signing, which AWS IoT asks for. @default true */
  readonly signSessionToken?: boolean | undefined
  /** How long a presigned query is valid, in seconds. @default 300 */
  readonly expiresInSeconds?: number | undefined
}

const CONTEXT_NAMES: OptionNames<SigningContext> = {
  credentials: true,
  region: true,
  service: true,
  at: true,
  payloadHash: true,
  normalizePath: true,
  signSessionToken: true,
  expiresInSeconds: true,
}

/** A signature and its parts. */
export interface Signed {
  readonly canonicalRequest: string
  readonly stringToSign: string
  /** 64 hexadecimal digits. */
  readonly signature: string
  /** The value of the `Authorization` header; empty if the query carries the signature. */
  readonly authorization: string
  /** All headers to send. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/**
 * Signs one request and returns the headers to send.
 *
 * Pure: no network and no clock. The same input gives the same signature. Every header
 * of `parts` is signed; it must not have those that are added.
 *
 * @param parts    What will go over the wire, path and query as they are there.
 * @param context  Who signs, for which region and service, and when.
 * @returns The headers of `parts` plus `x-amz-date`, `authorization` and, for temporary credentials,
 *   `x-amz-security-token`. The input is not changed.
 * @throws {@link IamFetchError} `CREDENTIALS_INCOMPLETE` for an `ASIA…` key without its session token. Their
 *   expiration is not checked here.
 * @see [AWS: create a signed request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 */
export function signParts(parts: Parts, context: SigningContext): Signed {
  checkOptions('signParts', context, CONTEXT_NAMES)
  const unsigned = prepareHeaders(parts, context)
  return completeHeaders(unsigned, sha256Hex(unsigned.canonicalRequest))
}

/**
 * Signs one request into its query, for a link or a WebSocket.
 *
 * @param parts    What will go over the wire; usually `host` is the only header.
 * @param context  Who signs, for which region and service, when and for how long.
 * @returns The whole `query` to send, and the headers of `parts` to send with it.
 * @throws {@link IamFetchError} as {@link signParts}, and `EXPIRES_TOO_LATE`: API Gateway accepts a signature
 *   for five minutes whatever `X-Amz-Expires` says; others for seven days.
 * @see [AWS: query parameters](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-signed-request-steps)
 */
export function presignParts(
  parts: Parts,
  context: SigningContext,
): Signed & { readonly query: string } {
  checkOptions('presignParts', context, CONTEXT_NAMES)
  const unsigned = prepareQuery(parts, context)
  return completeQuery(unsigned, sha256Hex(unsigned.canonicalRequest))
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const DEFAULT_EXPIRES_SECONDS = 300
/** API Gateway accepts a signature for five minutes; the longest lifetime of other services is a week. */
const maxExpiresSeconds = (service: string): number => (service === 'execute-api' ? 300 : 604_800)

type HeaderList = readonly (readonly [name: string, value: string])[]

/** A request that lacks only the hash of its canonical request to be signed. */
export interface Unsigned {
  readonly canonicalRequest: string
  readonly time: string
  readonly scope: string
  readonly credential: string
  readonly signedHeaders: string
  readonly headers: HeaderList
  readonly query: string
  /** The session token, if it is added after signing. */
  readonly tokenAfterwards: string | undefined
  readonly sign: (stringToSign: string) => Uint8Array
}

/** {@link signParts} up to the canonical request, so that the caller can hash it. */
export function prepareHeaders(parts: Parts, context: SigningContext): Unsigned {
  const scoped = scopeOf(context)
  const { sessionToken } = context.credentials
  const headers = [...parts.headers, ['x-amz-date', scoped.time] as const]
  const signsToken = context.signSessionToken ?? true
  if (sessionToken && signsToken) headers.push(['x-amz-security-token', sessionToken])
  const query = canonicalQuery(parts.query)
  const [lines, signedHeaders] = canonicalHeaders(headers)
  return {
    ...scoped,
    canonicalRequest: canonicalRequestOf(parts, context, query, lines, signedHeaders),
    signedHeaders,
    headers,
    query,
    tokenAfterwards: signsToken ? undefined : sessionToken,
  }
}

/** {@link presignParts} up to the canonical request. */
export function prepareQuery(parts: Parts, context: SigningContext): Unsigned {
  const { expiresInSeconds = DEFAULT_EXPIRES_SECONDS, service = DEFAULT_SERVICE } = context
  const max = maxExpiresSeconds(service)
  if (!(expiresInSeconds > 0 && expiresInSeconds <= max)) {
    throw new IamFetchError(
      'EXPIRES_TOO_LATE',
      `"expiresInSeconds" must be between 1 and ${max} for ${service}, got ${expiresInSeconds}.`,
      { remedy: 'Use a shorter lifetime, and presign again for each use.' },
    )
  }
  const scoped = scopeOf(context)
  const { sessionToken } = context.credentials
  const signsToken = context.signSessionToken ?? true
  const [lines, signedHeaders] = canonicalHeaders(parts.headers)
  const query = canonicalQuery(
    [
      parts.query,
      ...(sessionToken && signsToken ? [tokenParameter(sessionToken)] : []),
      `X-Amz-Algorithm=${ALGORITHM}`,
      `X-Amz-Credential=${scoped.credential}`,
      `X-Amz-Date=${scoped.time}`,
      `X-Amz-Expires=${expiresInSeconds}`,
      `X-Amz-SignedHeaders=${signedHeaders}`,
    ].join('&'),
  )
  return {
    ...scoped,
    canonicalRequest: canonicalRequestOf(parts, context, query, lines, signedHeaders),
    signedHeaders,
    headers: parts.headers,
    query,
    tokenAfterwards: signsToken ? undefined : sessionToken,
  }
}

/** Signs the hash of the canonical request, and adds the `Authorization` header. */
export function completeHeaders(
  unsigned: Unsigned,
  hash: string,
): Signed & { readonly query: string } {
  const { credential, signedHeaders, tokenAfterwards, query } = unsigned
  const { stringToSign, signature } = signatureOf(unsigned, hash)
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  const headers = [...unsigned.headers]
  if (tokenAfterwards) headers.push(['x-amz-security-token', tokenAfterwards])
  headers.push(['authorization', authorization])
  const { canonicalRequest } = unsigned
  return { canonicalRequest, stringToSign, signature, authorization, headers, query }
}

/** Signs the hash of the canonical request, and adds the signature to the query. */
export function completeQuery(
  unsigned: Unsigned,
  hash: string,
): Signed & { readonly query: string } {
  const { canonicalRequest, headers, tokenAfterwards } = unsigned
  const { stringToSign, signature } = signatureOf(unsigned, hash)
  const query = [
    unsigned.query,
    ...(tokenAfterwards ? [tokenParameter(tokenAfterwards)] : []),
    `X-Amz-Signature=${signature}`,
  ].join('&')
  return { canonicalRequest, stringToSign, signature, authorization: '', headers, query }
}

const DEFAULT_SERVICE = 'execute-api'

function scopeOf({
  credentials,
  region,
  service = DEFAULT_SERVICE,
  at,
}: SigningContext): Pick<Unsigned, 'time' | 'scope' | 'credential' | 'sign'> {
  const time = at.toISOString().replace(/\.\d+|\W/g, '')
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
  return {
    time,
    scope,
    credential: `${credentials.accessKeyId}/${scope}`,
    sign: signingKey(credentials, scope),
  }
}

function canonicalRequestOf(
  { method, path }: Parts,
  { payloadHash, normalizePath = true }: SigningContext,
  query: string,
  lines: string,
  signedHeaders: string,
): string {
  return [
    method,
    canonicalPath(path, normalizePath),
    query,
    lines,
    signedHeaders,
    payloadHash,
  ].join('\n')
}

function signatureOf(
  { time, scope, sign }: Unsigned,
  hash: string,
): { stringToSign: string; signature: string } {
  const stringToSign = [ALGORITHM, time, scope, hash].join('\n')
  return { stringToSign, signature: hex(sign(stringToSign)) }
}

const tokenParameter = (token: string): string =>
  `X-Amz-Security-Token=${encodeURIComponent(token)}`
