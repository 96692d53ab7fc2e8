import { describe, expect, test } from 'vitest'
import { checkDefinition } from '../src/definition/check-definition.ts'
import { fillPlaceholders } from '../src/definition/placeholders.ts'

// What check-definition.test.ts does not produce: one wrong definition for each message.

const handler = (): unknown => ({})
const http = (more: object): object => ({
  apis: { notes: { type: 'http', routes: { 'GET /notes': { auth: 'none', handler } }, ...more } },
})
const rest = (more: object): object => ({
  apis: { notes: { type: 'rest', routes: { 'GET /notes': { auth: 'none', handler } }, ...more } },
})
const path = (key: string): object => http({ routes: { [key]: { auth: 'none', handler } } })
const route = (more: object, api: (more: object) => object = http): object =>
  api({ routes: { 'GET /notes': { auth: 'none', handler, ...more } } })
const authorizer = (more: object, api: (more: object) => object = http): object =>
  api({ authorizers: { own: { handler, resultTtlSeconds: 0, ...more } } })
const cors = (more: object): object => http({ cors: { allowOrigins: ['*'], ...more } })
const plan = (more: object): object => ({
  ...rest({}),
  usagePlans: { gold: { apis: ['notes'], ...more } },
})
const key = (more: object): object => ({
  ...plan({}),
  apiKeys: { mobile: { usagePlan: 'gold', ...more } },
})
const KEY = 'k'.repeat(20)

const ROWS: readonly (readonly [definition: object, message: string])[] = [
  [
    route({ authorizer: 'own' }),
    '"apis.notes.routes[\'GET /notes\'].authorizer" needs auth "lambda", and this route has "none"',
  ],
  [
    route({ apiKeyRequired: 'yes' }, rest),
    '"apis.notes.routes[\'GET /notes\'].apiKeyRequired" must be true or false, got "yes"',
  ],
  [
    rest({
      apiKeySource: 'authorizer',
      routes: { 'GET /notes': { auth: 'none', handler, apiKeyRequired: true } },
    }),
    '"apis.notes.routes[\'GET /notes\'].apiKeyRequired" needs auth "lambda", because the API\'s apiKeySource is "authorizer"',
  ],
  [
    rest({ apiKeySource: 'query' }),
    '"apis.notes.apiKeySource" must be "header" or "authorizer", got "query"',
  ],
  [
    path('GET /{proxy+}/notes'),
    '"apis.notes.routes[\'GET /{proxy+}/notes\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it has something after "{proxy+}"',
  ],
  [
    path('GET /:id'),
    '"apis.notes.routes[\'GET /:id\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it has ":id", which is not how a parameter is written',
  ],
  [
    path('GET /notes/'),
    '"apis.notes.routes[\'GET /notes/\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it ends with a slash, which AWS refuses',
  ],
  [
    path('GET /a b'),
    '"apis.notes.routes[\'GET /a b\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it does not have one space and a path after the method',
  ],
  [
    path('GET /not{es'),
    '"apis.notes.routes[\'GET /not{es\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it has characters that are not allowed in "not{es"',
  ],
  [
    path('GET /{id}/{id}'),
    '"apis.notes.routes[\'GET /{id}/{id}\']" must be "METHOD /path/{name}", "ANY /path/{proxy+}" or "$default"; it has the same parameter twice',
  ],
  [
    cors({ allowMethods: ['GET, POST'] }),
    '"apis.notes.cors.allowMethods[0]" must be one method or header name, got "GET, POST"',
  ],
  [
    cors({ allowCredentials: 'yes' }),
    '"apis.notes.cors.allowCredentials" must be true or false, got "yes"',
  ],
  [
    cors({ maxAgeSeconds: 86_401 }),
    '"apis.notes.cors.maxAgeSeconds" must be -1 to 86400 seconds, got 86401',
  ],
  [
    authorizer({ type: 'token' }),
    '"apis.notes.authorizers.own.type" must be "request" for an HTTP API, got "token"',
  ],
  [
    authorizer({ payloadVersion: 2 }),
    '"apis.notes.authorizers.own.payloadVersion" must be "1.0" or "2.0", got 2',
  ],
  [
    authorizer({ simpleResponses: 'yes' }),
    '"apis.notes.authorizers.own.simpleResponses" must be true or false, got "yes"',
  ],
  [
    authorizer({ simpleResponses: true, payloadVersion: '1.0' }),
    '"apis.notes.authorizers.own.simpleResponses" must not be true with payloadVersion "1.0", which has policies',
  ],
  [
    authorizer({ type: 'request', tokenPattern: '^ey' }, rest),
    '"apis.notes.authorizers.own.tokenPattern" needs the type "token", and this authorizer has "request"',
  ],
  [
    authorizer({ type: 'token', tokenPattern: '(' }, rest),
    '"apis.notes.authorizers.own.tokenPattern" must be a regular expression as a string, got "("',
  ],
  [
    authorizer({ identitySources: '$context.routeKey' }),
    '"apis.notes.authorizers.own.identitySources" must be a list of strings, got "$context.routeKey"',
  ],
  [
    authorizer({ identitySources: ['$context.route'] }),
    '"apis.notes.authorizers.own.identitySources[0]" must be one of the context variables accountId, apiId, domainName, httpMethod, identity.sourceIp, identity.userAgent, protocol, requestId, stage, path, routeKey, got "$context.route"',
  ],
  [
    authorizer({ type: 'token', identitySources: ['context.path'] }, rest),
    '"apis.notes.authorizers.own.identitySources" must have one header, such as method.request.header.Authorization, for a token',
  ],
  [
    authorizer({ resultTtlSeconds: 3_601 }),
    '"apis.notes.authorizers.own.resultTtlSeconds" must be 0 to 3600 seconds, got 3601',
  ],
  [
    route({
      handler: undefined,
      proxy: { url: 'http://127.0.0.1:3001', requestParameters: { 'append:header.x': 1 } },
    }),
    "\"apis.notes.routes['GET /notes'].proxy.requestParameters['append:header.x']\" must be a string, got 1",
  ],
  [{ issuer: 'cognito' }, '"issuer" must be "aws" or "local", got "cognito"'],
  [
    { apis: { 'my notes': { type: 'http', routes: { 'GET /notes': { auth: 'none', handler } } } } },
    '"apis.my notes" is not a name for an API; use letters, digits, - and _',
  ],
  [
    { identityPool: { roleMapping: 'rules', rules: [] } },
    '"identityPool.rules" must be a list of 1 to 25 rules: [{ claim, match, value, role }]',
  ],
  [
    {
      identityPool: {
        principalTags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`t${i}`, 'sub'])),
      },
    },
    '"identityPool.principalTags" must have at most 50 tags, got 51',
  ],
  [
    {
      resourceServers: { notes: ['read'] },
      appClients: { reader: { scopes: ['notes/read'], accessTokenSeconds: 299 } },
    },
    '"appClients.reader.accessTokenSeconds" must be 300 to 86400 seconds, got 299',
  ],
  [
    { functionUrls: { chat: { authType: 'NONE', handler, functionName: 'my chat' } } },
    '"functionUrls.chat.functionName" must have up to 64 letters, digits, - and _ only, got "my chat"',
  ],
  [
    { signInClients: { web: { secret: 'yes' } } },
    '"signInClients.web.secret" must be true or false, got "yes"',
  ],
  [
    { ids: { identityPoolId: 'eu-central-1_AbCdEf123' } },
    '"ids.identityPoolId" must look like "eu-central-1:11111111-2222-4333-8444-555555555555", got "eu-central-1_AbCdEf123"',
  ],
  [
    { ids: { userPoolId: 'us-east-1_AbCdEf123' } },
    '"ids.userPoolId" must look like "eu-central-1_AbCdEf123", got "us-east-1_AbCdEf123"',
  ],
  [
    { ids: { apis: { notes: 'Notes' } } },
    '"ids.apis.notes" must have lower-case letters and digits only, got "Notes"',
  ],
  [
    { ids: { userPoolClientId: 'web-client' } },
    '"ids.userPoolClientId" must have letters, digits, + and _ only, got "web-client"',
  ],
  [
    key({ value: 'short-key' }),
    '"apiKeys.mobile.value" must have 20 to 128 characters without spaces',
  ],
  [
    {
      ...plan({}),
      apiKeys: {
        mobile: { usagePlan: 'gold', value: KEY },
        page: { usagePlan: 'gold', value: KEY },
      },
    },
    '"apiKeys.page.value" must differ from "apiKeys.mobile.value"',
  ],
  [
    plan({ quota: { limit: 10, period: 'YEAR' } }),
    '"usagePlans.gold.quota.period" must be "DAY", "WEEK" or "MONTH", got "YEAR"',
  ],
  [
    plan({ throttle: { rateLimit: -1, burstLimit: 1 } }),
    '"usagePlans.gold.throttle.rateLimit" must be a number from 0, got -1',
  ],
  [
    { userPool: { signInAliases: ['phone'] } },
    '"userPool.signInAliases" must be [] or ["email"], got ["phone"]',
  ],
  [{ userPool: { selfSignUp: 'yes' } }, '"userPool.selfSignUp" must be true or false, got "yes"'],
  [
    { userPool: { refreshTokenRotation: { graceSeconds: 61 } } },
    '"userPool.refreshTokenRotation.graceSeconds" must be 0 to 60 seconds, got 61',
  ],
  [
    { userPool: { preTokenGeneration: { version: 3, handler } } },
    '"userPool.preTokenGeneration.version" must be 1 or 2, got 3',
  ],
]

describe('a wrong definition', () => {
  test.each(ROWS)('row %#: names the place and what it must be', (definition, message) => {
    expect(() => checkDefinition(definition as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: `defineStack: ${message}` }),
    )
  })

  test('a policy with IDENTITY_POOL_ID needs an identity pool', () => {
    const document = {
      Version: '2012-10-17' as const,
      Statement: {
        Effect: 'Allow' as const,
        Action: 'sts:AssumeRoleWithWebIdentity',
        Resource: '*',
        Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'IDENTITY_POOL_ID' } },
      },
    }
    const places = { region: 'eu-central-1', accountId: '123456789012', apiIds: {} }
    expect(() => fillPlaceholders(document, places, 'role Reader')).toThrow(
      'role Reader: the policy has IDENTITY_POOL_ID, and there is no identity pool',
    )
  })
})
