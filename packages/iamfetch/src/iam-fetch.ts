import {
  gatewayMessage,
  serverClock,
  type Clock,
  type Credentials,
  type CredentialsSource,
} from '@iamfetch/core'
import { createSigner, regionOf, type Signer } from '@iamfetch/sigv4'
import { attemptsWith, type AttemptOptions } from './attempts.ts'
import { clockCorrection } from './clock-correction.ts'
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
  const askIssuer = async (held: Credentials): Promise<void> => {
    provider.invalidate?.(held)
    await provider()
  }
  const correctClock = clockCorrection(clock, own && credentials.clock ? askIssuer : undefined)

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
    async heal(held, refused) {
      const { response, healed } = refused
      const { headers } = response
      const message = gatewayMessage(await refusalText(response)) ?? ''
      if (!healed.has('clock') && (await correctClock(held, refused, message))) return 'clock'
      const spent =
        /^(ExpiredToken|UnrecognizedClient|\S* The security token .*(expired|invalid))/.test(
          `${headers.get('x-amzn-errortype')} ${message}`,
        ) ||
        (message === 'Forbidden' && Number(held.expiration) <= clock.now())
      if (spent && !healed.has('token')) {
        provider.invalidate?.(held)
        if ((await provider()).accessKeyId !== held.accessKeyId) return 'token'
      }
      return undefined
    },
  })
}
