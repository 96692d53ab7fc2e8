import { sleep, type Clock } from '@iamfetch/core'
import { within } from './deadline.ts'
import type { TokenStore } from './store.ts'

/** Something to be made once by everybody who shares a store. */
export interface Errand<T> {
  store: TokenStore
  key: string
  clock: Clock
  /** Turns what the store held into a value; `undefined` if it cannot be. */
  open: (text: string) => Promise<T | undefined>
  /** Whether a value from the store will do. */
  usable: (value: T) => boolean
  make: () => Promise<T>
  /** What goes into the store, and for how long. */
  close: (value: T) => Promise<{ text: string; ttlMs: number }>
  onStoreFailed: (operation: StoreOperation, cause: unknown) => void
}

/** An operation of a store that may fail. */
export type StoreOperation = 'get' | 'set' | 'tryLease' | 'release'

const STORE_TIMEOUT_MS = 50
/** How long one process may be away minting before another one does it too. */
const LEASE_MS = 10_000
const SHORTEST_POLL_MS = 25
const LONGEST_POLL_MS = 250

/**
 * Gets a value from the store, or makes it and puts it there. With leases one process makes it and the
 * others wait for its result.
 *
 * The store is a help and no condition: after the first operation that fails or takes too long, this errand
 * goes on without it.
 *
 * @returns The value, and whether somebody else made it.
 * @throws What `make` threw, and nothing else.
 */
export async function onceForAll<T>(errand: Errand<T>): Promise<{ value: T; shared: boolean }> {
  const { store, key, clock, usable, make, onStoreFailed } = errand
  const { timeoutMs = STORE_TIMEOUT_MS } = store
  let up = true

  /** One operation; `otherwise` if it fails or the store failed before. */
  const ask = async <R>(
    operation: StoreOperation,
    begin: () => Promise<R>,
    otherwise: R,
  ): Promise<R> => {
    const guarded = async (): Promise<R> => {
      try {
        return await within(clock, timeoutMs, `${operation} of the token store`, begin)
      } catch (cause) {
        up = false
        onStoreFailed(operation, cause)
        return otherwise
      }
    }
    if (up) return guarded()
    // Others may still profit from a set or a release; this caller does not wait for it.
    if (operation === 'set' || operation === 'release') void guarded()
    return otherwise
  }

  const read = async (): Promise<T | undefined> => {
    const text = await ask('get', () => store.get(key), undefined)
    if (text === undefined || text === null) return undefined
    const value = await errand.open(text)
    if (value === undefined) onStoreFailed('get', new Error('The entry cannot be opened.'))
    return value !== undefined && usable(value) ? value : undefined
  }

  const put = async (value: T): Promise<void> => {
    const { text, ttlMs } = await errand.close(value)
    await ask('set', () => store.set(key, text, ttlMs), undefined)
  }

  const there = await read()
  if (there !== undefined) return { value: there, shared: true }

  const owner = crypto.randomUUID()
  let asked = false
  let leased = false
  const take = async (): Promise<boolean> => {
    asked = true
    return store.tryLease!(key, owner, LEASE_MS)
  }
  if (store.tryLease) {
    const giveUpAt = clock.now() + LEASE_MS
    for (let pollMs = SHORTEST_POLL_MS; ; pollMs = Math.min(LONGEST_POLL_MS, pollMs * 2)) {
      leased = await ask('tryLease', take, false)
      if (leased || !up || clock.now() >= giveUpAt) break
      await sleep(clock, pollMs)
      const theirs = await read()
      if (theirs !== undefined) return { value: theirs, shared: true }
    }
  }
  try {
    // Who had the lease before may have been done in the meantime.
    const theirs = leased ? await read() : undefined
    if (theirs !== undefined) return { value: theirs, shared: true }
    const value = await make()
    await put(value)
    return { value, shared: false }
  } finally {
    // A lease whose taking failed may have been taken nevertheless.
    if (leased || (asked && !up))
      await ask('release', async () => store.release?.(key, owner), undefined)
  }
}
