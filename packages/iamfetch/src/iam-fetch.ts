import {
  serverClock,
  serverTimeOf,
  type Clock,
  type Credentials,
  type CredentialsSource,
} from '@iamfetch/core'
import { createSigner, regionOf, type Signer } from '@iamfetch/sigv4'
import { attemptsWith, type AttemptOptions } from './attempts.ts'
import { destinationsOf } from './destination.ts'
import type { Platform } from './platform.ts'
import { providerOf } from './provider.ts'
import { refusalText } from './refusal-text.ts'

/** What a signer is made of. One is made when the credentials change, not for each request. */
export interface SignerContext {
  /** Gives the credentials of the attempt. */
  credentials: () => Promise<Credentials>
  /** Left out, the region is the one in the AWS host name. */
  region?: string | undefined
  service: string
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
  /** The signing name of what is called: `lambda` for function URLs. @default 'execute-api' */
  service?: string | undefined
  /** The host that the gateway sees, where a proxy in front of it sends another `Host` than the URL's. */
  signingHost?: string | undefined
  /** The local time; corrected by what servers say. A credentials source with a clock of its own shares that one. @default Date */
  clock?: Clock | undefined
}

/**
 * Makes a `fetch` that signs each request for API Gateway with the credentials of the moment.
 *
 * Takes and returns what `fetch` does: an HTTP 403 is a `Response`. A path is joined to `baseUrl`, an absolute URL
 * stands for itself, and only the origins of `baseUrl` and `origins` are ever signed for.
 *
 * @returns A function to put in place of `fetch`. It throws {@link IamFetchError}: `ORIGIN_NOT_ALLOWED`,
 *   `REDIRECT_REFUSED`, `NETWORK_OR_CORS`, `OFFLINE`, `DEADLINE_EXCEEDED`, and what the credentials source and the signer throw.
 *   An aborted call rejects with the signal's reason.
 * @throws `TypeError` for a wrong option, for a host without a region in its name when `region` is missing, and for a
 *   region or service that the name of an AWS host contradicts.
 * @see [AWS: IAM permissions for API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html)
 */
export function createIamFetch(options: IamFetchOptions): typeof globalThis.fetch
export function createIamFetch(
  options: IamFetchOptions & Partial<Platform>,
): typeof globalThis.fetch {
  const {
    credentials,
    signer = createSigner,
    region,
    service = 'execute-api',
    signingHost,
  } = options
  if (!credentials) throw TypeError('credentials: missing')
  const destinations = destinationsOf(options)
  for (const url of destinations.urls) {
    const host = signingHost ?? url.host
    const known = regionOf(host) ?? region
    const [, its = service] = /\.(execute-api|lambda(?=-url))/.exec(host) ?? []
    // What the name of an AWS host says is what it verifies with.
    if (!known || (region ?? known) + service !== known + its)
      throw TypeError(`region of ${host}: ${known ?? 'missing'}, ${its}`)
  }
  const own = typeof credentials === 'function'
  const clock = serverClock((own && credentials.clock) || options.clock)
  const provider = providerOf(credentials, clock)
  let signing: Credentials | undefined
  let made: Signer

  return attemptsWith<Credentials>(options, destinations, clock, {
    // Some providers give nothing for nobody; the signer says what is missing.
    get: async () => Object(await provider()),
    authorize(held, url, init) {
      if (held !== signing) {
        signing = held
        // Whether a provider's credentials are over is for the provider and the gateway to say: by a clock that is
        // hours fast they always are, and only a gateway's answer can correct it.
        // Not by spreading: secrets that hide from printing would not be copied.
        const given: Credentials = own ? Object.create(held, { expiration: {} }) : held
        made = signer({ credentials: async () => given, region, service, clock, signingHost })
      }
      return made.sign(url, init)
    },
    async heal(held, { response, sentAt, offsetMs, healed }) {
      const { headers } = response
      const text = await refusalText(response)
      const [, message = ''] = /essage": ?"([^"]*)/.exec(text) ?? []
      const skewed = /^Signature (expired|not\s+yet)/.test(message)
      // All that an HTTP API says. Only what is proven here counts then.
      const silent = message === 'Forbidden'
      if ((skewed || silent) && !healed.has('clock')) {
        const time = timeIn(message) || serverTimeOf(headers)
        // The difference that a `Date` header has to show before it counts: that of `@aws-sdk/core`.
        if (skewed || Math.abs(time - clock.now()) >= 240_000) clock.learn(time, sentAt)
        // Perhaps another call learnt it first; what counts is what this one was signed with.
        if (clock.offsetMs !== offsetMs) return 'clock'
      }
      const spent =
        /^(ExpiredToken|UnrecognizedClient|\S* The security token .*(expired|invalid))/.test(
          `${headers.get('x-amzn-errortype')} ${message}`,
        ) ||
        (silent && Number(held.expiration) <= clock.now())
      if (spent && !healed.has('token')) {
        provider.invalidate?.(held)
        if ((await provider()).accessKeyId !== held.accessKeyId) return 'token'
      }
      return undefined
    },
  })
}

/** The server's time out of `(20230803T171733Z + 5 min.)`; the window is 5 or 15 minutes. */
function timeIn(message: string): number {
  const [, stamp = ''] = /\((\w{15}Z) [-+] \d+ min/.exec(message) ?? []
  return Date.parse(stamp.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))
}
