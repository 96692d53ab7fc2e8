import {
  rolePermissions,
  type PolicyDocument,
  type RolePermissions,
  type RoutePermission,
} from '@iamfetch/policy'
import { checkDefinition } from '../definition/check-definition.ts'
import type { StackDefinition } from '../definition/definition.ts'
import type { ApiDefinition, SocketApiDefinition } from '../definition/api.ts'
import type { RoleDefinition } from '../definition/role.ts'
import { fillPlaceholders } from '../definition/placeholders.ts'
import { poolRoleNames } from '../iam/pool-role-names.ts'
import { invalidOption, show } from '../invalid-option.ts'

/**
 * What the roles of a definition may do with its routes: a file for `createPermissions` of `iamfetch/permissions`. It is a hint for
 * pages: IAM decides when a call is made. It contains the names of roles, groups and routes and nothing secret: every visitor who can
 * load the page can read it.
 */
export interface PermissionTable {
  readonly version: 1
  /** Groups and the names of their roles. The first group of a user decides, if the token prefers a role. */
  readonly groups: readonly { readonly group: string; readonly role: string }[]
  /**
   * The role that signed-in users get if their token does not decide. `null` if they get none; missing if that is not known, as with
   * `roleMapping: 'rules'`, whose rules are not in the table.
   */
  readonly defaultRole?: string | null
  /** Whether the roles that a token names do not decide. */
  readonly alwaysDefaultRole: boolean
  /** The role of guests. `null` if guests are refused; missing if that is not known. */
  readonly guestRole?: string | null
  /**
   * By role and route. A route has the name of the definition; with the name of its API before it (`notes GET /notes`) if several APIs
   * have it. A route with `ANY` is one for each method. Routes that a token or an authorizer function guards (`jwt`, `lambda`) are not in it,
   * because no role decides there. What the resource policy of a REST API may change is `depends`, and so is what needs an API key.
   */
  readonly roles: RolePermissions
}

/** The methods of a route with `ANY`. `OPTIONS` is left out: no page calls it by itself. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']

/** Placeholders for values that a deployment has and that decide nothing here. */
const POOL_ID = 'eu-central-1:00000000-0000-0000-0000-000000000000'

/** The condition keys that have the same value for every call of a user with an identity pool's role. */
const CONTEXT = {
  'aws:SecureTransport': 'true',
  'aws:PrincipalType': 'AssumedRole',
  'aws:PrincipalIsAWSService': 'false',
  'aws:ViaAWSService': 'false',
  'aws:FederatedProvider': 'cognito-identity.amazonaws.com',
}

/**
 * Evaluates what each role of a definition may do with each route.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong definition.
 * @example
 * ```ts
 * const table = permissionTable(definition)
 * console.log(table.roles['EditorsRole']?.['POST /notes']?.effect)
 * ```
 */
export function permissionTable(definition: StackDefinition): PermissionTable {
  checkDefinition(definition)
  const { groups = {}, identityPool = {}, region = 'eu-central-1' } = definition
  const { authenticatedRole, unauthenticatedRole, roleMapping, ambiguousRoleResolution, rules } =
    identityPool
  const accountId = definition.accountId ?? '123456789012'
  const apiIds = apiIdsOf(definition)
  const policies: Record<string, PolicyDocument> = {}
  const add = (name: string, { policy }: RoleDefinition): string => {
    const values = { region, accountId, apiIds, identityPoolId: POOL_ID }
    const filled = fillPlaceholders(policy, values, `role ${name}`)
    const known = policies[name]
    if (known && JSON.stringify(known) !== JSON.stringify(filled)) {
      throw invalidOption(
        'permissionTable',
        `"roleName" ${show(name)} belongs to two roles with different policies`,
      )
    }
    policies[name] = filled
    return name
  }
  const named = Object.entries(groups).map(([group, role]) => ({
    group,
    role: add(role.roleName ?? `${group}Role`, role),
    precedence: role.precedence ?? Infinity,
  }))
  const names = poolRoleNames(definition)
  const standard = authenticatedRole && add(names.authenticated, authenticatedRole)
  const guest = unauthenticatedRole && add(names.unauthenticated, unauthenticatedRole)
  const always = roleMapping === 'none'
  const byRules = roleMapping === 'rules'
  for (const [i, { role }] of (rules ?? []).entries()) add(names.rules[i] ?? '', role)
  const isUsed = always || ambiguousRoleResolution === 'AuthenticatedRole'
  const place = `arn:aws:execute-api:${region}:${accountId}`
  const routes = routesOf(definition, (api) => `${place}:${apiIds[api]}`)
  return {
    version: 1,
    groups: named
      .toSorted((a, b) => (a.precedence < b.precedence ? -1 : Number(a.precedence > b.precedence)))
      .map(({ group, role }) => ({ group, role })),
    ...(!byRules && { defaultRole: (isUsed ? standard : undefined) ?? null }),
    alwaysDefaultRole: always || byRules,
    guestRole: guest ?? null,
    roles: withMoreConditions(
      rolePermissions({
        roles: policies,
        routes: Object.fromEntries(routes.map(({ name, resource }) => [name, resource])),
        context: CONTEXT,
      }),
      new Map(routes.map((route) => [route.name, route])),
    ),
  }
}

/** A resource policy names callers and has conditions, and a call may have an API key or not: that is decided when the call is made. */
const withMoreConditions = (
  roles: RolePermissions,
  conditions: ReadonlyMap<string, RouteConditions>,
): RolePermissions =>
  Object.fromEntries(
    Object.entries(roles).map(([role, routes]) => [
      role,
      Object.fromEntries(
        Object.entries(routes).map(([route, permission]) => {
          const { resourcePolicy, apiKeyRequired } = conditions.get(route) ?? {}
          const decided = resourcePolicy
            ? withResourcePolicy(permission, resourcePolicy)
            : permission
          return [route, apiKeyRequired ? withApiKey(decided) : decided]
        }),
      ),
    ]),
  )

/** What decides about a route in addition to the policy of the role. */
interface RouteConditions {
  resourcePolicy?: PolicyDocument | undefined
  apiKeyRequired?: boolean | undefined
}

function withApiKey(permission: RoutePermission): RoutePermission {
  if (permission.effect === 'deny') return permission
  return { effect: 'depends', dependsOn: [...(permission.dependsOn ?? []), 'an API key'] }
}

/** One of both policies has to allow a call and neither may deny it; on an open route the resource policy decides alone. */
function withResourcePolicy(permission: RoutePermission, policy: PolicyDocument): RoutePermission {
  const { effect, statement } = permission
  const effects = [policy.Statement].flat().map(({ Effect }) => Effect)
  const isOpen = effect === 'allow' && statement === undefined
  const isDeniedByRole = effect === 'deny' && statement !== undefined
  const changing = effect === 'allow' ? 'Deny' : 'Allow'
  if (effect === 'depends' || isDeniedByRole) return permission
  if (!isOpen && !effects.includes(changing)) return permission
  return { effect: 'depends', dependsOn: ['the resource policy of the API'] }
}

/** IDs in place of those of a deployment. */
const apiIdsOf = ({ apis = {} }: StackDefinition): Record<string, string> =>
  Object.fromEntries(Object.keys(apis).map((name, index) => [name, `api${index}`]))

/** The routes by their names in the table, each with its ARN. */
function routesOf(
  { apis = {} }: StackDefinition,
  arnOf: (api: string) => string,
): (Route & RouteConditions)[] {
  const all = Object.entries(apis).flatMap(([api, definition]) =>
    routesOfApi(definition).map(({ name, resource, apiKeyRequired }) => ({
      api,
      name,
      apiKeyRequired,
      resource: resource === null ? null : `${arnOf(api)}/${resource}`,
      resourcePolicy: 'resourcePolicy' in definition ? definition.resourcePolicy : undefined,
    })),
  )
  const isShared = (name: string): boolean => all.filter((route) => route.name === name).length > 1
  return all.map(({ api, name, ...rest }) => ({
    name: isShared(name) ? `${api} ${name}` : name,
    ...rest,
  }))
}

/** A route, and what follows the ID of its API in its ARN: `prod/GET/notes`. */
interface Route {
  name: string
  resource: string | null
  apiKeyRequired?: boolean | undefined
}

function routesOfApi(api: ApiDefinition | SocketApiDefinition): Route[] {
  if (api.type === 'websocket') {
    // Messages need no separate permission.
    const connect = api.routes['$connect']
    if (!connect) return []
    const resource = connect.auth === 'iam' ? `${api.stage ?? 'prod'}/$connect` : null
    return [{ name: '$connect', resource }]
  }
  const stage = api.stage ?? (api.type === 'http' ? '$default' : 'prod')
  return Object.entries(api.routes).flatMap(([key, { auth, apiKeyRequired }]) => {
    if (auth === 'jwt' || auth === 'lambda') return []
    if (key === '$default') {
      return [
        { name: key, resource: auth === 'iam' ? `${stage}/{request+}` : null, apiKeyRequired },
      ]
    }
    const [method = '', path = ''] = key.split(' ')
    return (method === 'ANY' ? METHODS : [method])
      .map((one) => ({ one, name: `${one} ${path}` }))
      .filter(({ name }) => name === key || !Object.hasOwn(api.routes, name))
      .map(({ one, name }) => ({
        name,
        apiKeyRequired,
        resource: auth === 'iam' ? `${stage}/${one}${path}` : null,
      }))
  })
}
