import { IamFetchError, type Clock, type CredentialsSource } from '@iamfetch/core'
import { createSigner, type Signer, type SignerOptions } from '@iamfetch/sigv4'

/** What a WebSocket URL is signed with. */
export interface WebSocketUrlOptions {
  /** `wss://abc.execute-api.eu-central-1.amazonaws.com/prod`, with parameters of your own if you need them. */
  url: string | URL
  /** As for `createIamFetch`. */
  credentials: CredentialsSource
  /** Needed for hosts whose name does not contain it. @default the region in the AWS host name */
  region?: string | undefined
  /** The time of the signature. @default the clock of `credentials` if it has one, else Date */
  clock?: Clock | undefined
}

/** The quota of WebSocket URLs, of which a session token takes one or two thousand characters. */
const MAX_URL_LENGTH = 4_096

/**
 * Signs the URL of a WebSocket API, to be opened at once: `new WebSocket(await signedWebSocketUrl({ url, credentials }))`.
 *
 * The session token is inside the signature, as API Gateway asks for (AWS IoT asks for it outside). Sign again for each
 * (re)connection: a URL works for five minutes, a connection lasts two hours at most. Everybody who has the URL can connect with
 * it: keep it out of logs.
 *
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for another scheme than wss (or ws, on a host that is not AWS's), and above
 *   4,096 characters; what the credentials source and the signer throw.
 * @see [AWS: IAM authorization of $connect](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html)
 * @see [AWS: quotas of WebSocket APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html)
 */
export async function signedWebSocketUrl(
  { url, credentials, region, clock }: WebSocketUrlOptions,
  signer: (options: SignerOptions) => Signer = createSigner,
): Promise<URL> {
  if (!/^wss?:/i.test(String(url))) {
    throw notSignable(
      'The URL of a WebSocket begins with wss://.',
      'Pass the wss:// URL of the stage.',
    )
  }
  // The signer refuses ws: for AWS hosts: the session token is in the URL.
  const signed = await signer({ credentials, region, clock }).presign(url)
  const { length } = signed.href
  if (length <= MAX_URL_LENGTH) return signed
  throw notSignable(
    `The signed URL has ${length} characters; API Gateway accepts ${MAX_URL_LENGTH}.`,
    'Send parameters in the first message instead.',
  )
}

const notSignable = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('URL_NOT_SIGNABLE', message, { remedy })
