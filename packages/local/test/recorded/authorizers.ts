import type { Evidence } from './fact.ts'

/** What a request of a fact shows the authorizer. */
export type Shown =
  | 'nothing'
  /** A signature with an access key that does not exist. */
  | 'an unknown key'
  | 'an ID token'
  | 'an expired ID token'
  /** An access token of an app client that the authorizer of the HTTP API does not list. */
  | 'a token of another client'
  /** A JWT whose header names another algorithm than that of the key set. */
  | 'a token with ES256'
  /** An access token without the scope of the route. */
  | 'a token without the scope'

/** One fact about what authorizers and quotas answer. */
export interface AuthorizerFact extends Evidence {
  fact: string
  api: 'http' | 'rest'
  /** `/iam`, `/token`, `/scoped` (needs `premium/read`) or `/slow` (a function that never ends). */
  path: '/iam' | '/token' | '/scoped' | '/slow'
  method?: 'GET' | 'OPTIONS'
  shows?: Shown
  /** Whether the stack refuses the call as one above its quota. */
  throttled?: true
  response: {
    status: number
    body?: string
    /** `null` for a header that is not there. */
    headers?: Readonly<Record<string, string | null>>
  }
}

const KNOWLEDGE_CENTRE = {
  source: 'AWS knowledge centre on API Gateway 403s, every edition to 2026',
  strength: 'documented',
} as const

export const authorizers: readonly AuthorizerFact[] = [
  {
    fact: 'the refusal of a token for another audience names the audience',
    api: 'http',
    path: '/token',
    shows: 'a token of another client',
    response: {
      status: 401,
      body: '{"message":"Unauthorized"}',
      headers: {
        'www-authenticate':
          'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"',
      },
    },
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html',
    strength: 'documented',
  },
  {
    fact: 'the refusal of a token with another algorithm names the algorithm',
    api: 'http',
    path: '/token',
    shows: 'a token with ES256',
    response: {
      status: 401,
      headers: {
        'www-authenticate':
          'Bearer scope="" error="invalid_token" error_description="signing method ES256 is invalid"',
      },
    },
    source: 'public runbooks with 401s of HTTP APIs',
    strength: 'reported',
  },
  {
    fact: 'an HTTP API throttles with a message and no Retry-After',
    api: 'http',
    path: '/token',
    throttled: true,
    response: {
      status: 429,
      body: '{"message":"Too Many Requests"}',
      headers: { 'retry-after': null },
    },
    source: 'public load tests of HTTP APIs',
    strength: 'measured',
  },
  {
    fact: 'a function that takes longer than 30 seconds is a 503 of an HTTP API',
    api: 'http',
    path: '/slow',
    response: { status: 503, body: '{"message":"Service Unavailable"}' },
    source: 'a public probe of an HTTP API in ap-northeast-2, 50 cases after 30.0 s',
    date: '2026-09-03',
    strength: 'recorded',
  },
  {
    fact: 'an unknown access key is AccessDeniedException at a REST API',
    api: 'rest',
    path: '/iam',
    shows: 'an unknown key',
    response: {
      status: 403,
      body: '{"message":"The security token included in the request is invalid."}',
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
    },
    ...KNOWLEDGE_CENTRE,
  },
  {
    fact: 'a Cognito authorizer of a REST API refuses with Unauthorized and its type',
    api: 'rest',
    path: '/token',
    response: {
      status: 401,
      body: '{"message":"Unauthorized"}',
      headers: { 'x-amzn-errortype': 'UnauthorizedException' },
    },
    source: 'public responses of REST APIs, of 2021-12-16 and 2026-09-10',
    date: '2026-09-10',
    strength: 'recorded',
  },
  {
    fact: 'a REST API says of an expired token that it has expired',
    api: 'rest',
    path: '/token',
    shows: 'an expired ID token',
    response: {
      status: 401,
      body: '{"message":"The incoming token has expired"}',
      headers: { 'x-amzn-errortype': 'UnauthorizedException' },
    },
    source:
      'the API descriptions and the refresh code of several public clients of REST APIs; the type is inferred',
    strength: 'reported',
  },
  {
    fact: 'a REST API answers a token without the scope of the method with 401',
    api: 'rest',
    path: '/scoped',
    shows: 'a token without the scope',
    response: { status: 401, body: '{"message":"Unauthorized"}' },
    source: 'aws-amplify/amplify-flutter#1539; AWS knowledge centre, api-gateway-cognito-401',
    strength: 'reported',
  },
  {
    fact: 'a call without a signature is a missing authentication token of a REST API',
    api: 'rest',
    path: '/iam',
    response: {
      status: 403,
      body: '{"message":"Missing Authentication Token"}',
      headers: { 'x-amzn-errortype': 'MissingAuthenticationTokenException' },
    },
    source: 'localstack/localstack@8b9a79f test_routing_not_found, the same response',
    strength: 'inferred',
  },
  {
    fact: 'an ID token is accepted by both kinds of API: HTTP',
    api: 'http',
    path: '/token',
    shows: 'an ID token',
    response: { status: 200 },
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html',
    strength: 'documented',
  },
  {
    fact: 'an ID token is accepted by both kinds of API: REST',
    api: 'rest',
    path: '/token',
    shows: 'an ID token',
    response: { status: 200 },
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html',
    strength: 'documented',
  },
  {
    fact: 'the preflight of a REST API with CORS is a 204',
    api: 'rest',
    path: '/token',
    method: 'OPTIONS',
    response: { status: 204, body: '', headers: { 'access-control-allow-origin': '*' } },
    source: 'aws/aws-cdk aws-apigateway, what defaultCorsPreflightOptions deploys',
    strength: 'documented',
  },
]
