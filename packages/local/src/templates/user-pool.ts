import type { StackDefinition } from '../definition/definition.ts'
import type { GroupDefinition } from '../definition/role.ts'
import type {
  AppClientDefinition,
  HostedUiDefinition,
  SignInClientDefinition,
  UserDefinition,
} from '../definition/user-pool.ts'
import { handlerOf } from './functions.ts'
import { idOf, refuseUnknown, resourcesOf, type Reading, type Resource } from './reading.ts'
import { readRole } from './roles.ts'
import {
  dictionaryIn,
  isTrueIn,
  memberOf,
  textIn,
  textsIn,
  unknownMember,
  type Dictionary,
} from './values.ts'

/** The user pool of a template. */
export interface ReadUserPool {
  id: string
  /** `cognito-idp.REGION.amazonaws.com/POOL` */
  provider: string
  arn: string
  /** IDs of the app clients that people sign in with. */
  peopleClients: readonly string[]
  /** The resulting part of the definition. */
  definition: Partial<StackDefinition>
}

/**
 * Reads the user pool, its clients, groups, resource servers and users.
 *
 * @param preferred  The client of the identity pool, which is `config.userPoolClientId` if it has no secret.
 */
export function readUserPool(
  reading: Reading,
  preferred: string | undefined,
): ReadUserPool | undefined {
  const pool = onlyUserPool(reading)
  if (!pool) return undefined
  const { problems, region, accountId, partition } = reading
  const id = idOf(reading, pool)
  const inPool = (...types: string[]): Resource[] =>
    resourcesOf(reading, ...types).filter(
      ({ properties }) => textIn(properties, 'UserPoolId') === id,
    )
  const clients = inPool('AWS::Cognito::UserPoolClient')
  for (const { logicalId, properties } of clients) {
    const unknown = unknownMember(properties, ['GenerateSecret', 'AllowedOAuthFlows'])
    refuseUnknown(reading, logicalId, unknown)
  }
  const machines = clients.filter(isMachine)
  const people = clients.filter((client) => !isMachine(client))
  const open = people.filter(({ properties }) => !isTrueIn(properties, 'GenerateSecret'))
  const main = open.find((client) => idOf(reading, client) === preferred) ?? open[0]
  const others = people.filter((client) => client !== main)
  const hostedUi = main && hostedUiOf(main)
  for (const type of ['UserPoolIdentityProvider', 'UserPoolRiskConfigurationAttachment']) {
    for (const { logicalId } of inPool(`AWS::Cognito::${type}`)) {
      problems.note(logicalId, 'the local user pool has its own users alone')
    }
  }
  const named = <T>(list: readonly Resource[], read: (client: Resource) => T): Record<string, T> =>
    Object.fromEntries(list.map((client) => [clientName(client, list), read(client)]))
  const servers = inPool('AWS::Cognito::UserPoolResourceServer')
  const rotation = main && rotationOf(main)
  return {
    id,
    provider: `cognito-idp.${region}.amazonaws.com/${id}`,
    arn: `arn:${partition}:cognito-idp:${region}:${accountId}:userpool/${id}`,
    peopleClients: people.map((client) => idOf(reading, client)),
    definition: {
      ids: { userPoolId: id, ...(main && { userPoolClientId: idOf(reading, main) }) },
      userPool: {
        ...settingsOf(reading, pool),
        ...(rotation && { refreshTokenRotation: rotation }),
      },
      ...(hostedUi && { hostedUi }),
      signInClients: named(others, (client) => signInClientOf(reading, client)),
      appClients: named(machines, (client) => appClientOf(reading, client)),
      resourceServers: Object.fromEntries(servers.map(resourceServerOf)),
      ...groupsOf(reading, inPool('AWS::Cognito::UserPoolGroup')),
      users: usersOf(
        inPool('AWS::Cognito::UserPoolUser', 'AWS::Cognito::UserPoolUserToGroupAttachment'),
      ),
    },
  }
}

function onlyUserPool(reading: Reading): Resource | undefined {
  const [first, ...more] = resourcesOf(reading, 'AWS::Cognito::UserPool')
  const names = more.map(({ logicalId }) => logicalId).join(', ')
  if (first && more.length > 0) {
    reading.problems.refuse(
      first.logicalId,
      `the local stack has one user pool, and the template has ${names} as well; name the others in "skip"`,
    )
  }
  return first
}

/** A client with `client_credentials` gets tokens for itself. */
const isMachine = ({ properties }: Resource): boolean =>
  textsIn(properties, 'AllowedOAuthFlows').includes('client_credentials')

/** The client's name, unless another one has it as well. */
function clientName({ logicalId, properties }: Resource, all: readonly Resource[]): string {
  const name = textIn(properties, 'ClientName')
  const same = all.filter((client) => textIn(client.properties, 'ClientName') === name)
  const isUsable = name !== undefined && /^[\w/+=.@-]{1,128}$/.test(name) && same.length === 1
  return isUsable ? name : logicalId
}

/** Triggers that the local user pool does not call. */
function settingsOf(reading: Reading, { logicalId, properties }: Resource) {
  const aliases = [
    ...textsIn(properties, 'UsernameAttributes'),
    ...textsIn(properties, 'AliasAttributes'),
  ]
  refuseUnknown(reading, logicalId, unknownMember(properties, ['AdminCreateUserConfig']))
  const triggers = dictionaryIn(properties, 'LambdaConfig')
  const { problems } = reading
  for (const trigger of Object.keys(triggers)) {
    if (trigger === 'PreTokenGeneration' || trigger === 'PreTokenGenerationConfig') continue
    problems.note(logicalId, `the trigger ${trigger} is not called`)
  }
  if (textIn(properties, 'MfaConfiguration') === 'ON') {
    problems.note(logicalId, 'MFA is not asked for')
  }
  const version2 = dictionaryIn(triggers, 'PreTokenGenerationConfig')
  const target = memberOf(version2, 'LambdaArn') ?? memberOf(triggers, 'PreTokenGeneration')
  const isVersion1 = [undefined, 'V1_0'].includes(textIn(version2, 'LambdaVersion'))
  return {
    ...(aliases.includes('email') && { signInAliases: ['email' as const] }),
    selfSignUp: !isTrueIn(
      memberOf(properties, 'AdminCreateUserConfig'),
      'AllowAdminCreateUserOnly',
    ),
    ...(target !== undefined && {
      preTokenGeneration: {
        version: isVersion1 ? (1 as const) : (2 as const),
        handler: handlerOf(reading, target, logicalId),
      },
    }),
  }
}

function hostedUiOf({ properties }: Resource): HostedUiDefinition | undefined {
  const callbackUrls = textsIn(properties, 'CallbackURLs')
  const byCode = textsIn(properties, 'AllowedOAuthFlows').includes('code')
  if (!byCode || callbackUrls.length === 0) return undefined
  const scopes = textsIn(properties, 'AllowedOAuthScopes')
  return {
    callbackUrls,
    logoutUrls: textsIn(properties, 'LogoutURLs'),
    ...(scopes.length > 0 && { scopes }),
  }
}

function rotationOf({ properties }: Resource): { graceSeconds: number } | undefined {
  const rotation = dictionaryIn(properties, 'RefreshTokenRotation')
  if (textIn(rotation, 'Feature') !== 'ENABLED') return undefined
  return { graceSeconds: Number(textIn(rotation, 'RetryGracePeriodSeconds') ?? 0) }
}

function signInClientOf(reading: Reading, client: Resource): SignInClientDefinition {
  const rotation = rotationOf(client)
  return {
    clientId: idOf(reading, client),
    secret: isTrueIn(client.properties, 'GenerateSecret'),
    ...hostedUiOf(client),
    ...(rotation && { refreshTokenRotation: rotation }),
  }
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  seconds: 1,
  minutes: 60,
  hours: 3_600,
  days: 86_400,
}

function appClientOf(reading: Reading, client: Resource): AppClientDefinition {
  const { properties } = client
  const validity = Number(textIn(properties, 'AccessTokenValidity') ?? 0)
  const unit = textIn(memberOf(properties, 'TokenValidityUnits'), 'AccessToken') ?? 'hours'
  const seconds = validity * (UNIT_SECONDS[unit] ?? 3_600)
  return {
    clientId: idOf(reading, client),
    scopes: textsIn(properties, 'AllowedOAuthScopes'),
    ...(seconds >= 300 && seconds <= 86_400 && { accessTokenSeconds: seconds }),
  }
}

function resourceServerOf({ logicalId, properties }: Resource): [name: string, scopes: string[]] {
  const list: unknown = properties['Scopes']
  const scopes = Array.isArray(list) ? list : []
  return [
    textIn(properties, 'Identifier') ?? logicalId,
    scopes.map((scope: Dictionary) => textIn(scope, 'ScopeName') ?? ''),
  ]
}

/** The groups that choose a role, and the others. */
function groupsOf(
  reading: Reading,
  resources: readonly Resource[],
): Pick<StackDefinition, 'groups' | 'groupsWithoutRole'> {
  const groups: Record<string, GroupDefinition> = {}
  const groupsWithoutRole: string[] = []
  for (const { logicalId, properties } of resources) {
    const name = textIn(properties, 'GroupName') ?? logicalId
    const precedence = textIn(properties, 'Precedence')
    const arn = properties['RoleArn']
    const role = arn === undefined ? undefined : readRole(reading, arn, logicalId)
    if (role) {
      groups[name] = {
        ...role,
        ...(precedence !== undefined && { precedence: Number(precedence) }),
      }
    } else groupsWithoutRole.push(name)
  }
  return { groups, groupsWithoutRole }
}

function usersOf(resources: readonly Resource[]): Record<string, UserDefinition> {
  const users: Record<string, UserDefinition> = {}
  for (const { type, logicalId, properties } of resources) {
    const name = textIn(properties, 'Username') ?? logicalId
    const known = users[name] ?? {}
    if (type === 'AWS::Cognito::UserPoolUserToGroupAttachment') {
      const group = textIn(properties, 'GroupName') ?? ''
      users[name] = { ...known, groups: [...(known.groups ?? []), group] }
      continue
    }
    const list: unknown = properties['UserAttributes']
    const attributes = Object.fromEntries(
      (Array.isArray(list) ? list : []).map((entry: Dictionary) => [
        textIn(entry, 'Name') ?? '',
        textIn(entry, 'Value') ?? '',
      ]),
    )
    const { email, ...more } = attributes
    users[name] = {
      ...known,
      ...(email !== undefined && email !== '' && { email }),
      ...(Object.keys(more).length > 0 && { attributes: more }),
    }
  }
  return users
}
