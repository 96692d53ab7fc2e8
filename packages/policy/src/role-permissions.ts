import type { ConditionContext } from './condition.ts'
import type { PolicyDocument } from './document.ts'
import type { StatementPosition } from './evaluate.ts'
import { objectAt, onlyMembers } from './invalid.ts'
import { evaluatePartially, type PartialDecision } from './partial.ts'

/** What one role may do with one route. */
export interface RoutePermission {
  /** `depends`: a condition or a policy variable decides when the call is made. */
  readonly effect: 'allow' | 'deny' | 'depends'
  /**
   * The statement that decides, such as `statement 0 (ReadNotes)`; with several documents `document 1, statement 0`. `undefined` if no
   * statement allows the route, and for a route without an authorizer.
   */
  readonly statement?: string
  /** For `depends`: the condition keys and path parameters that decide. */
  readonly dependsOn?: readonly string[]
}

/** What each role may do with each route. */
export type RolePermissions = Readonly<Record<string, Readonly<Record<string, RoutePermission>>>>

/** What {@link rolePermissions} evaluates. */
export interface RolePermissionsOptions {
  /** By the name of the role: its policy, or all of its policies. */
  roles: Readonly<Record<string, PolicyDocument | readonly PolicyDocument[]>>
  /**
   * By the name of the route, such as `GET /notes/{id}`: the ARN that IAM evaluates, with parameters as they are in the route:
   * `arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/GET/notes/{id}`. `null` for a route that needs no permission.
   */
  routes: Readonly<Record<string, string | null>>
  /** The condition keys that have the same value for every call. Defaults to none: a condition on a key makes a route `depends`. */
  context?: ConditionContext | undefined
}

/**
 * Evaluates what roles may do with the routes of an API. It is a hint for pages: IAM decides when a call is made.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a policy that is not understood.
 * @example
 * ```ts
 * const permissions = rolePermissions({
 *   roles: { EditorsRole: editorsPolicy },
 *   routes: {
 *     'GET /notes': 'arn:aws:execute-api:eu-central-1:123456789012:abc123/prod/GET/notes',
 *   },
 * })
 * console.log(permissions['EditorsRole']?.['GET /notes']?.effect)
 * ```
 */
export function rolePermissions(options: RolePermissionsOptions): RolePermissions {
  const place = { owner: 'rolePermissions', path: 'options' }
  onlyMembers(objectAt(options, place, 'an object: { roles, routes }'), place, [
    'roles',
    'routes',
    'context',
  ])
  const { roles, routes, context = {} } = options
  const ofRole = (documents: PolicyDocument | readonly PolicyDocument[]) =>
    mapValues(routes, (resource): RoutePermission => {
      if (resource === null) return { effect: 'allow' }
      const action = 'execute-api:Invoke'
      const isOne = !Array.isArray(documents)
      return permissionOf(evaluatePartially(documents, { action, resource, context }), isOne)
    })
  return mapValues(roles, ofRole)
}

const EFFECTS = {
  Allow: 'allow',
  ExplicitDeny: 'deny',
  ImplicitDeny: 'deny',
  Depends: 'depends',
} as const

const permissionOf = (
  { effect, decidedBy, dependsOn }: PartialDecision,
  isOneDocument: boolean,
): RoutePermission => ({
  effect: EFFECTS[effect],
  ...(decidedBy && { statement: statementText(decidedBy, isOneDocument) }),
  ...(dependsOn && { dependsOn }),
})

function statementText({ document, statement, sid }: StatementPosition, isOne: boolean): string {
  const text = `statement ${statement}${sid === undefined ? '' : ` (${sid})`}`
  return isOne ? text : `document ${document}, ${text}`
}

const mapValues = <Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))
