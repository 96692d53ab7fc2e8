export { createEvaluator, evaluate } from './evaluate.ts'
export type { Decision, Evaluator, NearestStatement, StatementPosition } from './evaluate.ts'
export { evaluatePartially, type PartialDecision } from './partial.ts'
export {
  rolePermissions,
  type RolePermissions,
  type RolePermissionsOptions,
  type RoutePermission,
} from './role-permissions.ts'
export { checkPolicy, type CheckPolicyOptions, type PolicyKind } from './check-policy.ts'
export type { ConditionBlock, ConditionContext, ConditionValues } from './condition.ts'
export type { PolicyDocument, PolicyStatement } from './document.ts'
export type { InvalidPolicyError } from './invalid.ts'
export type { AccessRequest, PolicyPrincipal } from './request.ts'
