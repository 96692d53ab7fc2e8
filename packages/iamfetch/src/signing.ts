import {
  callerChanged,
  IamFetchError,
  invalidOption,
  type Clock,
  type Credentials,
} from '@iamfetch/core'
import {
  checkExpiration,
  checkValues,
  scopeFor,
  signRequest,
  type Signer,
  type SigningScope,
} from '@iamfetch/sigv4'
import type { Destinations } from './destination.ts'
import type { IamFetchOptions } from './iam-fetch.ts'
import { headerOf, type AuthorizedRequest, type OutgoingRequest } from './outgoing.ts'
import type { Platform } from './platform.ts'
import { signedPathOf, urlWithQueryOf } from './signing-path.ts'

/** Signs one attempt with the credentials of the user who made the call. */
export type SignAttempt = (
  request: OutgoingRequest,
  credentials: Credentials,
) => Promise<AuthorizedRequest>

/**
 * Creates what signs the attempts of one `createIamFetch`, with the `signer` of the options or with our own. What a signature is
 * for is decided here, once for each destination.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 */
export function signingOf(
  platform: Platform,
  options: IamFetchOptions,
  clock: Clock,
  destinations: Destinations,
): SignAttempt {
  const { credentials, signer, signingHost, signingPath } = options
  const scopes = scopesOf('createIamFetch', options, destinations)
  if (signer) return customSigning(platform, options, clock, destinations, scopes)
  return async ({ url: address, method, headers, body }, held) => {
    const url = new platform.URL(address)
    const at = new Date(clock.now())
    // Whether those of a provider have expired is for the provider and the gateway to say: by a clock that is hours fast they
    // always have, and only a gateway's response can correct it.
    if (typeof credentials !== 'function') checkExpiration(held, at)
    const host = signingHost ?? url.host
    const path = signedPathOf(url, signingPath, platform.URL)
    const request = { method, headers, body, url, host, path }
    return signRequest(platform.hash, request, {
      ...scopes.get(url.host)!,
      credentials: held,
      at,
    })
  }
}

/** What the signatures for each host are for. @throws `TypeError` if that is not known, or if an option contradicts an AWS host. */
function scopesOf(
  owner: string,
  options: IamFetchOptions,
  { urls }: Destinations,
): Map<string, SigningScope> {
  checkValues(owner, options)
  const scopes = new Map<string, SigningScope>()
  for (const { host: called, protocol } of urls) {
    const host = options.signingHost ?? called
    const { region, ...others } = scopeFor(owner, options, { host, protocol })
    if (region === undefined) {
      throw invalidOption(
        owner,
        `"region" is required for ${host}, whose name does not contain an AWS region`,
      )
    }
    scopes.set(called, { region, ...others })
  }
  return scopes
}

/** Signs with the `signer` of the options. */
function customSigning(
  platform: Platform,
  { credentials, signer, region, payload, signingHost, signingPath }: IamFetchOptions,
  clock: Clock,
  destinations: Destinations,
  scopes: Map<string, SigningScope>,
): SignAttempt {
  // If the destinations have several services, the signer reads the service from each host.
  const services = new Set([...scopes.values()].map((scope) => scope.service))
  const service = services.size === 1 ? [...services][0] : undefined
  let latest: { credentials: Credentials; signer: Signer } | undefined
  const signerFor = (given: Credentials): Signer => {
    if (latest?.credentials !== given) {
      const held = typeof credentials === 'function' ? withoutExpiration(given) : given
      const context = {
        credentials: async () => held,
        region,
        service,
        payload,
        clock,
        signingHost,
      }
      latest = { credentials: given, signer: signer!(context) }
    }
    return latest.signer
  }

  return async ({ url: address, headers, init }, held) => {
    const url = new platform.URL(address)
    url.pathname = signedPathOf(url, signingPath, platform.URL)
    const signed = await signerFor(held).sign(url.href, { ...init, headers, signal: null })
    if (!signed.headers.has('authorization')) throw unauthorized()
    const sent = signingPath ? urlWithQueryOf(platform.URL, address, signed.url) : signed.url
    // Whatever the signer did: the text that was checked is sent, because an object may become another text the next time.
    const authorized = { url: destinations.resolve(sent).href, headers: [...signed.headers] }
    checkSignature(authorized, held)
    return authorized
  }
}

/** Not a copy: secrets that are hidden from printing are not copied. */
const withoutExpiration = (credentials: Credentials): Credentials =>
  Object.create(credentials, { expiration: { value: undefined } })

/** A signer may keep other credentials: it has to sign with those that it was given. */
function checkSignature(authorized: AuthorizedRequest, credentials: Credentials): void {
  const authorization = headerOf(authorized, 'authorization') ?? ''
  const token = headerOf(authorized, 'x-amz-security-token')
  const signatures = [
    /[?&]X-Amz-Credential=([^%/&]+)/.exec(authorized.url),
    /Credential=([^/]+)\//.exec(authorization),
  ]
  const isOther = signatures.some((match) => match && match[1] !== credentials.accessKeyId)
  if (isOther || (token !== undefined && token !== credentials.sessionToken)) throw callerChanged()
}

const unauthorized = (): IamFetchError =>
  new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    'The "signer" returned a request without an "authorization" header, so it was not sent.',
    { remedy: 'Check the option "signer": it has to sign every request that it is given.' },
  )
