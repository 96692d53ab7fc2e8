/** Functions that are called after changes. Created by {@link listeners}. */
export interface Listeners {
  /** Calls every listener soon. */
  readonly notify: () => void
  /** @returns The function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
}

/** Keeps listeners, each for itself: one that was given twice is called twice, one that ended is not called any more. */
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

/** Calls soon, and on its own: a listener's fault is reported as unhandled and does not affect the caller. */
export const later = (call: () => unknown): void => void Promise.resolve().then(call)
