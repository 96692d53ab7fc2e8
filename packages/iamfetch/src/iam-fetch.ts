import {
  callerChanged,
  checkOptions,
  gatewayMessage,
  IamFetchError,
  invalidOption,
  isSameOwner,
  ownerOf,
  serverClock,
  type CallCredentials,
  type Clock,
  type Credentials,
  type CredentialsSource,
  type OptionNames,
  type Owner,
  type ServerClock,
} from '@iamfetch/core'
import { scopeFor, urlSigner, type Payload, type Signer } from '@iamfetch/sigv4'
import {
  attemptsWith,
  type AttemptOptions,
  type CallAuthorization,
  type Refused,
} from './attempts.ts'
import { clockCorrection } from './clock-correction.ts'
import { companionCheck, companionOf, IDENTITY_HEADER, type Companion } from './companion.ts'
import { destinationsOf, type Destinations } from './destination.ts'
import { headerOf, withHeader, type AuthorizedRequest, type OutgoingRequest } from './outgoing.ts'
import { WEB, type Platform } from './platform.ts'
import { credentialCallsOf, type CredentialCalls } from './provider.ts'
import { refusalText } from './refusal-text.ts'
import { urlWithPath, urlWithQueryOf } from './signing-path.ts'

/** What a custom signer is created with. One is created when the credentials change, not for each request. */
export interface SignerContext {
  /** Returns the credentials of the attempt. */
  credentials: () => Promise<Credentials>
  /** Defaults to the region in the AWS host name. */
  region?: string | undefined
  /** Defaults to the signing name of the AWS host, else to `execute-api`. */
  service?: string | undefined
  /** What the signature says about the body, if `createIamFetch` was given it. */
  payload?: Payload | undefined
  /** Corrected by what gateways and the exchange said. */
  clock: Clock
  /** The host to sign for, if a proxy changes it. */
  signingHost?: string | undefined
}

/** What `beforeSign` receives. */
export interface BeforeSignRequest {
  readonly url: string
  readonly method: string
  /** The headers of the attempt. Those that are set here are sent; those that begin with `x-amz-` are signed, too. */
  readonly headers: Headers
  /** 1 for the first. */
  readonly attempt: number
}

/** How {@link createIamFetch} signs, where to, and how often it tries. */
export interface IamFetchOptions extends AttemptOptions {
  /** Credentials, or a function that is called for them for each attempt: `cognitoCredentials(…)`, any provider of the AWS SDK. */
  credentials: CredentialsSource
  /**
   * Creates what signs in place of our own signer, for example `awsSdkSigner`. Only the URL and the headers of what it returns are
   * sent. It must sign with the credentials that it is given.
   */
  signer?: ((context: SignerContext) => Signer) | undefined
  /** Called for each attempt. It may set headers of `request.headers`; what it throws ends the call, and nothing is sent. */
  beforeSign?: ((request: BeforeSignRequest) => void | Promise<void>) | undefined
  /** Needed for hosts whose name does not contain it: custom domains, localhost. Defaults to the region in the AWS host name. */
  region?: string | undefined
  /** The signing name of what is called. Defaults to the one of the AWS host, and to `execute-api` for other hosts. */
  service?: string | undefined
  /**
   * What the signature says about the body: `header` for CloudFront with origin access control in front of a function URL.
   * Defaults to `unsigned` for VPC Lattice, which does not accept anything else, and to `signed` for all others.
   */
  payload?: Payload | undefined
  /** The host that the gateway sees, if a proxy in front of it sends another `Host` than the URL's. */
  signingHost?: string | undefined
  /**
   * Turns the path that is called into the one that the gateway sees, if a proxy changes it: a CloudFront distribution with an
   * origin path, for example. Both as they are on the wire: stage included, escapes kept.
   *
   * @see [CloudFront: origin path](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html#DownloadDistValuesOriginPath)
   */
  signingPath?: ((path: string) => string) | undefined
  /** The local time; corrected by what servers say. A credentials source with a clock of its own shares that one. @default Date */
  clock?: Clock | undefined
}

export const ATTEMPT_OPTION_NAMES: OptionNames<AttemptOptions> = {
  baseUrl: true,
  origins: true,
  retry: true,
  deadlineMs: true,
  fetch: true,
  onEvent: true,
}

export const IAM_FETCH_OPTION_NAMES: OptionNames<IamFetchOptions> = {
  ...ATTEMPT_OPTION_NAMES,
  credentials: true,
  signer: true,
  beforeSign: true,
  signingPath: true,
  region: true,
  service: true,
  payload: true,
  signingHost: true,
  clock: true,
}

/**
 * Creates a `fetch` that signs each request for API Gateway with the credentials of the user who makes the call.
 *
 * Takes and returns what `fetch` does: an HTTP 403 is a `Response`. A path is joined to `baseUrl`, an absolute URL
 * stands for itself, and only the origins of `baseUrl` and `origins` are ever signed for.
 *
 * A call belongs to the user who is signed in when it starts. Every attempt is signed for that user or not at all: with
 * `cognitoCredentials` and `awsSdkCredentials` by issuer and subject of the ID token, with other sources by the identity ID if the
 * credentials have one. Static keys and providers without it cannot be checked. The role may change between attempts.
 *
 * @returns A function to use in place of `fetch`. It throws {@link IamFetchError}: `ORIGIN_NOT_ALLOWED`, `CALLER_CHANGED`,
 *   `CLEARED`, `REDIRECT_REFUSED`, `NETWORK_OR_CORS`, `OFFLINE`, `DEADLINE_EXCEEDED`, and what the credentials source and the
 *   signer throw. An aborted call rejects with the signal's reason.
 * @throws `TypeError` for a wrong option, for a host without a region in its name when `region` is missing, and for a
 *   region, service or payload that the name of an AWS host contradicts.
 * @see [AWS: IAM permissions for API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html)
 * @example
 * ```ts
 * const iamFetch = createIamFetch({
 *   baseUrl: 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod',
 *   credentials: cognitoCredentials({ identityPoolId, idToken }),
 * })
 * const response = await iamFetch('/notes')
 * ```
 */
export function createIamFetch(options: IamFetchOptions): typeof globalThis.fetch {
  checkOptions('createIamFetch', options, IAM_FETCH_OPTION_NAMES)
  return iamFetchOn(WEB, options)
}

/** {@link createIamFetch} on a platform. */
export function iamFetchOn(platform: Platform, options: IamFetchOptions): typeof globalThis.fetch {
  const name = 'createIamFetch'
  const { credentials, signer, beforeSign, signingPath } = options
  if (!credentials) throw invalidOption(name, '"credentials" is missing')
  for (const [option, value] of Object.entries({ signer, beforeSign, signingPath })) {
    if (value !== undefined && typeof value !== 'function') {
      throw invalidOption(name, `"${option}" must be a function`, value)
    }
  }
  const destinations = destinationsOf({ ...options, URL: platform.URL })
  const service = checkScopes(name, options, destinations)
  const isProvider = typeof credentials === 'function'
  const companion = beforeSign && companionOf(beforeSign)
  const clock = serverClock((isProvider && credentials.clock) || options.clock)
  const signing: Signing = {
    clock,
    calls: credentialCallsOf(credentials, clock),
    companion,
    beforeSign,
    sign: signingOf(platform, options, clock, destinations, service),
    correctClock: clockCorrection(clock),
    issuerTellsTime: isProvider && credentials.clock !== undefined,
  }
  return attemptsWith({ name, options, platform, destinations, clock }, () => startCall(signing))
}

/**
 * Checks that region and service of every destination are known, and that no option contradicts an AWS host.
 *
 * @returns The service of all destinations; `undefined` if they have several, which the signer reads from each host.
 */
function checkScopes(
  owner: string,
  options: IamFetchOptions,
  destinations: Destinations,
): string | undefined {
  const services = new Set<string>()
  for (const url of destinations.urls) {
    const host = options.signingHost ?? url.host
    const { region, service } = scopeFor(owner, options, { host, protocol: url.protocol })
    services.add(service)
    if (region !== undefined) continue
    throw invalidOption(
      owner,
      `"region" is required for ${host}, whose name does not contain an AWS region`,
    )
  }
  const [only, ...others] = services
  return others.length === 0 ? only : undefined
}

/** What signs the calls of one `createIamFetch`. */
interface Signing {
  readonly clock: ServerClock
  readonly calls: CredentialCalls
  /** The ID token that `beforeSign` adds, if it is `withIdToken`: it is read when the call starts. */
  readonly companion: Companion | undefined
  readonly beforeSign: IamFetchOptions['beforeSign']
  readonly sign: (request: OutgoingRequest, credentials: Credentials) => Promise<AuthorizedRequest>
  readonly correctClock: ReturnType<typeof clockCorrection>
  /** New credentials correct the clock. */
  readonly issuerTellsTime: boolean
}

/** Creates something when the credentials change, not for each request. */
function perCredentials<T>(
  create: (credentials: Credentials) => T,
): (credentials: Credentials) => T {
  let latest: { credentials: Credentials; created: T } | undefined
  return (credentials) => {
    if (latest?.credentials !== credentials) {
      latest = { credentials, created: create(credentials) }
    }
    return latest.created
  }
}

/** Creates the function that signs one attempt, with the `signer` of the options or with our own. */
function signingOf(
  platform: Platform,
  { credentials, signer, region, service, payload, signingHost, signingPath }: IamFetchOptions,
  clock: ServerClock,
  destinations: Destinations,
  customService: string | undefined,
): Signing['sign'] {
  const isProvider = typeof credentials === 'function'
  const contextOf = (given: Credentials) => {
    const held = isProvider ? withoutExpiration(given) : given
    return { credentials: async () => held, region, payload, clock, signingHost }
  }
  if (!signer) {
    const signerFor = perCredentials((given) =>
      urlSigner(platform.hash, { ...contextOf(given), service }),
    )
    return async (request, given) => {
      const url = new platform.URL(request.url)
      const seen = signingPath ? urlWithPath(platform.URL, request.url, signingPath) : url
      return signerFor(given).sign(request, url, seen)
    }
  }
  const signerFor = perCredentials((given) =>
    signer({ ...contextOf(given), service: customService }),
  )
  return async ({ url, method, headers, body, others }, given) => {
    const init: RequestInit = { ...others, method, headers: withoutReadonly(headers) }
    if (body != null) init.body = body
    const seen = signingPath ? urlWithPath(platform.URL, url, signingPath).href : url
    const signed = await signerFor(given).sign(seen, init)
    if (!signed.headers.has('authorization')) throw unauthorized()
    const sent = signingPath ? urlWithQueryOf(platform.URL, url, signed.url) : signed.url
    // Whatever the signer did.
    destinations.resolve(sent)
    return { url: sent, headers: [...signed.headers] }
  }
}

/**
 * Whether a provider's credentials have expired is for the provider and the gateway to say: by a clock that is hours fast they
 * always have, and only a gateway's response can correct it. Not a copy: secrets that are hidden from printing are not copied.
 */
const withoutExpiration = (credentials: Credentials): Credentials =>
  Object.create(credentials, { expiration: { value: undefined } })

function startCall(signing: Signing): CallAuthorization {
  const { calls, companion, beforeSign } = signing
  const call = calls.startCall()
  const checkCompanion = companionCheck()
  const companionToken = companion?.read()
  const pinned = companionToken?.then(checkCompanion.pin)
  let attempts = 0
  let owner: Owner | undefined
  let held: Credentials | undefined

  return {
    caller: Promise.all([call.owner, pinned]).then(([caller]) => caller),
    ended: call.ended,
    close: call.close,
    async authorize(request, readAgain) {
      owner ??= await call.owner
      held = await call.get({ readAgain })
      checkOwner(owner, held)
      // A guest has no name: the identity of the first attempt tells who it is.
      if (owner.identityId === undefined && held.identityId !== undefined) {
        owner = { ...owner, identityId: held.identityId }
      }
      let { headers } = request
      attempts++
      if (companion) {
        const token = await (readAgain ? companion.read() : companionToken!)
        headers = withHeader(headers, IDENTITY_HEADER, token)
      } else if (beforeSign) headers = await headersAfter(beforeSign, request, attempts)
      const heldAt = performance.now()
      const authorized = await signing.sign({ ...request, headers }, held)
      return { authorized, signMs: performance.now() - heldAt }
    },
    check(authorized) {
      if (!owner || !held) throw callerChanged()
      checkOwner(owner, held)
      checkSignature(authorized, held)
      checkCompanion.check(headerOf(authorized, IDENTITY_HEADER), owner)
    },
    heal: (refused) => heal(refused, { ...signing, call, held: held! }),
  }
}

/** Throws if credentials are not the owner's, or if the sign-in that they came from has ended. */
function checkOwner(owner: Owner, credentials: Credentials): void {
  const found = ownerOf(credentials)
  if (found.signIn?.error) throw found.signIn.error
  if (!isSameOwner(owner, found)) throw callerChanged()
}

/** A signer may keep credentials of its own: what it signed with has to be what was checked. */
function checkSignature(authorized: AuthorizedRequest, credentials: Credentials): void {
  const authorization = headerOf(authorized, 'authorization') ?? ''
  const token = headerOf(authorized, 'x-amz-security-token')
  const [, accessKeyId] = /Credential=([^/]+)\//.exec(authorization) ?? []
  const isOther = accessKeyId !== undefined && accessKeyId !== credentials.accessKeyId
  if (isOther || (token !== undefined && token !== credentials.sessionToken)) throw callerChanged()
}

/** Lets `beforeSign` change the headers of one attempt. */
async function headersAfter(
  beforeSign: NonNullable<IamFetchOptions['beforeSign']>,
  { url, method, headers: given }: OutgoingRequest,
  attempt: number,
): Promise<OutgoingRequest['headers']> {
  const headers = new Headers(withoutReadonly(given))
  await beforeSign({ url, method, headers, attempt })
  return [...headers]
}

const withoutReadonly = (headers: OutgoingRequest['headers']): [name: string, value: string][] =>
  headers.map(([name, value]) => [name, value])

/** What {@link heal} works with. */
interface Healing extends Pick<Signing, 'clock' | 'calls' | 'correctClock' | 'issuerTellsTime'> {
  readonly call: CallCredentials
  readonly held: Credentials
}

async function heal(
  refused: Refused,
  { clock, calls, correctClock, issuerTellsTime, call, held }: Healing,
): Promise<'token' | 'clock' | undefined> {
  const { response, healed } = refused
  const message = gatewayMessage(await refusalText(response)) ?? ''
  // Always the credentials of this call's user.
  const replace = async (): Promise<Credentials> => {
    calls.invalidate?.(held)
    return call.get({ readAgain: true })
  }
  if (!healed.has('clock')) {
    const askIssuer = issuerTellsTime ? replace : undefined
    if (await correctClock(held, refused, message, askIssuer)) return 'clock'
  }
  const hasExpired = held.expiration !== undefined && held.expiration.getTime() <= clock.now()
  const isSpent =
    isSessionRefused(response.headers, message) || (message === 'Forbidden' && hasExpired)
  if (isSpent && !healed.has('token')) {
    const next = await replace()
    if (next.accessKeyId !== held.accessKeyId) return 'token'
  }
  return undefined
}

const unauthorized = (): IamFetchError =>
  new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    'The "signer" returned a request without an "authorization" header, so it was not sent.',
    { remedy: 'Check the option "signer": it has to sign every request that it is given.' },
  )

/** The error type, or the words of a REST API, which sends another type or none with them. */
const isSessionRefused = (headers: Headers, message: string): boolean =>
  /^(ExpiredToken|UnrecognizedClient)/.test(headers.get('x-amzn-errortype') ?? '') ||
  /^The security token .*(expired|invalid)/.test(message)
