import { hashBody, sha256Hex } from '#edge'
import {
  IamFetchError,
  type Clock,
  type CredentialsProvider,
  type CredentialsSource,
} from '@iamfetch/core'
import { bufferRequest } from './body.ts'
import { regionOf } from './host.ts'
import { presignParts, signParts, type Parts, type SigningContext } from './sign.ts'
import { wireUrl } from './url.ts'

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

/**
 * Makes a signer for one API.
 *
 * Signs `host`, `x-amz-date`, `x-amz-security-token`, every `x-amz-*` that the caller set and what
 * `signHeaders` names; nothing that a browser or a proxy may change under way.
 *
 * @throws TypeError for a missing `credentials`, a `signingHost` that is not a host, a header in
 *   `signHeaders` that cannot be signed.
 */
export function createSigner({
  credentials: source,
  region,
  service = 'execute-api',
  clock,
  signingHost,
  signHeaders = [],
}: SignerOptions): Signer {
  if (!source) throw new TypeError('credentials are missing')
  const provider: CredentialsProvider =
    typeof source === 'function' ? source : () => Promise.resolve(source)
  const extra = signHeaders.map((name) => name.toLowerCase())

  /** Everything that a signature needs beside method and further headers. */
  const prepare = async (
    { host, pathname: path, search }: URL,
    payloadHash: string,
  ): Promise<[Omit<Parts, 'method'> & { headers: [string, string][] }, SigningContext]> => {
    host = signingHost ?? host
    const itsRegion = region ?? regionOf(host)
    if (!itsRegion) {
      throw new IamFetchError('REGION_UNKNOWN', `The host ${host} names no AWS region.`, {
        remedy: 'Pass region.',
      })
    }
    const credentials = await provider()
    const at = new Date((clock ?? provider.clock ?? Date).now())
    return [
      { path, query: search.slice(1), headers: [['host', host]] },
      { credentials, region: itsRegion, service, at, payloadHash },
    ]
  }

  return {
    async sign(input, init) {
      const { url: address, init: sent } = await bufferRequest(input, init)
      const url = new URL(address)
      const payloadHash = sent.body instanceof Uint8Array ? await hashBody(sent.body) : EMPTY
      const [parts, context] = await prepare(url, payloadHash)
      const request = new Request(url, sent)
      const { headers } = request
      for (const name of ['host', 'x-amz-date', 'x-amz-security-token']) headers.delete(name)
      headers.forEach((value, name) => {
        if (name === 'authorization' && !value.startsWith('AWS4-')) refuse(name)
        if (name.startsWith('x-amz-') || extra.includes(name)) {
          if (/[^ -~]/.test(value)) refuse(name)
          parts.headers.push([name, name === 'x-amz-content-sha256' ? payloadHash : value])
        }
      })
      const signed = signParts({ ...parts, method: request.method }, context)
      for (const [name, value] of signed.headers.slice(1)) headers.set(name, value)
      // `mode: 'no-cors'` drops headers silently: nothing leaves unsigned.
      if (headers.get('authorization') !== signed.authorization) refuse('authorization')
      return request
    },

    async presign(address, { expiresInSeconds, method = 'GET' } = {}) {
      const url = wireUrl(address)
      const [parts, context] = await prepare(url, EMPTY)
      url.search = presignParts({ ...parts, method }, { ...context, expiresInSeconds }).query
      return url
    },
  }
}

const EMPTY = sha256Hex('')

function refuse(name: string): never {
  throw new IamFetchError('HEADER_NOT_SIGNABLE', `The ${name} header cannot be sent signed.`, {
    remedy: 'Leave it out; avoid mode no-cors.',
  })
}
