import type { Entry } from './entry.ts'

/** An access token and what is known about it. */
export interface AccessToken {
  /** A hidden getter: it shows neither in JSON nor in a log of this object. Read it by name. */
  readonly token: string
  readonly expiresAt: Date
  /** What was granted. */
  readonly scopes: readonly string[]
}

/** An entry with the face that callers see. */
export interface Kept extends Entry {
  accessToken: AccessToken
}

/** Makes what a cache keeps of an entry. */
export function keptOf(entry: Entry): Kept {
  const { token, expiresAt, scopes } = entry
  const accessToken: AccessToken = { token, expiresAt: new Date(expiresAt), scopes: [...scopes] }
  Object.defineProperty(accessToken, 'token', { enumerable: false, get: () => token })
  return { ...entry, accessToken: Object.freeze(accessToken) }
}
