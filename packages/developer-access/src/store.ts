import type { KeyRow } from './key.ts'

/** A user who has or had keys. */
export interface StoredUser {
  /** The product's own ID of the user, and the `subject` of every call. */
  readonly userId: string
  /** The name in the user pool. Unique within its issuer. */
  readonly username: string
  /** The issuer of the user's tokens, if it is known. */
  readonly issuer?: string | undefined
  readonly email?: string | undefined
}

/** The name by which a user is found. Without `issuer` a username is found if only one user has it. */
export type UserName = { userId: string } | { username: string; issuer?: string | undefined }

/** What happened to a key. */
export interface KeyEvent {
  readonly type: 'created' | 'changed' | 'rotated' | 'secret-retired' | 'revoked' | 'expired'
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The user's ID, or `system`. */
  readonly by: string
  /** More about it, for people. Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** A promise to do something once, however often it is requested. */
export interface Once {
  /** A fingerprint of the idempotency key and what it is for. */
  readonly token: string
  /** A fingerprint of what was requested. */
  readonly request: string
  /** The result: the ID of a key or of a rotation. */
  readonly ref: string
  /** Milliseconds since the epoch. Afterwards the token is free. */
  readonly until: number
  /** Takes the token over from an attempt that came to nothing. */
  readonly insteadOf?: string | undefined
}

/** One change of one key. All of it is written, or nothing. */
export interface KeyChange {
  /** As it was read; `undefined` for a new key. */
  readonly before?: KeyRow | undefined
  /** As it will be, its version one higher; `undefined` for a key that is removed without a trace. */
  readonly after?: KeyRow | undefined
  /** When, in milliseconds since the epoch. */
  readonly at: number
  /** Written along with it. Needed for the first key of a user. */
  readonly user?: StoredUser | undefined
  /** How many live keys the user may have, this one included. */
  readonly limit?: number | undefined
  readonly once?: Once | undefined
  readonly event?: KeyEvent | undefined
}

/** The result of a change. */
export type Outcome =
  | { done: true }
  /** The key was changed in the meantime, or does not exist. */
  | { done: false; because: 'version' }
  | { done: false; because: 'limit' }
  /** The client ID is another key's. */
  | { done: false; because: 'client-id' }
  /** The username is another user's of the same issuer. */
  | { done: false; because: 'username' }
  /** The same was requested before. */
  | { done: false; because: 'once' }

/** A key and whose it is. */
export interface OwnedKey {
  key: KeyRow
  /** `undefined` once the user was removed. No key of such a user is live. */
  user?: StoredUser | undefined
}

/**
 * Where keys and users are kept. User ID, username (within its issuer) and client ID lead to each other, and each belongs to
 * one user alone: a store refuses what would make it ambiguous, in the same transaction.
 *
 * Reads see every write that finished before. The suite `@iamfetch/developer-access/contract` checks an implementation.
 */
export interface KeyStore {
  write(change: KeyChange): Promise<Outcome>
  /** The creation that an idempotency token belongs to, if it has not expired. */
  once(token: string, at: number): Promise<{ ref: string; request: string } | undefined>
  key(id: string): Promise<KeyRow | undefined>
  byClientId(clientId: string): Promise<OwnedKey | undefined>
  /** In the order in which they were created. */
  keysOf(userId: string): Promise<KeyRow[]>
  user(by: UserName): Promise<StoredUser | undefined>
  /** Frees the username. @returns Whether it was possible: not while a key is live. */
  removeUser(userId: string): Promise<boolean>
  /** Writes when a key was used, unless a later use is written already. May be lost. */
  touch(keyId: string, at: number): Promise<void>
  /** In the order in which they happened. */
  events(keyId: string): Promise<KeyEvent[]>
  /** Keys on which something is due by then, the most urgent first. */
  due(by: number, atMost: number): Promise<KeyRow[]>
  /** Every key that is active. */
  active(): AsyncIterable<KeyRow>
}
