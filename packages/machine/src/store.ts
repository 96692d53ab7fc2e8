import { checkOptions, invalidOption, type Clock, type OptionNames } from '@iamfetch/core'

/**
 * A place for tokens that outlives a process or is shared by many.
 *
 * Values are encrypted texts; a store never sees a token. A store may fail, hang, forget or damage what it was given: a call
 * then requests another token and does not fail.
 *
 * Keys are texts of at most 60 letters, digits, `-`, `_` and `.`. The suite `@iamfetch/machine/contract` checks an
 * implementation.
 */
export interface TokenStore {
  /** @returns The value; `undefined` or `null` once it has expired. */
  get(key: string): Promise<string | null | undefined>
  /** @param ttlMs  Milliseconds after which `get` no longer returns the value. */
  set(key: string, value: string, ttlMs: number): Promise<unknown>
  delete(key: string): Promise<unknown>
  /**
   * Takes the right to request a token for a key. With it (and `release`) a fleet requests one token; without it each
   * process requests one.
   *
   * @param owner  Who takes it.
   * @param ttlMs  Milliseconds after which it is free again by itself.
   * @returns Whether the lease is now the owner's. At most one owner has it at a time; an owner that requests it again
   *   has it, because a client of the store repeats a request whose response was lost.
   */
  tryLease?(key: string, owner: string, ttlMs: number): Promise<boolean>
  /** Returns the lease, if it is still this owner's. */
  release?(key: string, owner: string): Promise<unknown>
  /** How long an operation may take before a call continues without the store, in milliseconds. @default 50 */
  readonly timeoutMs?: number | undefined
}

/** The limits of a {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** @default Date */
  clock?: Clock | undefined
  /** The oldest entry is removed when there would be one more. @default 1000 */
  maxEntries?: number | undefined
}

const NAMES: OptionNames<MemoryStoreOptions> = { clock: true, maxEntries: true }

/**
 * Creates a store in the memory of this process, with a limited number of entries.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @example
 * ```ts
 * const store = memoryStore({ maxEntries: 100 })
 * ```
 */
export function memoryStore(options: MemoryStoreOptions = {}): TokenStore {
  checkOptions('memoryStore', options, NAMES)
  const { clock = Date, maxEntries = 1_000 } = options
  if (!(Number.isSafeInteger(maxEntries) && maxEntries > 0)) {
    throw invalidOption('memoryStore', '"maxEntries" must be a whole number above 0', maxEntries)
  }
  const values = expiringMap(clock, maxEntries)
  const leases = expiringMap(clock, maxEntries)
  return {
    get: async (key) => values.get(key),
    set: async (key, value, ttlMs) => values.set(key, value, ttlMs),
    delete: async (key) => values.delete(key),
    async tryLease(key, owner, ttlMs) {
      if ((leases.get(key) ?? owner) !== owner) return false
      leases.set(key, owner, ttlMs)
      return true
    },
    async release(key, owner) {
      if (leases.get(key) === owner) leases.delete(key)
    },
  }
}

interface ExpiringMap {
  get(key: string): string | undefined
  set(key: string, value: string, ttlMs: number): void
  delete(key: string): void
}

function expiringMap(clock: Clock, maxEntries: number): ExpiringMap {
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
