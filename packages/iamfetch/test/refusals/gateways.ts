import {
  CALLER,
  ISSUES,
  KNOWLEDGE_CENTER,
  OWNER,
  ROLE,
  capital,
  message,
  rowsOf,
  type,
  typed,
  type RefusalRow,
} from './row.ts'

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const SHOWN = `${MISMATCH}\n\nThe Canonical String for this request should have been\n'GET\n/prod/x\n\nhost:abc.execute-api.us-east-1.amazonaws.com\nx-amz-date:20260101T000000Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/us-east-1/execute-api/aws4_request\nx'\n`
const masked = (account: string): string => `********${account.slice(-4)}`
const route = (account: string): string =>
  `arn:aws:execute-api:us-east-1:${masked(account)}:a1b2c3d4e5/prod/POST/x`
const denied = (principal: string, account: string, reason = ''): string =>
  `User: ${principal} is not authorized to perform: execute-api:Invoke on resource: ${route(account)}${reason}`

const REST = rowsOf({ service: 'API Gateway REST API' }, [
  {
    ...type('AuthorizerConfigurationException'),
    status: 500,
    body: '{"message":null}',
    source: `${ISSUES}/serverless/examples/issues/305`,
    code: 'SERVICE_UNAVAILABLE',
    responsible: 'api',
    remedy: /logs of the Lambda authorizer.*\n.*apigateway\.amazonaws\.com/,
  },
  {
    ...type('MissingAuthenticationTokenException'),
    body: message('Missing Authentication Token'),
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-gateway-response-using-the-console.html',
    code: 'AUTH_MISSING',
    responsible: 'caller',
    remedy: /stage, path and method/,
  },
  {
    body: message(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=x",
    ),
    source: `${ISSUES}/AnWeber/httpyac/issues/769`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /X-Amz-Date/,
    never: /bearer token/,
  },
  {
    body: message("'Host' must be a 'SignedHeader' in the AWS Authorization."),
    source: `${ISSUES}/NetSPI/AWSSigner/issues/3`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /sign the header that the response names/,
  },
  {
    service: 'DynamoDB',
    status: 400,
    body: typed(
      'com.amazon.coral.service#InvalidSignatureException',
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    source: `${ISSUES}/aws/aws-sdk-php/issues/2469`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /sign the header that the response names/,
    never: /proxy and CDN/,
  },
  {
    ...type('IncompleteSignatureException'),
    body: message(
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=x",
    ),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/13378`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /use createIamFetch/,
  },
  {
    body: message(
      "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer x'.",
    ),
    source: `${ISSUES}/mcguinness/node-lambda-oauth2-jwt-authorizer/issues/1`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /not a bearer token/,
  },
  {
    body: message(
      "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'x='.",
    ),
    source: KNOWLEDGE_CENTER,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /createIamFetch/,
  },
  {
    ...type('InvalidSignatureException'),
    body: message(SHOWN),
    source: `${ISSUES}/mhart/aws4/issues/33`,
    code: 'SIGNATURE_MISMATCH',
    responsible: 'unknown',
    remedy: /Remember the requests/,
  },
  {
    ...type('InvalidSignatureException'),
    body: message(MISMATCH),
    source: `${ISSUES}/zirkelc/aws-signature-v4/issues/4`,
    code: 'SIGNATURE_MISMATCH',
    responsible: 'unknown',
    remedy: /without proxy and CDN/,
  },
  {
    ...type('InvalidSignatureException'),
    body: message(
      'Signature expired: 20181024T121036Z is now earlier than 20181024T131217Z (20181024T131717Z - 5 min.)',
    ),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/2014`,
    code: 'CLOCK_SKEW',
    responsible: 'device',
    remedy: /Set the clock/,
  },
  {
    service: 'S3 Glacier',
    body: JSON.stringify({
      message:
        'Signature not yet current: 20131120T113529Z is still later than 20131120T104538Z (20131120T104038Z + 5 min.)',
      code: 'InvalidSignatureException',
      type: 'Client',
    }),
    source: `${ISSUES}/basak/glacier-cli/issues/36`,
    code: 'CLOCK_SKEW',
    responsible: 'device',
    remedy: /Set the clock/,
  },
  {
    body: message(
      "Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'execute-api'. ",
    ),
    source: `${ISSUES}/Kong/insomnia/issues/830`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /Set "region"[^]*"service" to "execute-api"/,
  },
  {
    service: 'AWS Batch',
    body: message("Credential should be scoped to correct service: 'batch'. "),
    source: `${ISSUES}/cllunsford/aws-signing-proxy/issues/25`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /^Set "service" to "batch"\.$/,
  },
  {
    service: 'DynamoDB',
    status: 400,
    body: typed(
      'com.amazon.coral.service#InvalidSignatureException',
      "Credential should be scoped to correct service: 'dynamodb'. ",
    ),
    source: `${ISSUES}/arnemolland/sigv4/issues/15`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /^Set "service" to "dynamodb"\.$/,
  },
  {
    service: 'Kinesis',
    status: 400,
    body: typed(
      'InvalidSignatureException',
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. ',
    ),
    source: `${ISSUES}/disneystreaming/smithy4s/issues/387`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /^Sign each request when it is sent/,
  },
  {
    body: message(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20151124' != '20151125', from '20151125T154140Z'.",
    ),
    source: `${ISSUES}/tedder/requests-aws4auth/issues/7`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /midnight UTC/,
  },
  {
    body: message("Credential should be scoped to correct service: 'execute-api'. "),
    source: `${ISSUES}/continuedev/continue/issues/5569`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /^Set "service" to "execute-api"\.$/,
    never: /region/,
  },
  {
    ...type('AccessDeniedException'),
    body: message('The security token included in the request is invalid.'),
    source: KNOWLEDGE_CENTER,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /session token with the keys/,
  },
  {
    ...type('UnrecognizedClientException'),
    body: message('The security token included in the request is invalid.'),
    source: `${ISSUES}/jamesmbourne/aws4-axios/issues/1553`,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /session token/,
  },
  {
    ...type('ExpiredTokenException'),
    body: message('The security token included in the request is expired'),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/6181`,
    code: 'TOKEN_EXPIRED',
    responsible: 'session',
    remedy: /function that renews/,
  },
  {
    ...type('AccessDeniedException'),
    body: capital(denied(ROLE, CALLER)),
    source: `${ISSUES}/aws-amplify/aws-sdk-ios/issues/505`,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /"Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:111122223333:/,
  },
  {
    ...type('AccessDeniedException'),
    body: capital(denied('anonymous', CALLER)),
    source: `${ISSUES}/ASFHyP3/hyp3/issues/2283`,
    code: 'ACCESS_DENIED',
    responsible: 'caller',
    remedy: /a signature does not change that/,
  },
  {
    ...type('AccessDeniedException'),
    body: capital(denied(ROLE, CALLER, ' with an explicit deny')),
    source: KNOWLEDGE_CENTER,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /Narrow the Deny statement/,
    never: /"Effect":"Allow"/,
  },
  {
    ...type('AccessDeniedException'),
    body: capital(
      denied(`arn:aws:sts::${CALLER}:assumed-role/PermissionSetCallerRole/session`, OWNER),
    ),
    source: `${ISSUES}/aws-samples/aws-iam-identity-center-extensions/issues/35`,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /both accounts must allow/,
    never: /"Resource":"arn:aws:execute-api:us-east-1:111122223333/,
  },
  {
    ...type('AccessDeniedException'),
    body: capital(denied(`arn:aws:sts::${CALLER}:assumed-role/backend-dev/x`, OWNER)),
    source: `${ISSUES}/real-social-media/backend/issues/247`,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /an account that ends in 6666/,
    never: /us-east-1:111122223333/,
  },
  {
    body: capital(denied('anonymous', CALLER)),
    source: `${ISSUES}/serverless/serverless/issues/11808`,
    code: 'ACCESS_DENIED',
    responsible: 'caller',
    remedy: /a signature does not change that/,
  },
  {
    body: capital(denied('anonymous', CALLER)),
    source: `${ISSUES}/aws/serverless-application-model/issues/480`,
    code: 'ACCESS_DENIED',
    responsible: 'caller',
    remedy: /VPC endpoint/,
  },
  {
    body: capital(denied('anonymous', CALLER, ' with an explicit deny')),
    source: KNOWLEDGE_CENTER,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /aws:SourceIp/,
    never: /Sign the call/,
  },
  {
    ...type('AccessDeniedException'),
    body: capital('User is not authorized to access this resource with an explicit deny'),
    source: KNOWLEDGE_CENTER,
    code: 'AUTHORIZER_DENIED',
    responsible: 'api',
    remedy: /Lambda authorizer/,
    never: /"Effect":"Allow"/,
  },
  {
    body: capital('User is not authorized to access this resource'),
    source: `${ISSUES}/aws/chalice/issues/971`,
    code: 'AUTHORIZER_DENIED',
    responsible: 'api',
    remedy: /cache to 0 seconds/,
  },
  {
    status: 401,
    body: message('Unauthorized'),
    source: `${ISSUES}/auth0-samples/jwt-rsa-aws-custom-authorizer/pull/6`,
    code: 'UNAUTHORIZED',
    responsible: 'session',
    remedy: /new token/,
  },
  {
    ...type('UnauthorizedException'),
    status: 401,
    body: message('Unauthorized'),
    source: 'https://repost.aws/knowledge-center/api-gateway-cognito-401-unauthorized',
    code: 'UNAUTHORIZED',
    responsible: 'session',
    remedy: /iss and aud/,
  },
  {
    status: 401,
    body: message('The incoming token has expired'),
    source: `${ISSUES}/aws-amplify/amplify-js/issues/6060`,
    code: 'UNAUTHORIZED',
    responsible: 'session',
    remedy: /function that renews it/,
  },
  {
    ...type('ForbiddenException'),
    body: message('Forbidden'),
    source: KNOWLEDGE_CENTER,
    code: 'FORBIDDEN',
    responsible: 'unknown',
    remedy: /access log/,
  },
  {
    ...type('AuthorizerConfigurationException'),
    status: 500,
    body: '{"message":null}',
    source: `${ISSUES}/serverless/examples/issues/305`,
    code: 'SERVICE_UNAVAILABLE',
    responsible: 'api',
    remedy: /logs/,
  },
  {
    ...type('LimitExceededException'),
    status: 429,
    body: message('Limit Exceeded'),
    source:
      'https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html',
    code: 'THROTTLED',
    responsible: 'caller',
    remedy: /Slow down/,
  },
])

const HTTP = rowsOf(
  { service: 'API Gateway HTTP API', headers: { 'apigw-requestid': 'JKJaXmPLvHcESHA=' } },
  [
    {
      body: message('Forbidden'),
      source: `${ISSUES}/anomalyco/sst/issues/6336`,
      code: 'FORBIDDEN',
      responsible: 'unknown',
      remedy: /\$context\.authorizer\.error/,
    },
    {
      body: message('Forbidden'),
      source: `${ISSUES}/aws/aws-cdk/issues/21182`,
      code: 'FORBIDDEN',
      responsible: 'unknown',
      remedy: /policy of the role/,
    },
    {
      status: 401,
      headers: { 'apigw-requestid': 'JKJaXmPLvHcESHA=', 'www-authenticate': 'Bearer' },
      body: message('Unauthorized'),
      source:
        'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html',
      code: 'UNAUTHORIZED',
      responsible: 'session',
      remedy: /new token/,
    },
    {
      status: 401,
      headers: {
        'apigw-requestid': 'JKJaXmPLvHcESHA=',
        'www-authenticate':
          'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"',
      },
      body: message('Unauthorized'),
      source:
        'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html',
      code: 'UNAUTHORIZED',
      responsible: 'session',
      remedy: /aud or client_id/,
    },
    {
      status: 401,
      body: message('Unauthorized'),
      source: `${ISSUES}/aws-samples/ask-around-me/issues/3`,
      code: 'UNAUTHORIZED',
      responsible: 'session',
      remedy: /iss and aud/,
    },
    {
      status: 500,
      body: message('Internal Server Error'),
      source:
        'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html',
      code: 'SERVICE_UNAVAILABLE',
      responsible: 'api',
      remedy: /logs of the application/,
    },
    {
      status: 413,
      body: message('Request Entity Too Large'),
      source: `${ISSUES}/aws/aws-lambda-dotnet/blob/8314921/Tools/LambdaTestTool-v2/tests/Amazon.Lambda.TestTool.IntegrationTests`,
      code: 'BODY_TOO_LARGE',
      responsible: 'caller',
      remedy: /S3/,
    },
  ],
)

const WEB_SOCKET = rowsOf({ service: 'API Gateway WebSocket API' }, [
  {
    body: message('Forbidden'),
    source: `${ISSUES}/aws/aws-sdk-php/issues/1955`,
    code: 'FORBIDDEN',
    responsible: 'unknown',
    remedy: /access log/,
  },
  {
    body: message(
      `User: ${ROLE} is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:${masked(CALLER)}:a1b2c3d4e5/stage/DELETE/@connections/{connectionId}`,
    ),
    source: `${ISSUES}/aws/aws-cdk/issues/18410`,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /"Action":"execute-api:ManageConnections"/,
    never: /execute-api:Invoke/,
  },
  {
    body: message(
      `User: ${ROLE} is not authorized to perform: execute-api:ManageConnections on resource: arn:aws:execute-api:us-east-1:${masked(OWNER)}:a1b2c3d4e5/prod/POST/@connections/{connectionId} with an explicit deny in a service control policy`,
    ),
    source: `${ISSUES}/aws-solutions/innovation-sandbox-on-aws/pull/59`,
    code: 'ACCESS_DENIED',
    responsible: 'policy',
    remedy: /administrators of the organization/,
    never: /Let a policy of/,
  },
])

const LAMBDA_URL = rowsOf(
  { service: 'Lambda function URL', url: 'https://abc.lambda-url.us-east-1.on.aws/' },
  [
    {
      ...type('AccessDeniedException'),
      body: capital(
        'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
      ),
      source: `${ISSUES}/awsdocs/aws-lambda-developer-guide/issues/494`,
      code: 'FORBIDDEN',
      responsible: 'unknown',
      remedy: /lambda:InvokeFunctionUrl/,
    },
    {
      body: capital(
        'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
      ),
      source: `${ISSUES}/ant-media/Ant-Media-Server/issues/7827`,
      code: 'FORBIDDEN',
      responsible: 'unknown',
      remedy: /lambda:InvokeFunction\b/,
    },
    {
      ...type('InvalidSignatureException'),
      body: message(MISMATCH),
      source: `${ISSUES}/minorun365/html-share/issues/4`,
      code: 'SIGNATURE_MISMATCH',
      responsible: 'unknown',
      remedy: /x-amz-content-sha256/,
    },
    {
      body: message(MISMATCH),
      source: `${ISSUES}/RJPearson94/terraform-aws-open-next/pull/48`,
      code: 'SIGNATURE_MISMATCH',
      responsible: 'unknown',
      remedy: /without proxy and CDN/,
    },
  ],
)

const APPLICATION = rowsOf({ service: 'application behind a gateway' }, [
  {
    headers: { 'apigw-requestid': 'JKJaXmPLvHcESHA=' },
    body: '{"statusCode":403,"message":"Forbidden resource","error":"Forbidden"}',
    source: `${ISSUES}/nestjs/nest/issues/4552`,
    code: 'UNKNOWN',
    responsible: 'api',
    remedy: /logs of the application/,
  },
  {
    headers: { 'apigw-requestid': 'JKJaXmPLvHcESHA=' },
    body: '{"statusCode":403,"error":"Forbidden","message":"Forbidden resource"}',
    source: `${ISSUES}/nestjs/nest/issues/1191`,
    code: 'UNKNOWN',
    responsible: 'api',
    remedy: /logs of the application/,
  },
  {
    body: '{"statusCode":403,"error":"Forbidden","message":"User is not authorized to access this resource"}',
    source: `${ISSUES}/SeptiyanAndika/serverless-custom-authorizer/issues/1`,
    code: 'AUTHORIZER_DENIED',
    responsible: 'api',
    remedy: /Lambda authorizer/,
  },
])

export const GATEWAYS: readonly RefusalRow[] = [
  ...REST,
  ...HTTP,
  ...WEB_SOCKET,
  ...LAMBDA_URL,
  ...APPLICATION,
]
