/** Which query or mutation each observer observed last. Created by {@link lastObserved}. */
export interface LastObserved<Observer extends object> {
  readonly note: (observer: Observer, of: object) => void
  /** The observers that observe this, or observed nothing else since. */
  readonly of: (of: object) => Observer[]
  readonly forget: (observer: Observer) => void
}

/**
 * Notes who observes what, also after an observer has unsubscribed: a hidden component keeps its observer, and shows its last result
 * when it appears again. The references are weak, so that removed components are not kept in memory.
 *
 * TanStack Query has no list of the observers of a mutation, and none of those of a query in the first versions of 5.
 */
export function lastObserved<Observer extends object>(): LastObserved<Observer> {
  const last = new WeakMap<Observer, object>()
  const known = new WeakMap<object, Set<WeakRef<Observer>>>()

  const observersOf = (of: object): Observer[] => {
    const observers: Observer[] = []
    const references = known.get(of) ?? []
    for (const reference of references) {
      const observer = reference.deref()
      if (observer && last.get(observer) === of) observers.push(observer)
    }
    return observers
  }
  return {
    note(observer, of) {
      if (last.get(observer) === of) return
      last.set(observer, of)
      const references = known.get(of) ?? new Set<WeakRef<Observer>>()
      known.set(of, references.add(new WeakRef(observer)))
      if (references.size % CLEAN_EVERY !== 0) return
      for (const reference of references) {
        const candidate = reference.deref()
        if (!candidate || last.get(candidate) !== of) references.delete(reference)
      }
    },
    of: observersOf,
    forget: (observer) => void last.delete(observer),
  }
}

/** How many observers are added before the collected ones are removed. */
const CLEAN_EVERY = 100
