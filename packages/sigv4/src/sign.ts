import { hex, sha256Hex } from '#edge'
import { IamFetchError, type Credentials } from '@iamfetch/core'
import { canonicalHeaders, canonicalPath, canonicalQuery } from './canonical.ts'
import { signingKey } from './key.ts'

/** What goes over the wire, as far as a signature covers it. */
export interface Parts {
  /** Exactly as sent, `GET` say. */
  readonly method: string
  /** As on the wire: a space is already `%20`. */
  readonly path: string
  /** As on the wire, without the `?`. */
  readonly query: string
  /** Every one of them is signed. `host` belongs here. */
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
  /** SHA-256 of the body in hexadecimal digits, as {@link sha256Hex} gives it. */
  readonly payloadHash: string
  /** `false` is how S3 wants it: dots and slashes of the path as they are. @default true */
  readonly normalizePath?: boolean | undefined
  /** `false` adds the session token after signing, as AWS IoT wants it. @default true */
  readonly signSessionToken?: boolean | undefined
  /** How long a presigned query is valid, in seconds. @default 300 */
  readonly expiresInSeconds?: number | undefined
}

/** A signature, and what it was made of. */
export interface Signed {
  readonly canonicalRequest: string
  readonly stringToSign: string
  /** 64 hexadecimal digits. */
  readonly signature: string
  /** The value of the `Authorization` header; empty where the query carries the signature. */
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
 *   expiration is not looked at here.
 * @see [AWS: create a signed request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 */
export const signParts = (parts: Parts, context: SigningContext): Signed =>
  now(prepare(parts, context))

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
export const presignParts = (
  parts: Parts,
  context: SigningContext,
): Signed & { readonly query: string } => now(prepare(parts, context, true))

/** A canonical request, and what signs with the hash of it. */
type Prepared = [
  canonicalRequest: string,
  sign: (hash: string) => Signed & { readonly query: string },
]

const now = ([request, sign]: Prepared): ReturnType<Prepared[1]> => sign(sha256Hex(request))

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** {@link signParts} and {@link presignParts}, whoever hashes the canonical request, and however long that takes. */
export function prepare(
  { method, path, query, headers: given }: Parts,
  {
    credentials,
    region,
    service = 'execute-api',
    at,
    payloadHash,
    normalizePath = true,
    signSessionToken = true,
    expiresInSeconds = 300,
  }: SigningContext,
  inQuery?: boolean,
): Prepared {
  const most = service === 'execute-api' ? 300 : 604_800
  if (inQuery && !(expiresInSeconds > 0 && expiresInSeconds <= most)) {
    throw new IamFetchError('EXPIRES_TOO_LATE', `expiresInSeconds: 1 to ${most}.`, {
      remedy: 'Sign anew.',
    })
  }
  const time = at.toISOString().replace(/\.\d+|\W/g, '')
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`
  const sign = signingKey(credentials, scope)
  const token = credentials.sessionToken
  const credential = `${credentials.accessKeyId}/${scope}`
  const headers = [...given]
  const addToken = (): void => {
    if (!token) return
    if (inQuery) query += '&X-Amz-Security-Token=' + encodeURIComponent(token)
    else headers.push(['x-amz-security-token', token])
  }

  if (!inQuery) headers.push(['x-amz-date', time])
  if (signSessionToken) addToken()
  const [lines, names] = canonicalHeaders(headers)
  if (inQuery) {
    query += `&X-Amz-Algorithm=${ALGORITHM}&X-Amz-Credential=${credential}&X-Amz-Date=${time}&X-Amz-Expires=${expiresInSeconds}&X-Amz-SignedHeaders=${names}`
  }
  query = canonicalQuery(query)
  const canonicalRequest = `${method}\n${canonicalPath(path, normalizePath)}\n${query}\n${lines}\n${names}\n${payloadHash}`
  const signed: Prepared[1] = (hash) => {
    const stringToSign = `${ALGORITHM}\n${time}\n${scope}\n${hash}`
    const signature = hex(sign(stringToSign))
    if (!signSessionToken) addToken()

    const authorization = inQuery
      ? ''
      : `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
    if (inQuery) query += '&X-Amz-Signature=' + signature
    else headers.push(['authorization', authorization])
    return { canonicalRequest, stringToSign, signature, authorization, headers, query }
  }
  return [canonicalRequest, signed]
}
