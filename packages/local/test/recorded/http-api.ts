import type { GatewayFact } from './fact.ts'

const PROBE = {
  source: 'a public probe of an HTTP API in ap-northeast-2',
  date: '2026-09-03',
  strength: 'recorded',
} as const
const RUNBOOK = {
  source: 'public runbooks with 401s of HTTP APIs, one of eu-central-1',
  date: '2026-10-05',
  strength: 'recorded',
} as const
const DOTNET = {
  source:
    'aws/aws-lambda-dotnet@8314921 Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.UnitTests/Snapshots',
  date: '2025-04-14',
  strength: 'recorded',
} as const
const CONFIRMED = {
  source: 'recordings of localstack/localstack@8b9a79f and aws/aws-lambda-dotnet@8314921',
  strength: 'recorded',
} as const
const MINISTACK_BODY = {
  source: 'ministackorg/ministack#766, "verified against live AWS"',
  strength: 'measured',
} as const
const CORS_PAGE = {
  source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html',
  strength: 'documented',
} as const
const CORS_USERS = {
  source: 'users of HTTP APIs, one of them "live-verified"; arpadt.com/articles/cors-in-http-api',
  strength: 'reported',
} as const

const cors = { allowOrigins: ['https://app.example'] }
const preflight = [
  ['origin', 'https://app.example'],
  ['access-control-request-method', 'GET'],
] as const
const bodyOf = (type: string | undefined, body = 'a=1'): GatewayFact['request'] => ({
  method: 'POST',
  path: '/x',
  headers: type === undefined ? [] : [['content-type', type]],
  body,
})

export const httpRouting: readonly GatewayFact[] = [
  {
    fact: 'a path without a route is not found',
    type: 'http',
    routes: { 'GET /x': 'echo' },
    request: { path: '/nowhere' },
    response: {
      status: 404,
      headers: { 'content-type': 'application/json', 'apigw-requestid': '/./' },
      body: '{"message":"Not Found"}',
    },
    ...PROBE,
  },
  {
    fact: 'a wrong method is not found',
    type: 'http',
    routes: { 'GET /x': 'echo' },
    request: { method: 'POST', path: '/x' },
    response: { status: 404, body: '{"message":"Not Found"}' },
    ...PROBE,
  },
  {
    fact: 'HEAD of a GET route is not found',
    type: 'http',
    routes: { 'GET /x': 'echo' },
    request: { method: 'HEAD', path: '/x' },
    response: { status: 404 },
    ...PROBE,
  },
  {
    fact: 'rawPath has the stage of a named stage',
    type: 'http',
    stage: 'dev',
    routes: { 'GET /testApi': 'echo' },
    request: { path: '/dev/testApi' },
    event: { rawPath: '/dev/testApi', requestContext: { stage: 'dev' } },
    source: 'floci-io/floci#2172',
    date: '2026-08-07',
    strength: 'reported',
  },
]

export const httpPreflights: readonly GatewayFact[] = [
  ...(['ANY /x', '$default', 'OPTIONS /x'] as const).map((key): GatewayFact => ({
    fact: `a preflight is refused by the authorizer of ${key}, although CORS is configured`,
    type: 'http',
    cors,
    routes: { [key]: { auth: 'iam' } },
    request: { method: 'OPTIONS', path: '/x', headers: preflight },
    response: { status: 403, body: '{"message":"Forbidden"}' },
    ...(key === '$default' ? CORS_PAGE : CORS_USERS),
  })),
  {
    fact: 'a preflight is refused by a JWT authorizer of ANY, although CORS is configured',
    type: 'http',
    cors,
    routes: { 'ANY /x': { auth: 'jwt' } },
    request: { method: 'OPTIONS', path: '/x', headers: preflight },
    response: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
    ...CORS_USERS,
  },
  {
    fact: 'an OPTIONS route without an authorizer takes the preflight before $default',
    type: 'http',
    cors,
    routes: { $default: { auth: 'iam' }, 'OPTIONS /{proxy+}': { returns: { statusCode: 200 } } },
    request: { method: 'OPTIONS', path: '/x', headers: preflight },
    response: {
      status: 200,
      headers: {
        'access-control-allow-origin': 'https://app.example',
      },
    },
    ...CORS_PAGE,
  },
  {
    fact: 'a preflight that no route takes is answered by the gateway',
    type: 'http',
    cors,
    routes: { 'GET /x': { auth: 'iam' } },
    request: { method: 'OPTIONS', path: '/x', headers: preflight },
    response: {
      status: 204,
      headers: { 'access-control-allow-origin': 'https://app.example' },
      body: '',
    },
    ...CORS_PAGE,
  },
  {
    fact: 'an OPTIONS that is not a preflight and that no route takes is a bare 204',
    type: 'http',
    cors,
    routes: { 'GET /x': 'echo' },
    request: { method: 'OPTIONS', path: '/x' },
    response: {
      status: 204,
      headers: { 'content-type': null, 'access-control-allow-origin': null },
      body: '',
    },
    ...PROBE,
  },
  {
    fact: 'a refusal of the gateway has CORS headers',
    type: 'http',
    cors,
    routes: { 'GET /x': { auth: 'jwt' } },
    request: { path: '/x', headers: [['origin', 'https://app.example']] },
    response: { status: 401, headers: { 'access-control-allow-origin': 'https://app.example' } },
    source: 'aws/aws-sam-cli#9087',
    date: '2026-06-17',
    strength: 'reported',
  },
]

export const httpTokens: readonly GatewayFact[] = [
  {
    fact: 'a call without a token is challenged by Bearer alone',
    type: 'http',
    routes: { 'GET /x': { auth: 'jwt' } },
    request: { path: '/x' },
    response: {
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: '{"message":"Unauthorized"}',
    },
    ...RUNBOOK,
  },
  {
    fact: 'a token that is not a JWT is challenged by its number of segments',
    type: 'http',
    routes: { 'GET /x': { auth: 'jwt' } },
    request: { path: '/x', headers: [['authorization', 'Bearer not-a-token']] },
    response: {
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer scope="" error="invalid_token" error_description="token contains an invalid number of segments"',
      },
      body: '{"message":"Unauthorized"}',
    },
    ...RUNBOOK,
  },
]

export const httpResults: readonly GatewayFact[] = [
  {
    fact: 'a function that throws is a 500 without a space after the colon',
    type: 'http',
    routes: { 'GET /x': { throws: true } },
    request: { path: '/x' },
    response: {
      status: 500,
      headers: { 'content-type': 'application/json' },
      body: '{"message":"Internal Server Error"}',
    },
    ...DOTNET,
  },
  {
    fact: 'a result without a statusCode is the body of a 200',
    type: 'http',
    routes: { 'GET /x': { returns: { hello: 'world' } } },
    request: { path: '/x' },
    response: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"hello":"world"}',
    },
    ...CONFIRMED,
  },
  {
    fact: 'a string is a body',
    type: 'http',
    routes: { 'GET /x': { returns: 'hello' } },
    request: { path: '/x' },
    response: { status: 200, body: 'hello' },
    ...CONFIRMED,
  },
  {
    fact: 'a number is a body',
    type: 'http',
    routes: { 'GET /x': { returns: 7 } },
    request: { path: '/x' },
    response: { status: 200, body: '7' },
    ...CONFIRMED,
  },
  {
    fact: 'a list is a body of JSON',
    type: 'http',
    routes: { 'GET /x': { returns: [1, 'a'] } },
    request: { path: '/x' },
    response: { status: 200, body: '[1,"a"]' },
    ...CONFIRMED,
  },
  {
    fact: 'a function that returns no promise is taken',
    type: 'http',
    routes: { 'GET /x': { returns: { statusCode: 201 } } },
    request: { path: '/x' },
    response: { status: 201 },
    source:
      'aws/aws-lambda-nodejs-runtime-interface-client@90b5b5b, src/runtime/buffered-invoke-processor.ts',
    strength: 'documented',
  },
  {
    fact: 'a response without a content type is text/plain',
    type: 'http',
    routes: { 'GET /x': { returns: { statusCode: 200, body: 'x' } } },
    request: { path: '/x' },
    response: { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } },
    ...CONFIRMED,
  },
  {
    fact: 'an event over 6 MB is refused as too large',
    type: 'http',
    routes: { 'POST /x': 'echo' },
    request: { method: 'POST', path: '/x', bytes: 7_000_000 },
    response: { status: 413, body: '{"message":"Request Entity Too Large"}' },
    ...DOTNET,
  },
]

export const httpEvents: readonly GatewayFact[] = [
  ...[
    'text/plain',
    'text/csv; charset=utf-8',
    'application/json',
    'application/xml',
    'application/javascript',
  ].map((type): GatewayFact => ({
    fact: `a body of ${type} is text in the event`,
    type: 'http',
    routes: { 'POST /x': 'echo' },
    request: bodyOf(type),
    event: { body: 'a=1', isBase64Encoded: false },
    ...MINISTACK_BODY,
  })),
  ...[
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'application/json-seq',
    'application/xml-dtd',
    'image/png',
    undefined,
  ].map((type): GatewayFact => ({
    fact: `a body ${type === undefined ? 'without a content type' : `of ${type}`} is base64 in the event`,
    type: 'http',
    routes: { 'POST /x': 'echo' },
    request: bodyOf(type),
    event: { body: 'YT0x', isBase64Encoded: true },
    ...MINISTACK_BODY,
  })),
  {
    fact: 'content-length is there without a body, and so are the headers that the gateway adds',
    type: 'http',
    routes: { 'GET /x': 'echo' },
    request: { path: '/x' },
    event: {
      headers: {
        'content-length': '0',
        'x-amzn-trace-id': '/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
    },
    ...DOTNET,
  },
  {
    fact: 'the path is decoded, cookies have a place of their own, and query values are joined by commas',
    type: 'http',
    routes: { 'GET /notes/{id}': 'echo' },
    request: { path: '/notes/a%20b?x=1&x=2', headers: [['cookie', 'a=1; b=2']] },
    event: {
      rawPath: '/notes/a b',
      rawQueryString: 'x=1&x=2',
      queryStringParameters: { x: '1,2' },
      pathParameters: { id: 'a b' },
      cookies: ['a=1', 'b=2'],
    },
    absent: ['headers.cookie'],
    ...CONFIRMED,
  },
]
