import type { KeyStore } from '../src/index.ts'

/**
 * What happens to one step of a process:
 *
 * - `fails`: it is not done, and that is seen.
 * - `lost`: it is done, and looks as if it was not.
 * - `dies before`, `dies after`: the process ends, before or after it.
 * - a function: another process does something in between, before it.
 */
export type Interruption =
  | 'fails'
  | 'lost'
  | 'dies before'
  | 'dies after'
  | (() => Promise<unknown>)

/** A process whose every step to the outside can be interrupted. */
export interface InterruptibleProcess {
  fetch: typeof globalThis.fetch
  store: KeyStore
  /** How many steps were taken. */
  steps(): number
}

/** The step with this number, from 0, is interrupted in this way. */
export interface InterruptedStep {
  at: number
  what: Interruption
}

/** Creates a process some of whose steps are interrupted. */
export function interruptible(
  store: KeyStore,
  fetch: typeof globalThis.fetch,
  ...interruptedSteps: readonly InterruptedStep[]
): InterruptibleProcess {
  let taken = 0
  let dead = false
  const step = async <T>(run: () => Promise<T>): Promise<T> => {
    if (dead) throw new Error('dead')
    const now = taken++
    const interrupted = interruptedSteps.find(({ at }) => at === now)?.what
    if (typeof interrupted === 'function') await interrupted()
    if (interrupted === 'dies before') dead = true
    if (interrupted === 'dies before' || interrupted === 'fails') throw new Error(interrupted)
    const result = await run()
    if (interrupted === 'dies after') dead = true
    if (interrupted === 'dies after' || interrupted === 'lost') throw new Error(interrupted)
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
