import { hashSoon } from '#edge'
import {
  checkOptions,
  IamFetchError,
  invalidOption,
  ownerOf,
  type Clock,
  type Credentials,
  type CredentialsSource,
  type OptionNames,
} from '@iamfetch/core'
import { scopeFor, type SigningScope } from './host.ts'
import type { Payload } from './payload.ts'
import { completeHeaders, prepareHeaders, type SigningContext } from './sign.ts'
import { PAYLOAD_HEADER, sortHeaders } from './signed-headers.ts'
import { mergeSlashes, queryToSign, wireUrl, type UrlReader, type WireUrl } from './url.ts'

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
  region: 'string',
  service: 'string',
  payload: 'string',
  clock: 'clock',
  signingHost: 'string',
  signHeaders: 'strings',
}

/** {@link createRequestSigner} on a platform. */
export function requestSignerOn(platform: SigningPlatform, options: SignerOptions): RequestSigner {
  checkValues('createSigner', options)
  const alsoSigned = alsoSignedIn(options)
  const scopeAt = scopeReader(options)
  return {
    async sign({ url: address, method, headers, body }, signedUrl) {
      const url = wireUrl(address, platform.URL)
      const urlAtApi = signedUrl === undefined ? url : wireUrl(signedUrl, platform.URL)
      const host = options.signingHost ?? urlAtApi.host
      const scope = scopeAt(urlAtApi)
      const { credentials, at } = await credentialsNow(options)
      const request = { method, headers, body, url, host, path: urlAtApi.pathname }
      return signRequest(platform.hash, request, { ...scope, credentials, at }, alsoSigned)
    },
  }
}

/** A request to a URL that has been read, and what of it the API sees. */
export interface RequestToSign extends Omit<ReadRequest, 'url'> {
  /** The URL to send to: http or https, without a user or a password, and http only for a host that is not AWS's. */
  readonly url: WireUrl
  /** The host to sign for. */
  readonly host: string
  /** The path that the API sees. */
  readonly path: string
}

/** Who signs, for what, and when. */
export interface Signing extends SigningScope {
  readonly credentials: Credentials
  readonly at: Date
}

/**
 * Signs a request of which everything is known.
 *
 * @param hash        Hashes bodies and canonical requests.
 * @param alsoSigned  Names of headers to sign in addition to `host` and every `x-amz-*`, in lower case.
 * @throws {@link IamFetchError} `CREDENTIALS_INCOMPLETE`, `HEADER_NOT_SIGNABLE`, `URL_NOT_SIGNABLE`.
 */
export async function signRequest(
  hash: SigningPlatform['hash'],
  { method, headers: given, body, url, host, path }: RequestToSign,
  signing: Signing,
  alsoSigned: readonly string[] = [],
): Promise<SignedRequest> {
  const query = queryToSign(url.search)
  const { payload } = signing
  const payloadHash = payload === 'unsigned' ? 'UNSIGNED-PAYLOAD' : await hash(body ?? '')
  const { unsigned, signed } = sortHeaders(given, alsoSigned)
  const sendsHash = payload !== 'signed' || given.some(([name]) => name === PAYLOAD_HEADER)
  if (sendsHash) signed.push([PAYLOAD_HEADER, payloadHash])
  const prepared = prepareHeaders(
    { method, path: mergeSlashes(path), query, headers: [['host', host], ...signed] },
    contextOf(signing, payloadHash),
  )
  const { headers } = completeHeaders(prepared, await hash(prepared.canonicalRequest))
  throwIfSignedOut(signing.credentials)
  for (const header of headers) {
    // The platform sets `host`.
    if (header[0] !== 'host') unsigned.push([...header])
  }
  // Setting a part serializes the whole URL again.
  if (url.pathname.includes('//')) url.pathname = mergeSlashes(url.pathname)
  if (url.search.slice(1) !== query) url.search = query
  return { url: url.href, headers: unsigned }
}

/** The names in `signHeaders`, in lower case. */
export const alsoSignedIn = ({ signHeaders = [] }: SignerOptions): string[] =>
  signHeaders.map((name) => name.toLowerCase())

/** AWS IoT requires the session token outside of the signature. */
export const contextOf = (signing: Signing, payloadHash: string): SigningContext => ({
  ...signing,
  payloadHash,
  signSessionToken: signing.service !== 'iotdevicegateway',
})

/** {@link scopeOfUrl} that remembers the latest host: reading its name takes a tenth of a signature. */
export function scopeReader(options: SignerOptions): (url: WireUrl) => SigningScope {
  let latest: { host: string; protocol: string; scope: SigningScope } | undefined
  return (url) => {
    const { host, protocol } = url
    if (latest?.host !== host || latest.protocol !== protocol) {
      latest = { host, protocol, scope: scopeOfUrl(options, url) }
    }
    return latest.scope
  }
}

/** What a signature for a URL is for, by the options and the host. */
function scopeOfUrl(options: SignerOptions, url: WireUrl): SigningScope {
  const host = options.signingHost ?? url.host
  const { region, ...others } = scopeFor('createSigner', options, { host, protocol: url.protocol })
  if (region !== undefined) return { region, ...others }
  throw new IamFetchError('REGION_UNKNOWN', `The host ${host} does not contain an AWS region.`, {
    remedy: 'Pass the region of the API as "region"; custom domains always need it.',
  })
}

/**
 * Checks that there are credentials, and the values that become part of a header: a line break in one would make the platform quote
 * the whole signature.
 *
 * @param owner  The function that was given the options.
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function checkValues(
  owner: string,
  {
    credentials,
    region,
    service,
    signingHost,
  }: Pick<SignerOptions, 'credentials' | 'region' | 'service' | 'signingHost'>,
): void {
  if (!credentials) throw invalidOption(owner, '"credentials" is missing')
  if (signingHost !== undefined && !/^[\w.[\]:-]+$/.test(signingHost)) {
    throw invalidOption(owner, '"signingHost" must be a host name, not a URL', signingHost)
  }
  for (const [name, value] of Object.entries({ region, service })) {
    if (value === undefined || /^[\w-]+$/.test(value)) continue
    throw invalidOption(owner, `"${name}" must consist of letters, digits and "-"`, value)
  }
}

/**
 * The credentials and the time of a signature.
 *
 * @throws The reason why the sign-in ended that the credentials came from: they do not belong to the present user any more.
 */
export async function credentialsNow({
  credentials: source,
  clock,
}: SignerOptions): Promise<{ credentials: Credentials; at: Date }> {
  // Some providers return nothing if no user is signed in.
  const credentials = (await (typeof source === 'function' ? source() : source)) ?? {}
  throwIfSignedOut(credentials)
  const at = new Date((clock ?? clockOf(source)).now())
  checkExpiration(credentials, at)
  return { credentials, at }
}

/** Throws what ended the sign-in that credentials came from. Hashing takes time: a signature is checked once more when it is complete. */
export function throwIfSignedOut(credentials: Credentials): void {
  const { error } = ownerOf(credentials).signIn ?? {}
  if (error) throw error
}

/** The clock of a credentials source, if it has one. */
export const clockOf = (source: CredentialsSource): Clock =>
  (typeof source === 'function' ? source.clock : undefined) ?? Date

/** @throws {@link IamFetchError} `CREDENTIALS_EXPIRED`. */
export function checkExpiration({ expiration }: Credentials, at: Date): void {
  // As a `Date`, because it is text where credentials come from JSON.
  const expiresAt = new Date(expiration ?? NaN)
  if (!(expiresAt <= at)) return
  throw new IamFetchError(
    'CREDENTIALS_EXPIRED',
    `The AWS credentials expired at ${expiresAt.toISOString()}.`,
    {
      remedy:
        'Pass a function as "credentials", so that new ones are fetched in time, and check the clock of the device.',
    },
  )
}
