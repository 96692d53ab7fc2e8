import type {
  ApiDefinition,
  ApiKeyDefinition,
  SocketApiDefinition,
  UsagePlanDefinition,
} from './api.ts'
import type { CheckedDefinition } from './checked-definition.ts'
import type { FunctionUrlDefinition } from './function-url.ts'
import type { IdentityPoolDefinition } from './identity-pool.ts'
import type { GroupDefinition, ServiceRoleDefinition } from './role.ts'
import type {
  AppClientDefinition,
  HostedUiDefinition,
  SignInClientDefinition,
  UserDefinition,
  UserPoolDefinition,
} from './user-pool.ts'

/** IDs that stay the same, for programs outside of the stack that have to know them. An ID that is missing is drawn at each start. */
export interface StackIds {
  /** Such as `eu-central-1_AbCdEf123`, with the region of the stack. */
  userPoolId?: string
  /** The client that people sign in with, without a secret. */
  userPoolClientId?: string
  /** Such as `eu-central-1:11111111-2222-4333-8444-555555555555`, with the region of the stack. */
  identityPoolId?: string
  /** The ID of each API by its name: lower-case letters and digits. */
  apis?: Readonly<Record<string, string>>
}

/** The whole of a local stack. Created with {@link defineStack}. */
export interface StackDefinition {
  /** @default 'eu-central-1' */
  region?: string
  /** @default '123456789012' */
  accountId?: string
  /** IDs that stay the same. @default none */
  ids?: StackIds
  /** By name: groups of the user pool, each with its role. @default none */
  groups?: Record<string, GroupDefinition>
  /** Names of groups that have no role: they are in `cognito:groups` and choose no role. @default none */
  groupsWithoutRole?: readonly string[]
  /** By username: who can sign in. @default none */
  users?: Record<string, UserDefinition>
  /** Without it, the role comes from the token, and a token that does not determine one is denied. */
  identityPool?: IdentityPoolDefinition
  /**
   * What the user pool names itself in tokens and in its OpenID configuration. `aws`: the issuer that a real pool has.
   * `local`: the address at which the configuration is (`config.issuer`), as OpenID Connect clients demand that discover it.
   *
   * @default 'aws'
   */
  issuer?: 'aws' | 'local'
  userPool?: UserPoolDefinition
  /** Sign-in by redirect for the app client `config.userPoolClientId`. */
  hostedUi?: HostedUiDefinition
  /** By name: more app clients that people sign in with, by default with a secret. @default none */
  signInClients?: Record<string, SignInClientDefinition>
  /** Resource servers and their scopes: `{ premium: ['read', 'write'] }`. */
  resourceServers?: Record<string, readonly string[]>
  /** By name: machines that get tokens with a client ID and a secret. @default none */
  appClients?: Record<string, AppClientDefinition>
  /** By name: usage plans of REST APIs. @default none */
  usagePlans?: Record<string, UsagePlanDefinition>
  /** By name: API keys; `stack.apiKeys` has their values. @default none */
  apiKeys?: Record<string, ApiKeyDefinition>
  /**
   * What services of yours may do with APIs, Secrets Manager and the user pool; `stack.roles` has their credentials.
   */
  roles?: Record<string, ServiceRoleDefinition>
  /** By name, which is also the key in `config.apis`. @default none */
  apis?: Record<string, ApiDefinition | SocketApiDefinition>
  /** By name, which is also the key in `config.functionUrls`: Lambda function URLs. @default none */
  functionUrls?: Record<string, FunctionUrlDefinition>
}

/**
 * Returns a definition with its names and literals as types, so that the compiler knows `stack.config.apis.notes.url` and
 * refuses a group, a scope or an API that does not exist. Its values are checked when the stack starts.
 *
 * A definition may be composed: `defineStack({ ...definition, apis: { ...definition.apis, more } })`.
 *
 * @example
 * ```ts
 * const definition = defineStack({
 *   groups: { Editors: { policy: editorsPolicy } },
 *   users: { alice: { groups: ['Editors'] } },
 *   apis: { notes: { type: 'http', routes: { 'GET /notes': { auth: 'iam', handler: listNotes } } } },
 * })
 * ```
 */
export const defineStack = <const Definition extends StackDefinition>(
  definition: Definition & CheckedDefinition<Definition>,
): Definition => definition
