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

/** Uses a store whose faults are its own. */
export const quietly = async <T>(use: () => T): Promise<Awaited<T> | undefined> => {
  try {
    return await use()
  } catch {
    return undefined
  }
}
