import type { Clock } from '@iamfetch/core'
import { assertIsJwks, findJwkInJwks, type Jwk, type Jwks } from 'aws-jwt-verify/jwk'
import type { Json } from 'aws-jwt-verify/safe-json-parse'
import { refusal } from './refusal.ts'

/** A public key with its ID. */
export type KnownKey = NonNullable<ReturnType<typeof findJwkInJwks>>

/** Public keys by their ID. */
export interface KeySource {
  /**
   * @returns `undefined` if the source has no such key.
   * @throws {@link IamFetchError} `SERVICE_UNAVAILABLE` if the source cannot be read.
   */
  find(keyId: string): Promise<KnownKey | undefined>
}

/** A key source whose way to load the keys can be replaced by another way to load the same keys. */
export interface LoadedKeys extends KeySource {
  loadWith(load: LoadKeys): void
}

/** Loads a key set. */
export type LoadKeys = () => Promise<Jwks>

/** The shortest time between two loads, whether the first succeeded or not. */
const RELOAD_MS = 10_000
/** How long a key set is used without loading it again: a key that was withdrawn is trusted no longer than this. */
const MAX_AGE_MS = 3_600_000
/** How long it is used if it cannot be loaded again. */
const MAX_AGE_WITHOUT_SOURCE_MS = 86_400_000
/** The most loads within {@link RELOAD_MS} if they succeed and the way to load changes with each call. */
const MAX_NEW_LOADS = 3
/** The most keys that are loaded within {@link RELOAD_MS} from a source with one address per key. */
const MAX_NEW_KEYS = 10

/** Finds keys in a key set that does not change. */
export const fixedKeys = (keys: Jwks): KeySource => ({
  find: async (keyId) => findJwkInJwks(keys, keyId),
})

/**
 * Holds a key set and loads it again when it is an hour old and when a token names a key that is not in it: at most once in
 * 10 seconds, so that invented key IDs do not put load on the source, even while it is down.
 *
 * Any number of tokens that wait share one load. A new way to load, which options written inline bring with each call, may be
 * tried earlier, a few times and only while loads succeed.
 */
export function loadedKeys(load: LoadKeys, clock: Clock): LoadedKeys {
  let current = load
  let loadedWith: LoadKeys | undefined
  let newLoads = 0
  let held: { keys: Jwks; loadedAt: number } | undefined
  let failure: { error: unknown } | undefined
  let askedAt = -Infinity
  let loading: Promise<void> | undefined

  const ageMs = (now: number): number => (held ? now - held.loadedAt : Infinity)
  const inHeld = (keyId: string): KnownKey | undefined => held && findJwkInJwks(held.keys, keyId)
  const mayLoad = (now: number): boolean => {
    // A clock that was set back must not stop the loading.
    if (now >= askedAt + RELOAD_MS || now < askedAt) {
      newLoads = 0
      return true
    }
    return !failure && current !== loadedWith && ++newLoads < MAX_NEW_LOADS
  }
  const reload = async (now: number): Promise<void> => {
    askedAt = now
    loadedWith = current
    try {
      held = { keys: await current(), loadedAt: now }
      failure = undefined
    } catch (error) {
      failure = { error }
    }
  }

  return {
    loadWith: (next) => void (current = next),
    async find(keyId) {
      const now = clock.now()
      const isFresh = ageMs(now) < MAX_AGE_MS && ageMs(now) >= 0
      const key = inHeld(keyId)
      if (key && isFresh) return key
      if (!loading && mayLoad(now)) {
        loading = reload(now).finally(() => (loading = undefined))
      }
      await loading
      if (!failure) return inHeld(keyId)
      const stillHeld = ageMs(now) < MAX_AGE_WITHOUT_SOURCE_MS ? inHeld(keyId) : undefined
      if (stillHeld) return stillHeld
      throw refusal(
        'SERVICE_UNAVAILABLE',
        'The keys to verify the token with could not be fetched.',
        { cause: failure.error },
      )
    },
  }
}

/**
 * Holds keys of a source that has one address per key, as load balancers have. Each key is loaded separately, with the same
 * limits; at most 10 keys that are not held are loaded in 10 seconds.
 */
export function keysByAddress(load: (keyId: string) => Promise<Jwk>, clock: Clock): KeySource {
  const sources = new Map<string, KeySource>()
  let windowStart = -Infinity
  let newSources = 0
  return {
    async find(keyId) {
      const known = sources.get(keyId)
      if (known) return known.find(keyId)
      const now = clock.now()
      if (now >= windowStart + RELOAD_MS || now < windowStart) {
        windowStart = now
        newSources = 0
      }
      if (++newSources > MAX_NEW_KEYS) {
        throw refusal('SERVICE_UNAVAILABLE', 'Too many tokens name keys that are not known yet.')
      }
      const source = loadedKeys(async () => ({ keys: [await load(keyId)] }), clock)
      const key = await source.find(keyId)
      // Only keys that exist are remembered, so that invented IDs take no memory.
      sources.set(keyId, source)
      return key
    },
  }
}

/** Checks a key set, on a copy, because an object of the options may change later. */
export function parseKeySet(keys: unknown): Jwks {
  const copy: Json = JSON.parse(JSON.stringify(keys))
  assertIsJwks(copy)
  return copy
}
