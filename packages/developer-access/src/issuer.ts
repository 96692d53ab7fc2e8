/** Makes the clients and secrets behind keys. */
export interface KeyIssuer {
  /** How many scopes a key has to have, and may. */
  readonly scopes: { readonly least: number; readonly most: number }
  /** Makes the client of a key, with a secret. */
  issue(key: { keyId: string; scopes: readonly string[] }): Promise<IssuedClient>
  /** Makes another secret for a client. */
  addSecret(clientId: string): Promise<IssuedSecret>
  /** The place outside of the store where clients live, if there is one. */
  readonly pool?: ClientPool | undefined
  /** Reads a key that calls bring along themselves, if such are made here. */
  readonly read?: ((presented: string) => PresentedKey | undefined) | undefined
}

/** A client that was made. */
export interface IssuedClient {
  clientId: string
  secret: IssuedSecret
}

/** A secret that was made. It is shown once. */
export interface IssuedSecret {
  id: string
  /** The issuers of this package hide it from printing: see {@link issuedSecret}. */
  readonly value: string
  /** What to recognise it by, where it is verified here. */
  hash?: string
}

/** Makes a secret whose value no log shows. It has to be read by name. */
export const issuedSecret = (shown: Omit<IssuedSecret, 'value'>, value: string): IssuedSecret =>
  Object.defineProperty({ ...shown, value }, 'value', {
    get: () => value,
    enumerable: false,
  })

/** What a call brought along. */
export interface PresentedKey {
  clientId: string
  /** The secret's hash. */
  hash: string
}

/** Clients outside of the store. Removing what is not there is no fault. */
export interface ClientPool {
  /** Every client that was made here, with the key in its name. */
  clients(): AsyncIterable<{ keyId: string; clientId: string }>
  /** @returns The IDs of a client's secrets, the oldest first; nothing where there is no such client. */
  secretIds(clientId: string): Promise<string[] | undefined>
  dropSecret(clientId: string, secretId: string): Promise<void>
  setScopes(clientId: string, scopes: readonly string[]): Promise<void>
  remove(clientId: string): Promise<void>
}
