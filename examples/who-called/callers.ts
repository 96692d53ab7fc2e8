import { machineToken, memoryStore, oauthTokenEndpoint } from '@iamfetch/machine'
import {
  type Clock,
  cognitoCredentials,
  createIamFetch,
  createTokenFetch,
  type TokenSource,
} from 'iamfetch'
import { withIdToken } from 'iamfetch/id-token'

/** An app of a user: it sends the ID token, and the API's authorizer looks at it. */
export const userFetch = (baseUrl: string, idToken: TokenSource): typeof fetch =>
  createTokenFetch({ baseUrl, token: idToken })

/** What a signed call needs. */
export interface SignedOptions {
  baseUrl: string
  region: string
  identityPoolId: string
  /** @default AWS's own, of the region */
  endpoint?: string
  idToken: () => Promise<string>
}

/** An app of a user that signs its calls, and sends the ID token along for email and groups. */
export function signedFetch(options: SignedOptions): typeof fetch {
  const { baseUrl, region, identityPoolId, endpoint, idToken } = options
  const credentials = cognitoCredentials({
    identityPoolId,
    idToken,
    ...(endpoint !== undefined && { endpoint }),
  })
  return createIamFetch({ baseUrl, region, credentials, beforeSign: withIdToken(idToken) })
}

/** What a tenant's service has to know. */
export interface TenantOptions {
  baseUrl: string
  /** `https://<domain>/oauth2/token` */
  tokenUrl: string
  clientId: string
  clientSecret: string
  clock?: Clock | undefined
}

/** A service of a tenant: a machine token of its own app client, with every scope that it has. */
export function tenantFetch(options: TenantOptions): typeof fetch {
  const { baseUrl, tokenUrl, clientId, clientSecret, clock } = options
  const token = machineToken({
    source: oauthTokenEndpoint({ url: tokenUrl, clientId }),
    clientSecret,
    store: memoryStore({ clock }),
    clock,
  })
  return createTokenFetch({ baseUrl, token, clock })
}
