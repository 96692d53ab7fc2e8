import { provideAwsLambda } from './lambda-runtime/awslambda.ts'

// Streamed handlers use it when their file is imported.
provideAwsLambda()

export {
  evaluate,
  type AccessRequest,
  type ConditionContext,
  type Decision,
  type PolicyDocument,
  type PolicyStatement,
} from '@iamfetch/policy'
export { defineStack, type StackDefinition, type StackIds } from './definition/definition.ts'
export type {
  ApiDefinition,
  ApiKeyDefinition,
  CorsDefinition,
  LambdaAuthorizerDefinition,
  RouteDefinition,
  StreamedRouteDefinition,
  SocketApiDefinition,
  SocketRouteDefinition,
  UsagePlanDefinition,
} from './definition/api.ts'
export type { IdentityPoolDefinition, RoleMappingRule } from './definition/identity-pool.ts'
export type { GroupDefinition, RoleDefinition, ServiceRoleDefinition } from './definition/role.ts'
export type {
  AppClientDefinition,
  HostedUiDefinition,
  PreTokenGenerationDefinition,
  RefreshTokenRotationDefinition,
  SignInClientDefinition,
  UserDefinition,
  UserPoolDefinition,
} from './definition/user-pool.ts'
export type {
  BufferedFunctionUrlDefinition,
  FunctionUrlDefinition,
  StreamedFunctionUrlDefinition,
} from './definition/function-url.ts'
export type { FunctionUrlConfig } from './function-url/serve.ts'
export type { CheckedDefinition } from './definition/checked-definition.ts'
export type {
  ApiName,
  FunctionUrlName,
  GroupName,
  NamesOf,
  NamedPart,
  PartOf,
  Problem,
  RouteName,
  UserName,
} from './definition/names.ts'
export type {
  HandlerFile,
  HandlerSource,
  HttpProxy,
  LambdaEndpoint,
  LocalContext,
  LocalHandler,
  StreamedHandler,
} from './definition/backend.ts'
export {
  stackFromTemplate,
  type TemplateOptions,
  type TemplateStack,
} from './templates/stack-from-template.ts'
export type { TemplateError, TemplateNote } from './templates/problems.ts'
export { checkDefinition } from './definition/check-definition.ts'
export {
  fillPlaceholders,
  identityPoolTrust,
  type Placeholders,
} from './definition/placeholders.ts'
export type {
  Fault,
  FaultKind,
  FaultOrder,
  OrderedFault,
  OrderedRefusal,
} from './faults/fault-order.ts'
export { createFaults, type Clock, type Faults, type FaultTarget } from './faults/faults.ts'
export { preflightOf } from './api-gateway/cors.ts'
export {
  openApiDocument,
  type OpenApiDocument,
  type OpenApiOptions,
} from './openapi/openapi-document.ts'
export { permissionTable, type PermissionTable } from './permissions/permission-table.ts'
export type { Memory } from './memory.ts'
export { type SessionCredentials } from './iam/sessions.ts'
export type { UserTokens } from './cognito-user-pool/user-tokens.ts'
export { type SignIn } from './cognito-user-pool/users.ts'
export { type GivenClient } from './cognito-user-pool/app-clients.ts'
export type { HandledRequest, OnRequest } from './http/request-log.ts'
export { type SentCode } from './cognito-user-pool/verification-codes.ts'
export { type GivenApiKey } from './api-gateway/usage-plans.ts'
export { type GivenSignInClient } from './cognito-user-pool/sign-in-clients.ts'
export { type TokensMinted } from './cognito-user-pool/machine-tokens.ts'
export type { LocalStack, StackConfig } from './local-stack.ts'
export { startLocalStack } from './stack.ts'
export type { StartOptions } from './start-options.ts'
