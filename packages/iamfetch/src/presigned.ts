import { checkOptions, IamFetchError, type OptionNames } from '@iamfetch/core'
import {
  checkMode,
  checkSignedHeader,
  checkValues,
  createSigner,
  hashSoon,
  presignParts,
  readRequest,
  scopeFor,
  throwIfSignedOut,
  type Signer,
} from '@iamfetch/sigv4'
import type { SignerContext } from './iam-fetch.ts'

/** How long a signature in the query works. */
export interface PresignedSignerOptions {
  /** In seconds, counted from the moment of signing. At most 300 for API Gateway. @default 300 */
  expiresInSeconds?: number | undefined
}

const NAMES: OptionNames<PresignedSignerOptions> = { expiresInSeconds: 'number' }

const CONTEXT_NAMES: OptionNames<SignerContext> = {
  credentials: 'function',
  region: 'string',
  service: 'string',
  payload: 'string',
  clock: 'clock',
  signingHost: 'string',
}

/**
 * Signs calls whose API needs its own `Authorization` header: the signature of such a request is in its query. Requests
 * without the header are signed in the header, as by default.
 *
 * The query is signed with the method, path, `host`, every `x-amz-*` header and the body. The session token is in the URL, and
 * URLs are written to logs more often than headers: use it only for calls that need it.
 *
 * That API Gateway accepts a signature in the query next to another `Authorization` is unverified: the source is a report of
 * users. An HTTP API passes the header on to the integration; a JWT authorizer and an IAM authorizer exclude each other per route.
 *
 * @returns The option `signer` of `createIamFetch`.
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong option. The signer throws
 *   {@link IamFetchError} as `createSigner` does, and `EXPIRES_TOO_LATE`.
 * @see [AWS: signature in the query](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html),
 *   [aws4-axios#1763](https://github.com/jamesmbourne/aws4-axios/issues/1763)
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl, credentials, signer: presignedSigner() })
 * const response = await iamFetch('/reports', { headers: { Authorization: `Bearer ${token}` } })
 * ```
 */
export function presignedSigner(
  options: PresignedSignerOptions = {},
): (context: SignerContext) => Signer {
  checkOptions('presignedSigner', options, NAMES)
  const { expiresInSeconds = 300 } = options
  return (context) => {
    checkOptions('presignedSigner', context, CONTEXT_NAMES)
    checkValues('presignedSigner', context)
    return {
      presign: (url, given) => createSigner(context).presign(url, given),
      async sign(input, init) {
        // Read before the body: a request belongs to the user who is signed in when `sign` is called.
        const credentials = (async () => context.credentials())()
        // If the request is refused first, nothing waits for them.
        credentials.catch(() => {})
        const { url, init: sent } = await readRequest(input, init)
        checkMode(sent)
        const { headers } = sent
        const withCredentials = { ...context, credentials: () => credentials }
        const signer = createSigner(withCredentials)
        if (!headers.has('authorization')) return signer.sign(url, sent)
        checkHeaders(headers)
        // It checks the URL, the lifetime and the credentials. What it returns has neither the body nor headers.
        await signer.presign(url, { method: sent.method, expiresInSeconds })
        const signed = await queryFor(
          withCredentials,
          expiresInSeconds,
          new URL(url),
          sent,
          headers,
        )
        throwIfSignedOut(await credentials)
        return new Request(signed, { ...sent, headers })
      },
    }
  }
}

/** @throws {@link IamFetchError} `HEADER_NOT_SIGNABLE` for what belongs to a signature. */
function checkHeaders(headers: Headers): void {
  const isSigned = headers.get('authorization')?.startsWith('AWS4-')
  const name = isSigned ? 'authorization' : OWN_HEADERS.find((header) => headers.has(header))
  if (name === undefined) return
  throw new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    `The header "${name}" belongs to a signature, so it cannot be sent next to one in the query.`,
    { remedy: 'Remove the header: the signature brings what it needs.' },
  )
}

const OWN_HEADERS = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']

/** Signs a request into its query. */
async function queryFor(
  context: SignerContext,
  expiresInSeconds: number,
  url: URL,
  { method = 'GET', body }: RequestInit,
  headers: Headers,
): Promise<URL> {
  const { clock, credentials, payload, signingHost } = context
  const host = signingHost ?? url.host
  const scope = scopeFor('presignedSigner', context, { host, protocol: url.protocol })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body that was read is text, bytes or nothing
  const content = (body ?? '') as Uint8Array | string
  const payloadHash = payload === 'unsigned' ? 'UNSIGNED-PAYLOAD' : await hashSoon(content)
  if (payload === 'header') headers.set('x-amz-content-sha256', payloadHash)
  // In the path, as in every signed one, `//` is `/`.
  url.pathname = url.pathname.replace(/\/+/g, '/')
  const amzHeaders = [...headers].filter(([name]) => name.startsWith('x-amz-'))
  for (const [name, value] of amzHeaders) checkSignedHeader(name, value)
  const { query } = presignParts(
    {
      method,
      path: url.pathname,
      query: url.search.slice(1),
      headers: [['host', host], ...amzHeaders],
    },
    {
      credentials: await credentials(),
      region: scope.region ?? '',
      service: scope.service,
      at: new Date(clock.now()),
      payloadHash,
      expiresInSeconds,
    },
  )
  url.search = query
  return url
}
