import { hashSoon, sha256Hex } from '#edge'
import {
  IamFetchError,
  type Clock,
  type CredentialsProvider,
  type CredentialsSource,
} from '@iamfetch/core'
import { bufferRequest } from './body.ts'
import { regionOf } from './host.ts'
import { prepareSignature, presignParts, type Parts, type SigningContext } from './sign.ts'
import { wireUrl, type UrlReader, type WireUrl } from './url.ts'

/** How a {@link Signer} signs. */
export interface SignerOptions {
  /** Credentials, or a function that is asked for them before each signature. */
  credentials: CredentialsSource
  /** The API's region. Read from an AWS host name when left out; a custom domain needs it. */
  region?: string | undefined
  /** @default 'execute-api' */
  service?: string | undefined
  /** @default the clock of `credentials` where it has one, else Date */
  clock?: Clock | undefined
  /** The host that the API sees, where a proxy such as CloudFront stands in front and changes it. */
  signingHost?: string | undefined
  /** Headers to sign beside `host` and every `x-amz-*`, when a request has them. @default [] */
  signHeaders?: readonly string[] | undefined
}

/** Signs requests with the credentials and for the API that it was made with. */
export interface Signer {
  /**
   * Signs a request. Takes what `fetch` takes, does not send it.
   *
   * The URL is signed and sent in one form: `//` is `/`, a space in the query `%20`, `?flag` is `?flag=`.
   *
   * @returns A request to hand to `fetch` within five minutes, once.
   * @throws {@link IamFetchError} before anything leaves; the codes are in the README.
   */
  sign(input: RequestInfo | URL, init?: RequestInit): Promise<Request>
  /**
   * Signs a URL for a link or a WebSocket; whoever has it may use it.
   *
   * @param options.expiresInSeconds  At most 300 for API Gateway. @default 300
   * @param options.method            @default 'GET'
   */
  presign(
    url: string | URL,
    options?: { expiresInSeconds?: number | undefined; method?: string | undefined },
  ): Promise<URL>
}

/** What differs between the web's platforms, whose own is the default, and React Native. */
export interface SignerPlatform {
  /** Reads URLs. */
  readonly URL: UrlReader
  /** Reads the body of a request. */
  readonly buffer: typeof bufferRequest
  /** Hashes bodies and requests. */
  readonly hash: (data: Uint8Array | string) => string | Promise<string>
}

/**
 * Makes a signer for one API.
 *
 * Signs `host`, `x-amz-date`, `x-amz-security-token`, every `x-amz-*` that the caller set and what
 * `signHeaders` names; nothing that a browser or a proxy may change under way.
 *
 * @throws TypeError for a missing `credentials`, a `signingHost` that is not a host, a header in
 *   `signHeaders` that cannot be signed.
 */
export function createSigner(options: SignerOptions & Partial<SignerPlatform>): Signer {
  const {
    credentials: source,
    signingHost,
    URL: Url = URL,
    buffer = bufferRequest,
    hash = hashSoon,
  } = options
  if (!source || signingHost?.includes('/')) {
    throw TypeError('credentials: missing, or signingHost: no host')
  }
  const provider: CredentialsProvider = typeof source === 'function' ? source : async () => source

  /** Everything that a signature needs beside further headers. */
  const prepare = async (
    { host, hostname, pathname: path, search }: WireUrl,
    method: string,
    payloadHash: string,
  ): Promise<[Parts & { headers: [string, string][] }, SigningContext]> => {
    const region = options.region ?? regionOf(signingHost ?? hostname)
    if (!region) {
      throw new IamFetchError('REGION_UNKNOWN', `${host} names no AWS region.`, {
        remedy: 'Pass region.',
      })
    }
    const credentials = await provider()
    const at = new Date((options.clock ?? provider.clock ?? Date).now())
    if (credentials.expiration && credentials.expiration <= at) {
      throw new IamFetchError('CREDENTIALS_EXPIRED', 'The credentials have expired.', {
        remedy: 'Pass credentials as a function that renews them.',
      })
    }
    return [
      { method, path, query: search.slice(1), headers: [['host', signingHost ?? host]] },
      { ...options, credentials, region, at, payloadHash },
    ]
  }

  return {
    async sign(input, init) {
      const { url: address, init: sent } = await buffer(input, init)
      const url = wireUrl(address, Url)
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it becomes a text
      const request = new Request(url as URL, sent)
      const { headers, method, mode } = request
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a buffered body is bytes or nothing
      const payloadHash = await hash((sent.body ?? '') as Uint8Array | string)
      const [parts, context] = await prepare(url, method, payloadHash)
      // A browser drops headers silently in this mode.
      if (mode === 'no-cors') refuse('authorization')
      for (const name of ['host', 'x-amz-date', 'x-amz-security-token']) headers.delete(name)
      headers.forEach((value, name) => {
        if (name === 'authorization' && !value.startsWith('AWS4-')) refuse(name)
        if (
          name.startsWith('x-amz-') ||
          options.signHeaders?.some((one) => one.toLowerCase() === name)
        ) {
          if (/[^ -~]/.test(value)) refuse(name)
          parts.headers.push([name, name === 'x-amz-content-sha256' ? payloadHash : value])
        }
      })
      const [canonicalRequest, complete] = prepareSignature(parts, context)
      for (const [name, value] of complete(await hash(canonicalRequest)).headers.slice(1))
        headers.set(name, value)
      return request
    },

    async presign(address, { expiresInSeconds, method = 'GET' } = {}) {
      const url = wireUrl(address, Url)
      const [parts, context] = await prepare(url, method, sha256Hex(''))
      url.search = presignParts(parts, { ...context, expiresInSeconds }).query
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- on the web it is one; `native.ts` makes it one
      return url as URL
    },
  }
}

function refuse(name: string): never {
  throw new IamFetchError('HEADER_NOT_SIGNABLE', `${name} cannot be sent signed.`, {
    remedy: 'Leave it out, and mode no-cors.',
  })
}
