import {
  callerChanged,
  checkOptions,
  isSameOwner,
  ownerOf,
  serverClock,
  type Clock,
  type Credentials,
  type CredentialsSource,
  type OptionNames,
  type Owner,
} from '@iamfetch/core'
import type { Payload, Signer } from '@iamfetch/sigv4'
import { attemptsWith, type AttemptOptions } from './attempts.ts'
import type { CallAuthorization } from './authorization.ts'
import { companionCheck, companionOf, IDENTITY_HEADER, type Companion } from './companion.ts'
import { destinationsOf } from './destination.ts'
import { headerOf, withHeader, type OutgoingRequest } from './outgoing.ts'
import { WEB, type Platform } from './platform.ts'
import { credentialCallsOf } from './provider.ts'
import { recoveryOf, type Recovery } from './recovery.ts'
import { signingOf, type SignAttempt } from './signing.ts'

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
  /** Corrected by the times of gateways and of the exchange. */
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
  /** The local time, corrected by the dates of responses. A credentials source that has a clock shares its clock instead. @default Date */
  clock?: Clock | undefined
}

export const ATTEMPT_OPTION_NAMES: OptionNames<AttemptOptions> = {
  baseUrl: true,
  origins: 'strings',
  retry: true,
  deadlineMs: 'number',
  fetch: 'function',
  onEvent: 'function',
}

export const IAM_FETCH_OPTION_NAMES: OptionNames<IamFetchOptions> = {
  ...ATTEMPT_OPTION_NAMES,
  credentials: true,
  signer: 'function',
  beforeSign: 'function',
  signingPath: 'function',
  region: 'string',
  service: 'string',
  payload: 'string',
  signingHost: 'string',
  clock: 'clock',
}

/**
 * Creates a `fetch` that signs each request for API Gateway with the credentials of the user who makes the call.
 *
 * Takes and returns what `fetch` does: an HTTP 403 is a `Response`. A path is joined to `baseUrl`, an absolute URL
 * is used as it is, and only the origins of `baseUrl` and `origins` are ever signed for.
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
  const { credentials, beforeSign } = options
  const destinations = destinationsOf({ ...options, URL: platform.URL })
  const isProvider = typeof credentials === 'function'
  const clock = serverClock((isProvider && credentials.clock) || options.clock)
  const calls = credentialCallsOf(credentials, clock)
  const parts: CallParts = {
    startCall: calls.startCall,
    companion: beforeSign && companionOf(beforeSign),
    beforeSign,
    sign: signingOf(platform, options, clock, destinations),
    // A source with a clock corrects it when it issues new credentials.
    recover: recoveryOf(clock, calls, isProvider && credentials.clock !== undefined),
  }
  return attemptsWith({ name, options, platform, destinations, clock }, () => startCall(parts))
}

/** What the calls of one `createIamFetch` have in common. */
interface CallParts {
  readonly startCall: ReturnType<typeof credentialCallsOf>['startCall']
  /** The ID token that `beforeSign` adds, if it is `withIdToken`: it is read when the call starts. */
  readonly companion: Companion | undefined
  readonly beforeSign: IamFetchOptions['beforeSign']
  readonly sign: SignAttempt
  readonly recover: Recovery
}

function startCall({
  startCall: start,
  companion,
  beforeSign,
  sign,
  recover,
}: CallParts): CallAuthorization {
  const call = start()
  const checkCompanion = companionCheck()
  const companionToken = companion?.read()
  const pinned = companionToken?.then(checkCompanion.pin)
  let attempts = 0
  let owner: Owner | undefined
  let held: Credentials | undefined

  return {
    caller: pinned ? pinned.then(() => call.owner) : call.owner,
    ended: call.ended,
    close: call.close,
    async authorize(request, readAgain) {
      owner ??= await call.owner
      held = await call.get({ readAgain })
      checkOwner(owner, held)
      // A guest has no name: the identity of the first attempt identifies the guest.
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
      const authorized = await sign({ ...request, headers }, held)
      return { authorized, signMs: performance.now() - heldAt }
    },
    check(authorized) {
      if (!owner || !held) throw callerChanged()
      checkOwner(owner, held)
      checkCompanion.check(headerOf(authorized, IDENTITY_HEADER), owner)
    },
    recover: (refused) => recover(refused, call, held!),
  }
}

/** Throws if credentials are not the owner's, or if the sign-in that they came from has ended. */
function checkOwner(owner: Owner, credentials: Credentials): void {
  const currentOwner = ownerOf(credentials)
  if (currentOwner.signIn?.error) throw currentOwner.signIn.error
  if (!isSameOwner(owner, currentOwner)) throw callerChanged()
}

/** Lets `beforeSign` change the headers of one attempt. */
async function headersAfter(
  beforeSign: NonNullable<IamFetchOptions['beforeSign']>,
  { url, method, headers: given }: OutgoingRequest,
  attempt: number,
): Promise<OutgoingRequest['headers']> {
  const headers = new Headers(given)
  await beforeSign({ url, method, headers, attempt })
  return [...headers]
}
