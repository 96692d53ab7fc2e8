import type { KeyRow } from './key.ts'

/** A user who has keys, or had. */
export interface StoredUser {
  /** The product's own name for the user, and the `subject` of every call. */
  readonly userId: string
  /** The name in the user pool. */
  readonly username: string
  readonly email?: string | undefined
}

/** What happened to a key. */
export interface KeyEvent {
  readonly type: 'created' | 'changed' | 'rotated' | 'secret-retired' | 'revoked' | 'expired'
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The user's ID, or `system`. */
  readonly by: string
  /** What a person wants to know besides. Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** A promise to do something once, however often it is asked for. */
export interface Once {
  /** A fingerprint of the idempotency key and what it is for. */
  readonly token: string
  /** A fingerprint of what was asked for. */
  readonly request: string
  /** What came of it: the ID of a key or of a rotation. */
  readonly ref: string
  /** Milliseconds since the epoch. Afterwards the token is free. */
  readonly until: number
  /** Takes the token over from an attempt that came to nothing. */
  readonly insteadOf?: string | undefined
}

/** One change of one key: all of it happens, or nothing. */
export interface KeyChange {
  /** As it was read; nothing for a key that is new. */
  readonly before?: KeyRow | undefined
  /** As it shall be, its version one higher; nothing for a key that goes without trace. */
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

/** What came of a change. */
export type Outcome =
  | { done: true }
  /** The key changed meanwhile, or is not there. */
  | { done: false; because: 'version' }
  | { done: false; because: 'limit' }
  /** The client ID is another key's. */
  | { done: false; because: 'client-id' }
  /** The username is another user's. */
  | { done: false; because: 'username' }
  /** The same was asked for before. */
  | { done: false; because: 'once' }

/** A key and whose it is. */
export interface OwnedKey {
  key: KeyRow
  /** Nothing once the user was removed; no key of such a user is live. */
  user?: StoredUser | undefined
}

/**
 * Where keys and users are kept. User ID, username and client ID lead to each other, and each belongs to one
 * alone: a store refuses what would make it ambiguous, in the same transaction.
 *
 * Reads see every write that ended before. What an implementation has to do is spelled out in a suite of tests.
 */
export interface KeyStore {
  write(change: KeyChange): Promise<Outcome>
  /** What a token holds, if its time is not over. */
  once(token: string, at: number): Promise<{ ref: string; request: string } | undefined>
  key(id: string): Promise<KeyRow | undefined>
  byClientId(clientId: string): Promise<OwnedKey | undefined>
  /** In the order in which they were made. */
  keysOf(userId: string): Promise<KeyRow[]>
  user(by: { userId: string } | { username: string }): Promise<StoredUser | undefined>
  /** Frees the username. @returns Whether that could be: not while a key is live. */
  removeUser(userId: string): Promise<boolean>
  /** Writes when a key was used, unless a later use is written. May be lost. */
  touch(keyId: string, at: number): Promise<void>
  /** In the order in which they happened. */
  events(keyId: string): Promise<KeyEvent[]>
  /** Keys with something to do by then, the most urgent first. */
  due(by: number, atMost: number): Promise<KeyRow[]>
  /** Every key that is active. */
  active(): AsyncIterable<KeyRow>
}
