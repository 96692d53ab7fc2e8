import type { Tenant } from './tenants.ts'

/** What the tenants keep, in memory, each apart from the others. */
export interface Notes {
  /** The notes of one tenant, by their IDs. There is no way from here to those of another. */
  readonly of: (tenant: Tenant) => Map<string, string>
}

/** Creates an empty store. */
export function createNotes(): Notes {
  const all = new Map<Tenant, Map<string, string>>()
  return {
    of(tenant) {
      const own = all.get(tenant) ?? new Map<string, string>()
      all.set(tenant, own)
      return own
    },
  }
}
