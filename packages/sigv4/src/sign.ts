import { hmac, sha256Hex } from '#edge'
import { IamFetchError, type Credentials } from '@iamfetch/core'
import { canonicalHeaders, canonicalPath, canonicalQuery, encode } from './canonical.ts'
import { signingKey } from './key.ts'
import { hex } from './sha256.ts'

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
  /** `execute-api` for API Gateway. */
  readonly service: string
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
 * Pure: no network and no clock. The same input gives the same signature. What `parts` has of
 * `authorization`, `x-amz-date` and `x-amz-security-token` is replaced.
 *
 * @param parts    What will go over the wire, path and query as they are there.
 * @param context  Who signs, for which region and service, and when.
 * @returns The headers of `parts` plus `x-amz-date`, `authorization` and, for temporary credentials,
 *   `x-amz-security-token`. The input is not changed.
 * @throws {@link IamFetchError} `CREDENTIALS_INCOMPLETE` for an `ASIA…` key without its session token,
 *   `CREDENTIALS_EXPIRED`.
 * @see [AWS: create a signed request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 */
export function signParts(parts: Parts, context: SigningContext): Signed {
  const { token, time, credential } = identify(context)
  const headers = own(parts.headers)
  headers.push(['x-amz-date', time])
  const tokenSigned = context.signSessionToken !== false
  if (token && tokenSigned) headers.push(['x-amz-security-token', token])
  const [lines, names] = canonicalHeaders(headers)
  const signed = sign(parts, canonicalQuery(parts.query), lines, names, time, context)
  if (token && !tokenSigned) headers.push(['x-amz-security-token', token])
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signed.signature}`
  headers.push(['authorization', authorization])
  return { ...signed, authorization, headers }
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
  const { token, time, credential } = identify(context)
  const { expiresInSeconds = 300, service, signSessionToken } = context
  const most = service === 'execute-api' ? 300 : 604_800
  if (!(expiresInSeconds > 0 && expiresInSeconds <= most)) {
    throw new IamFetchError(
      'EXPIRES_TOO_LATE',
      `A presigned ${service} URL cannot last ${expiresInSeconds} s.`,
      {
        remedy: `Give 1 to ${most} seconds, and sign again for each use.`,
      },
    )
  }
  const headers = own(parts.headers)
  const [lines, names] = canonicalHeaders(headers)
  const tokenPair = token ? '&X-Amz-Security-Token=' + encode(token) : ''
  const tokenSigned = signSessionToken !== false
  const query = canonicalQuery(
    `${parts.query}&X-Amz-Algorithm=${ALGORITHM}&X-Amz-Credential=${encode(credential)}&X-Amz-Date=${time}&X-Amz-Expires=${expiresInSeconds}&X-Amz-SignedHeaders=${encode(names)}${tokenSigned ? tokenPair : ''}`,
  )
  const signed = sign(parts, query, lines, names, time, context)
  return {
    ...signed,
    authorization: '',
    headers,
    query: `${query}${tokenSigned ? '' : tokenPair}&X-Amz-Signature=${signed.signature}`,
  }
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The caller's headers without those that a signature brings along. */
const own = (headers: Parts['headers']): (readonly [string, string])[] =>
  headers.filter(([name]) => !/^(authorization|x-amz-(date|security-token))$/i.test(name))

/** Checks the credentials and names them within their scope. */
function identify({ credentials, region, service, at }: SigningContext): {
  token: string | undefined
  time: string
  credential: string
} {
  const { accessKeyId, secretAccessKey, sessionToken: token, expiration } = credentials
  // A session token that went through a template or an environment is often the word "undefined".
  if (
    !accessKeyId ||
    !secretAccessKey ||
    (token ? token === 'undefined' : accessKeyId.startsWith('ASIA'))
  ) {
    throw new IamFetchError(
      'CREDENTIALS_INCOMPLETE',
      'The credentials lack an access key, its secret or the session token of a temporary (ASIA…) key.',
      {
        remedy:
          'Pass on accessKeyId, secretAccessKey and sessionToken together, as they were issued.',
      },
    )
  }
  if (expiration && expiration <= at) {
    throw new IamFetchError(
      'CREDENTIALS_EXPIRED',
      `The credentials expired at ${expiration.toISOString()}.`,
      {
        remedy:
          'Give a function as credentials, so that new ones are fetched in time; check the clock.',
      },
    )
  }
  const time = at.toISOString().replace(/-|:|\.\d+/g, '')
  return { token, time, credential: `${accessKeyId}/${scope(time, region, service)}` }
}

const scope = (time: string, region: string, service: string): string =>
  `${time.slice(0, 8)}/${region}/${service}/aws4_request`

function sign(
  { method, path }: Parts,
  query: string,
  lines: string,
  names: string,
  time: string,
  { credentials, region, service, payloadHash, normalizePath = true }: SigningContext,
): Pick<Signed, 'canonicalRequest' | 'stringToSign' | 'signature'> {
  const canonicalRequest = `${method}\n${canonicalPath(path, normalizePath)}\n${query}\n${lines}\n${names}\n${payloadHash}`
  const stringToSign = `${ALGORITHM}\n${time}\n${scope(time, region, service)}\n${sha256Hex(canonicalRequest)}`
  const key = signingKey(credentials.secretAccessKey, time.slice(0, 8), region, service)
  return { canonicalRequest, stringToSign, signature: hex(hmac(key, stringToSign)) }
}
