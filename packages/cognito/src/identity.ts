import { withTimeLimit, type Clock } from '@iamfetch/core'
import { fingerprint } from './fingerprint.ts'
import type { Login } from './login.ts'

/**
 * Where a guest's identity ID outlives a page, so that the guest stays the same one.
 *
 * An identity ID is not a secret; credentials and tokens are never stored here. The identity of a signed-in user is not stored
 * either: Cognito names it for the login, because an identity that another user left in the store would become the user's own.
 * Errors that the store throws are ignored, and an exchange waits for it for two seconds at most.
 */
export interface IdentityStore {
  get(key: string): string | null | undefined | Promise<string | null | undefined>
  set(key: string, identityId: string): unknown
  delete(key: string): unknown
}

/** The identity IDs that are known: a user's in memory, a guest's in the store. */
export interface Identities {
  readonly get: (login: Login) => Promise<string | undefined>
  readonly set: (login: Login, identityId: string) => void
  readonly delete: (login: Login) => void
}

/** Creates an {@link Identities}. @param clock  Limits the wait for the store. */
export function identitiesIn(store: IdentityStore, clock: Clock): Identities {
  /** By the login's key, which is never shortened: two users must not be taken for one. */
  const ofUsers = new Map<string, string>()
  return {
    async get(login) {
      if (!isGuest(login)) return ofUsers.get(login.key)
      const read = async (): Promise<string | null | undefined> => store.get(fingerprint(login.key))
      const stored = await quietly(() => withTimeLimit(clock, TIMEOUT_MS, () => LATE, read))
      return stored ?? undefined
    },
    set(login, identityId) {
      if (!isGuest(login)) ofUsers.set(login.key, identityId)
      else void quietly(() => store.set(fingerprint(login.key), identityId))
    },
    delete(login) {
      if (!isGuest(login)) ofUsers.delete(login.key)
      else void quietly(() => store.delete(fingerprint(login.key)))
    },
  }
}

/** How long an exchange waits for the store, in milliseconds. */
const TIMEOUT_MS = 2_000
const LATE = 'late'

const isGuest = (login: Login): boolean => login.token === undefined

/** Uses a store whose errors are ignored. */
async function quietly<T>(use: () => T): Promise<Awaited<T> | undefined> {
  try {
    return await use()
  } catch {
    return undefined
  }
}
