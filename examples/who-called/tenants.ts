/** A tenant is an app client with scopes of its own. */
export const tenants = {
  acme: ['notes/read', 'notes/write'],
  globex: ['notes/read', 'notes/write'],
  initech: ['notes/read'],
} as const satisfies Record<string, readonly string[]>

/** One of the tenants. */
export type Tenant = keyof typeof tenants

/** All of them. */
export const tenantNames = Object.keys(tenants) as Tenant[]
