import { hashSoon } from '#edge'
import {
  IamFetchError,
  type Clock,
  type CredentialsProvider,
  type CredentialsSource,
} from '@iamfetch/core'
import { readRequest, type Read } from './body.ts'
import { regionOf } from './host.ts'
import { prepare } from './sign.ts'
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
  /**
   * Headers to sign beside `host` and every `x-amz-*`, when a request has them. Not those that change or end under way:
   * API Gateway refuses a signed `connection` (FantasticFiasco/aws-signature-version-4#1198). @default []
   */
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
  readonly buffer: (input: RequestInfo | URL, init?: RequestInit) => Promise<Read>
  /** Hashes bodies and requests. */
  readonly hash: (data: Uint8Array | string) => string | Promise<string>
}

/**
 * Makes a signer for one API.
 *
 * Signs `host`, `x-amz-date`, `x-amz-security-token`, every `x-amz-*` that the caller set and what
 * `signHeaders` names; nothing that a browser or a proxy may change under way.
 *
 * @throws TypeError for a missing `credentials`, a `signingHost` that is not a host.
 */
export function createSigner(options: SignerOptions): Signer
export function createSigner(options: SignerOptions & Partial<SignerPlatform>): Signer {
  const {
    credentials: source,
    signingHost,
    signHeaders,
    URL: Url = URL,
    buffer = readRequest,
    hash = hashSoon,
  } = options
  if (!source || signingHost?.includes('/')) {
    throw TypeError('credentials or signingHost')
  }

  /**
   * Signs a request, or a URL where it is said how long that is valid.
   *
   * One function without another that is awaited in it: each takes time in which nothing happens.
   */
  const run = async (
    read: Promise<Read> | (Pick<Read, 'init'> & { url: string | URL }),
    expiresInSeconds?: number,
  ): Promise<Request | WireUrl> => {
    const { url: address, init: sent } = await read
    const { method, mode, headers: given = {} } = sent
    // A browser drops headers silently in this mode.
    if (mode === 'no-cors') refuse(mode)
    const url = wireUrl(address, Url)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a buffered body is text, bytes or nothing
    const payloadHash = await hash((sent.body ?? '') as Uint8Array<ArrayBuffer> | string)
    const { host, pathname: path, search } = url
    const own = signingHost ?? host
    const plain: [string, string][] = []
    const further: [string, string][] = [['host', own]]
    for (const [name, value] of signHeaders
      ? // Of those that it names a browser drops some.
        new Request(url.href, sent).headers
      : PLAIN.test(String(Object.keys(given)))
        ? // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the others have other keys
          Object.entries(given as Record<string, string>)
        : new Headers(given)) {
      if (name === 'authorization' && !value.startsWith('AWS4-')) refuse(name)
      if (OWN.includes(name)) continue
      if (!name.startsWith('x-amz-') && !signHeaders?.some((one) => one.toLowerCase() === name)) {
        plain.push([name, value])
      } else if (/[^ -~]/.test(value)) refuse(name)
      else further.push([name, name === 'x-amz-content-sha256' ? payloadHash : value])
    }
    const { region = regionOf(own) } = options
    if (!region) {
      throw new IamFetchError('REGION_UNKNOWN', `${host} names no AWS region.`, {
        remedy: 'Pass region.',
      })
    }
    const credentials = typeof source === 'function' ? await source() : source
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- credentials have no clock
    const at = new Date((options.clock ?? (source as CredentialsProvider).clock ?? Date).now())
    if (credentials.expiration && credentials.expiration <= at) {
      throw new IamFetchError('CREDENTIALS_EXPIRED', 'Credentials expired.', {
        remedy: 'Pass a function.',
      })
    }
    const [request, complete] = prepare(
      { method, path, query: search.slice(1), headers: further },
      { credentials, region, service: options.service, at, payloadHash, expiresInSeconds },
      expiresInSeconds !== undefined,
    )
    const {
      query,
      headers: [, ...all],
    } = complete(await hash(request))
    url.search = query
    if (expiresInSeconds !== undefined) return url
    // Pairs, at once: `headers.set` on a request, one by one, takes 4 µs more in Chromium.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of two strings each
    return new Request(url.href, { ...sent, headers: [...plain, ...all] as [string, string][] })
  }

  // oxlint-disable typescript/no-unsafe-type-assertion -- what `run` gives follows from what it got; `native.ts` makes a URL of the other
  return {
    sign: (input, init) => run(buffer(input, init)) as Promise<Request>,
    presign: (address, { expiresInSeconds = 300, method = 'GET' } = {}) =>
      run({ url: address, init: { method } }, expiresInSeconds) as Promise<URL>,
  }
  // oxlint-enable typescript/no-unsafe-type-assertion
}

/** Names of a plain object's headers that are sent as they are: no object of the platform's is needed to read them. */
const PLAIN = /^(content-type|accept|,)+$/i

/** What a signature brings anew. */
const OWN = ['host', 'authorization', 'x-amz-date', 'x-amz-security-token']

function refuse(name: string): never {
  throw new IamFetchError('HEADER_NOT_SIGNABLE', `${name} cannot be signed.`, {
    remedy: 'Leave it out.',
  })
}
