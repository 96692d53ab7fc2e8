export {
  evaluate,
  type AccessRequest,
  type ConditionContext,
  type Decision,
  type PolicyDocument,
  type PolicyStatement,
} from '@iamfetch/policy'
export {
  defineStack,
  type ApiDefinition,
  type AppClientDefinition,
  type CorsDefinition,
  type GroupDefinition,
  type HostedUiDefinition,
  type IdentityPoolDefinition,
  type LocalContext,
  type LocalHandler,
  type RoleDefinition,
  type RouteDefinition,
  type SocketApiDefinition,
  type SocketRouteDefinition,
  type ServiceRoleDefinition,
  type StackDefinition,
  type UserDefinition,
} from './definition.ts'
export { checkDefinition } from './check-definition.ts'
export { fillPlaceholders, identityPoolTrust, type Placeholders } from './placeholders.ts'
export type { Fault, FaultKind, FaultOrder, OrderedFault, OrderedRefusal } from './fault-order.ts'
export { createFaults, type Clock, type Faults, type FaultTarget } from './faults.ts'
export { preflightOf } from './gateway/cors.ts'
export type { Memory } from './identity/memory.ts'
export { type SessionCredentials } from './identity/sessions.ts'
export type { UserTokens } from './identity/user-tokens.ts'
export { type SignIn } from './identity/users.ts'
export { type GivenClient } from './oauth/app-clients.ts'
export { type TokensMinted } from './oauth/machine-tokens.ts'
export { startLocalStack, type LocalStack, type StackConfig, type StartOptions } from './stack.ts'
