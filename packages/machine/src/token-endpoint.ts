/**
 * A token endpoint as one client uses it: how a request for a token is built, and how its response is read.
 *
 * It only knows the protocol. Sending, waiting, retrying and caching happen in `machineToken`. Created by
 * `oauthTokenEndpoint` and `cognitoClientToken`; implement it for an issuer with another protocol.
 */
export interface TokenEndpoint {
  /**
   * Distinguishes this endpoint from every other: kind, URL, client, resource, metadata. Tokens of the same identity and
   * scopes are shared. Never a secret.
   */
  readonly identity: readonly string[]
  /**
   * Whether requests carry a proof that the source creates itself, such as `private_key_jwt`. `machineToken` then takes no
   * `clientSecret`, and `clientSecret` is empty in every request. @default false
   */
  readonly withoutSecret?: boolean | undefined
  /** Builds the request for one token. */
  request(parameters: TokenParameters): TokenRequest | Promise<TokenRequest>
  /**
   * Reads the response.
   *
   * @throws `IamFetchError` if the response is a refusal or not a token.
   */
  read(response: TokenResponse): TokenGrant
}

/** The parameters of a token request. */
export interface TokenParameters {
  clientSecret: string
  /** Sorted and unique. Empty requests all that the client may have. */
  scopes: readonly string[]
  /** The time by the corrected clock, in milliseconds since the epoch, for a signed assertion. @default Date.now() */
  now?: number | undefined
}

/** A POST to a token endpoint. */
export interface TokenRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** The response of a token endpoint. */
export interface TokenResponse {
  status: number
  headers: Headers
  /** The body; `undefined` if it is not JSON. */
  json: unknown
}

/** A token that an endpoint granted, checked. */
export interface TokenGrant {
  token: string
  /**
   * Seconds, counted from when the response was created. Without it the token lives until `exp`, and without both for 300
   * seconds.
   */
  expiresIn?: number | undefined
  /** The JWT's `exp`, in seconds since the epoch. */
  exp?: number | undefined
  /** The granted scopes, if the response names them. */
  scopes?: readonly string[] | undefined
}
