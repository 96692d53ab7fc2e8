import {
  defineStack,
  type GroupDefinition,
  type LocalHandler,
  type PolicyDocument,
  type PolicyStatement,
  type RouteDefinition,
} from '@iamfetch/local'
import base from '../access.ts'
import type { HandlerName } from './handlers.ts'
import { scopesOfGroup } from './scopes.ts'

/** What the members' role may call in addition to `/test`. */
const statementOf = (group: string): PolicyStatement => ({
  Effect: 'Allow',
  Action: 'execute-api:Invoke',
  Resource: ['GET/me', 'GET/keys', 'POST/keys', 'DELETE/keys/*', 'POST/keys/*/rotate']
    .concat('GET/keys/*/events', 'GET/my/notes')
    .concat(scopesOfGroup[group]?.includes('notes/write') ? ['POST/my/notes'] : [])
    .map((what) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_portal/*/${what}`),
})

/** In a stack with two APIs a policy has to say which one it means. */
const forTest = (policy: PolicyDocument): PolicyDocument =>
  JSON.parse(JSON.stringify(policy).replaceAll(':API_ID/', ':API_ID_test/'))

/**
 * The functions: one for each route of the portal, and the one that a schedule calls. Each has a role of its own, so
 * that the function that lists keys cannot remove one.
 */
export const roleOf = {
  'GET /me': 'portalMe',
  'GET /keys': 'portalListKeys',
  'POST /keys': 'portalCreateKey',
  'DELETE /keys/{id}': 'portalRevokeKey',
  'POST /keys/{id}/rotate': 'portalRotateKey',
  'GET /keys/{id}/events': 'portalKeyEvents',
  'GET /my/notes': 'portalReadMyNotes',
  'POST /my/notes': 'portalWriteMyNotes',
  'GET /notes': 'portalReadNotes',
  'POST /notes': 'portalWriteNotes',
  sweep: 'portalSweep',
} as const satisfies Record<string, string>

/** A function of the portal: a route's, or `sweep`. */
export type FunctionName = keyof typeof roleOf

/** A route of the portal. */
export type PortalRoute = Exclude<FunctionName, 'sweep'>

/** Which handler is behind a route. */
export const handlerNameOf = (route: PortalRoute): HandlerName => {
  if (route === 'GET /me') return 'me'
  return route.endsWith('/notes') ? 'notes' : 'keys'
}

/** The names of the tables. A deployment has names of its own; the local stack keeps both tables in memory. */
export interface TableNames {
  keys: string
  notes: string
}

/** Names for where none were generated. */
export const tables: TableNames = { keys: 'iamfetch-portal-keys', notes: 'iamfetch-portal-notes' }

const USER_POOL = 'arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID'
const allow = (Resource: string, service: string, actions: string): PolicyStatement => ({
  Effect: 'Allow',
  Action: actions.split(' ').map((action) => `${service}:${action}`),
  Resource,
})
const onPool = (actions: string): PolicyStatement => allow(USER_POOL, 'cognito-idp', actions)

const WRITE = 'PutItem UpdateItem DeleteItem'
const REMOVE_CLIENT = 'DeleteUserPoolClient'
const SECRETS = 'ListUserPoolClientSecrets DeleteUserPoolClientSecret'
const CHANGE_SCOPES = 'DescribeUserPoolClient UpdateUserPoolClient'

/** The role of a function. */
export type Role = (typeof roleOf)[FunctionName]

/**
 * What the functions may do. Which calls they make, and that these rights suffice, is tested in `infra`.
 *
 * Creating and rotating a key first finishes what was interrupted on a key of the same user, so both may do what that
 * needs.
 */
function rightsOn(names: TableNames): Record<Role, PolicyStatement[]> {
  const onTable = (name: keyof TableNames, actions: string): PolicyStatement =>
    allow(`arn:aws:dynamodb:REGION:ACCOUNT_ID:table/${names[name]}`, 'dynamodb', actions)
  const groups = onPool('AdminListGroupsForUser')
  return {
    // Reads the name of a user whom a signature alone proves.
    portalMe: [onTable('keys', 'GetItem')],
    portalListKeys: [onTable('keys', 'GetItem BatchGetItem Query')],
    portalCreateKey: [
      onPool(`CreateUserPoolClient ${CHANGE_SCOPES} ${REMOVE_CLIENT} ${SECRETS}`),
      onTable('keys', `GetItem BatchGetItem Query ${WRITE}`),
    ],
    portalRevokeKey: [onPool(REMOVE_CLIENT), onTable('keys', `GetItem ${WRITE}`)],
    portalRotateKey: [
      onPool(`AddUserPoolClientSecret ${CHANGE_SCOPES} ${REMOVE_CLIENT} ${SECRETS}`),
      onTable('keys', `GetItem Query ${WRITE}`),
    ],
    portalKeyEvents: [onTable('keys', 'GetItem Query')],
    portalReadMyNotes: [onTable('keys', 'GetItem'), onTable('notes', 'Query')],
    portalWriteMyNotes: [onTable('keys', 'GetItem'), onTable('notes', 'Query PutItem')],
    portalReadNotes: [
      groups,
      onTable('keys', 'GetItem BatchGetItem UpdateItem'),
      onTable('notes', 'Query'),
    ],
    portalWriteNotes: [
      groups,
      onTable('keys', 'GetItem BatchGetItem UpdateItem'),
      onTable('notes', 'Query PutItem'),
    ],
    portalSweep: [
      onPool(`ListUserPoolClients ${CHANGE_SCOPES} ${REMOVE_CLIENT} ${SECRETS}`),
      onTable('keys', `GetItem BatchGetItem Query Scan ${WRITE}`),
    ],
  }
}

/**
 * The example's definition with the portal: users make API keys here, and keys reach the notes of their user.
 *
 * IAM guards what the page calls. The notes have a second route without authorizer, for tokens: an HTTP API's JWT
 * authorizer keeps to a list of app clients, which a new key is not on, so the handler verifies the token itself.
 *
 * @param handlerOf   Returns the handler of a route: {@link createHandlers} makes them.
 * @param tableNames  For the policies of the functions.
 */
export function withPortal(
  handlerOf: (route: PortalRoute) => LocalHandler,
  tableNames: TableNames = tables,
) {
  const iam = <Route extends PortalRoute>(route: Route) =>
    guardedRoute(route, { auth: 'iam', handler: handlerOf(route) })
  const open = <Route extends PortalRoute>(route: Route) =>
    guardedRoute(route, { auth: 'none', handler: handlerOf(route) })
  const groupOf = (name: keyof typeof base.groups): GroupDefinition => {
    const group = base.groups[name]
    const Statement = [forTest(group.policy).Statement, statementOf(name)].flat()
    return { ...group, policy: { ...group.policy, Statement } }
  }
  const rights = rightsOn(tableNames)
  return defineStack({
    ...base,
    groups: {
      FullAccess: groupOf('FullAccess'),
      ReadOnlyAccess: groupOf('ReadOnlyAccess'),
    },
    roles: mapped(rights, (Statement) => ({ policy: { Version: '2012-10-17', Statement } })),
    resourceServers: { notes: ['read', 'write'] },
    apis: {
      ...base.apis,
      portal: {
        type: 'http',
        cors: {
          allowOrigins: ['*'],
          allowHeaders: [
            'authorization',
            'content-type',
            'idempotency-key',
            'x-amz-date',
            'x-amz-security-token',
            'x-amz-iamfetch-identity',
          ],
        },
        routes: {
          ...iam('GET /me'),
          ...iam('GET /keys'),
          ...iam('POST /keys'),
          ...iam('DELETE /keys/{id}'),
          ...iam('POST /keys/{id}/rotate'),
          ...iam('GET /keys/{id}/events'),
          ...iam('GET /my/notes'),
          ...iam('POST /my/notes'),
          ...open('GET /notes'),
          ...open('POST /notes'),
        },
      },
    },
  })
}

const guardedRoute = <Route extends PortalRoute>(route: Route, guarded: RouteDefinition) =>
  ({ [route]: guarded }) as Record<Route, RouteDefinition>

/** An object with the same names and other values. */
const mapped = <Name extends string, Value, Result>(
  values: Readonly<Record<Name, Value>>,
  change: (value: Value) => Result,
) =>
  Object.fromEntries(
    Object.entries<Value>(values).map(([name, value]) => [name, change(value)]),
  ) as Record<Name, Result>
