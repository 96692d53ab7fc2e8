import { hashSoon } from '#edge'
import {
  checkOptions,
  IamFetchError,
  invalidOption,
  type Clock,
  type Credentials,
  type CredentialsSource,
  type OptionNames,
} from '@iamfetch/core'
import { scopeFor } from './host.ts'
import type { Payload } from './payload.ts'
import { completeHeaders, prepareHeaders, type SigningContext } from './sign.ts'
import { checkPathAndQuery, wireUrl, type UrlReader, type WireUrl } from './url.ts'

/** How a signer signs. */
export interface SignerOptions {
  /** Credentials, or a function that is called for them before each signature. */
  credentials: CredentialsSource
  /** The API's region. Defaults to the one in the AWS host name; a custom domain needs it. */
  region?: string | undefined
  /** The signing name of what is called. @default the one in the AWS host name, else 'execute-api' */
  service?: string | undefined
  /** What the signature says about the body. Defaults to `unsigned` for VPC Lattice, else to `signed`. */
  payload?: Payload | undefined
  /** The time of the signatures. @default the clock of `credentials` if it has one, else Date */
  clock?: Clock | undefined
  /** The host that the API sees, if a proxy such as CloudFront is in front of it and changes the host. */
  signingHost?: string | undefined
  /**
   * Headers to sign in addition to `host` and every `x-amz-*`, if a request has them. Not those that proxies change or remove:
   * API Gateway refuses a signed `connection` (FantasticFiasco/aws-signature-version-4#1198). @default []
   */
  signHeaders?: readonly string[] | undefined
}

/** A request whose body has been read. */
export interface ReadRequest {
  /** An absolute URL. */
  readonly url: string
  /** In capitals. */
  readonly method: string
  /** Names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array | string | null | undefined
}

/** What to send: the URL in the form that was signed, and every header except `host`. */
export interface SignedRequest {
  readonly url: string
  readonly headers: [name: string, value: string][]
}

/** Signs requests that are not `Request` objects. Created by {@link createRequestSigner}. */
export interface RequestSigner {
  /**
   * Signs a request. It may be signed any number of times.
   *
   * @param signedUrl  The URL that the API sees, if a proxy changes the path. Its query must be that of the request.
   * @throws {@link IamFetchError} as `sign` of `createSigner`, without those of bodies.
   */
  sign(request: ReadRequest, signedUrl?: string): Promise<SignedRequest>
}

/** What differs between the web's platforms and React Native. */
export interface SigningPlatform {
  /** Reads URLs. */
  readonly URL: UrlReader
  /** Hashes bodies and canonical requests. */
  readonly hash: (data: Uint8Array | string) => string | Promise<string>
}

/**
 * Creates what signs requests without `Request` objects: for HTTP clients other than `fetch`, and for requests that are sent more
 * than once. It signs what `createSigner` signs.
 *
 * @throws `TypeError` as `createSigner`.
 */
export function createRequestSigner(options: SignerOptions): RequestSigner {
  checkOptions('createRequestSigner', options, SIGNER_OPTIONS)
  return requestSignerOn({ URL, hash: hashSoon }, options)
}

/** The names of {@link SignerOptions}. */
export const SIGNER_OPTIONS: OptionNames<SignerOptions> = {
  credentials: true,
  region: true,
  service: true,
  payload: true,
  clock: true,
  signingHost: true,
  signHeaders: true,
}

/** {@link createRequestSigner} on a platform. */
export function requestSignerOn(platform: SigningPlatform, options: SignerOptions): RequestSigner {
  const signer = urlSigner(platform.hash, options)
  return {
    async sign(request, signedUrl) {
      const url = wireUrl(request.url, platform.URL)
      const seen = signedUrl === undefined ? url : wireUrl(signedUrl, platform.URL)
      return signer.sign(request, url, seen)
    },
  }
}

/** Signs requests to URLs that have been read. Created by {@link urlSigner}. */
export interface UrlSigner {
  /**
   * Signs a request.
   *
   * @param url   The URL to send to. Gets the path and the query in which it was signed.
   * @param seen  The URL that the API sees; the same object unless a proxy changes the path.
   * @throws {@link IamFetchError} as {@link RequestSigner.sign}.
   */
  sign(request: Omit<ReadRequest, 'url'>, url: WireUrl, seen: WireUrl): Promise<SignedRequest>
}

/**
 * Creates what signs requests to URLs of which the caller knows that they may be signed: http or https, without a user or a
 * password, and http only for a host that is not AWS's. {@link createRequestSigner} checks that; `createIamFetch` allows no others.
 *
 * @param hash  Hashes bodies and canonical requests.
 * @throws `TypeError` as {@link createRequestSigner}.
 */
export function urlSigner(hash: SigningPlatform['hash'], options: SignerOptions): UrlSigner {
  checkValues(options)
  const alsoSigned = alsoSignedIn(options)
  return {
    async sign({ method, headers: given, body }, url, seen) {
      checkPathAndQuery(url)
      if (seen !== url) checkPathAndQuery(seen)
      const context = await signingContext(options, seen)
      const { payload } = context
      const payloadHash = payload === 'unsigned' ? 'UNSIGNED-PAYLOAD' : await hash(body ?? '')
      const { unsigned, signed } = sortHeaders(given, alsoSigned)
      const sendsHash = payload !== 'signed' || given.some(([name]) => name === PAYLOAD_HEADER)
      if (sendsHash) signed.push([PAYLOAD_HEADER, payloadHash])
      const prepared = prepareHeaders(
        {
          method,
          path: seen.pathname,
          query: seen.search.slice(1),
          headers: [['host', options.signingHost ?? seen.host], ...signed],
        },
        { ...context, payloadHash },
      )
      const { query, headers } = completeHeaders(prepared, await hash(prepared.canonicalRequest))
      if (url.search.slice(1) !== query) url.search = query
      // The first one is `host`, which the platform sets.
      const [, ...others] = headers
      return { url: url.href, headers: [...unsigned, ...pairs(others)] }
    },
  }
}

/** The names in `signHeaders`, in lower case. */
export const alsoSignedIn = ({ signHeaders = [] }: SignerOptions): string[] =>
  signHeaders.map((name) => name.toLowerCase())

/** Who signs a request to a URL, for what, and when. */
export async function signingContext(
  options: SignerOptions,
  url: WireUrl,
): Promise<Omit<SigningContext, 'payloadHash'> & { readonly payload: Payload }> {
  const host = options.signingHost ?? url.host
  const scope = scopeFor('createSigner', options, { host, protocol: url.protocol })
  const { region } = scope
  if (region === undefined) {
    throw new IamFetchError('REGION_UNKNOWN', `The host ${host} does not contain an AWS region.`, {
      remedy: 'Pass the region of the API as "region"; custom domains always need it.',
    })
  }
  // AWS IoT asks for the session token outside of the signature.
  const signSessionToken = scope.service !== 'iotdevicegateway'
  return { ...scope, ...(await credentialsNow(options)), region, signSessionToken }
}

const pairs = (headers: readonly (readonly [name: string, value: string])[]): HeaderList =>
  headers.map(([name, value]) => [name, value])

function checkValues({ credentials, region, service, signingHost }: SignerOptions): void {
  if (!credentials) throw invalidOption('createSigner', '"credentials" is required')
  if (signingHost !== undefined && !/^[\w.[\]:-]+$/.test(signingHost)) {
    throw invalidOption('createSigner', '"signingHost" must be a host name, not a URL', signingHost)
  }
  // They become part of a header: a line break in one would make the platform quote the whole signature in its error.
  for (const [name, value] of [
    ['region', region],
    ['service', service],
  ] as const) {
    if (value !== undefined && !/^[\w-]+$/.test(value)) {
      throw invalidOption(
        'createSigner',
        `"${name}" must consist of letters, digits and "-"`,
        value,
      )
    }
  }
}

async function credentialsNow({
  credentials: source,
  clock,
}: SignerOptions): Promise<{ credentials: Credentials; at: Date }> {
  const isProvider = typeof source === 'function'
  const credentials = isProvider ? await source() : source
  const time = clock ?? (isProvider ? source.clock : undefined) ?? Date
  const at = new Date(time.now())
  const { expiration } = credentials
  if (expiration && expiration <= at) {
    throw new IamFetchError(
      'CREDENTIALS_EXPIRED',
      `The AWS credentials expired at ${expiration.toISOString()}.`,
      {
        remedy:
          'Pass a function as "credentials", so that new ones are fetched in time, and check the clock of the device.',
      },
    )
  }
  return { credentials, at }
}

/** The headers that a signature replaces. */
const PAYLOAD_HEADER = 'x-amz-content-sha256'
const REPLACED = ['host', 'authorization', 'x-amz-date', 'x-amz-security-token', PAYLOAD_HEADER]

type HeaderList = [name: string, value: string][]

/** Refuses a request to which a browser would not add the signature. */
export function checkMode({ mode }: RequestInit): void {
  if (mode !== 'no-cors') return
  throw headerError(
    'A request with the mode "no-cors" cannot be signed, because browsers remove its headers.',
    'Remove "mode", or set it to "cors".',
  )
}

/** Separates the headers that are signed from those that are only sent. */
function sortHeaders(
  headers: ReadRequest['headers'],
  alsoSigned: readonly string[],
): { unsigned: HeaderList; signed: HeaderList } {
  const unsigned: HeaderList = []
  const signed: HeaderList = []
  for (const [name, value] of headers) {
    if (name === 'authorization' && !value.startsWith('AWS4-')) {
      throw headerError(
        'The request has an Authorization header of its own, which the signature would replace.',
        'Remove the Authorization header.',
      )
    }
    if (REPLACED.includes(name)) continue
    if (!name.startsWith('x-amz-') && !alsoSigned.includes(name)) {
      unsigned.push([name, value])
      continue
    }
    if (/[^ -~]/.test(value)) {
      throw headerError(
        `The value of the header "${name}" has characters other than printable ASCII, which no two servers read alike.`,
        'Encode the value, for example with encodeURIComponent.',
      )
    }
    signed.push([name, value])
  }
  return { unsigned, signed }
}

const headerError = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('HEADER_NOT_SIGNABLE', message, { remedy })
