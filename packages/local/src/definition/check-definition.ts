import { checkClientId, checkIds } from './check-ids.ts'
import { fail, isText, objectAt, onlyKeys, textsAt } from './place.ts'
import { checkApi } from './check-api.ts'
import { checkFunctionUrls } from './check-function-url.ts'
import { checkHostedUi, checkSignInClient } from './check-hosted-ui.ts'
import { checkRole } from './check-role.ts'
import { checkUsagePlans } from './check-usage-plans.ts'
import { checkUserPool } from './check-user-pool.ts'
import type { StackDefinition } from './definition.ts'
import { show } from '../invalid-option.ts'

/**
 * Checks a definition before anything starts.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`. It names the place by its path, what it must be and what it is.
 */
export function checkDefinition(definition: StackDefinition): void {
  const stack = objectAt(definition, 'the definition', 'an object: defineStack({ … })')
  onlyKeys(stack, 'definition', MEMBERS)
  checkAccount(stack)
  checkUserPool(stack['userPool'])
  const scopes = checkResourceServers(stack['resourceServers'])
  const apiNames = checkApis(stack, scopes)
  checkFunctionUrls(stack['functionUrls'], apiNames)
  const groups = checkGroups(stack, apiNames)
  checkIdentityPool(stack['identityPool'], apiNames)
  checkHostedUi(stack['hostedUi'], scopes)
  for (const [name, client] of membersOf(stack['signInClients'], 'signInClients')) {
    checkSignInClient(client, `signInClients.${name}`, scopes)
  }
  const groupNames = [...groups, ...checkGroupsWithoutRole(stack, groups)]
  for (const [name, user] of membersOf(stack['users'], 'users')) {
    checkPoolName(name, `users.${name}`, 'a user')
    checkUser(user, `users.${name}`, groupNames)
  }
  for (const [name, client] of membersOf(stack['appClients'], 'appClients')) {
    checkAppClient(name, client, `appClients.${name}`, scopes)
  }
  checkServiceRoles(stack, apiNames)
}

type Stack = Record<string, unknown>

const MEMBERS = [
  'region',
  'accountId',
  'ids',
  'groups',
  'groupsWithoutRole',
  'users',
  'identityPool',
  'issuer',
  'userPool',
  'hostedUi',
  'signInClients',
  'resourceServers',
  'appClients',
  'roles',
  'usagePlans',
  'apiKeys',
  'apis',
  'functionUrls',
]

function checkAccount(stack: Stack): void {
  const { region, accountId } = stack
  if (region !== undefined && !isText(region, /^[a-z]+(-[a-z]+)+-\d+$/)) {
    fail('region', `must be a region of AWS such as "eu-central-1", got ${show(region)}`)
  }
  if (accountId !== undefined && !isText(accountId, /^\d{12}$/)) {
    fail('accountId', `must be a string of twelve digits, got ${show(accountId)}`)
  }
  checkIds(stack['ids'], typeof region === 'string' ? region : 'eu-central-1')
  const { issuer } = stack
  if (issuer !== undefined && issuer !== 'aws' && issuer !== 'local') {
    fail('issuer', `must be "aws" or "local", got ${show(issuer)}`)
  }
}

/** @returns The names of the APIs. */
function checkApis(stack: Stack, scopes: readonly string[]): string[] {
  const apis = membersOf(stack['apis'], 'apis')
  for (const [name, api] of apis) {
    if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      fail(`apis.${name}`, 'is not a name for an API; use letters, digits, - and _')
    }
    checkApi(api, `apis.${name}`, { name, scopes })
  }
  const restApis = apis.filter(([, api]) => objectAt(api, 'apis', 'an API')['type'] === 'rest')
  const restNames = restApis.map(([name]) => name)
  checkUsagePlans(stack['usagePlans'], stack['apiKeys'], restNames)
  return apis.map(([name]) => name)
}

/** @returns The names of the groups that have a role. */
function checkGroups(stack: Stack, apiNames: readonly string[]): string[] {
  const groups = membersOf(stack['groups'], 'groups')
  for (const [name, group] of groups) {
    checkPoolName(name, `groups.${name}`, 'a group')
    checkRole(group, `groups.${name}`, apiNames, ['precedence'], `${name}Role`)
    const { precedence } = objectAt(group, `groups.${name}`, 'a group')
    if (precedence !== undefined && !isWhole(precedence, 0, 2_147_483_647)) {
      fail(`groups.${name}.precedence`, `must be a whole number from 0, got ${show(precedence)}`)
    }
  }
  return groups.map(([name]) => name)
}

/** @returns The names of the groups that have no role. */
function checkGroupsWithoutRole(stack: Stack, groups: readonly string[]): string[] {
  const withoutRole = listAt(stack['groupsWithoutRole'], 'groupsWithoutRole')
  for (const [i, [path, name]] of withoutRole.entries()) {
    checkPoolName(name, path, 'a group')
    if (groups.includes(name)) {
      fail(path, `must not be in "groups" as well, got ${show(name)}`)
    }
    if (withoutRole.slice(0, i).some(([, otherName]) => otherName === name)) {
      fail(path, `must differ from every other group, got ${show(name)} again`)
    }
  }
  return withoutRole.map(([, name]) => name)
}

function checkServiceRoles(stack: Stack, apiNames: readonly string[]): void {
  for (const [name, role] of membersOf(stack['roles'], 'roles')) {
    const { trust } = objectAt(role, `roles.${name}`, 'a role: { policy }')
    if (trust !== undefined) {
      fail(`roles.${name}.trust`, 'must be left out; a service has its role without assuming it')
    }
    checkRole(role, `roles.${name}`, apiNames, [], `${name}Role`)
  }
}

/**
 * Checks the name of a group or a user. Cognito refuses any other, white space included, and the text of a list of groups can be
 * split at its spaces only because of that.
 *
 * @see [AWS: CreateGroup](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html),
 *   [AdminCreateUser](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html)
 */
function checkPoolName(name: string, path: string, what: string): void {
  if (/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(name)) return
  fail(path, `is not a name for ${what}; use up to 128 letters, digits and symbols without spaces`)
}

function checkIdentityPool(value: unknown, apiNames: readonly string[]): void {
  if (value === undefined) return
  const path = 'identityPool'
  const pool = objectAt(value, path, 'an object')
  const roles = ['authenticatedRole', 'unauthenticatedRole']
  const choices: Record<string, string[]> = {
    roleMapping: ['token', 'rules', 'none'],
    ambiguousRoleResolution: ['AuthenticatedRole', 'Deny'],
  }
  const more = ['sessionSeconds', 'rules', 'clientIds', 'principalTags']
  onlyKeys(pool, path, [...Object.keys(choices), ...roles, ...more])
  checkRules(pool, path, apiNames)
  checkPrincipalTags(pool['principalTags'], `${path}.principalTags`)
  const { clientIds } = pool
  if (clientIds !== undefined) listAt(clientIds, `${path}.clientIds`)
  for (const [key, allowed] of Object.entries(choices)) {
    if (pool[key] !== undefined && !allowed.some((option) => option === pool[key])) {
      fail(`${path}.${key}`, `must be one of ${allowed.join(', ')}, got ${show(pool[key])}`)
    }
  }
  for (const role of roles) {
    if (pool[role] !== undefined) checkRole(pool[role], `${path}.${role}`, apiNames, [], 'Role')
  }
  const { sessionSeconds } = pool
  if (sessionSeconds !== undefined && !isWhole(sessionSeconds, 1, 43_200)) {
    fail(`${path}.sessionSeconds`, `must be 1 to 43200 seconds, got ${show(sessionSeconds)}`)
  }
}

const MATCHES = ['Equals', 'NotEqual', 'StartsWith', 'Contains']

function checkRules(
  { roleMapping, rules }: Record<string, unknown>,
  path: string,
  apiNames: readonly string[],
): void {
  if (roleMapping !== 'rules') {
    if (rules !== undefined) fail(`${path}.rules`, 'needs roleMapping "rules"')
    return
  }
  if (!Array.isArray(rules) || rules.length === 0 || rules.length > 25) {
    fail(`${path}.rules`, 'must be a list of 1 to 25 rules: [{ claim, match, value, role }]')
  }
  for (const [i, value] of rules.entries()) {
    const at = `${path}.rules[${i}]`
    const rule = objectAt(value, at, 'a rule: { claim, match, value, role }')
    onlyKeys(rule, at, ['claim', 'match', 'value', 'role'])
    textsAt(rule['claim'], `${at}.claim`)
    textsAt(rule['value'], `${at}.value`)
    if (!MATCHES.some((option) => option === rule['match'])) {
      fail(`${at}.match`, `must be one of ${MATCHES.join(', ')}, got ${show(rule['match'])}`)
    }
    checkRole(rule['role'], `${at}.role`, apiNames, [], 'Role')
  }
}

/** @see [AWS: session tags](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html) */
function checkPrincipalTags(value: unknown, path: string): void {
  if (value === undefined || value === 'default') return
  const what = `"default" or an object: { tenant: 'custom:tenant' }`
  const tags = Object.entries(objectAt(value, path, what))
  if (tags.length > 50) fail(path, `must have at most 50 tags, got ${tags.length}`)
  for (const [tag, claim] of tags) {
    if (!/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu.test(tag)) {
      fail(
        `${path}.${tag}`,
        'must have up to 128 letters, digits and _ . : / = + - @, without aws: before them',
      )
    }
    if (typeof claim !== 'string' || claim === '') {
      fail(`${path}.${tag}`, `must be the name of a claim of the ID token, got ${show(claim)}`)
    }
  }
}

function checkUser(value: unknown, path: string, groupNames: readonly string[]): void {
  const user = objectAt(value, path, 'an object: { groups, email }')
  onlyKeys(user, path, ['groups', 'email', 'password', 'attributes'])
  for (const [at, group] of listAt(user['groups'], `${path}.groups`)) {
    if (groupNames.includes(group)) continue
    const known = groupNames.join(', ') || '(none is defined)'
    fail(at, `must be one of the groups ${known}, got ${show(group)}`)
  }
  for (const key of ['email', 'password']) {
    const text = user[key]
    if (text !== undefined && (typeof text !== 'string' || text === '')) {
      // A password does not belong in a message.
      fail(`${path}.${key}`, 'must be a string that is not empty, or left out')
    }
  }
  for (const [name, text] of membersOf(user['attributes'], `${path}.attributes`)) {
    if (typeof text === 'string') continue
    fail(`${path}.attributes.${name}`, `must be a string, got ${show(text)}`)
  }
}

/** @returns All scopes, as `server/scope`. */
function checkResourceServers(value: unknown): string[] {
  return membersOf(value, 'resourceServers').flatMap(([server, scopes]) => {
    if (!/^[\x21\x23-\x5B\x5D-\x7E]{1,256}$/.test(server)) {
      fail(`resourceServers.${server}`, 'must have an identifier without spaces and quotes')
    }
    return listAt(scopes, `resourceServers.${server}`).map(([at, scope]) => {
      if (/^[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+$/.test(scope)) return `${server}/${scope}`
      return fail(at, `must be a scope without spaces, quotes and slashes, got ${show(scope)}`)
    })
  })
}

function checkAppClient(
  name: string,
  value: unknown,
  path: string,
  known: readonly string[],
): void {
  // Its secret goes by this name too.
  if (!/^[\w/+=.@-]{1,128}$/.test(name)) {
    fail(path, 'is not a name for an app client; use letters, digits and / _ + = . @ -')
  }
  const client = objectAt(value, path, 'an object: { scopes }')
  onlyKeys(client, path, ['clientId', 'scopes', 'accessTokenSeconds'])
  checkClientId(client['clientId'], `${path}.clientId`)
  for (const [at, scope] of textsAt(client['scopes'], `${path}.scopes`)) {
    if (!known.includes(scope)) {
      const knownNames = known.join(', ') || '(none is defined)'
      fail(at, `must be a scope of resourceServers, one of ${knownNames}, got ${show(scope)}`)
    }
  }
  const { accessTokenSeconds } = client
  if (accessTokenSeconds !== undefined && !isWhole(accessTokenSeconds, 300, 86_400)) {
    const got = show(accessTokenSeconds)
    fail(`${path}.accessTokenSeconds`, `must be 300 to 86400 seconds, got ${got}`)
  }
}

const membersOf = (value: unknown, path: string): [name: string, value: unknown][] =>
  value === undefined ? [] : Object.entries(objectAt(value, path, 'an object'))

function listAt(value: unknown, path: string): [path: string, value: string][] {
  if (value === undefined) return []
  if (!Array.isArray(value)) fail(path, `must be a list of strings, got ${show(value)}`)
  return value.length === 0 ? [] : textsAt(value, path)
}

const isWhole = (value: unknown, from: number, to: number): boolean =>
  Number.isInteger(value) && Number(value) >= from && Number(value) <= to
