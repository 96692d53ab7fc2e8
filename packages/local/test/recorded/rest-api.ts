import type { GatewayFact } from './fact.ts'

const LOCALSTACK_ROUTING = {
  source:
    'localstack/localstack@8b9a79f test_apigateway_common.py::TestApigatewayRouting::test_proxy_routing_with_hardcoded_resource_sibling',
  date: '2024-07-23',
  strength: 'recorded',
} as const
const MINISTACK_ROUTING = {
  source: 'ministackorg/ministack@79929fc1, measured in eu-central-1',
  strength: 'measured',
} as const
const LOCALSTACK_EVENT = {
  source:
    'localstack/localstack@8b9a79f test_apigateway_lambda.py::test_lambda_aws_proxy_integration',
  date: '2024-08-02',
  strength: 'recorded',
} as const
const LOCALSTACK_RESPONSE = {
  source:
    'localstack/localstack@8b9a79f test_apigateway_lambda.py::test_lambda_aws_proxy_response_format',
  date: '2024-02-23',
  strength: 'recorded',
} as const
const LOCALSTACK_FORMAT = {
  source:
    'localstack/localstack@8b9a79f test_apigateway_lambda.py::test_aws_proxy_response_payload_format_validation',
  date: '2024-11-15',
  strength: 'recorded',
} as const
const LOCALSTACK_REMAPPING = {
  source: 'localstack/localstack@8b9a79f TestApiGatewayHeaderRemapping',
  date: '2024-12-11',
  strength: 'recorded',
} as const
const DOTNET = {
  source:
    'aws/aws-lambda-dotnet@8314921 Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.UnitTests/Snapshots',
  date: '2025-04-14',
  strength: 'recorded',
} as const

const QUOTAS = {
  source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
  strength: 'documented',
} as const
const EVERYBODY = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: '*' },
} as const

const MALFORMED = { status: 502, body: '{"message": "Internal server error"}' }

const REMAPPED = [
  'Authorization',
  'Content-MD5',
  'Date',
  'Expect',
  'Host',
  'Max-Forwards',
  'Proxy-Authenticate',
  'Server',
  'User-Agent',
  'WWW-Authenticate',
]

export const restRouting: readonly GatewayFact[] = [
  {
    fact: 'OPTIONS of a resource that has only POST goes to the greedy resource',
    type: 'rest',
    routes: { 'POST /test': 'echo', 'OPTIONS /{proxy+}': 'echo', 'GET /{proxy+}': 'echo' },
    request: { method: 'OPTIONS', path: '/prod/test' },
    response: { status: 200 },
    event: { resource: '/{proxy+}', pathParameters: { proxy: 'test' } },
    ...LOCALSTACK_ROUTING,
  },
  {
    fact: 'GET of a node without methods goes to the greedy resource',
    type: 'rest',
    routes: { 'POST /jobs/reboot': 'echo', 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod/jobs' },
    response: { status: 200 },
    event: { resource: '/{proxy+}' },
    ...MINISTACK_ROUTING,
  },
  {
    fact: 'a wrong verb goes to the greedy resource',
    type: 'rest',
    routes: { 'GET /jobs/reboot': 'echo', 'ANY /{proxy+}': 'echo' },
    request: { method: 'POST', path: '/prod/jobs/reboot' },
    response: { status: 200 },
    event: { resource: '/{proxy+}', pathParameters: { proxy: 'jobs/reboot' } },
    ...MINISTACK_ROUTING,
  },
  {
    fact: 'GET of a resource that has only OPTIONS goes to the greedy resource',
    type: 'rest',
    routes: { 'OPTIONS /jobs': 'echo', 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod/jobs' },
    response: { status: 200 },
    event: { resource: '/{proxy+}' },
    ...MINISTACK_ROUTING,
  },
  {
    fact: 'an unsigned GET is served by the open greedy resource although POST of the path needs a signature',
    type: 'rest',
    routes: { 'POST /admin': { auth: 'iam' }, 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod/admin' },
    response: { status: 200 },
    event: { resource: '/{proxy+}' },
    ...MINISTACK_ROUTING,
  },
  {
    fact: 'the most specific greedy resource that takes the method is chosen',
    type: 'rest',
    routes: {
      'POST /a/b/c': 'echo',
      'POST /a/b/{proxy+}': 'echo',
      'GET /a/{proxy+}': 'echo',
      'GET /{proxy+}': 'echo',
    },
    request: { path: '/prod/a/b/c' },
    response: { status: 200 },
    event: { resource: '/a/{proxy+}', pathParameters: { proxy: 'b/c' } },
    source: 'the two recordings of this table that go on to a greedy resource',
    strength: 'inferred',
  },
  {
    fact: 'a path without the stage is forbidden',
    type: 'rest',
    routes: { 'GET /api/convert': 'echo', 'GET /': 'echo' },
    request: { path: '/api/convert' },
    response: {
      status: 403,
      body: '{"message":"Forbidden"}',
      headers: { 'x-amzn-errortype': 'ForbiddenException' },
    },
    source:
      'OWASP/Serverless-Goat#14 (2019-10-14) and berislavlopac/plambdapi#6, whose texts have no headers; the type is that of aws/aws-sdk-js-v3#1830, a call to a WebSocket API without its stage',
    strength: 'reported',
  },
  {
    fact: 'a doubled slash after the stage is one slash',
    type: 'rest',
    routes: { 'GET /hardcoded': 'echo', 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod//hardcoded' },
    response: { status: 200 },
    event: {
      resource: '/hardcoded',
      path: '/hardcoded',
      requestContext: { path: '/prod//hardcoded' },
    },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'a doubled slash after the stage is not part of a greedy parameter',
    type: 'rest',
    routes: { 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod//proxy-value' },
    event: { pathParameters: { proxy: 'proxy-value' } },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'a doubled slash further inside stays in a greedy parameter',
    type: 'rest',
    routes: { 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod/proxy-value//double-slash' },
    event: { pathParameters: { proxy: 'proxy-value//double-slash' } },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'a slash at the end stays in the path and is not part of a greedy parameter',
    type: 'rest',
    routes: { 'ANY /{proxy+}': 'echo' },
    request: { path: '/prod/proxy-value/' },
    event: { path: '/proxy-value/', pathParameters: { proxy: 'proxy-value' } },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'a path without a resource is a missing authentication token',
    type: 'rest',
    routes: { 'GET /test': 'echo' },
    request: { path: '/prod/nowhere' },
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
      body: '{"message":"Missing Authentication Token"}',
    },
    source: 'localstack/localstack@8b9a79f test_routing_not_found',
    strength: 'recorded',
  },
  {
    fact: 'a wrong method without a greedy resource is a missing authentication token',
    type: 'rest',
    routes: { 'GET /test': 'echo' },
    request: { method: 'POST', path: '/prod/test' },
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
    },
    source: 'localstack/localstack@8b9a79f test_routing_not_found',
    strength: 'recorded',
  },
  {
    fact: 'a bearer token at a path without a resource is an incomplete signature',
    type: 'rest',
    routes: { 'GET /test': 'echo' },
    request: { path: '/prod/nowhere', headers: [['authorization', 'Bearer abc']] },
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'IncompleteSignatureException' },
    },
    source: 'public responses of execute-api, among them one of 2026-07-23',
    date: '2026-07-23',
    strength: 'recorded',
  },
]

export const restResults: readonly GatewayFact[] = [
  {
    fact: 'an empty object is a 200 without a body',
    type: 'rest',
    routes: { 'GET /x': { returns: {} } },
    request: { path: '/prod/x' },
    response: { status: 200, body: '' },
    ...LOCALSTACK_RESPONSE,
  },
  {
    fact: 'headers without a statusCode are a 200',
    type: 'rest',
    routes: { 'GET /x': { returns: { headers: { 'test-header': 'value' } } } },
    request: { path: '/prod/x' },
    response: { status: 200, headers: { 'test-header': 'value' }, body: '' },
    ...LOCALSTACK_FORMAT,
  },
  {
    fact: 'a string is malformed',
    type: 'rest',
    routes: { 'GET /x': { returns: 'text' } },
    request: { path: '/prod/x' },
    response: MALFORMED,
    ...LOCALSTACK_RESPONSE,
  },
  {
    fact: 'a statusCode that is a number in text counts',
    type: 'rest',
    routes: { 'GET /x': { returns: { statusCode: '201' } } },
    request: { path: '/prod/x' },
    response: { status: 201 },
    ...LOCALSTACK_FORMAT,
  },
  {
    fact: 'a statusCode that is another text is malformed',
    type: 'rest',
    routes: { 'GET /x': { returns: { statusCode: 'test' } } },
    request: { path: '/prod/x' },
    response: MALFORMED,
    ...LOCALSTACK_FORMAT,
  },
  {
    fact: 'a base64 body goes out as it is if no binary media type matches',
    type: 'rest',
    routes: { 'GET /x': { returns: { statusCode: 200, body: 'aGVsbG8=', isBase64Encoded: true } } },
    request: { path: '/prod/x' },
    response: { status: 200, body: 'aGVsbG8=' },
    source: 'localstack/localstack@8b9a79f test_aws_proxy_binary_response',
    date: '2025-01-29',
    strength: 'recorded',
  },
  {
    fact: 'the values of multiValueHeaders come before those of headers',
    type: 'rest',
    routes: {
      'GET /x': {
        returns: {
          statusCode: 200,
          headers: { 'x-combined': 'single' },
          multiValueHeaders: { 'x-combined': ['first', 'second'] },
        },
      },
    },
    request: { path: '/prod/x' },
    response: { status: 200, headers: { 'x-combined': 'first, second, single' } },
    ...DOTNET,
  },
  {
    fact: 'a response without a content type is application/json and has a trace ID',
    type: 'rest',
    routes: { 'GET /x': { returns: { statusCode: 200, body: 'x' } } },
    request: { path: '/prod/x' },
    response: {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'x-amzn-trace-id': '/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/',
      },
    },
    ...DOTNET,
  },
  ...REMAPPED.map((name): GatewayFact => ({
    fact: `the header ${name} of a function is renamed`,
    type: 'rest',
    routes: { 'GET /x': { returns: { statusCode: 200, headers: { [name]: 'of the function' } } } },
    request: { path: '/prod/x' },
    response: {
      status: 200,
      headers: {
        [`x-amzn-remapped-${name.toLowerCase()}`]: 'of the function',
        ...(name !== 'Date' && { [name.toLowerCase()]: null }),
      },
    },
    ...LOCALSTACK_REMAPPING,
  })),
  {
    fact: 'a function that throws is a 502 with a space after the colon',
    type: 'rest',
    routes: { 'GET /x': { throws: true } },
    request: { path: '/prod/x' },
    response: {
      ...MALFORMED,
      headers: { 'x-amzn-errortype': 'InternalServerErrorException' },
    },
    ...DOTNET,
  },
  {
    fact: 'a body over 10 MB is refused in plain text without CORS headers',
    type: 'rest',
    cors: { allowOrigins: ['*'], onErrors: true },
    routes: { 'POST /x': 'echo' },
    request: {
      method: 'POST',
      path: '/prod/x',
      headers: [['origin', 'https://app.example']],
      bytes: 10_485_761,
    },
    response: {
      status: 413,
      headers: { 'access-control-allow-origin': null },
      body: 'HTTP content length exceeded 10485760 bytes.',
    },
    source: 'a public probe of a REST API',
    date: '2026-10-03',
    strength: 'recorded',
  },
  ...['|', '{', '}'].map((character): GatewayFact => ({
    fact: `a query with ${character} is a bad request`,
    type: 'rest',
    routes: { 'GET /x': 'echo' },
    request: { path: `/prod/x?a=1${character}2` },
    response: { status: 400 },
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html; the status: forum.serverless.com/t/16163',
    strength: 'documented',
  })),
  ...(['iam', 'none'] as const).map((auth): GatewayFact => ({
    fact: `a path that makes the ARN of the method too long is refused: ${auth === 'iam' ? 'with authorization' : 'with a resource policy'}`,
    type: 'rest',
    routes: { 'GET /x/{id}': { auth, echo: true } },
    ...(auth === 'none' && { api: { resourcePolicy: EVERYBODY } }),
    request: { path: `/prod/x/${'a'.repeat(1_600)}` },
    response: { status: 414 },
    ...QUOTAS,
  })),
  {
    fact: 'a path of any length is served without authorization and resource policy',
    type: 'rest',
    routes: { 'GET /x/{id}': { echo: true } },
    request: { path: `/prod/x/${'a'.repeat(1_600)}` },
    response: { status: 200 },
    ...QUOTAS,
  },
  {
    fact: 'an event over 6 MB is refused as too long',
    type: 'rest',
    routes: { 'POST /x': 'echo' },
    request: { method: 'POST', path: '/prod/x', bytes: 7_000_000 },
    response: { status: 413, body: '{"message":"Request Too Long"}' },
    ...DOTNET,
  },
]

export const restEvents: readonly GatewayFact[] = [
  {
    fact: 'headers keep the spelling of the client, and well-known ones have the usual one',
    type: 'rest',
    routes: { 'GET /x': 'echo' },
    request: {
      path: '/prod/x',
      headers: [
        ['x-CuStOm', 'a'],
        ['user-agent', 'test'],
        ['accept', '*/*'],
        ['x-many', 'first'],
        ['x-many', 'last'],
      ],
    },
    event: {
      headers: { 'x-CuStOm': 'a', 'User-Agent': 'test', Accept: '*/*', 'x-many': 'last' },
      multiValueHeaders: { 'x-many': ['first', 'last'] },
    },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'headers of the connection and of the body do not reach the function',
    type: 'rest',
    routes: { 'POST /x': 'echo' },
    request: {
      method: 'POST',
      path: '/prod/x',
      headers: [
        ['connection', 'close'],
        ['content-length', '1'],
        ['content-md5', 'x'],
        ['max-forwards', '1'],
        ['proxy-authenticate', 'x'],
        ['server', 'x'],
        ['te', 'trailers'],
        ['www-authenticate', 'x'],
      ],
      body: 'a',
    },
    absent: [
      'Connection',
      'Content-Length',
      'Content-MD5',
      'Max-Forwards',
      'Proxy-Authenticate',
      'Server',
      'TE',
      'WWW-Authenticate',
    ].flatMap((name) => [
      `headers.${name}`,
      `headers.${name.toLowerCase()}`,
      `multiValueHeaders.${name}`,
    ]),
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'the gateway adds its own headers',
    type: 'rest',
    routes: { 'GET /x': 'echo' },
    request: { path: '/prod/x' },
    event: {
      headers: {
        'X-Amzn-Trace-Id': '/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/',
        'X-Forwarded-For': '127.0.0.1',
        'X-Forwarded-Port': '443',
        'X-Forwarded-Proto': 'https',
      },
    },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'requestContext has the IDs of the deployment, the resource and the extended request',
    type: 'rest',
    routes: { 'GET /x': 'echo' },
    request: { path: '/prod/x' },
    event: {
      requestContext: {
        deploymentId: '/^[a-z0-9]{6}$/',
        resourceId: '/^[a-z0-9]{6}$/',
        extendedRequestId: '/^[\\w-]+=$/',
      },
    },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'a semicolon splits a query',
    type: 'rest',
    routes: { 'GET /x': 'echo' },
    request: { path: '/prod/x?a=1;b=2&c=3' },
    event: { queryStringParameters: { a: '1', b: '2', c: '3' } },
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html',
    strength: 'documented',
  },
  {
    fact: 'paths and parameters keep their escapes, and a query value is the last of its name',
    type: 'rest',
    routes: { 'GET /notes/{id}': 'echo' },
    request: { path: '/prod/notes/a%20b?x=1&x=2' },
    event: {
      path: '/notes/a%20b',
      pathParameters: { id: 'a%20b' },
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
    },
    ...LOCALSTACK_EVENT,
  },
  {
    fact: 'the identity of a caller without a signature has all its fields, with null',
    type: 'rest',
    routes: { 'GET /x': 'echo' },
    request: { path: '/prod/x' },
    event: {
      requestContext: {
        identity: {
          cognitoIdentityPoolId: null,
          accountId: null,
          cognitoIdentityId: null,
          caller: null,
          cognitoAuthenticationType: null,
          cognitoAuthenticationProvider: null,
          userArn: null,
          user: null,
          accessKey: null,
        },
      },
    },
    ...LOCALSTACK_EVENT,
  },
]
