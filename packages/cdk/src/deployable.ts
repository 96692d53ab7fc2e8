import { invalidOption } from '@iamfetch/core'
import type {
  ApiDefinition,
  IdentityPoolDefinition,
  RouteDefinition,
  StackDefinition,
  UserPoolDefinition,
} from '@iamfetch/local'

/**
 * What a deployment does with each member of a part of a definition: `deployed`; `local`, for what decides nothing on AWS; or why
 * it must not be set. A record, so that the compiler finds a new member: one that is left out silently would
 * let callers in on AWS that the local stack refuses.
 */
type Members<Part> = { readonly [Name in keyof Required<Part>]: 'deployed' | 'local' | Refusal }

/** Why a member must not be set. */
interface Refusal {
  /** What follows `must not be set` in the message. */
  readonly refused: string
  /** Whether it is a record, of which the message names an entry. */
  readonly isRecord?: true
}

const STACK: Members<StackDefinition> = {
  region: 'deployed',
  accountId: 'local',
  ids: 'local',
  groups: 'deployed',
  groupsWithoutRole: 'deployed',
  users: 'local',
  identityPool: 'deployed',
  issuer: 'local',
  userPool: 'deployed',
  hostedUi: 'deployed',
  signInClients: 'deployed',
  resourceServers: 'deployed',
  appClients: 'deployed',
  usagePlans: 'deployed',
  apiKeys: 'deployed',
  roles: 'deployed',
  apis: 'deployed',
  functionUrls: {
    refused:
      '; add the URL to a function of your own with addFunctionUrl, and leave it out of the definition that is deployed',
    isRecord: true,
  },
}

const IDENTITY_POOL: Members<IdentityPoolDefinition> = {
  roleMapping: 'deployed',
  rules: 'deployed',
  clientIds: {
    refused:
      ', because the IDs of app clients are known only when the stack is deployed, and every app client for users may have credentials then; pass your own identity pool as "identityPoolId"',
  },
  ambiguousRoleResolution: 'deployed',
  authenticatedRole: 'deployed',
  unauthenticatedRole: 'deployed',
  sessionSeconds: { refused: ', because an identity pool on AWS issues credentials for an hour' },
  principalTags: 'deployed',
}

const USER_POOL: Members<UserPoolDefinition> = {
  signInAliases: 'deployed',
  selfSignUp: 'deployed',
  refreshTokenRotation: 'deployed',
  preTokenGeneration: {
    refused: '; add the trigger to a user pool of your own, and pass that as "userPool"',
  },
}

const ROUTE: Members<RouteDefinition> = {
  auth: 'deployed',
  scopes: 'deployed',
  authorizer: 'deployed',
  apiKeyRequired: 'deployed',
  audience: {
    refused:
      ', because the tokens of every app client of the definition are accepted on AWS; require "scopes" that only some of them have',
  },
  // Only the handler can be built; "functions" replaces the others.
  handler: 'deployed',
  lambda: 'deployed',
  proxy: 'deployed',
  responseTransferMode: 'deployed',
}

/** @throws `TypeError` with the code `INVALID_OPTION` for a part of a definition that a deployment does not have. */
export function checkStackMembers(definition: StackDefinition): void {
  refuseMembers(definition, STACK, '')
  refuseMembers(definition.userPool ?? {}, USER_POOL, 'userPool.')
}

/** @throws `TypeError` with the code `INVALID_OPTION` */
export function checkIdentityPoolMembers({
  sessionSeconds,
  ...settings
}: IdentityPoolDefinition): void {
  const isOfAws = sessionSeconds === undefined || sessionSeconds === 3_600
  refuseMembers(
    isOfAws ? settings : { ...settings, sessionSeconds },
    IDENTITY_POOL,
    'identityPool.',
  )
}

/** @throws `TypeError` with the code `INVALID_OPTION` */
export function checkRouteMembers(routes: ApiDefinition['routes'], api: string): void {
  for (const [key, route] of Object.entries(routes)) {
    refuseMembers(route, ROUTE, `apis.${api}.routes['${key}'].`)
  }
}

function refuseMembers<Part extends object>(
  part: Part,
  members: Members<Part>,
  path: string,
): void {
  for (const [name, handling] of Object.entries<'deployed' | 'local' | Refusal>(members)) {
    if (typeof handling !== 'object') continue
    const value: unknown = Reflect.get(part, name)
    const entries = handling.isRecord && typeof value === 'object' ? { ...value } : { '': value }
    for (const [entry, member] of Object.entries(entries)) {
      if (member === undefined) continue
      const full = `${path}${name}${entry && `.${entry}`}`
      throw invalidOption('IamGuardedApi', `"${full}" must not be set${handling.refused}`)
    }
  }
}
