import type { StackDefinition } from '../definition/definition.ts'
import type { IdentityPoolDefinition, RoleMappingRule } from '../definition/identity-pool.ts'
import { idOf, refuseUnknown, resourcesOf, type Reading, type Resource } from './reading.ts'
import { readRole } from './roles.ts'
import type { ReadUserPool } from './user-pool.ts'
import {
  dictionaryIn,
  isDictionary,
  isTrueIn,
  listIn,
  memberOf,
  textIn,
  unknownMember,
  Unresolved,
  type Dictionary,
} from './values.ts'

/** The client of the identity pool that comes first. */
export function preferredClient(reading: Reading): string | undefined {
  const [pool] = resourcesOf(reading, 'AWS::Cognito::IdentityPool')
  const [provider] = listIn(pool?.properties, 'CognitoIdentityProviders')
  return textIn(provider, 'ClientId')
}

/** Reads the identity pool, the roles whose credentials it issues, and how it chooses. */
export function readIdentityPool(
  reading: Reading,
  userPool: ReadUserPool | undefined,
): Partial<StackDefinition> {
  const [pool, ...more] = resourcesOf(reading, 'AWS::Cognito::IdentityPool')
  const { problems } = reading
  if (!pool) return {}
  if (more.length > 0) {
    const names = more.map(({ logicalId }) => logicalId).join(', ')
    problems.refuse(
      pool.logicalId,
      `the local stack has one identity pool, and the template has ${names} as well; name the others in "skip"`,
    )
  }
  const { logicalId, properties } = pool
  const id = idOf(reading, pool)
  for (const name of [
    'SamlProviderARNs',
    'OpenIdConnectProviderARNs',
    'SupportedLoginProviders',
    'DeveloperProviderName',
  ]) {
    if (properties[name] !== undefined)
      problems.note(logicalId, `${name}: the user pool alone signs in here`)
  }
  if (isTrueIn(properties, 'AllowClassicFlow')) {
    problems.note(logicalId, 'the classic flow (GetOpenIdToken) is refused')
  }
  const clientIds = clientsOf(pool, userPool)
  const attachment = resourcesOf(reading, 'AWS::Cognito::IdentityPoolRoleAttachment').find(
    (resource) => textIn(resource.properties, 'IdentityPoolId') === id,
  )
  const guests = isTrueIn(properties, 'AllowUnauthenticatedIdentities')
  const definition: IdentityPoolDefinition = {
    clientIds,
    ...(attachment
      ? rolesOf(reading, attachment, { userPool, clientIds, guests })
      : { roleMapping: 'none' }),
    ...principalTags(reading, id),
  }
  return { ids: { identityPoolId: id }, identityPool: definition }
}

/** The app clients whose ID tokens the pool takes. */
function clientsOf({ properties }: Resource, userPool: ReadUserPool | undefined): string[] {
  return listIn(properties, 'CognitoIdentityProviders')
    .filter((provider) => textIn(provider, 'ProviderName') === userPool?.provider)
    .flatMap((provider) => textIn(provider, 'ClientId') ?? [])
}

function rolesOf(
  reading: Reading,
  { logicalId, properties }: Resource,
  {
    userPool,
    clientIds,
    guests,
  }: { userPool: ReadUserPool | undefined; clientIds: readonly string[]; guests: boolean },
): IdentityPoolDefinition {
  const roles = dictionaryIn(properties, 'Roles')
  const role = (name: string) => {
    const arn = memberOf(roles, name)
    return arn === undefined ? undefined : readRole(reading, arn, logicalId)
  }
  const authenticatedRole = role('authenticated')
  const unauthenticatedRole = guests ? role('unauthenticated') : undefined
  const mappings = Object.entries(dictionaryIn(properties, 'RoleMappings'))
  refuseUnknown(reading, logicalId, unknownMapping(properties, mappings))
  const ofPool = mappings.filter(([key, mapping]) => {
    const provider = textIn(mapping, 'IdentityProvider') ?? key
    return userPool !== undefined && provider.startsWith(`${userPool.provider}:`)
  })
  const mapped = ofPool.map(([key, mapping]) => textIn(mapping, 'IdentityProvider') ?? key)
  const unmapped = clientIds.find(
    (clientId) => !mapped.some((provider) => provider.endsWith(`:${clientId}`)),
  )
  const texts = new Set(ofPool.map(([, mapping]) => rulesText(mapping)))
  if (ofPool.length > 0 && (unmapped !== undefined || texts.size > 1)) {
    const reason = 'its role mappings differ by app client, and the local stack has one for all'
    reading.problems.refuse(logicalId, reason)
  }
  const [, mapping] = ofPool[0] ?? []
  return {
    ...(authenticatedRole && { authenticatedRole }),
    ...(unauthenticatedRole && { unauthenticatedRole }),
    ...mappingOf(reading, logicalId, mapping),
  }
}

/** What is not known of the choice of a role. The roles of rules are read by themselves. */
function unknownMapping(
  properties: Dictionary,
  mappings: readonly [key: string, mapping: unknown][],
): string | undefined {
  if (properties['RoleMappings'] instanceof Unresolved) {
    return unknownMember(properties, ['RoleMappings'])
  }
  for (const [key, mapping] of mappings) {
    if (mapping instanceof Unresolved) return unknownMember({ [key]: mapping }, [key])
    const names = ['IdentityProvider', 'Type', 'AmbiguousRoleResolution']
    const unknown = unknownMember(mapping, names)
    if (unknown !== undefined) return unknown
  }
  return undefined
}

/** A mapping without the provider that it is for. */
const rulesText = (mapping: unknown): string => {
  const { IdentityProvider: _, ...rest } = isDictionary(mapping) ? mapping : {}
  return JSON.stringify(rest)
}

function mappingOf(reading: Reading, logicalId: string, mapping: unknown): IdentityPoolDefinition {
  if (mapping === undefined) return { roleMapping: 'none' }
  const isDeny = textIn(mapping, 'AmbiguousRoleResolution') !== 'AuthenticatedRole'
  const ambiguousRoleResolution = isDeny ? 'Deny' : 'AuthenticatedRole'
  if (textIn(mapping, 'Type') === 'Token') return { roleMapping: 'token', ambiguousRoleResolution }
  const rules = listIn(memberOf(mapping, 'RulesConfiguration'), 'Rules')
  return {
    roleMapping: 'rules',
    ambiguousRoleResolution,
    rules: rules.flatMap((rule): RoleMappingRule[] => {
      const role = readRole(reading, memberOf(rule, 'RoleARN'), logicalId)
      const [claim, matchType, value] = ['Claim', 'MatchType', 'Value'].map((name) =>
        textIn(rule, name),
      )
      const match = MATCHES.find((type) => type === matchType)
      if (role && claim !== undefined && match && value !== undefined) {
        return [{ claim, match, value, role }]
      }
      reading.problems.refuse(logicalId, 'it has a rule that cannot be read')
      return []
    }),
  }
}

const MATCHES = ['Equals', 'NotEqual', 'StartsWith', 'Contains'] as const

/** Attributes for access control. */
function principalTags(reading: Reading, id: string): IdentityPoolDefinition {
  const tag = resourcesOf(reading, 'AWS::Cognito::IdentityPoolPrincipalTag').find(
    ({ properties }) => textIn(properties, 'IdentityPoolId') === id,
  )
  if (!tag) return {}
  const unknown = unknownMember(tag.properties, ['UseDefaults', 'PrincipalTags'])
  refuseUnknown(reading, tag.logicalId, unknown)
  if (isTrueIn(tag.properties, 'UseDefaults')) return { principalTags: 'default' }
  const tags = dictionaryIn(tag.properties, 'PrincipalTags')
  return {
    principalTags: Object.fromEntries(
      Object.keys(tags).map((name) => [name, textIn(tags, name) ?? '']),
    ),
  }
}
