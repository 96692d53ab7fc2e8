import { hex, sha256Hex } from '#edge'
import {
  checkOptions,
  IamFetchError,
  invalidOption,
  type Credentials,
  type OptionNames,
} from '@iamfetch/core'
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
  /**
   * `false` leaves dots and slashes of the path as they are. S3 requires that, and a path that is encoded once: pass only paths
   * without escapes for S3. @default true
   */
  readonly normalizePath?: boolean | undefined
  /** `false` adds the session token after signing, which AWS IoT requires. @default true */
  readonly signSessionToken?: boolean | undefined
  /** How long a presigned query is valid, in seconds. @default 300 */
  readonly expiresInSeconds?: number | undefined
}

const CONTEXT_NAMES: OptionNames<SigningContext> = {
  credentials: true,
  region: 'string',
  service: 'string',
  at: true,
  payloadHash: 'string',
  normalizePath: 'boolean',
  signSessionToken: 'boolean',
  expiresInSeconds: 'number',
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
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong or missing option. {@link IamFetchError}
 *   `CREDENTIALS_INCOMPLETE` for an `ASIA…` key without its session token. Their expiration is not checked here.
 * @see [AWS: create a signed request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 * @example
 * ```ts
 * const { headers } = signParts(
 *   { method: 'GET', path: '/notes', query: '', headers: [['host', 'api.example.com']] },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
 *     region: 'eu-central-1',
 *     service: 'execute-api',
 *     at: new Date(),
 *     payloadHash: sha256Hex(''),
 *   },
 * )
 * ```
 */
export function signParts(parts: Parts, context: SigningContext): Signed {
  checkContext('signParts', context)
  const unsigned = prepareHeaders({ ...parts, query: canonicalQuery(parts.query) }, context)
  return completeHeaders(unsigned, sha256Hex(unsigned.canonicalRequest))
}

/**
 * Signs one request into its query, for a link or a WebSocket.
 *
 * @param parts    What will go over the wire; usually `host` is the only header.
 * @param context  Who signs, for which region and service, when and for how long.
 * @returns The whole `query` to send, and the headers of `parts` to send with it.
 * @throws As {@link signParts}; `TypeError` with the code `INVALID_OPTION` for VPC Lattice, which takes no presigned URLs;
 *   and `EXPIRES_TOO_LATE`: API Gateway accepts a signature
 *   for five minutes whatever `X-Amz-Expires` says; others for seven days.
 * @see [AWS: query parameters](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-signed-request-steps)
 */
export function presignParts(
  parts: Parts,
  context: SigningContext,
): Signed & { readonly query: string } {
  checkContext('presignParts', context)
  const unsigned = prepareQuery('presignParts', parts, context)
  return completeQuery(unsigned, sha256Hex(unsigned.canonicalRequest))
}

/** @throws `TypeError` with the code `INVALID_OPTION` for a value that would be signed as "undefined" or not at all. */
function checkContext(owner: string, context: SigningContext): void {
  checkOptions(owner, context, CONTEXT_NAMES)
  const { credentials, region, service, at }: Partial<SigningContext> = context
  if (!credentials) throw invalidOption(owner, '"credentials" is missing')
  for (const [name, value] of [
    ['region', region],
    ['service', service ?? DEFAULT_SERVICE],
  ] as const) {
    if (value !== undefined && /^[\w-]+$/.test(value)) continue
    throw invalidOption(owner, `"${name}" must consist of letters, digits and "-"`, value)
  }
  if (typeof at?.getTime !== 'function' || !isWritable(at)) {
    throw invalidOption(owner, '"at" must be a Date before the year 10000', at)
  }
}

/** A later year has five digits, and `NaN` has none. */
const isWritable = (at: Date): boolean => at.getTime() < 253_402_300_800_000

const ALGORITHM = 'AWS4-HMAC-SHA256'
const DEFAULT_EXPIRES_SECONDS = 300
/** API Gateway accepts a signature for five minutes; the longest lifetime of other services is a week. */
const maxExpiresSeconds = (service: string): number => (service === 'execute-api' ? 300 : 604_800)

type HeaderList = readonly (readonly [name: string, value: string])[]

/** What a signature is valid for. */
interface Scope {
  readonly time: string
  /** Date, region, service and `aws4_request`. */
  readonly text: string
  readonly credential: string
  readonly sign: (stringToSign: string) => Uint8Array
  /** The session token, if it is signed. */
  readonly signedToken: string | undefined
  /** The session token, if it is added after signing. */
  readonly unsignedToken: string | undefined
}

/** A request that lacks only the hash of its canonical request to be signed. */
export interface Unsigned {
  readonly scope: Scope
  readonly canonicalRequest: string
  readonly signedHeaders: string
  readonly headers: HeaderList
  readonly query: string
}

/** {@link signParts} up to the canonical request, so that the caller can hash it. The query is canonical already. */
export function prepareHeaders(parts: Parts, context: SigningContext): Unsigned {
  const scope = scopeOf(context)
  const headers = [...parts.headers, ['x-amz-date', scope.time] as const]
  if (scope.signedToken) headers.push(['x-amz-security-token', scope.signedToken])
  return unsignedOf(parts, parts.query, headers, context, scope)
}

/**
 * {@link presignParts} up to the canonical request.
 *
 * @param owner  The function that was called, for messages.
 */
export function prepareQuery(owner: string, parts: Parts, context: SigningContext): Unsigned {
  const { expiresInSeconds = DEFAULT_EXPIRES_SECONDS, service = DEFAULT_SERVICE } = context
  checkPresign(owner, service, expiresInSeconds)
  const scope = scopeOf(context)
  const [, signedHeaders] = canonicalHeaders(parts.headers)
  const query = [
    parts.query,
    ...tokenParameter(scope.signedToken),
    `X-Amz-Algorithm=${ALGORITHM}`,
    `X-Amz-Credential=${scope.credential}`,
    `X-Amz-Date=${scope.time}`,
    `X-Amz-Expires=${expiresInSeconds}`,
    // The name of a header may contain "&".
    `X-Amz-SignedHeaders=${encodeURIComponent(signedHeaders)}`,
  ].join('&')
  return unsignedOf(parts, canonicalQuery(query), parts.headers, context, scope)
}

/**
 * Checks that a service accepts presigned URLs, and for how long.
 *
 * @param owner  The function that was called, for messages.
 * @throws `TypeError` with the code `INVALID_OPTION` for VPC Lattice, {@link IamFetchError} `EXPIRES_TOO_LATE`.
 */
export function checkPresign(owner: string, service: string, expiresInSeconds: number): void {
  // It demands `x-amz-content-sha256: UNSIGNED-PAYLOAD`, which a link cannot send. A request can: `sign` sends it.
  if (service === 'vpc-lattice-svcs') {
    throw invalidOption(owner, 'VPC Lattice accepts no presigned URLs: sign the request instead')
  }
  const max = maxExpiresSeconds(service)
  if (Number.isInteger(expiresInSeconds) && expiresInSeconds > 0 && expiresInSeconds <= max) return
  throw new IamFetchError(
    'EXPIRES_TOO_LATE',
    `"expiresInSeconds" must be a whole number between 1 and ${max} for ${service}, got ${expiresInSeconds}.`,
    { remedy: 'Use a shorter lifetime, and presign again for each use.' },
  )
}

/** Signs the hash of the canonical request, and adds the `Authorization` header. */
export function completeHeaders(
  unsigned: Unsigned,
  hash: string,
): Signed & { readonly query: string } {
  const { signedHeaders, query } = unsigned
  const { credential, unsignedToken } = unsigned.scope
  const signed = signatureOf(unsigned, hash)
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signed.signature}`
  const headers = [...unsigned.headers]
  if (unsignedToken) headers.push(['x-amz-security-token', unsignedToken])
  headers.push(['authorization', authorization])
  return { ...signed, authorization, headers, query }
}

/** Signs the hash of the canonical request, and adds the signature to the query. */
export function completeQuery(
  unsigned: Unsigned,
  hash: string,
): Signed & { readonly query: string } {
  const { headers } = unsigned
  const signed = signatureOf(unsigned, hash)
  const query = [
    unsigned.query,
    ...tokenParameter(unsigned.scope.unsignedToken),
    `X-Amz-Signature=${signed.signature}`,
  ].join('&')
  return { ...signed, authorization: '', headers, query }
}

const DEFAULT_SERVICE = 'execute-api'

function scopeOf({
  credentials,
  region,
  service = DEFAULT_SERVICE,
  at,
  signSessionToken = true,
}: SigningContext): Scope {
  if (!isWritable(at)) {
    throw invalidOption('sign', '"clock" must return a time before the year 10000', at.getTime())
  }
  // `20260101T000000Z` for `2026-01-01T00:00:00.000Z`.
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '')
  const text = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
  const { accessKeyId, sessionToken } = credentials
  return {
    time,
    text,
    credential: `${accessKeyId}/${text}`,
    sign: signingKey(credentials, text),
    signedToken: signSessionToken ? sessionToken : undefined,
    unsignedToken: signSessionToken ? undefined : sessionToken,
  }
}

/** Writes the canonical request of parts whose headers and query are complete. */
function unsignedOf(
  { method, path }: Parts,
  query: string,
  headers: HeaderList,
  { payloadHash, normalizePath = true }: SigningContext,
  scope: Scope,
): Unsigned {
  const [lines, signedHeaders] = canonicalHeaders(headers)
  const canonicalRequest = `${method}
${canonicalPath(path, normalizePath)}
${query}
${lines}
${signedHeaders}
${payloadHash}`
  return { scope, canonicalRequest, signedHeaders, headers, query }
}

function signatureOf(
  { canonicalRequest, scope }: Unsigned,
  hash: string,
): Pick<Signed, 'canonicalRequest' | 'stringToSign' | 'signature'> {
  const stringToSign = `${ALGORITHM}\n${scope.time}\n${scope.text}\n${hash}`
  return { canonicalRequest, stringToSign, signature: hex(scope.sign(stringToSign)) }
}

const tokenParameter = (token: string | undefined): string[] =>
  token ? [`X-Amz-Security-Token=${encodeURIComponent(token)}`] : []
