import type { IamFetchError } from './error.ts'

/** Something that ends once, for a reason. Created by {@link ending}. */
export interface Ending {
  /** Why it has ended; `undefined` until then. */
  readonly error: IamFetchError | undefined
  /** Ends it. Only the first reason counts. */
  readonly end: (error: IamFetchError) => void
  /**
   * Calls `listener` when it ends, in the same moment, so that nothing can be sent in between; at once if it has ended.
   *
   * @returns A function that removes the listener.
   */
  readonly onEnd: (listener: (error: IamFetchError) => void) => () => void
}

/**
 * Creates an {@link Ending}.
 *
 * Not an `AbortController`: the one of React Native forgets the reason of an abort.
 */
export function ending(): Ending {
  const listeners = new Set<(error: IamFetchError) => void>()
  const state: { error: IamFetchError | undefined } = { error: undefined }
  return {
    get error() {
      return state.error
    },
    end(error) {
      if (state.error) return
      state.error = error
      for (const listener of listeners) listener(error)
      listeners.clear()
    },
    onEnd(listener) {
      if (state.error) listener(state.error)
      else listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** Waits for a promise until something ends; rejects with the reason if it ends first. */
export function unlessEnded<T>(ended: Ending, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = ended.onEnd(reject)
    promise.then(resolve, reject).finally(stop)
  })
}

/** Throws the reason if something has ended. */
export function throwIfEnded({ error }: Ending): void {
  if (error) throw error
}
