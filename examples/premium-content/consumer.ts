import {
  createIamFetch,
  createTokenFetch,
  IamFetchError,
  type Clock,
  type CredentialsSource,
} from 'iamfetch'
import {
  machineToken,
  oauthTokenEndpoint,
  type MachineToken,
  type MachineTokenEvent,
  type TokenStore,
} from '@iamfetch/machine'
import { secretsManager } from '@iamfetch/machine/secrets-manager'

/** What a consumer has to know. On AWS these are environment variables, but for the credentials. */
export interface ConsumerOptions {
  region: string
  /** The provider's API. */
  providerUrl: string
  /** `https://<domain>/oauth2/token` */
  tokenUrl: string
  clientId: string
  /** Name of the secret, a JSON object with `clientSecret`. */
  secretId: string
  secretsManagerUrl: string
  /** Of the role that the consumer runs with. */
  credentials: CredentialsSource
  /** @default the memory of this process */
  store?: TokenStore | undefined
  /** @default Date */
  clock?: Clock | undefined
  onEvent?: ((event: MachineTokenEvent) => void) | undefined
}

/** What a Lambda function answers. */
export interface Answer {
  statusCode: number
  headers: Record<string, string>
  body: string
}

/** A service that calls the provider for one tenant. */
export interface Consumer {
  /** Calls without a token. */
  readonly unauthorizedRead: () => Promise<Answer>
  readonly authorizedRead: () => Promise<Answer>
  readonly authorizedWrite: () => Promise<Answer>
  /** One token for each set of scopes, no more than it needs. */
  readonly tokens: { readonly read: MachineToken; readonly write: MachineToken }
}

/** Creates the consumer. Call it once, outside of the handler, because it caches the tokens. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { region, providerUrl, secretsManagerUrl, credentials, clock } = options
  const signed = createIamFetch({
    baseUrl: secretsManagerUrl,
    service: 'secretsmanager',
    region,
    credentials,
    clock,
  })
  const clientSecret = secretsManager({
    secretId: options.secretId,
    field: 'clientSecret',
    region,
    endpoint: secretsManagerUrl,
    fetch: signed,
    clock,
  })
  const source = oauthTokenEndpoint({ url: options.tokenUrl, clientId: options.clientId })
  const tokenFor = (scope: string): MachineToken =>
    machineToken({
      source,
      clientSecret,
      scopes: [scope],
      store: options.store,
      clock,
      onEvent: options.onEvent,
    })
  const tokens = { read: tokenFor('premium/read'), write: tokenFor('premium/write') }
  const reading = createTokenFetch({ baseUrl: providerUrl, token: tokens.read, clock })
  const writing = createTokenFetch({ baseUrl: providerUrl, token: tokens.write, clock })
  return {
    tokens,
    unauthorizedRead: () => passedOn(fetch(`${providerUrl}/premium`)),
    authorizedRead: () => passedOn(reading('/premium')),
    authorizedWrite: () => passedOn(writing('/premium', { method: 'POST' })),
  }
}

/** Passes the provider's response on. If no token could be obtained, the response says so. */
async function passedOn(call: Promise<Response>): Promise<Answer> {
  try {
    const response = await call
    return json(response.status, await response.text())
  } catch (error) {
    if (!(error instanceof IamFetchError)) throw error
    const { code, message, remedy, retryable } = error
    return json(retryable ? 503 : 502, JSON.stringify({ message, code, remedy }))
  }
}

const json = (statusCode: number, body: string): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body,
})
