import type { PolicyDocument } from '@iamfetch/policy'
import type { GatewayFact } from './fact.ts'

const PAGES = 'https://docs.aws.amazon.com/apigateway/latest/developerguide/'
const documented = (page: string) =>
  ({ source: `AWS: ${PAGES}${page}.html`, strength: 'documented' }) as const
const KNOWLEDGE_CENTRE = 'AWS knowledge centre:'
const LOCALSTACK = 'localstack/localstack@8b9a79f'
/** Without this class in its list of what is still to be validated. */
const GATEWAY_RESPONSE = `${LOCALSTACK} next_gen/execute_api/gateway_response.py`
const AUTH0 = {
  source: 'auth0-samples/jwt-rsa-aws-custom-authorizer#6, pasted responses',
  date: '2018-10-16',
  strength: 'reported',
} as const
/** What the context may have, and that its values become texts. */
const CONTEXT = {
  source: `AWS: ${PAGES}api-gateway-lambda-authorizer-output.html; gist djm/15cf09b6b21c20332a602d3bca6b6d08`,
  strength: 'documented',
} as const

const policy = (Effect: 'Allow' | 'Deny', Resource = '*'): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: { Effect, Action: 'execute-api:Invoke', Resource },
})
const allowed = { principalId: 'user', policyDocument: policy('Allow') }
const routes = { 'GET /a': { auth: 'lambda', echo: true } } as const
const request = { path: '/prod/a', headers: [['Authorization', 'token']] } as const

export const restCallers: readonly GatewayFact[] = [
  {
    fact: 'a request without the token of the authorizer is a 401',
    type: 'rest',
    authorizer: { returns: allowed },
    routes,
    request: { path: '/prod/a' },
    response: {
      status: 401,
      headers: { 'x-amzn-errortype': 'UnauthorizedException' },
      body: '{"message":"Unauthorized"}',
    },
    source: `${KNOWLEDGE_CENTRE} api-gateway-401-error-lambda-authorizer; ${GATEWAY_RESPONSE} UnauthorizedError; rubyonjets/jets-docs _docs/routing/authorizers/authorizer-tips.md`,
    strength: 'documented',
  },
  {
    fact: 'an authorizer that fails with "Unauthorized" is a 401',
    type: 'rest',
    authorizer: { throws: 'Unauthorized' },
    routes,
    request,
    response: { status: 401, body: '{"message":"Unauthorized"}' },
    ...AUTH0,
  },
  {
    fact: 'an authorizer that fails with any other text is a 500 whose message is null',
    type: 'rest',
    authorizer: { throws: 'Unauthorized: expired' },
    routes,
    request,
    response: { status: 500, body: '{"message":null}' },
    ...AUTH0,
  },
  {
    fact: 'an authorizer that returns a response of a function is an AuthorizerConfigurationException',
    type: 'rest',
    authorizer: { returns: { statusCode: 401, body: '' } },
    routes,
    request,
    response: { status: 500, headers: { 'x-amzn-errortype': 'AuthorizerConfigurationException' } },
    source: `serverless/examples#305, a pasted header; the status: AWS: ${PAGES}supported-gateway-response-types.html`,
    date: '2018-10-09',
    strength: 'reported',
  },
  {
    fact: 'a policy that denies has its own words in the message, whose key has a capital letter',
    type: 'rest',
    authorizer: { returns: { ...allowed, policyDocument: policy('Deny') } },
    routes,
    request,
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
      body: '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    },
    source: `${KNOWLEDGE_CENTRE} api-gateway-troubleshoot-403-forbidden (text and type); aws/chalice#971 (the capital letter)`,
    strength: 'documented',
  },
  {
    fact: 'a policy for another method does not allow',
    type: 'rest',
    authorizer: {
      returns: {
        ...allowed,
        policyDocument: policy('Allow', 'arn:aws:execute-api:*:*:*/*/POST/a'),
      },
    },
    routes,
    request,
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
      body: '{"Message":"User is not authorized to access this resource"}',
    },
    source: 'aws/chalice#971, a pasted response for a policy without a resource',
    date: '2018-10-25',
    strength: 'reported',
  },
  {
    fact: 'the values of the context are texts in the event',
    type: 'rest',
    authorizer: { returns: { ...allowed, context: { text: 'value', number: 1, flag: true } } },
    routes,
    request,
    response: { status: 200 },
    event: {
      requestContext: {
        authorizer: { principalId: 'user', text: 'value', number: '1', flag: 'true' },
      },
    },
    ...CONTEXT,
  },
  {
    fact: 'an object in the context is not a valid value',
    type: 'rest',
    authorizer: { returns: { ...allowed, context: { map: {} } } },
    routes,
    request,
    response: { status: 500 },
    ...CONTEXT,
  },
  {
    fact: 'a REQUEST authorizer needs all of its identity sources',
    type: 'rest',
    authorizer: {
      type: 'request',
      identitySources: ['method.request.header.Authorization', 'method.request.querystring.key'],
      returns: allowed,
    },
    routes,
    request,
    response: { status: 401 },
    source: `${KNOWLEDGE_CENTRE} api-gateway-401-error-lambda-authorizer`,
    strength: 'documented',
  },
  {
    fact: 'a method that needs an API key refuses a call without one',
    type: 'rest',
    routes: { 'GET /a': { apiKeyRequired: true } },
    request: { path: '/prod/a' },
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'ForbiddenException' },
      body: '{"message":"Forbidden"}',
    },
    source: `${GATEWAY_RESPONSE} InvalidAPIKeyError, test_apigateway_common.py::TestUsagePlans::test_api_key_required_for_methods (the status); svdgraaf/serverless-screenshot#6 (the body)`,
    date: '2023-07-27',
    strength: 'recorded',
  },
  {
    fact: 'a resource policy that does not allow refuses an anonymous caller by that name',
    type: 'rest',
    api: {
      resourcePolicy: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: '*',
          Action: 'execute-api:Invoke',
          Resource: 'execute-api:/*',
          Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
        },
      },
    },
    routes: { 'GET /a': {} },
    request: { path: '/prod/a' },
    response: {
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException' },
      body: '/^.{12}User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:[^ ]+"}$/',
    },
    source: `${KNOWLEDGE_CENTRE} api-gateway-troubleshoot-403-forbidden`,
    strength: 'documented',
  },
  {
    fact: 'without a signature an allow of the resource policy does not open an IAM method',
    type: 'rest',
    api: {
      resourcePolicy: {
        Statement: {
          Effect: 'Allow',
          Principal: '*',
          Action: 'execute-api:Invoke',
          Resource: 'execute-api:/*',
        },
      },
    },
    routes: { 'GET /a': { auth: 'iam' } },
    request: { path: '/prod/a' },
    response: { status: 403, body: '{"message":"Missing Authentication Token"}' },
    // The page says that IAM authenticates the caller before any policy is evaluated.
    source: `AWS: ${PAGES}apigateway-authorization-flow.html`,
    strength: 'inferred',
  },
]

const context = { stringKey: 'value', numberKey: 1, arrayKey: ['value1'], mapKey: { value1: 'x' } }
const http = { path: '/a', headers: request.headers } as const

export const httpCallers: readonly GatewayFact[] = [
  {
    fact: 'the context of a simple response reaches the function as it is',
    type: 'http',
    authorizer: { simpleResponses: true, returns: { isAuthorized: true, context } },
    routes,
    request: http,
    response: { status: 200 },
    event: { requestContext: { authorizer: { lambda: context } } },
    source: `AWS: ${PAGES}http-api-lambda-authorizer.html; the place in the event: aws/aws-lambda-go events/testdata/apigw-v2-request-lambda-authorizer.json`,
    strength: 'documented',
  },
  {
    fact: 'a request without an identity source is a 401, and the function is not called',
    type: 'http',
    authorizer: {
      identitySources: ['$request.header.Authorization', '$request.querystring.key'],
      throws: 'must not be called',
    },
    routes,
    request: http,
    response: { status: 401, body: '{"message":"Unauthorized"}' },
    ...documented('http-api-lambda-authorizer'),
  },
  {
    fact: 'a result of another format is a 500',
    type: 'http',
    authorizer: { returns: { isAuthorized: true } },
    routes,
    request: http,
    response: { status: 500, body: '{"message":"Internal Server Error"}' },
    ...documented('http-api-lambda-authorizer'),
  },
  {
    fact: 'a policy that denies is a 403 without a reason',
    type: 'http',
    authorizer: { returns: { ...allowed, policyDocument: policy('Deny') } },
    routes,
    request: http,
    response: { status: 403, body: '{"message":"Forbidden"}' },
    // The page says that the policy denies; the text is the one of other refusals of an HTTP API.
    source: `AWS: ${PAGES}http-api-lambda-authorizer.html`,
    strength: 'inferred',
  },
]

const BINARY = {
  source:
    'ministackorg/ministack@f1bdbd8 ministack/services/apigateway_v1.py, _media_type_matches and _build_lambda_event_v1',
  strength: 'measured',
} as const
const png = { api: { binaryMediaTypes: ['image/png'] }, type: 'rest' } as const

export const restMediaTypes: readonly GatewayFact[] = [
  {
    fact: 'a body of a binary media type is base64',
    ...png,
    routes: { 'POST /a': 'echo' },
    request: {
      method: 'POST',
      path: '/prod/a',
      headers: [['content-type', 'image/png']],
      body: 'bytes',
    },
    event: { body: 'Ynl0ZXM=', isBase64Encoded: true },
    ...BINARY,
  },
  {
    fact: 'a body whose type is a wildcard does not match a type',
    ...png,
    routes: { 'POST /a': 'echo' },
    request: { method: 'POST', path: '/prod/a', headers: [['content-type', '*/*']], body: 'bytes' },
    event: { body: 'bytes', isBase64Encoded: false },
    ...BINARY,
  },
  {
    fact: 'only the first type of Accept counts for a base64 result',
    ...png,
    routes: { 'GET /a': { returns: { body: 'Ynl0ZXM=', isBase64Encoded: true } } },
    request: { path: '/prod/a', headers: [['accept', 'text/html,image/png']] },
    response: { status: 200, body: 'Ynl0ZXM=' },
    ...documented('api-gateway-payload-encodings-workflow'),
  },
  {
    fact: 'a base64 result is bytes for a client that accepts them',
    ...png,
    routes: { 'GET /a': { returns: { body: 'Ynl0ZXM=', isBase64Encoded: true } } },
    request: { path: '/prod/a', headers: [['accept', 'image/png']] },
    response: { status: 200, body: 'bytes' },
    ...documented('api-gateway-payload-encodings-workflow'),
  },
]
