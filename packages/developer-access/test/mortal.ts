import type { KeyStore } from '../src/index.ts'

/**
 * What happens to one step of a process:
 *
 * - `fails`: it is not done, and that is seen.
 * - `lost`: it is done, and looks as if it was not.
 * - `dies before`, `dies after`: the process ends, before or after it.
 * - a function: somebody else does something in between, before it.
 */
export type Fate = 'fails' | 'lost' | 'dies before' | 'dies after' | (() => Promise<unknown>)

/** A process whose every step to the outside can be struck. */
export interface Mortal {
  fetch: typeof globalThis.fetch
  store: KeyStore
  /** How many steps were taken. */
  steps(): number
}

/** The step with this number, from 0, meets this fate. */
export interface Struck {
  at: number
  what: Fate
}

/** Makes a process some of whose steps meet a fate. */
export function mortal(
  store: KeyStore,
  fetch: typeof globalThis.fetch,
  ...strikes: readonly Struck[]
): Mortal {
  let taken = 0
  let dead = false
  const step = async <T>(run: () => Promise<T>): Promise<T> => {
    if (dead) throw new Error('dead')
    const now = taken++
    const struck = strikes.find(({ at }) => at === now)?.what
    if (typeof struck === 'function') await struck()
    if (struck === 'dies before') dead = true
    if (struck === 'dies before' || struck === 'fails') throw new Error(struck)
    const result = await run()
    if (struck === 'dies after') dead = true
    if (struck === 'dies after' || struck === 'lost') throw new Error(struck)
    return result
  }
  return {
    steps: () => taken,
    fetch: (input, init) => step(() => fetch(input, init)),
    store: {
      write: (change) => step(() => store.write(change)),
      once: (token, at) => step(() => store.once(token, at)),
      key: (id) => step(() => store.key(id)),
      byClientId: (clientId) => step(() => store.byClientId(clientId)),
      keysOf: (userId) => step(() => store.keysOf(userId)),
      user: (by) => step(() => store.user(by)),
      removeUser: (userId) => step(() => store.removeUser(userId)),
      touch: (keyId, at) => step(() => store.touch(keyId, at)),
      events: (keyId) => step(() => store.events(keyId)),
      due: (by, atMost) => step(() => store.due(by, atMost)),
      active: () => store.active(),
    },
  }
}
