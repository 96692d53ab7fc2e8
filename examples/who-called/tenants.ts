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

/** An object with a member for each tenant. */
export const forEachTenant = <Value>(valueOf: (tenant: Tenant) => Value) =>
  Object.fromEntries(tenantNames.map((name) => [name, valueOf(name)])) as Record<Tenant, Value>
