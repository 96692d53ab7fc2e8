import {
  callerChanged,
  checkOptions,
  gatewayMessage,
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
import { createSigner, scopeFor, type Signer } from '@iamfetch/sigv4'
import {
  attemptsWith,
  type AttemptOptions,
  type CallAuthorization,
  type Refused,
} from './attempts.ts'
import { clockCorrection } from './clock-correction.ts'
import { companionCheck, companionOf, IDENTITY_HEADER, type Companion } from './companion.ts'
import { destinationsOf, type Destinations } from './destination.ts'
import { WEB, type Platform } from './platform.ts'
import { credentialCallsOf, type CredentialCalls } from './provider.ts'
import { refusalText } from './refusal-text.ts'

/** What a signer is made of. One is made when the credentials change, not for each request. */
export interface SignerContext {
  /** Gives the credentials of the attempt. */
  credentials: () => Promise<Credentials>
  /** Defaults to the region in the AWS host name. */
  region?: string | undefined
  /** Defaults to the signing name of the AWS host, else to `execute-api`. */
  service?: string | undefined
  /** Corrected by what gateways and the exchange said. */
  clock: Clock
  /** The host to sign for where a proxy rewrites it. */
  signingHost?: string | undefined
}

/** How {@link createIamFetch} signs, where to, and how often it tries. */
export interface IamFetchOptions extends AttemptOptions {
  /** Credentials, or what to ask for them before each attempt: `cognitoCredentials(…)`, any provider of the AWS SDK. */
  credentials: CredentialsSource
  /** Makes what signs. @default createSigner of `@iamfetch/sigv4` */
  signer?: ((context: SignerContext) => Signer) | undefined
  /** Needed for hosts whose name does not tell it: custom domains, localhost. @default the region in the AWS host name */
  region?: string | undefined
  /** The signing name of what is called. @default the one of the AWS host, `lambda` for function URLs for example; else 'execute-api' */
  service?: string | undefined
  /** The host that the gateway sees, where a proxy in front of it sends another `Host` than the URL's. */
  signingHost?: string | undefined
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
  region: true,
  service: true,
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
 *   region or service that the name of an AWS host contradicts.
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
  const { credentials, signingHost, signer = createSigner } = options
  if (!credentials) throw invalidOption(name, '"credentials" is missing')
  const destinations = destinationsOf({ ...options, URL: platform.URL })
  const service = checkScopes(name, options, destinations)
  const { region } = options
  const isProvider = typeof credentials === 'function'
  const companion = companionOf(signer)
  const create = companion?.signer ?? signer
  const clock = serverClock((isProvider && credentials.clock) || options.clock)
  const signing: Signing = {
    clock,
    calls: credentialCallsOf(credentials, clock),
    companion,
    correctClock: clockCorrection(clock),
    issuerTellsTime: isProvider && credentials.clock !== undefined,
    signerFor: signerCache(isProvider, (given) =>
      create({ credentials: async () => given, region, service, clock, signingHost }),
    ),
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
  /** The ID token that goes along, if one does. */
  readonly companion: Companion | undefined
  readonly signerFor: (credentials: Credentials) => Signer
  readonly correctClock: ReturnType<typeof clockCorrection>
  /** New credentials correct the clock. */
  readonly issuerTellsTime: boolean
}

/** Creates a signer when the credentials change, not for each request. */
function signerCache(
  isProvider: boolean,
  create: (credentials: Credentials) => Signer,
): Signing['signerFor'] {
  let latest: { credentials: Credentials; signer: Signer } | undefined
  return (credentials) => {
    if (latest?.credentials !== credentials) {
      const signer = create(isProvider ? withoutExpiration(credentials) : credentials)
      latest = { credentials, signer }
    }
    return latest.signer
  }
}

/**
 * Whether a provider's credentials have expired is for the provider and the gateway to say: by a clock that is hours fast they
 * always have, and only a gateway's response can correct it. Not a copy: secrets that are hidden from printing are not copied.
 */
const withoutExpiration = (credentials: Credentials): Credentials =>
  Object.create(credentials, { expiration: { value: undefined } })

function startCall(signing: Signing): CallAuthorization {
  const { calls, companion, signerFor } = signing
  const call = calls.startCall()
  const checkCompanion = companionCheck()
  const companionToken = companion?.read()
  const pinned = companionToken?.then(checkCompanion.pin)
  let owner: Owner | undefined
  let held: Credentials | undefined

  return {
    caller: Promise.all([call.owner, pinned]),
    ended: call.ended,
    close: call.close,
    async authorize(url, init, readAgain) {
      owner ??= await call.owner
      held = await call.get({ readAgain })
      checkOwner(owner, held)
      // A guest has no name: the identity of the first attempt tells who it is.
      owner = { ...owner, identityId: owner.identityId ?? held.identityId }
      const headers = new Headers(init.headers)
      if (companion) {
        headers.set(IDENTITY_HEADER, await (readAgain ? companion.read() : companionToken!))
      }
      const heldAt = performance.now()
      const request = await signerFor(held).sign(url, { ...init, headers })
      return { request, signMs: performance.now() - heldAt }
    },
    check(request) {
      if (!owner || !held) throw callerChanged()
      checkOwner(owner, held)
      checkSignature(request.headers, held)
      checkCompanion.check(request.headers, owner)
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
function checkSignature(headers: Headers, credentials: Credentials): void {
  const [, accessKeyId] = /Credential=([^/]+)\//.exec(headers.get('authorization') ?? '') ?? []
  const token = headers.get('x-amz-security-token')
  const isOther = accessKeyId !== undefined && accessKeyId !== credentials.accessKeyId
  if (isOther || (token !== null && token !== credentials.sessionToken)) throw callerChanged()
}

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

const isSessionRefused = (headers: Headers, message: string): boolean =>
  /^(ExpiredToken|UnrecognizedClient|\S* The security token .*(expired|invalid))/.test(
    `${headers.get('x-amzn-errortype')} ${message}`,
  )
