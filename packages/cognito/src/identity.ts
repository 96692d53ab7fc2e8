/**
 * Where identity IDs outlive a page, to save a GetId. An identity ID is no secret; credentials and tokens never get here.
 *
 * What it throws is ignored.
 */
export interface IdentityStore {
  get(key: string): string | null | undefined | Promise<string | null | undefined>
  set(key: string, identityId: string): unknown
  delete(key: string): unknown
}

/** The identity of whoever is signed in. */
export interface Identity {
  /** Gives the ID: the known one, the stored one, or what `getId` says. One question for all who ask at once. */
  find(key: string, getId: () => Promise<string>): Promise<string>
  /** Takes over the ID that Cognito answered with, which may differ from the one that was sent. */
  adopt(key: string, id: string): void
  /** Drops the ID, if it is still `id` where one is given. @returns Whether it was. */
  drop(id?: string): Promise<boolean>
}

/**
 * Holds one identity ID, for one key: pool, provider and subject. Another key drops it.
 *
 * @param store  Asked where memory has nothing.
 */
export function holdIdentity(store: IdentityStore | undefined): Identity {
  let held: { key: string; id: Promise<string> } | undefined
  const quietly = async <T>(use: () => T): Promise<Awaited<T> | undefined> => {
    try {
      return await use()
    } catch {
      return undefined
    }
  }
  const adopt = (key: string, id: string): void => {
    held = { key, id: Promise.resolve(id) }
    void quietly(() => store?.set(key, id))
  }
  return {
    adopt,
    find(key, getId) {
      if (held?.key === key) return held.id
      const search = async (): Promise<string> => {
        const stored = await quietly(() => store?.get(key))
        if (stored && typeof stored === 'string') return stored
        const id = await getId()
        if (held === mine) adopt(key, id)
        return id
      }
      const mine = (held = { key, id: search() })
      mine.id.catch(() => {
        if (held === mine) held = undefined
      })
      return mine.id
    },
    async drop(id) {
      const known = held
      if (!known || (id && ((await known.id) !== id || held !== known))) return false
      held = undefined
      await quietly(() => store?.delete(known.key))
      return true
    },
  }
}
