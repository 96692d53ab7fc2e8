import { invalidOption } from '@iamfetch/core'
import type { TokenStore } from './store.ts'

/** The part of a `Keyv` that is needed. */
export interface KeyvLike {
  get(key: string): Promise<unknown>
  set(key: string, value: string, ttlMs?: number): Promise<unknown>
  delete(key: string): Promise<unknown>
}

/**
 * Shares tokens through any Keyv.
 *
 * Keyv has no leases: processes that start at the same moment request one token each.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for anything that is not a Keyv.
 * @see [Keyv](https://keyv.org)
 */
export function keyvStore(keyv: KeyvLike): TokenStore {
  if (typeof keyv?.get !== 'function' || typeof keyv.set !== 'function') {
    throw invalidOption('keyvStore', 'the argument must be a Keyv', keyv)
  }
  return {
    async get(key) {
      const value = await keyv.get(key)
      return typeof value === 'string' ? value : undefined
    },
    set: (key, value, ttlMs) => keyv.set(key, value, Math.max(1, Math.floor(ttlMs))),
    delete: (key) => keyv.delete(key),
  }
}
