import type {
  LocalHandler,
  PolicyDocument,
  PolicyStatement,
  StackDefinition,
} from '@iamfetch/local'
import base from '../access.ts'
import type { HandlerName } from './handlers.ts'
import { scopesOfGroup } from './scopes.ts'

/** What the members' role may call beside `/test`. */
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

/** The functions: those behind the routes, and the one that a schedule calls. */
export type FunctionName = HandlerName | 'sweep'

/** The role of each function. `me` needs none: it reads no more than what comes with the call. */
export const roleOf: Readonly<Record<FunctionName, string | undefined>> = {
  keys: 'portalKeys',
  me: undefined,
  notes: 'portalNotes',
  sweep: 'portalSweep',
}

/** The tables of a deployment; the local stack keeps both in memory. */
export const tables = { keys: 'iamfetch-portal-keys', notes: 'iamfetch-portal-notes' } as const

const USER_POOL = 'arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID'
const allow = (Resource: string, service: string, actions: string): PolicyStatement => ({
  Effect: 'Allow',
  Action: actions.split(' ').map((action) => `${service}:${action}`),
  Resource,
})
const onTable = (name: keyof typeof tables, actions: string): PolicyStatement =>
  allow(`arn:aws:dynamodb:REGION:ACCOUNT_ID:table/${tables[name]}`, 'dynamodb', actions)

const READ = 'GetItem BatchGetItem Query'
const WRITE = 'PutItem UpdateItem DeleteItem ConditionCheckItem'
const MAKE_CLIENTS =
  'CreateUserPoolClient DescribeUserPoolClient UpdateUserPoolClient DeleteUserPoolClient AddUserPoolClientSecret ListUserPoolClientSecrets DeleteUserPoolClientSecret'

/** What the functions may do. Which calls they make, and that these suffice, is tested in `infra`. */
const mayDo = {
  portalKeys: [allow(USER_POOL, 'cognito-idp', MAKE_CLIENTS), onTable('keys', `${READ} ${WRITE}`)],
  portalNotes: [
    allow(USER_POOL, 'cognito-idp', 'AdminListGroupsForUser'),
    onTable('keys', 'GetItem BatchGetItem UpdateItem'),
    onTable('notes', 'Query PutItem'),
  ],
  portalSweep: [
    allow(USER_POOL, 'cognito-idp', `ListUserPoolClients ${MAKE_CLIENTS}`),
    onTable('keys', `${READ} Scan ${WRITE}`),
  ],
}

/**
 * The example's definition with the portal: users make API keys here, and keys reach the notes of their user.
 *
 * IAM guards what the page calls. The notes have a second route without authorizer, for tokens: an HTTP API's JWT
 * authorizer keeps to a list of app clients, which a new key is not on, so the handler verifies the token itself.
 *
 * @param handlerOf  Gives the handler of a route: {@link createHandlers} makes them.
 */
export function withPortal(handlerOf: (name: HandlerName) => LocalHandler): StackDefinition {
  const keys = { auth: 'iam', handler: handlerOf('keys') } as const
  const notes = handlerOf('notes')
  return {
    ...base,
    groups: Object.fromEntries(
      Object.entries(base.groups ?? {}).map(([name, group]) => {
        const Statement = [forTest(group.policy).Statement, statementOf(name)].flat()
        return [name, { ...group, policy: { ...group.policy, Statement } }]
      }),
    ),
    roles: Object.fromEntries(
      Object.entries(mayDo).map(([name, Statement]) => [
        name,
        { policy: { Version: '2012-10-17', Statement } },
      ]),
    ),
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
          'GET /me': { auth: 'iam', handler: handlerOf('me') },
          'GET /keys': keys,
          'POST /keys': keys,
          'DELETE /keys/{id}': keys,
          'POST /keys/{id}/rotate': keys,
          'GET /keys/{id}/events': keys,
          'GET /my/notes': { auth: 'iam', handler: notes },
          'POST /my/notes': { auth: 'iam', handler: notes },
          'GET /notes': { auth: 'none', handler: notes },
          'POST /notes': { auth: 'none', handler: notes },
        },
      },
    },
  }
}
