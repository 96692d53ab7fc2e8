import type { Clock } from '@iamfetch/core'

/**
 * A place for tokens that outlives a process or is shared by many.
 *
 * Values are sealed texts; a store never sees a token. A store may fail, hang, forget or garble what it was
 * given: a call then costs a token more and does not fail.
 *
 * Keys are texts of at most 60 letters, digits, `-`, `_` and `.`.
 */
export interface TokenStore {
  /** @returns The value; nothing once its time is over. */
  get(key: string): Promise<string | null | undefined>
  /** @param ttlMs  Milliseconds after which `get` no longer gives the value. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  delete(key: string): Promise<unknown>
  /**
   * Takes the right to mint for a key. With it (and `release`) a fleet mints once; without it each process does.
   *
   * @param owner  Who takes it.
   * @param ttlMs  Milliseconds after which it is free again by itself.
   * @returns Whether the lease was free and is now the owner's. At most one owner gets it at a time.
   */
  tryLease?(key: string, owner: string, ttlMs: number): Promise<boolean>
  /** Gives the lease back, if it is still this owner's. */
  release?(key: string, owner: string): Promise<unknown>
  /** How long an operation may take before a call goes on without the store, in milliseconds. @default 50 */
  readonly timeoutMs?: number | undefined
}

/** How a {@link memoryStore} is limited. */
export interface MemoryStoreOptions {
  /** @default Date */
  clock?: Clock | undefined
  /** The oldest entry goes when there would be one more. @default 1000 */
  maxEntries?: number | undefined
}

/** A store in this process's memory, bounded. */
export function memoryStore({
  clock = Date,
  maxEntries = 1_000,
}: MemoryStoreOptions = {}): TokenStore {
  const values = expiring(clock, maxEntries)
  const leases = expiring(clock, maxEntries)
  return {
    get: async (key) => values.get(key),
    set: async (key, value, ttlMs) => values.set(key, value, ttlMs),
    delete: async (key) => values.delete(key),
    async tryLease(key, owner, ttlMs) {
      if (leases.get(key) !== undefined) return false
      leases.set(key, owner, ttlMs)
      return true
    },
    async release(key, owner) {
      if (leases.get(key) === owner) leases.delete(key)
    },
  }
}

interface Expiring {
  get(key: string): string | undefined
  set(key: string, value: string, ttlMs: number): void
  delete(key: string): void
}

function expiring(clock: Clock, maxEntries: number): Expiring {
  const entries = new Map<string, { value: string; until: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry && clock.now() < entry.until) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key, value, ttlMs) {
      entries.delete(key)
      entries.set(key, { value, until: clock.now() + ttlMs })
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break
        entries.delete(oldest)
      }
    },
    delete: (key) => void entries.delete(key),
  }
}
