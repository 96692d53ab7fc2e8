/** Creates the clients and secrets of keys. */
export interface KeyIssuer {
  /** How many scopes a key must have at least, and may have at most. */
  readonly scopes: { readonly least: number; readonly most: number }
  /** Creates the client of a key, with a secret. */
  issue(key: { keyId: string; scopes: readonly string[] }): Promise<IssuedClient>
  /** Creates another secret for a client. */
  addSecret(clientId: string): Promise<IssuedSecret>
  /** The place outside the store where clients are, if there is one. */
  readonly pool?: ClientPool | undefined
  /**
   * Whether a token with this `iss` may be a key's. `undefined` is a caller whose token names no issuer: an opaque key, or what a
   * Lambda authorizer passes on.
   *
   * Client IDs are not secret, and another issuer may let its clients choose theirs: without this check such a client would act
   * for a user. Defaults to a token of every issuer.
   */
  readonly issues?: ((tokenIssuer: string | undefined) => boolean) | undefined
  /** Reads a key that calls send themselves, if such keys are created here. `undefined` for any other text. */
  readonly read?: ((presented: string) => PresentedKey | undefined) | undefined
}

/** A client that was created. */
export interface IssuedClient {
  clientId: string
  secret: IssuedSecret
}

/** A secret that was created. It is shown once. */
export interface IssuedSecret {
  id: string
  /** The issuers of this package hide it from printing: see {@link issuedSecret}. */
  readonly value: string
  /** By what it is recognised, if it is verified here. */
  hash?: string
}

/** Creates a secret whose value no log shows. It has to be read by name. */
export const issuedSecret = (shown: Omit<IssuedSecret, 'value'>, value: string): IssuedSecret =>
  Object.defineProperty({ ...shown, value }, 'value', {
    get: () => value,
    enumerable: false,
  })

/** What a call sent. */
export interface PresentedKey {
  clientId: string
  /** The secret's hash. */
  hash: string
  /** Whether the checksum is wrong. Such a key is refused without a read of the store. */
  isMistyped?: boolean | undefined
}

/** Clients outside the store. Removing one that does not exist is not an error. */
export interface ClientPool {
  /** Every client that was created here, with the key in its name. */
  clients(): AsyncIterable<{ keyId: string; clientId: string }>
  /** @returns The IDs of a client's secrets, the oldest first; `undefined` if there is no such client. */
  secretIds(clientId: string): Promise<string[] | undefined>
  dropSecret(clientId: string, secretId: string): Promise<void>
  setScopes(clientId: string, scopes: readonly string[]): Promise<void>
  remove(clientId: string): Promise<void>
}
