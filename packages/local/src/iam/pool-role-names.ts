import type { StackDefinition } from '../definition/definition.ts'

/** The names of an identity pool's own roles, which are not those of groups. */
export interface PoolRoleNames {
  authenticated: string
  unauthenticated: string
  /** In the order of the rules. */
  rules: readonly string[]
}

/**
 * Returns the names of an identity pool's own roles. One without a `roleName` has a name that no other role of the definition
 * has, so that a group "Authenticated", whose role is AuthenticatedRole, is a group as any other.
 */
export function poolRoleNames({
  groups = {},
  roles = {},
  identityPool = {},
}: Pick<StackDefinition, 'groups' | 'roles' | 'identityPool'>): PoolRoleNames {
  const { authenticatedRole, unauthenticatedRole, rules = [] } = identityPool
  const given = [...Object.entries(groups), ...Object.entries(roles)].map(
    ([name, { roleName }]) => roleName ?? `${name}Role`,
  )
  const poolRoles = [authenticatedRole, unauthenticatedRole, ...rules.map(({ role }) => role)]
  const taken = new Set([...given, ...poolRoles.map((role) => role?.roleName)])
  const free = (preferred: string): string => {
    let name = preferred
    while (taken.has(name)) name = `Pool${name}`
    taken.add(name)
    return name
  }
  return {
    authenticated: authenticatedRole?.roleName ?? free('AuthenticatedRole'),
    unauthenticated: unauthenticatedRole?.roleName ?? free('UnauthenticatedRole'),
    rules: rules.map(({ role }, i) => role.roleName ?? free(`Rule${i + 1}Role`)),
  }
}
