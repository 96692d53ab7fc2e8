import {
  checkOptions,
  invalidOption,
  IamFetchError,
  isSameOwner,
  callerChanged,
  ownerOf,
  throwIfEnded,
  type Clock,
  type CredentialsSource,
  type OptionNames,
} from '@iamfetch/core'
import { createSigner, type Signer, type SignerOptions } from '@iamfetch/sigv4'
import { credentialCallsOf } from './provider.ts'

/** How a WebSocket URL is signed. */
export interface WebSocketUrlOptions {
  /** `wss://abc.execute-api.eu-central-1.amazonaws.com/prod`, with any parameters of your own. */
  url: string | URL
  /** As for `createIamFetch`. */
  credentials: CredentialsSource
  /** Needed for hosts whose name does not contain it. Defaults to the region in the AWS host name. */
  region?: string | undefined
  /** The time of the signature. Defaults to the clock of `credentials` if it has one, else `Date`. */
  clock?: Clock | undefined
}

const OPTION_NAMES: OptionNames<WebSocketUrlOptions> = {
  url: true,
  credentials: true,
  region: 'string',
  clock: 'clock',
}

/** The quota of WebSocket URLs, of which a session token takes one or two thousand characters. */
const MAX_URL_LENGTH = 4_096

/**
 * Signs the URL of a WebSocket API, to be opened at once: `new WebSocket(await signWebSocketUrl({ url, credentials }))`.
 *
 * The URL belongs to the user who is signed in when the function is called. The session token is inside the signature, as API
 * Gateway requires (AWS IoT requires it outside). Sign again for each (re)connection: a URL works for five minutes, a connection
 * lasts two hours at most. Anyone who has the URL can connect with it: keep it out of logs.
 *
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for another scheme than wss (or ws, on a host that is not AWS's), and above
 *   4,096 characters; `CLEARED` and `CALLER_CHANGED` if the user changes in the meantime; what the credentials source and the
 *   signer throw.
 * @see [AWS: IAM authorization of $connect](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html)
 * @see [AWS: quotas of WebSocket APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html)
 * @example
 * ```ts
 * const url = await signWebSocketUrl({
 *   url: 'wss://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/prod',
 *   credentials,
 * })
 * const socket = new WebSocket(url) // sign again for each connection
 * ```
 */
export function signWebSocketUrl(options: WebSocketUrlOptions): Promise<URL> {
  return webSocketUrlOn(createSigner, options)
}

/** {@link signWebSocketUrl} with the signer of a platform. */
export async function webSocketUrlOn(
  signer: (options: SignerOptions) => Signer,
  options: WebSocketUrlOptions,
): Promise<URL> {
  checkOptions('signWebSocketUrl', options, OPTION_NAMES)
  const { url, credentials, region } = options
  if (!credentials) throw invalidOption('signWebSocketUrl', '"credentials" is missing')
  if (!/^wss?:/i.test(String(url))) {
    throw notSignable(
      'The URL of a WebSocket begins with wss://.',
      'Pass the wss:// URL of the stage.',
    )
  }
  const isProvider = typeof credentials === 'function'
  const clock = options.clock ?? (isProvider ? credentials.clock : undefined) ?? Date
  // The URL belongs to the user who is signed in now; otherwise none is returned.
  const call = credentialCallsOf(credentials, clock).startCall()
  try {
    const owner = await call.owner
    const held = await call.get()
    // The signer refuses ws: for AWS hosts: the session token is in the URL.
    const signed = await signer({ credentials: held, region, clock }).presign(url)
    throwIfEnded(call.ended)
    if (!isSameOwner(owner, ownerOf(held))) throw callerChanged()
    return withinQuota(signed)
  } finally {
    call.close()
  }
}

function withinQuota(signed: URL): URL {
  const { length } = signed.href
  if (length <= MAX_URL_LENGTH) return signed
  throw notSignable(
    `The signed URL has ${length} characters; API Gateway accepts ${MAX_URL_LENGTH}.`,
    'Send parameters in the first message instead.',
  )
}

const notSignable = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('URL_NOT_SIGNABLE', message, { remedy })
