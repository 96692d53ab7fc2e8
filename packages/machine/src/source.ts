/**
 * Where tokens come from: one app client at one token endpoint.
 *
 * A source only speaks the endpoint's language. Sending, waiting, retrying and caching happen outside of it.
 * Made by `oauthTokenEndpoint` and `cognitoClientToken`.
 */
export interface TokenSource {
  /** Tells this source from every other: kind, endpoint, client, resource, metadata. Never a secret. */
  readonly identity: readonly string[]
  /** The request for one token. */
  request(ask: TokenAsk): TokenRequest
  /**
   * Reads the answer.
   *
   * @throws `IamFetchError` when the answer is a refusal or no token.
   */
  read(answer: TokenAnswer): TokenGrant
}

/** What a token is asked for with. */
export interface TokenAsk {
  clientSecret: string
  /** Sorted and unique; empty asks for whatever the client may have. */
  scopes: readonly string[]
}

/** A POST to a token endpoint. */
export interface TokenRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** What came back. */
export interface TokenAnswer {
  status: number
  headers: Headers
  /** The body, where it was JSON. */
  json: unknown
}

/** A token that was checked. */
export interface TokenGrant {
  token: string
  /** Seconds, counted from the answer. */
  expiresIn: number
  /** The JWT's `exp`, in seconds since the epoch. */
  exp?: number | undefined
  /** What was granted, as far as the answer tells. */
  scopes?: readonly string[] | undefined
}

/** Reads a property of something that came over the wire. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined

/** The same for a text; empty for anything else. */
export const textField = (value: unknown, name: string): string => {
  const text = field(value, name)
  return typeof text === 'string' ? text : ''
}

/** An error name from an answer, if it looks like one: nothing else of an answer gets into a message. */
export const wireName = (value: unknown): string =>
  typeof value === 'string' && /^[\w.-]{1,80}$/.test(value) ? value : ''

/** Metadata as one JSON text; the order of its keys means nothing. */
export const metadataText = (metadata: Readonly<Record<string, string>>): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  )
