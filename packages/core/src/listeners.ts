/** Functions that are called after changes. Created by {@link listeners}. */
export interface Listeners {
  /** Calls every listener soon. */
  readonly notify: () => void
  /** @returns A function that removes the listener. */
  readonly subscribe: (listener: () => void) => () => void
}

/**
 * Creates a list of listeners. A function that is added twice is called twice. A listener that was removed is not called any more, also
 * if it was removed between `notify()` and the call.
 */
export function listeners(): Listeners {
  const all = new Set<() => unknown>()
  return {
    notify() {
      for (const call of all) later(call)
    },
    subscribe(listener) {
      const call = (): unknown => all.has(call) && listener()
      all.add(call)
      return () => void all.delete(call)
    },
  }
}

/** Calls a function in a microtask: an error that it throws is reported as unhandled and does not affect the caller. */
export const later = (call: () => unknown): void => void Promise.resolve().then(call)
