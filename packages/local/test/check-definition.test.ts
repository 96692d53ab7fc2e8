import { describe, expect, it, onTestFinished } from 'vitest'
import { startLocalStack, type StackDefinition } from '../src/index.ts'
import { sample } from '../src/sample.ts'

describe('a wrong definition', () => {
  const handler = (): unknown => ({})
  const api = (more: object): object => ({
    apis: { test: { type: 'http', routes: { 'GET /test': { auth: 'iam', handler } }, ...more } },
  })
  const route = (key: string, more: object = {}): object =>
    api({ routes: { [key]: { auth: 'iam', handler, ...more } } })
  const group = (statement: object, more: object = {}): object => ({
    ...api({}),
    groups: {
      FullAccess: {
        policy: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*', ...statement },
          ],
        },
        ...more,
      },
    },
  })
  const rows: [what: string, definition: unknown, message: string][] = [
    ['no object', 7, 'the definition is 7. It has to be an object'],
    ['an unknown member', { usres: {} }, 'definition.usres is not known. Known here: region,'],
    [
      'a region that is none',
      { region: 'Frankfurt' },
      `region is "Frankfurt". Write a region of AWS, as 'eu-central-1'.`,
    ],
    ['an account that is none', { accountId: '42' }, 'accountId is "42". Write twelve digits'],
    [
      'an unknown group',
      { users: { bob: { groups: ['Nope'] } } },
      'users.bob.groups[0] is "Nope", and there is no such group. groups has: none.',
    ],
    [
      'groups that are no list',
      { users: { bob: { groups: 'A' } } },
      'users.bob.groups is "A". Write a list of strings.',
    ],
    [
      'a password that is none',
      { users: { bob: { password: 12 } } },
      'users.bob.password is no text.',
    ],
    [
      'an attribute that is no text',
      { users: { bob: { attributes: { age: 3 } } } },
      'users.bob.attributes.age is 3.',
    ],
    [
      'a group without a policy',
      { groups: { A: {} } },
      'groups.A.policy is nothing. It has to be a policy document',
    ],
    [
      'a group with a name for no role',
      { groups: { 'A B': { policy: {} } } },
      'groups.A B.roleName is "A BRole"',
    ],
    [
      'a precedence that is none',
      group({}, { precedence: 1.5 }),
      'groups.FullAccess.precedence is 1.5.',
    ],
    [
      'an unknown operator',
      group({ Condition: { StringEqualz: { a: 'b' } } }),
      'groups.FullAccess.policy.Statement[0].Condition.StringEqualz is not a condition operator of IAM. Did you mean StringEquals',
    ],
    [
      'an unknown element',
      group({ Resources: '*' }),
      'groups.FullAccess.policy.Statement[0].Resources is not known.',
    ],
    [
      'an unknown element of a trust policy',
      group({}, { trust: { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Foo: 1 } } }),
      'groups.FullAccess.trust.Statement.Foo is not known.',
    ],
    [
      'an API that is not there',
      group({ Resource: ['*', 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_nope/*'] }),
      'groups.FullAccess.policy.Statement[0].Resource[1] has API_ID_nope, which stands for no API. Here there are: API_ID_test.',
    ],
    [
      'API_ID without an API',
      { ...group({ Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*' }), apis: {} },
      'Resource has API_ID, which stands for no API. Here there are: none',
    ],
    [
      'an identity pool choice',
      { identityPool: { roleMapping: 'rules' } },
      'identityPool.roleMapping is "rules". Write one of token, none.',
    ],
    [
      'a session that never ends',
      { identityPool: { sessionSeconds: 1e9 } },
      'identityPool.sessionSeconds is 1000000000.',
    ],
    [
      'a role of the identity pool',
      { identityPool: { authenticatedRole: { policy: {} } } },
      'identityPool.authenticatedRole.policy.Statement is missing.',
    ],
    [
      'an unknown scope of an app client',
      { resourceServers: { a: ['read'] }, appClients: { c: { scopes: ['a/write'] } } },
      'appClients.c.scopes[0] is "a/write", and no resource server has it. resourceServers has: a/read.',
    ],
    [
      'a scope with a space',
      { resourceServers: { a: ['read all'] } },
      'resourceServers.a[0] is "read all".',
    ],
    [
      'a kind of API',
      api({ type: 'graphql' }),
      `apis.test.type is "graphql". Write 'http', 'rest' or 'websocket'.`,
    ],
    ['a stage with a slash', api({ stage: 'a/b' }), 'apis.test.stage is "a/b".'],
    [
      '$default as the stage of a REST API',
      api({ type: 'rest', stage: '$default' }),
      'apis.test.stage is "$default".',
    ],
    ['an API without routes', api({ routes: {} }), 'apis.test.routes is empty.'],
    [
      'a malformed route',
      route('GET test'),
      `apis.test.routes['GET test'] has no path after one space. Write 'METHOD /path/{name}'`,
    ],
    [
      'an unknown method',
      route('FETCH /test'),
      `apis.test.routes['FETCH /test'] has no method of GET`,
    ],
    [
      '$default in a REST API',
      api({ type: 'rest', routes: { $default: { auth: 'iam', handler } } }),
      `apis.test.routes['$default'] is for HTTP APIs.`,
    ],
    [
      'two routes for the same requests',
      api({
        routes: { 'GET /{a}': { auth: 'iam', handler }, 'GET /{b}': { auth: 'iam', handler } },
      }),
      `apis.test.routes['GET /{b}'] takes the same requests as 'GET /{a}'.`,
    ],
    [
      'an unknown auth',
      route('GET /test', { auth: 'cognito' }),
      `apis.test.routes['GET /test'].auth is "cognito". Write 'iam', 'jwt' or 'none'.`,
    ],
    [
      'no handler',
      route('GET /test', { handler: 'index.handler' }),
      `apis.test.routes['GET /test'].handler is "index.handler".`,
    ],
    [
      'scopes on a signed route',
      route('GET /test', { scopes: ['a/read'] }),
      `apis.test.routes['GET /test'].scopes stand on a route with auth "iam".`,
    ],
    [
      'an unknown scope',
      route('GET /test', { auth: 'jwt', scopes: ['a/read'] }),
      `apis.test.routes['GET /test'].scopes[0] is "a/read", and no resource server has it.`,
    ],
    [
      'an origin with a path',
      api({ cors: { allowOrigins: ['https://a.example.com/'] } }),
      `apis.test.cors.allowOrigins[0] is "https://a.example.com/". Write '*' or an origin without a path`,
    ],
    ['CORS without origins', api({ cors: {} }), 'apis.test.cors.allowOrigins is nothing.'],
    [
      'credentials for everybody',
      api({ cors: { allowOrigins: ['*'], allowCredentials: true } }),
      'apis.test.cors.allowCredentials is true beside the origin',
    ],
    [
      'an unknown member of cors',
      api({ cors: { allowOrigins: ['*'], maxAge: 1 } }),
      'apis.test.cors.maxAge is not known.',
    ],
  ]
  it.each(rows)(
    'is refused by its place before anything listens: %s',
    async (_, definition, message) => {
      const given: StackDefinition = Object.assign(Object.create(null), { x: definition }).x
      const starting = startLocalStack(given)
      await expect(starting).rejects.toThrow(TypeError)
      await expect(starting).rejects.toThrow(message)
    },
  )

  it('never repeats a password', async () => {
    const definition = JSON.parse('{"users":{"bob":{"password":["hunter2"]}}}')
    await expect(startLocalStack(definition)).rejects.not.toThrow('hunter2')
  })

  it('may have the same precedence twice', async () => {
    const { FullAccess, ReadOnlyAccess } = sample.groups!
    const groups = {
      FullAccess: FullAccess!,
      ReadOnlyAccess: { ...ReadOnlyAccess!, precedence: 1 },
    }
    const stack = await startLocalStack({ ...sample, groups })
    onTestFinished(() => stack.stop())
    expect(stack.config.apis).toHaveProperty('test')
  })
})
