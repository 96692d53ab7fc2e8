import { sleep, withDeadline, type Clock } from '@iamfetch/core'
import type { TokenStore } from './store.ts'

/** A value that all processes which share a store need once. */
export interface SharedLoad<T> {
  store: TokenStore
  key: string
  clock: Clock
  /** Decrypts an entry of the store; `undefined` if it cannot be read. */
  decrypt: (entry: string) => Promise<T | undefined>
  /** Whether a value from the store is good enough. */
  isUsable: (value: T) => boolean
  /** Requests a new value. */
  load: () => Promise<T>
  /** Encrypts a value for the store. `ttlMs` is how long the entry is kept. */
  encrypt: (value: T) => Promise<{ entry: string; ttlMs: number }>
  onStoreFailed: (operation: StoreOperation, cause: unknown) => void
}

/** An operation of a store that may fail. */
export type StoreOperation = 'get' | 'set' | 'tryLease' | 'release'

const STORE_TIMEOUT_MS = 50
/** How long one process may take for its request before another one sends one too. */
const LEASE_MS = 10_000
const MIN_POLL_MS = 25
const MAX_POLL_MS = 250
/** An entry holds one token. Anything larger was not written by this package. */
const MAX_ENTRY_LENGTH = 262_144

/**
 * Returns a value from the store, or loads it and puts it there. With leases one process loads it, and the others wait for
 * its result.
 *
 * A call never fails because of the store: after the first operation that fails or takes too long, the call continues without the store.
 *
 * @returns The value, and whether another process loaded it.
 * @throws What `load` threw, and nothing else.
 */
export async function loadOnce<T>(shared: SharedLoad<T>): Promise<{ value: T; shared: boolean }> {
  const { key } = shared
  const store = tolerant(shared)
  const read = async (): Promise<T | undefined> => {
    const entry = await store.run('get', (raw) => raw.get(key), undefined)
    if (typeof entry !== 'string') return undefined
    const value = entry.length > MAX_ENTRY_LENGTH ? undefined : await shared.decrypt(entry)
    if (value === undefined) {
      shared.onStoreFailed('get', new Error('The entry in the token store cannot be decrypted.'))
    }
    return value !== undefined && shared.isUsable(value) ? value : undefined
  }

  const found = await read()
  if (found !== undefined) return { value: found, shared: true }
  const owner = crypto.randomUUID()
  const lease = await waitForLease(owner, shared, store, read)
  if (lease.found !== undefined) return { value: lease.found, shared: true }
  try {
    // The previous owner of the lease may have just finished.
    const late = lease.isOwned ? await read() : undefined
    if (late !== undefined) return { value: late, shared: true }
    const value = await shared.load()
    const { entry, ttlMs } = await shared.encrypt(value)
    await store.run('set', (raw) => raw.set(key, entry, ttlMs), undefined)
    return { value, shared: false }
  } finally {
    // A lease that seemed to fail may have been taken nevertheless.
    if (lease.isOwned || (lease.wasRequested && !store.isUp())) {
      await store.run('release', async (raw) => raw.release?.(key, owner), undefined)
    }
  }
}

interface Lease<T> {
  isOwned: boolean
  wasRequested: boolean
  /** What another process loaded in the meantime. */
  found?: T | undefined
}

/** Waits until this process has the lease, another process has loaded the value, or it took too long. */
async function waitForLease<T>(
  owner: string,
  { store: raw, key, clock }: SharedLoad<T>,
  store: TolerantStore,
  read: () => Promise<T | undefined>,
): Promise<Lease<T>> {
  const lease: Lease<T> = { isOwned: false, wasRequested: false }
  if (!raw.tryLease) return lease
  const giveUpAt = clock.now() + LEASE_MS
  for (let pollMs = MIN_POLL_MS; ; pollMs = Math.min(MAX_POLL_MS, pollMs * 2)) {
    const take = async (): Promise<boolean> => {
      lease.wasRequested = true
      return raw.tryLease!(key, owner, LEASE_MS)
    }
    lease.isOwned = await store.run('tryLease', take, false)
    if (lease.isOwned || !store.isUp() || clock.now() >= giveUpAt) return lease
    await sleep(clock, pollMs)
    lease.found = await read()
    if (lease.found !== undefined) return lease
  }
}

interface TolerantStore {
  /** Runs one operation. Returns `otherwise` if it fails, or if an earlier one has failed. */
  run<R>(
    operation: StoreOperation,
    begin: (store: TokenStore) => Promise<R>,
    otherwise: R,
  ): Promise<R>
  isUp(): boolean
}

function tolerant<T>({ store, clock, onStoreFailed }: SharedLoad<T>): TolerantStore {
  const { timeoutMs = STORE_TIMEOUT_MS } = store
  let isUp = true
  return {
    isUp: () => isUp,
    async run(operation, begin, otherwise) {
      const attempt = async (): Promise<typeof otherwise> => {
        try {
          const what = `The operation ${operation} of the token store`
          return await withDeadline(clock, timeoutMs, what, () => begin(store))
        } catch (cause) {
          isUp = false
          onStoreFailed(operation, cause)
          return otherwise
        }
      }
      if (isUp) return attempt()
      // Others may still profit from a set or a release. This caller does not wait for it.
      if (operation === 'set' || operation === 'release') void attempt()
      return otherwise
    },
  }
}
