import { describe, expect, it, onTestFinished } from 'vitest'
import { startLocalStack, type StackDefinition } from '../src/index.ts'
import { sample } from '../src/definition/sample.ts'

describe('a wrong definition', () => {
  const handler = (): unknown => ({})
  const api = (more: object): object => ({
    apis: { test: { type: 'http', routes: { 'GET /test': { auth: 'iam', handler } }, ...more } },
  })
  const rest = (more: object): object => api({ type: 'rest', ...more })
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
    ['no object', 7, '"the definition" must be an object: defineStack({ … }), got 7'],
    [
      'an unknown member',
      { usres: {} },
      '"definition.usres" is not known; known here: region, accountId, ids, groups, groupsWithoutRole, users, identityPool, issuer, userPool, hostedUi, signInClients, resourceServers, appClients, roles, usagePlans, apiKeys, apis',
    ],
    [
      'a region that is none',
      { region: 'Frankfurt' },
      '"region" must be a region of AWS such as "eu-central-1", got "Frankfurt"',
    ],
    [
      'an account that is none',
      { accountId: '42' },
      '"accountId" must be a string of twelve digits, got "42"',
    ],
    [
      'an unknown group',
      { users: { bob: { groups: ['Nope'] } } },
      '"users.bob.groups[0]" must be one of the groups (none is defined), got "Nope"',
    ],
    [
      'a group with a space in its name',
      { groupsWithoutRole: ['Site Admins'] },
      '"groupsWithoutRole[0]" is not a name for a group; use up to 128 letters, digits and symbols without spaces',
    ],
    [
      'a group without a name',
      { groups: { '': {} } },
      '"groups." is not a name for a group; use up to 128 letters, digits and symbols without spaces',
    ],
    [
      'a group that is there twice',
      { groupsWithoutRole: ['Beta', 'Beta'] },
      '"groupsWithoutRole[1]" must differ from every other group, got "Beta" again',
    ],
    [
      'a user with a line break in the name',
      { users: { 'bob\n': {} } },
      '"users.bob\n" is not a name for a user; use up to 128 letters, digits and symbols without spaces',
    ],
    [
      'groups that are no list',
      { users: { bob: { groups: 'A' } } },
      '"users.bob.groups" must be a list of strings, got "A"',
    ],
    [
      'a password that is none',
      { users: { bob: { password: 12 } } },
      '"users.bob.password" must be a string that is not empty, or left out',
    ],
    [
      'an attribute that is not a string',
      { users: { bob: { attributes: { age: 3 } } } },
      '"users.bob.attributes.age" must be a string, got 3',
    ],
    [
      'a group without a policy',
      { groups: { A: {} } },
      '"groups.A.policy" must be a policy document: { Version, Statement }, got undefined',
    ],
    [
      'a group with a name for no role',
      { groups: { 'A/B': { policy: {} } } },
      '"groups.A/B.roleName" must have up to 64 letters, digits and + = , . @ - _ only, got "A/BRole"; without it the name is that of the group and "Role"',
    ],
    [
      'a precedence that is none',
      group({}, { precedence: 1.5 }),
      '"groups.FullAccess.precedence" must be a whole number from 0, got 1.5',
    ],
    [
      'an unknown operator',
      group({ Condition: { StringEqualz: { a: 'b' } } }),
      '"groups.FullAccess.policy.Statement[0].Condition.StringEqualz" must be a condition operator of IAM; did you mean StringEquals, StringNotEquals, StringEqualsIgnoreCase, StringNotEqualsIgnoreCase, StringLike, StringNotLike?',
    ],
    [
      'an unknown element',
      group({ Resources: '*' }),
      '"groups.FullAccess.policy.Statement[0].Resources" is not known; known here: Sid, Effect, Action, NotAction, Resource, NotResource, Condition',
    ],
    [
      'an unknown element of a trust policy',
      group({}, { trust: { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Foo: 1 } } }),
      '"groups.FullAccess.trust.Statement.Foo" is not known; known here: Sid, Effect, Action, NotAction, Principal, Condition',
    ],
    [
      'an API that is not there',
      group({ Resource: ['*', 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_nope/*'] }),
      '"groups.FullAccess.policy.Statement[0].Resource[1]" has API_ID_nope, which is not one of the APIs API_ID_test',
    ],
    [
      'API_ID without an API',
      { ...group({ Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*' }), apis: {} },
      '"groups.FullAccess.policy.Statement[0].Resource" has API_ID, which is not one of the APIs (none is defined)',
    ],
    [
      'rules without the mapping for them',
      { identityPool: { rules: [] } },
      '"identityPool.rules" needs roleMapping "rules"',
    ],
    [
      'a rule with an unknown match',
      { identityPool: { roleMapping: 'rules', rules: [{ claim: 'a', match: 'Is', value: 'b' }] } },
      '"identityPool.rules[0].match" must be one of Equals, NotEqual, StartsWith, Contains, got "Is"',
    ],
    [
      'a fixed ID of another region',
      { ids: { userPoolId: 'us-east-1_AbCdEf123' } },
      '"ids.userPoolId" must look like "eu-central-1_AbCdEf123", got "us-east-1_AbCdEf123"',
    ],
    [
      'a group with and without a role',
      { ...group({}), groupsWithoutRole: ['FullAccess'] },
      '"groupsWithoutRole[0]" must not be in "groups" as well, got "FullAccess"',
    ],
    [
      'an identity pool choice',
      { identityPool: { roleMapping: 'group' } },
      '"identityPool.roleMapping" must be one of token, rules, none, got "group"',
    ],
    [
      'a session that never ends',
      { identityPool: { sessionSeconds: 1e9 } },
      '"identityPool.sessionSeconds" must be 1 to 43200 seconds, got 1000000000',
    ],
    [
      'a role of the identity pool',
      { identityPool: { authenticatedRole: { policy: {} } } },
      '"identityPool.authenticatedRole.policy.Statement" is missing; a policy needs a statement',
    ],
    [
      'an unknown scope of an app client',
      { resourceServers: { a: ['read'] }, appClients: { c: { scopes: ['a/write'] } } },
      '"appClients.c.scopes[0]" must be a scope of resourceServers, one of a/read, got "a/write"',
    ],
    [
      'a scope with a space',
      { resourceServers: { a: ['read all'] } },
      '"resourceServers.a[0]" must be a scope without spaces, quotes and slashes, got "read all"',
    ],
    [
      'a kind of API',
      api({ type: 'graphql' }),
      '"apis.test.type" must be "http", "rest" or "websocket", got "graphql"',
    ],
    [
      'a stage with a slash',
      api({ stage: 'a/b' }),
      '"apis.test.stage" must have letters, digits, - and _ only, or be "$default" for none in the path, got "a/b"',
    ],
    [
      '$default as the stage of a REST API',
      api({ type: 'rest', stage: '$default' }),
      '"apis.test.stage" must have letters, digits, - and _ only, got "$default"',
    ],
    [
      'an API without routes',
      api({ routes: {} }),
      '"apis.test.routes" must have a route such as "GET /test"',
    ],
    [
      'a malformed route',
      route('GET test'),
      '"apis.test.routes[\'GET test\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it does not have one space and a path after the method',
    ],
    [
      'an unknown method',
      route('FETCH /test'),
      '"apis.test.routes[\'FETCH /test\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it begins with none of the methods GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS, ANY',
    ],
    [
      '$default in a REST API',
      api({ type: 'rest', routes: { $default: { auth: 'iam', handler } } }),
      '"apis.test.routes[\'$default\']" is for HTTP APIs; a REST API has "ANY /{proxy+}" and "ANY /"',
    ],
    [
      'two routes for the same requests',
      api({
        routes: { 'GET /{a}': { auth: 'iam', handler }, 'GET /{b}': { auth: 'iam', handler } },
      }),
      '"apis.test.routes[\'GET /{b}\']" must not take the same requests as "GET /{a}"',
    ],
    [
      'an unknown auth',
      route('GET /test', { auth: 'cognito' }),
      '"apis.test.routes[\'GET /test\'].auth" must be "iam", "jwt", "lambda" or "none", got "cognito"',
    ],
    [
      'no handler',
      route('GET /test', { handler: 'index.handler' }),
      '"apis.test.routes[\'GET /test\'].handler" must be a file and the name of its export such as "./src/notes.ts#handler", got "index.handler"',
    ],
    [
      'scopes on a signed route',
      route('GET /test', { scopes: ['a/read'] }),
      '"apis.test.routes[\'GET /test\'].scopes" needs auth "jwt", and this route has "iam"',
    ],
    [
      'an unknown scope',
      route('GET /test', { auth: 'jwt', scopes: ['a/read'] }),
      '"apis.test.routes[\'GET /test\'].scopes[0]" must be a scope of resourceServers, one of (none is defined), got "a/read"',
    ],
    [
      'an origin with a path',
      api({ cors: { allowOrigins: ['https://a.example.com/'] } }),
      '"apis.test.cors.allowOrigins[0]" must be "*" or an origin without a path such as "https://app.example.com", got "https://a.example.com/"',
    ],
    [
      'CORS without origins',
      api({ cors: {} }),
      '"apis.test.cors.allowOrigins" must be a string, got undefined',
    ],
    [
      'a REST API member of an HTTP API',
      api({ binaryMediaTypes: ['image/png'] }),
      '"apis.test.binaryMediaTypes" is for REST APIs',
    ],
    [
      'a media type that is none',
      rest({ binaryMediaTypes: ['png'] }),
      '"apis.test.binaryMediaTypes[0]" must be a media type such as "image/png", "image/*" or "*/*", got "png"',
    ],
    [
      'a resource policy without a principal',
      rest({ resourcePolicy: { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } }),
      '"apis.test.resourcePolicy.Statement.Principal" is missing; a resource policy names its callers; write "*" for every caller',
    ],
    [
      'a resource policy of another API',
      rest({
        resourcePolicy: {
          Statement: {
            Effect: 'Allow',
            Principal: '*',
            Action: '*',
            Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_other/*',
          },
        },
      }),
      '"apis.test.resourcePolicy.Statement.Resource" has API_ID_other, which is not one of the APIs API_ID_test',
    ],
    [
      'a route with an authorizer that is not there',
      rest({ routes: { 'GET /test': { auth: 'lambda', handler: () => 1 } } }),
      "\"apis.test.routes['GET /test'].authorizer\" must be one of the API's authorizers, (none is defined), got undefined",
    ],
    [
      'an authorizer of another kind',
      api({ authorizers: { one: { type: 'token', handler: () => 1 } } }),
      '"apis.test.authorizers.one.type" must be "request" for an HTTP API, got "token"',
    ],
    [
      'an authorizer with the identity source of the other kind of API',
      rest({
        authorizers: {
          one: { type: 'request', handler: () => 1, identitySources: ['$request.header.a'] },
        },
      }),
      '"apis.test.authorizers.one.identitySources[0]" must be method.request.header.Authorization, method.request.querystring.key or context.path, got "$request.header.a"',
    ],
    [
      'an authorizer whose results would be one for all callers',
      rest({ authorizers: { one: { type: 'request', handler: () => 1 } } }),
      '"apis.test.authorizers.one.identitySources" must have a source, because results are used again for 300 seconds; or set resultTtlSeconds to 0',
    ],
    [
      'a pattern that is none',
      rest({ authorizers: { one: { handler: () => 1, tokenPattern: '(' } } }),
      '"apis.test.authorizers.one.tokenPattern" must be a regular expression as a string, got "("',
    ],
    [
      'an API key on a route of an HTTP API',
      api({ routes: { 'GET /test': { auth: 'none', apiKeyRequired: true, handler: () => 1 } } }),
      '"apis.test.routes[\'GET /test\'].apiKeyRequired" is for REST APIs; HTTP APIs have no API keys',
    ],
    [
      'an API key of a usage plan that is not there',
      { apiKeys: { one: { usagePlan: 'free' } } },
      '"apiKeys.one.usagePlan" must be one of usagePlans, (none is defined), got "free"',
    ],
    [
      'a usage plan of an HTTP API',
      { ...sample, usagePlans: { free: { apis: ['test'] } } },
      '"usagePlans.free.apis[0]" must be a REST API of the definition, one of (none is defined), got "test"',
    ],
    [
      'a tag name of AWS',
      { identityPool: { principalTags: { 'aws:tenant': 'sub' } } },
      '"identityPool.principalTags.aws:tenant" must have up to 128 letters',
    ],
    [
      'a tag without a claim',
      { identityPool: { principalTags: { tenant: 1 } } },
      '"identityPool.principalTags.tenant" must be the name of a claim of the ID token, got 1',
    ],
    [
      'credentials for everybody',
      api({ cors: { allowOrigins: ['*'], allowCredentials: true } }),
      '"apis.test.cors.allowCredentials" must not be true together with the origin "*", which no browser accepts',
    ],
    [
      'an unknown member of cors',
      api({ cors: { allowOrigins: ['*'], maxAge: 1 } }),
      '"apis.test.cors.maxAge" is not known; known here: allowOrigins, maxAgeSeconds, allowMethods, allowHeaders, exposeHeaders, allowCredentials, onErrors',
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
