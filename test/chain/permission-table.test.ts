import { permissionTable, startLocalStack, type StackDefinition } from '@iamfetch/local'
import { signWebSocketUrl, cognitoCredentials, createIamFetch } from 'iamfetch'
import { createPermissions } from 'iamfetch/permissions'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import groupAccess from '../../examples/group-access/access.ts'
import fileOfExample from '../../examples/group-access/src/permissions.json' with { type: 'json' }
import { withPortal } from '../../examples/group-access/portal/access.ts'
import { mcpAccess } from '../../examples/mcp/access.ts'
import premiumContent from '../../examples/premium-content/access.ts'
import { whoCalled } from '../../examples/who-called/access.ts'
import template from '../../packages/create-iamfetch/template/stack.ts'
import { sample } from '../../packages/local/src/definition/sample.ts'
import { groupAccess as bothKinds } from '../group-access.ts'

const handler = (): object => ({ statusCode: 200, body: '' })
const allow = (Resource: string | string[], more: object = {}) =>
  ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource, ...more }],
  }) as const
const iam = { auth: 'iam', handler } as const
const ARN = 'arn:aws:execute-api:REGION:ACCOUNT_ID'

/** Everything that a table tells apart. */
const everything: StackDefinition = {
  groups: {
    Own: { policy: allow(`${ARN}:API_ID_rest/*/GET/users/\${cognito-identity.amazonaws.com:sub}`) },
    Office: {
      policy: allow(`${ARN}:API_ID_rest/*/GET/*`, {
        Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
      }),
    },
    Tls: {
      roleName: 'OverTls',
      policy: allow('*', { Condition: { Bool: { 'aws:SecureTransport': true } } }),
    },
    Denied: {
      policy: {
        Version: '2012-10-17',
        Statement: [
          ...allow('*').Statement,
          {
            Sid: 'NoUsers',
            Effect: 'Deny',
            Action: '*',
            Resource: [`${ARN}:API_ID_rest/*/*/users/*`, `${ARN}:API_ID_live/*`],
          },
        ],
      },
    },
    One: { policy: allow(`${ARN}:API_ID_rest/prod/GET/users/42`) },
  },
  identityPool: {
    ambiguousRoleResolution: 'AuthenticatedRole',
    authenticatedRole: { policy: allow(`${ARN}:API_ID_http/*/*/things/*`) },
    unauthenticatedRole: { policy: allow(`${ARN}:API_ID_rest/*/GET/open`) },
  },
  apis: {
    rest: {
      type: 'rest',
      routes: {
        'GET /users/{id}': iam,
        'ANY /open': iam,
        'GET /open': { auth: 'none', handler },
        'GET /shared': iam,
      },
    },
    http: {
      type: 'http',
      stage: 'dev',
      routes: { 'POST /things/{proxy+}': iam, 'GET /shared': iam, $default: iam },
    },
    live: { type: 'websocket', routes: { $connect: iam } },
  },
}

// A program in JavaScript has no declarations.
const program: string = '../../examples/getting-started/stack.mjs'
const { default: gettingStarted } = (await import(program)) as { default: StackDefinition }

/** The definitions of the repository, and what of their tables depends on the call. */
const definitions: Record<string, [StackDefinition, depends?: string[]]> = {
  'the sample of iamfetch-local': [sample],
  'the template': [template],
  'the program of Getting started': [gettingStarted],
  'the example with groups': [groupAccess],
  'the example with groups and the portal': [withPortal(() => handler)],
  'the example with both kinds of API': [bothKinds],
  'the example for callers': [whoCalled(() => handler)],
  'the example for machines': [premiumContent],
  'the example with an MCP server': [mcpAccess(handler)],
  'a definition with everything that a table tells apart': [
    everything,
    [
      'OfficeRole GET /users/{id}',
      'OfficeRole rest GET /shared',
      'OneRole GET /users/{id}',
      'OwnRole GET /users/{id}',
      'AuthenticatedRole $default',
    ],
  ],
}

type Call = (api: string, route: string) => Promise<'allow' | 'deny'>

/** The same definition with a user in each group and handlers that return nothing. */
function withUserPerGroup(definition: StackDefinition): StackDefinition {
  const names = Object.keys(definition.groups ?? {})
  const apis = Object.entries(definition.apis ?? {}).map(([name, api]) => [
    name,
    {
      ...api,
      routes: mapValues<{ auth?: string }, object>(api.routes, ({ auth }) => ({ auth, handler })),
    },
  ])
  return {
    ...definition,
    users: {
      ...Object.fromEntries(names.map((name) => [`in-${name}`, { groups: [name] }])),
      'in-none': {},
    },
    apis: Object.fromEntries(apis) as NonNullable<StackDefinition['apis']>,
  }
}

const mapValues = <Value, Result>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))

/** The API and the route of a name in the table. */
function routeOf(definition: StackDefinition, name: string): { api: string; route: string } {
  const [first = '', ...rest] = name.split(' ')
  const { apis = {} } = definition
  if (rest.length === 2) return { api: first, route: rest.join(' ') }
  const [method, path] = name.split(' ')
  const api = Object.keys(apis).find((one) => {
    const routes = Object.keys(apis[one]!.routes)
    return routes.includes(name) || (method && routes.includes(`ANY ${path}`))
  })
  return { api: api!, route: name }
}

describe.each(Object.entries(definitions))('%s', (_, [definition, depends = []]) => {
  test('has a table that says what the gateway decides for every role and route', async () => {
    const table = permissionTable(definition)
    await using stack = await startLocalStack(withUserPerGroup(definition))
    const { region, identityPoolId, endpoints } = stack.config
    const callAs = async (username: string | undefined): Promise<Call> => {
      const signedIn = username === undefined ? undefined : await stack.signIn(username)
      const credentials = cognitoCredentials({
        identityPoolId,
        endpoint: endpoints.cognitoIdentity,
        ...(signedIn ? { idToken: async () => signedIn.idToken } : { guest: true }),
      })
      return async (api, route) => {
        const { url } = stack.config.apis[api]!
        if (route === '$connect') return connects(url, region, credentials)
        const [method = '', path = ''] = route === '$default' ? ['PUT', '/any'] : route.split(' ')
        const iamFetch = createIamFetch({
          baseUrl: url,
          origins: [new URL(url).origin],
          region,
          credentials,
          retry: { attempts: 1 },
        })
        const { status } = await iamFetch(path.replaceAll(/\{[^}]+\}/g, 'x'), { method })
        expect([200, 403]).toContain(status)
        return status === 200 ? 'allow' : 'deny'
      }
    }
    const users = [
      ...table.groups.map(({ group, role }) => ({ role, username: `in-${group}` })),
      ...(table.defaultRole ? [{ role: table.defaultRole, username: 'in-none' }] : []),
      ...(table.guestRole ? [{ role: table.guestRole, username: undefined }] : []),
    ]
    expect(users.map(({ role }) => role).toSorted()).toEqual(Object.keys(table.roles).toSorted())
    const dependent: string[] = []
    for (const { role, username } of users) {
      const call = await callAs(username)
      for (const [name, { effect }] of Object.entries(table.roles[role]!)) {
        if (effect === 'depends') {
          dependent.push(`${role} ${name}`)
          continue
        }
        const { api, route } = routeOf(definition, name)
        expect([role, name, await call(api, route)]).toEqual([role, name, effect])
      }
    }
    expect(dependent.toSorted()).toEqual(depends.toSorted())
  })
})

/** Whether a signed handshake is accepted. */
async function connects(
  url: string,
  region: string,
  credentials: ReturnType<typeof cognitoCredentials>,
): Promise<'allow' | 'deny'> {
  const socket = new WebSocket(await signWebSocketUrl({ url, region, credentials }))
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      socket.terminate()
      resolve('allow')
    })
    socket.once('unexpected-response', (_, { statusCode }) => {
      if (statusCode === 403) resolve('deny')
      else reject(new Error(`status ${statusCode}`))
    })
    socket.once('error', reject)
  })
}

test('the file of the example is what its definition says', () => {
  expect(permissionTable(groupAccess)).toEqual(fileOfExample)
})

test('a table names the statement that decides, and what a decision depends on', () => {
  const { roles, groups, defaultRole, guestRole } = permissionTable(everything)
  expect(roles['DeniedRole']?.['GET /users/{id}']).toEqual({
    effect: 'deny',
    statement: 'statement 1 (NoUsers)',
  })
  expect(roles['OwnRole']?.['GET /users/{id}']).toEqual({
    effect: 'depends',
    statement: 'statement 0',
    dependsOn: ['cognito-identity.amazonaws.com:sub'],
  })
  expect(roles['OfficeRole']?.['GET /users/{id}']?.dependsOn).toEqual(['aws:SourceIp'])
  expect(roles['OneRole']?.['GET /users/{id}']?.dependsOn).toEqual(['{id}'])
  expect(roles['OwnRole']?.['http GET /shared']).toEqual({ effect: 'deny' })
  expect(roles['OwnRole']?.['GET /open']).toEqual({ effect: 'allow' })
  expect(groups[0]).toEqual({ group: 'Own', role: 'OwnRole' })
  expect([defaultRole, guestRole]).toEqual(['AuthenticatedRole', 'UnauthenticatedRole'])
})

test('groups are in the order of their precedence, and a user in several has the first one', () => {
  const policy = allow('*')
  const groups = {
    Last: { policy },
    Second: { policy, precedence: 2 },
    First: { policy, precedence: 1 },
  }
  expect(permissionTable({ groups }).groups.map(({ group }) => group)).toEqual([
    'First',
    'Second',
    'Last',
  ])
})

test('a route that a token guards is not in the table', () => {
  const { roles } = permissionTable(whoCalled(() => handler))
  expect(Object.keys(roles['MembersRole'] ?? {})).toEqual([
    'http GET /me/signed',
    'rest GET /me/signed',
  ])
})

test('a route that an authorizer function guards is not in the table: no role decides there', () => {
  const { roles } = permissionTable({
    groups: { Readers: { policy: allow('*') } },
    apis: {
      rest: {
        type: 'rest',
        authorizers: { own: { handler } },
        routes: { 'GET /notes': iam, 'GET /own': { auth: 'lambda', handler } },
      },
    },
  })
  expect(roles['ReadersRole']).toEqual({
    'GET /notes': { effect: 'allow', statement: 'statement 0' },
  })
})

test.each([
  ['Deny', 'depends', 'deny', 'deny', 'depends'],
  ['Allow', 'allow', 'depends', 'deny', 'depends'],
] as const)(
  'a resource policy with %s makes what it may change depend on the call',
  (Effect, allowed, unmentioned, denied, open) => {
    const { roles } = permissionTable({
      groups: {
        Readers: {
          policy: {
            Version: '2012-10-17',
            Statement: [
              ...allow(`${ARN}:API_ID_rest/*/GET/notes`).Statement,
              {
                Effect: 'Deny',
                Action: 'execute-api:Invoke',
                Resource: `${ARN}:API_ID_rest/*/GET/secret`,
              },
            ],
          },
        },
      },
      apis: {
        rest: {
          type: 'rest',
          resourcePolicy: {
            Version: '2012-10-17',
            Statement: {
              Effect,
              Principal: '*',
              Action: 'execute-api:Invoke',
              Resource: 'execute-api:/*',
              Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
            },
          },
          routes: {
            'GET /notes': iam,
            'GET /other': iam,
            'GET /secret': iam,
            'GET /open': { auth: 'none', handler },
          },
        },
      },
    })
    const effects = Object.values(roles['ReadersRole'] ?? {}).map(({ effect }) => effect)
    expect(effects).toEqual([allowed, unmentioned, denied, open])
  },
)

test('a route that needs an API key is not said to be allowed by the role alone', () => {
  const { roles } = permissionTable({
    groups: {
      Readers: {
        policy: {
          Statement: {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            Resource: [`${ARN}:API_ID/*/GET/notes`, `${ARN}:API_ID/*/GET/metered`],
          },
        },
      },
    },
    usagePlans: { basic: { apis: ['rest'] } },
    apiKeys: { acme: { usagePlan: 'basic' } },
    apis: {
      rest: {
        type: 'rest',
        routes: {
          'GET /notes': iam,
          'GET /metered': { ...iam, apiKeyRequired: true },
          'GET /denied': { ...iam, apiKeyRequired: true },
          'GET /open': { auth: 'none', handler, apiKeyRequired: true },
        },
      },
    },
  })
  const depends = { effect: 'depends', dependsOn: ['an API key'] }
  expect(roles['ReadersRole']).toMatchObject({
    'GET /notes': { effect: 'allow' },
    'GET /metered': depends,
    'GET /denied': { effect: 'deny' },
    'GET /open': depends,
  })
})

test('with role mapping by rules nothing is said of a user, whose claims decide', () => {
  const table = permissionTable({
    groups: { Readers: { policy: allow('*') } },
    identityPool: {
      roleMapping: 'rules',
      rules: [
        { claim: 'email', match: 'Equals', value: 'a@b.example', role: { policy: allow('*') } },
      ],
    },
    apis: { rest: { type: 'rest', routes: { 'GET /notes': iam } } },
  })
  expect(Object.keys(table.roles)).toEqual(['ReadersRole', 'Rule1Role'])
  const status = {
    state: 'ready',
    signedIn: true,
    roles: [],
    groups: ['Readers'],
    preferredRole: 'arn:aws:iam::123456789012:role/ReadersRole',
  }
  const credentials = { status: () => status, subscribe: () => () => {} }
  expect(createPermissions(table, credentials as never).can('GET /notes')).toBeUndefined()
})

test('two roles of one name and different policies are an error, as when the stack starts', () => {
  const definition = {
    groups: { Authenticated: { policy: allow('*') } },
    identityPool: {
      authenticatedRole: {
        policy: allow(`${ARN}:API_ID/*/GET/notes`),
        roleName: 'AuthenticatedRole',
      },
    },
    apis: { rest: { type: 'rest', routes: { 'GET /notes': iam } } },
  } as const
  expect(() => permissionTable(definition)).toThrow(
    'permissionTable: "roleName" "AuthenticatedRole" belongs to two roles with different policies',
  )
})
