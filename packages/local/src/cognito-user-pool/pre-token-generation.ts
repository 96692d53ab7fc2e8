import type { JWTPayload } from 'jose'
import { runHandler } from '../api-gateway/handler-context.ts'
import { refuse } from '../aws-json/service-error.ts'
import { functionOf } from '../backends/function-of.ts'
import type { LocalHandler } from '../definition/backend.ts'
import type { PreTokenGenerationDefinition } from '../definition/user-pool.ts'
import { logError } from '../http/printable.ts'
import type { Ids } from '../ids.ts'
import { preferredRole } from './claims.ts'
import type { SignedIn } from './sign-ins.ts'
import type { MintOptions } from './user-tokens.ts'
import type { User } from './users.ts'

/** The claims of the two tokens of one moment. */
export interface TokenClaims {
  id: JWTPayload
  access: JWTPayload
}

/** Runs the trigger, and returns the claims as it changed them. */
export type PreTokenGeneration = (
  claims: TokenClaims,
  call: { user: User; signedIn: SignedIn; options: MintOptions },
) => Promise<TokenClaims>

/**
 * Creates the pre-token-generation trigger of a user pool from the function of the definition. The function receives a
 * Lambda event, and its result goes through JSON.
 *
 * @returns `undefined` if the definition has no such function.
 * @see [AWS: pre token generation Lambda trigger](https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html)
 */
export function preTokenGeneration(
  ids: Ids,
  trigger: LocalHandler | PreTokenGenerationDefinition | undefined,
): PreTokenGeneration | undefined {
  if (!trigger) return undefined
  const { version, handler } =
    typeof trigger === 'function' ? { version: 2 as const, handler: trigger } : trigger
  return async (claims, { user, signedIn, options }) => {
    const event = eventOf(ids, version, claims, user, signedIn, options)
    const returned = await call(functionOf(handler), event, String(claims.id['event_id']))
    const response = recordIn(recordIn({ returned }, 'returned'), 'response')
    const change = version === 1 ? changeOfVersion1(response) : changeOfVersion2(response)
    return changed(claims, change)
  }
}

/** What a function wants changed, in the form of version 2. */
interface Change {
  id: Record<string, unknown>
  access: Record<string, unknown>
  groups: Record<string, unknown>
}

function changeOfVersion1(response: Record<string, unknown>): Change {
  const details = recordIn(response, 'claimsOverrideDetails')
  return { id: details, access: {}, groups: recordIn(details, 'groupOverrideDetails') }
}

function changeOfVersion2(response: Record<string, unknown>): Change {
  const details = recordIn(response, 'claimsAndScopeOverrideDetails')
  return {
    id: recordIn(details, 'idTokenGeneration'),
    access: recordIn(details, 'accessTokenGeneration'),
    groups: recordIn(details, 'groupOverrideDetails'),
  }
}

function eventOf(
  { region, userPoolId }: Ids,
  version: 1 | 2,
  { access }: TokenClaims,
  user: User,
  { clientId }: SignedIn,
  { source, clientMetadata }: MintOptions,
): unknown {
  const preferred = preferredRole(user.groups)
  return {
    version: String(version),
    triggerSource: `TokenGeneration_${source}`,
    region,
    userPoolId,
    userName: user.username,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
    request: {
      userAttributes: {
        sub: user.sub,
        'cognito:user_status': user.status,
        ...user.attributes,
      },
      groupConfiguration: {
        groupsToOverride: user.groups.map(({ name }) => name),
        iamRolesToOverride: [...new Set(user.groups.flatMap(({ role }) => role?.arn ?? []))],
        ...(preferred !== undefined && { preferredRole: preferred }),
      },
      ...(version === 2 && { scopes: scopesOf(access) }),
      ...(clientMetadata && { clientMetadata }),
    },
    response:
      version === 1 ? { claimsOverrideDetails: null } : { claimsAndScopeOverrideDetails: null },
  }
}

async function call(handler: LocalHandler, event: unknown, awsRequestId: string): Promise<unknown> {
  const functionName = 'preTokenGeneration'
  const given: unknown = JSON.parse(JSON.stringify(event))
  try {
    const returned = await runHandler(functionName, async () =>
      handler(given, { awsRequestId, functionName }),
    )
    return JSON.parse(JSON.stringify(returned ?? null))
  } catch (error) {
    logError(error)
    const text = error instanceof Error ? error.message : 'no Error'
    throw refuse(
      'UserLambdaValidationException',
      `PreTokenGeneration failed with error ${text}.`,
      'the function userPool.preTokenGeneration threw',
    )
  }
}

function changed({ id, access }: TokenClaims, change: Change): TokenClaims {
  const groups = claimsOfGroups(change.groups)
  const scopes = new Set(scopesOf(access))
  for (const scope of textsIn(change.access, 'scopesToAdd')) {
    if (!scope.startsWith('aws.cognito') || scope === 'aws.cognito.signin.user.admin') {
      scopes.add(scope)
    }
  }
  for (const scope of textsIn(change.access, 'scopesToSuppress')) scopes.delete(scope)
  const accessGroups =
    'cognito:groups' in groups ? { 'cognito:groups': groups['cognito:groups'] } : {}
  return {
    id: withChange({ ...id, ...groups }, change.id, FIXED_IN_ID_TOKENS),
    access: withChange(
      { ...access, ...accessGroups, scope: [...scopes].join(' ') },
      change.access,
      FIXED_IN_ACCESS_TOKENS,
    ),
  }
}

function withChange(
  claims: JWTPayload,
  change: Record<string, unknown>,
  fixed: readonly string[],
): JWTPayload {
  const result: JWTPayload = { ...claims }
  for (const [name, value] of Object.entries(recordIn(change, 'claimsToAddOrOverride'))) {
    if (!fixed.includes(name)) result[name] = value
  }
  for (const name of textsIn(change, 'claimsToSuppress')) {
    if (!fixed.includes(name)) delete result[name]
  }
  return result
}

const scopesOf = ({ scope }: JWTPayload): string[] =>
  typeof scope === 'string' ? scope.split(' ') : []

/** Groups and roles of the tokens, if the function has set them. A member that is `undefined` is not in the token. */
function claimsOfGroups(groups: Record<string, unknown>): JWTPayload {
  if (Object.keys(groups).length === 0) return {}
  const names = textsIn(groups, 'groupsToOverride')
  const roles = textsIn(groups, 'iamRolesToOverride')
  const preferred = groups['preferredRole']
  return {
    'cognito:groups': names.length > 0 ? names : undefined,
    'cognito:roles': roles.length > 0 ? roles : undefined,
    'cognito:preferred_role': typeof preferred === 'string' ? preferred : undefined,
  }
}

// unverified: the list. AWS's page on the trigger has one, "Excluded claims and scopes".
const FIXED: readonly string[] = [
  'acr',
  'amr',
  'at_hash',
  'auth_time',
  'azp',
  'exp',
  'iat',
  'iss',
  'jti',
  'nbf',
  'nonce',
  'origin_jti',
  'sub',
  'token_use',
]
const FIXED_IN_ID_TOKENS: readonly string[] = [...FIXED, 'aud', 'cognito:username', 'identities']
const FIXED_IN_ACCESS_TOKENS: readonly string[] = [
  ...FIXED,
  'client_id',
  'device_key',
  'event_id',
  'scope',
  'username',
  'version',
]

function recordIn(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const member = value[name]
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return {}
  return { ...member }
}

function textsIn(value: Record<string, unknown>, name: string): string[] {
  const member = value[name]
  return Array.isArray(member)
    ? member.filter((text): text is string => typeof text === 'string')
    : []
}
