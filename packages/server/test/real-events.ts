// What events of public repositories say about their caller: the fields and their types, with values replaced and everything
// else left out. `source` is the file in which the event is.

const NO_IDENTITY = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  user: null,
  userArn: null,
}
const SIGNED_IDENTITY = {
  ...NO_IDENTITY,
  accessKey: 'ASIAEXAMPLE000000000',
  accountId: '123456789012',
  caller: 'AROAEXAMPLE:session',
  user: 'AROAEXAMPLE:session',
  userArn: 'arn:aws:sts::123456789012:assumed-role/Admin/session',
}
/** The Go, .NET and Rust libraries share a sample whose fields contain their own names. */
const SAMPLE_IDENTITY = {
  accessKey: 'anAccessKey',
  accountId: 'anAccountId',
  caller: 'aCaller',
  cognitoAuthenticationProvider: 'aCognitoAuthenticationProvider',
  cognitoAuthenticationType: 'aCognitoAuthenticationType',
  cognitoIdentityId: 'aCognitoIdentityId',
  cognitoIdentityPoolId: 'aCognitoIdentityPoolId',
  user: 'aUser',
  userArn: 'aUserArn',
}
const OFFLINE_IDENTITY = {
  accessKey: null,
  accountId: 'offlineContext_accountId',
  caller: 'offlineContext_caller',
  cognitoAuthenticationProvider: 'offlineContext_cognitoAuthenticationProvider',
  cognitoAuthenticationType: 'offlineContext_cognitoAuthenticationType',
  cognitoIdentityId: 'offlineContext_cognitoIdentityId',
  cognitoIdentityPoolId: 'offlineContext_cognitoIdentityPoolId',
  user: 'offlineContext_user',
  userArn: 'offlineContext_userArn',
}
const USER_ARN = 'arn:aws:iam::111122223333:user/example-user'
const IAM_OF_USER = {
  accessKey: 'AKIA',
  accountId: '111122223333',
  callerId: 'AIDA',
  userArn: USER_ARN,
  userId: 'AIDA',
}
const POOL_ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example00'
const ID_CLAIMS = {
  aud: '1example0web0client23456789',
  'cognito:username': 'alice',
  event_id: '11111111-2222-4333-8444-555555555555',
  iss: POOL_ISSUER,
  jti: '22222222-2222-4333-8444-555555555555',
  origin_jti: '33333333-2222-4333-8444-555555555555',
  sub: 'a11ce000-1111-4222-8333-444444444444',
  token_use: 'id',
}
const HTTP_CLAIMS = { ...ID_CLAIMS, auth_time: '1767225600', exp: '1767229200', iat: '1767225600' }
const REST_CLAIMS = {
  ...ID_CLAIMS,
  auth_time: '1767225600',
  exp: 'Thu Jan 01 01:00:00 UTC 2026',
  iat: 'Thu Jan 01 00:00:00 UTC 2026',
}
/** Claims of the sample events of AWS, which have no subject. */
const SAMPLE_CLAIMS = { claim1: 'value1', claim2: 'value2' }
const POOL_LOGIN = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example00'
const ALICE_LOGIN = `${POOL_LOGIN}:CognitoSignIn:${ID_CLAIMS.sub}`
const IDENTITY_ID = 'eu-west-1:11111111-2222-4333-8444-555555555555'
const IDENTITY_POOL_ID = 'eu-west-1:66666666-7777-4888-9999-000000000000'
const EXAMPLE_ELB = {
  targetGroupArn:
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/example/0123456789abcdef',
}
const BEARER = 'Bearer not-a-token'
const offline = (authorizer: object): object => ({
  headers: {},
  requestContext: { authorizer, identity: OFFLINE_IDENTITY },
})

/** Who it is: `kind subject shape`, or the code of the refusal; without options, and with the user pool trusted. */
export interface RealEvent {
  source: string
  what: string
  event: object
  expected: string
  /** @default the same */
  withUserPools?: string
}

const SUB = ID_CLAIMS.sub
const row = (
  source: string,
  what: string,
  event: object,
  expected: string,
  withUserPools?: string,
): RealEvent => ({
  source,
  what,
  event,
  expected,
  ...(withUserPools !== undefined && { withUserPools }),
})

const GO = 'aws/aws-lambda-go: events/testdata'
const RUST = 'awslabs/aws-lambda-rust-runtime: lambda-events/src/fixtures'
const RUST_HTTP = 'awslabs/aws-lambda-rust-runtime: lambda-http/tests/data'
const PYTHON = 'aws-powertools/powertools-lambda-python: tests/events'
const TYPESCRIPT = 'aws-powertools/powertools-lambda-typescript: packages/parser/tests/events'
const DOTNET = 'aws/aws-lambda-dotnet: Libraries/test/Amazon.Lambda.AspNetCoreServer.Test'
const JAVA = 'aws/aws-lambda-java-libs: aws-lambda-java-tests/src/test/resources'
const BREF = 'brefphp/bref: tests/Event'
const OFFLINE = 'dherault/serverless-offline: src/events/http/lambda-events'

const restEvents: RealEvent[] = [
  row(
    `${TYPESCRIPT}/apigw-rest/jwt-authorizer-auth.json`,
    'a Cognito authorizer, the token in the header',
    {
      headers: { Authorization: BEARER },
      multiValueHeaders: { Authorization: [BEARER] },
      requestContext: { authorizer: { claims: REST_CLAIMS }, identity: NO_IDENTITY },
    },
    `user ${SUB} rest-cognito`,
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/iam-auth.json`,
    'IAM, a role',
    { headers: {}, requestContext: { identity: SIGNED_IDENTITY } },
    'role arn:aws:sts::123456789012:assumed-role/Admin rest-iam',
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/console-test-ui.json`,
    'the test page of the console, which signs as the person who uses it',
    { headers: null, multiValueHeaders: null, requestContext: { identity: SIGNED_IDENTITY } },
    'role arn:aws:sts::123456789012:assumed-role/Admin rest-iam',
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/lambda-authorizer-auth.json`,
    'a Lambda authorizer with the same principal for every caller',
    {
      headers: { Authorization: BEARER },
      requestContext: {
        authorizer: { principalId: 'user', integrationLatency: 422 },
        identity: NO_IDENTITY,
      },
    },
    'user user rest-lambda',
    'TOKEN_INVALID',
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/no-auth.json`,
    'no authorizer',
    { headers: {}, requestContext: { identity: NO_IDENTITY } },
    'CALLER_MISSING',
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/websocket.json`,
    'a message of a WebSocket',
    { headers: {}, requestContext: { eventType: 'MESSAGE', identity: NO_IDENTITY } },
    'CALLER_MISSING',
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/authorizer-request.json`,
    'the event of a REQUEST authorizer',
    {
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:example0api/prod/GET/',
      headers: { Authorization: BEARER },
      requestContext: { identity: NO_IDENTITY },
    },
    'CALLER_UNPROVEN',
    'TOKEN_INVALID',
  ),
  row(
    `${TYPESCRIPT}/apigw-rest/authorizer-token.json`,
    'the event of a TOKEN authorizer',
    {
      type: 'TOKEN',
      methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:example0api/prod/GET/',
      authorizationToken: BEARER,
    },
    'CALLER_UNPROVEN',
    'TOKEN_INVALID',
  ),
  row(
    `${PYTHON}/apiGatewayProxyEventPrincipalId.json`,
    'a Lambda authorizer with a user ID of its own name',
    {
      requestContext: {
        authorizer: { user_id: 'alice', principalId: 'fake', integrationLatency: 451 },
      },
    },
    'user fake rest-lambda',
    'CALLER_MISSING',
  ),
  row(
    `${PYTHON}/apiGatewayProxyEvent_noVersionAuth.json`,
    'no authorizer, no version',
    { headers: {}, multiValueHeaders: {}, requestContext: { identity: NO_IDENTITY } },
    'CALLER_MISSING',
  ),
  row(
    'aws-powertools/powertools-lambda-python: examples/middleware_factory/src/combining_powertools_utilities_event.json',
    'fields with the text "None"',
    {
      version: '1.0',
      headers: {},
      requestContext: {
        identity: {
          accountId: 'None',
          caller: 'None',
          cognitoAuthenticationProvider: 'None',
          cognitoAuthenticationType: 'None',
          cognitoIdentityPoolId: 'None',
          user: 'None',
          userArn: 'None',
        },
      },
    },
    'CALLER_MISSING',
  ),
  row(
    'aws-powertools/powertools-lambda-python: tests/performance/data_masking/load_test_data_masking/pt-load-test-stack/events/hello.json',
    'fields with empty text',
    {
      version: '1.0',
      headers: {},
      requestContext: {
        identity: {
          accountId: '',
          caller: '',
          cognitoAuthenticationProvider: '',
          cognitoAuthenticationType: '',
          cognitoIdentityPoolId: '',
          user: '',
          userArn: '',
        },
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-request.json`,
    'a sample with an authorizer and made-up names of a signer',
    {
      headers: {},
      requestContext: {
        authorizer: { principalId: 'admin', clientId: 1, clientName: 'Example' },
        identity: SAMPLE_IDENTITY,
      },
    },
    'user admin rest-lambda',
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-websocket-request.json`,
    'the same at a WebSocket',
    {
      headers: {},
      requestContext: {
        eventType: 'CONNECT',
        authorizer: { principalId: 'admin', clientId: 1, clientName: 'Example' },
        identity: SAMPLE_IDENTITY,
      },
    },
    'user admin rest-lambda',
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-websocket-request-disconnect.json`,
    'the end of a WebSocket',
    {
      headers: {},
      multiValueHeaders: {},
      requestContext: { eventType: 'DISCONNECT', identity: {} },
    },
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-websocket-request-send-message.json`,
    'a message of a WebSocket, without headers',
    { requestContext: { eventType: 'MESSAGE', identity: {} } },
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-custom-auth-request.json`,
    'the event of a TOKEN authorizer with a token of its own kind',
    {
      type: 'TOKEN',
      authorizationToken: 'allow',
      methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:example0api/ESTestInvoke-stage/GET/',
    },
    'CALLER_UNPROVEN',
    'TOKEN_INVALID',
  ),
  row(
    `${GO}/apigw-custom-auth-request-type-request.json`,
    'the event of a REQUEST authorizer with another header than Authorization',
    {
      type: 'REQUEST',
      headers: { HeaderAuth1: 'headerValue1' },
      requestContext: { identity: { apiKey: 'x', sourceIp: '192.0.2.1' } },
    },
    'CALLER_MISSING',
  ),
  row(
    `${RUST}/example-apigw-console-test-request.json`,
    'the test page of the console, with an account that is not a number',
    {
      requestContext: {
        identity: { ...SIGNED_IDENTITY, userArn: 'arn:aws:sts::xxxxx:assumed-role/xxxxx/xxxxx' },
      },
    },
    'role arn:aws:sts::xxxxx:assumed-role/xxxxx/xxxxx rest-iam',
  ),
  row(
    `${RUST}/example-apigw-sam-rest-request.json`,
    'SAM local',
    {
      version: '1.0',
      headers: {},
      requestContext: {
        identity: {
          accountId: null,
          caller: null,
          cognitoAuthenticationProvider: null,
          cognitoAuthenticationType: null,
          cognitoIdentityPoolId: null,
          user: null,
          userArn: null,
        },
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${RUST}/example-apigw-v2-custom-authorizer-websocket-request.json`,
    'a WebSocket authorizer, with the version of a function',
    {
      version: '$LATEST',
      type: 'REQUEST',
      headers: {},
      requestContext: { eventType: 'CONNECT', identity: {} },
    },
    'CALLER_MISSING',
  ),
  row(
    `${RUST_HTTP}/apigw_no_host.json`,
    'empty text in place of null',
    {
      headers: {},
      requestContext: {
        identity: {
          accountId: '',
          caller: '',
          cognitoAuthenticationProvider: '',
          cognitoAuthenticationType: '',
          cognitoIdentityId: '',
          cognitoIdentityPoolId: '',
          user: '',
          userArn: '',
        },
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${DOTNET}/authtest-access-request-custom-lambda-authorizer-output.json`,
    'a Lambda authorizer that passes claims on without the subject',
    {
      headers: { Authorization: BEARER },
      requestContext: {
        authorizer: {
          'cognito:groups': 'Admin',
          'cognito:username': 'alice',
          aud: 'x',
          token_use: 'id',
          auth_time: '1767225600',
          you_are_special: 'true',
        },
        identity: NO_IDENTITY,
      },
    },
    'CALLER_MISSING',
    'TOKEN_INVALID',
  ),
  row(
    `${DOTNET}/rawtarget-escaped-percent-in-path.json`,
    'claims without a subject',
    {
      headers: { Authorization: BEARER },
      requestContext: {
        authorizer: {
          claims: {
            'cognito:groups': 'Admin',
            'cognito:username': 'alice',
            aud: 'x',
            token_use: 'id',
          },
        },
        identity: NO_IDENTITY,
      },
    },
    'CALLER_MISSING',
    'TOKEN_INVALID',
  ),
  row(
    'aws/aws-lambda-dotnet: Blueprints/BlueprintDefinitions/vs2022/AspNetCoreWebAPI-FSharp/template/test/BlueprintBaseName.1.Tests/SampleRequests/ValuesController-Get.json',
    'signed with the root user of an account',
    {
      headers: null,
      requestContext: {
        identity: {
          ...NO_IDENTITY,
          accountId: 'AAAAAAAAAAAA',
          caller: 'BBBBBBBBBBBB',
          userArn: 'arn:aws:iam::AAAAAAAAAAAA:root',
        },
      },
    },
    'role arn:aws:iam::AAAAAAAAAAAA:root rest-iam',
  ),
  row(
    `${JAVA}/apigw_websocket_event.json`,
    'signed with an identity that is not well formed',
    {
      headers: {},
      requestContext: {
        eventType: 'CONNECT',
        identity: {
          ...SIGNED_IDENTITY,
          cognitoAuthenticationProvider: 'provider',
          cognitoAuthenticationType: 'authenticated',
          cognitoIdentityId: 'us-east-1:identity-id',
          cognitoIdentityPoolId: 'us-east-1:id-pool',
        },
      },
    },
    'CALLER_MISMATCH',
  ),
  row(
    `${BREF}/Http/Fixture/ag-v1-header-basic-auth.json`,
    'a password in the header',
    {
      version: '1.0',
      headers: { Authorization: 'Basic ZmFrZQ==' },
      requestContext: { identity: NO_IDENTITY },
    },
    'CALLER_MISSING',
  ),
  row(
    `${BREF}/ApiGateway/Samples/websocket-message.json`,
    'a message of a WebSocket',
    { requestContext: { eventType: 'MESSAGE', identity: NO_IDENTITY } },
    'CALLER_MISSING',
  ),
  row(
    'anomalyco/guide: issue 213',
    'IAM, a user of an identity pool',
    {
      headers: {},
      requestContext: {
        identity: {
          ...SIGNED_IDENTITY,
          cognitoAuthenticationProvider: `${POOL_LOGIN},${ALICE_LOGIN}`,
          cognitoAuthenticationType: 'authenticated',
          cognitoIdentityId: IDENTITY_ID,
          cognitoIdentityPoolId: IDENTITY_POOL_ID,
        },
      },
    },
    'CALLER_NOT_TRUSTED',
    `user ${SUB} rest-iam`,
  ),
]

const httpEvents: RealEvent[] = [
  row(
    `${TYPESCRIPT}/apigw-http/jwt-authorizer-auth.json`,
    'a JWT authorizer, the token in the header',
    {
      version: '2.0',
      headers: { authorization: BEARER },
      requestContext: { authorizer: { jwt: { claims: HTTP_CLAIMS, scopes: null } }, http: {} },
    },
    `user ${SUB} http-jwt`,
  ),
  row(
    `${TYPESCRIPT}/apigw-http/iam-auth.json`,
    'IAM, a role',
    {
      version: '2.0',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      requestContext: {
        authorizer: {
          iam: {
            accessKey: 'ASIA',
            accountId: '123456789012',
            callerId: 'AROA:session',
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: SIGNED_IDENTITY.userArn,
            userId: 'AROA:session',
          },
        },
        http: {},
      },
    },
    'role arn:aws:sts::123456789012:assumed-role/Admin http-iam',
  ),
  row(
    `${TYPESCRIPT}/apigw-http/authorizer-request.json`,
    'the event of a Lambda authorizer',
    {
      version: '2.0',
      type: 'REQUEST',
      headers: { authorization: BEARER },
      requestContext: { http: {} },
    },
    'CALLER_UNPROVEN',
    'TOKEN_INVALID',
  ),
  row(
    'aws-powertools/powertools-lambda-typescript: examples/snippets/parser/samples/exampleAPIGatewayProxyEventV2.json',
    'a Lambda authorizer without a context',
    {
      version: '2.0',
      headers: { authorization: BEARER },
      requestContext: { authorizer: { lambda: null }, http: {} },
    },
    'CALLER_UNPROVEN',
    'TOKEN_INVALID',
  ),
  row(
    `${PYTHON}/apiGatewayProxyV2LambdaAuthorizerEvent.json`,
    'a sample with two authorizers at once',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: {
          jwt: { claims: { claim1: 'value1' }, scopes: ['scope1'] },
          lambda: { tenantId: 't1' },
        },
      },
    },
    'CALLER_MISMATCH',
  ),
  row(
    `${PYTHON}/apiGatewayProxyV2IamEvent.json`,
    'IAM, with a way of signing in that does not exist',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: {
          iam: {
            ...IAM_OF_USER,
            cognitoIdentity: {
              amr: ['foo'],
              identityId: IDENTITY_ID,
              identityPoolId: IDENTITY_POOL_ID,
            },
            principalOrgId: 'AwsOrgId',
          },
        },
      },
    },
    'CALLER_MISMATCH',
  ),
  row(
    `${PYTHON}/apiGatewayAuthorizerV2Event.json`,
    'the event of a Lambda authorizer, the header in upper case',
    {
      version: '2.0',
      type: 'REQUEST',
      headers: { Authorization: BEARER },
      requestContext: { http: {} },
    },
    'CALLER_UNPROVEN',
    'TOKEN_INVALID',
  ),
  row(
    `${PYTHON}/apiGatewayAuthorizerRequestEvent.json`,
    'the event of a Lambda authorizer, payload 1.0, with cognitoAmr',
    {
      version: '1.0',
      type: 'REQUEST',
      authorizationToken: 'x',
      headers: {},
      requestContext: { identity: { ...NO_IDENTITY, cognitoAmr: null } },
    },
    'CALLER_MISSING',
  ),
  row(
    'aws-powertools/powertools-lambda-python: examples/event_handler_rest/src/data_validation.json',
    'payload 1.0 without an authorizer, whose claims are null',
    { version: '1.0', headers: {}, requestContext: { authorizer: { claims: null, scopes: null } } },
    'CALLER_MISSING',
  ),
  row(
    'aws/aws-lambda-dotnet: Libraries/test/Amazon.Lambda.AspNetCoreServer.Test/values-get-all-httpapi-request.json',
    'a version that is a number',
    {
      version: 2,
      headers: {},
      requestContext: { authorizer: { claims: null, scopes: null }, identity: NO_IDENTITY },
    },
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-v2-request-jwt-authorizer.json`,
    'a sample with claims that name no caller',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: { jwt: { claims: SAMPLE_CLAIMS, scopes: ['scope1', 'scope2'] } },
      },
    },
    'CALLER_MISSING',
    'TOKEN_INVALID',
  ),
  row(
    `${GO}/apigw-v2-request-lambda-authorizer.json`,
    'a context that names no caller',
    { version: '2.0', headers: {}, requestContext: { authorizer: { lambda: { key: 'value' } } } },
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-v2-request-no-authorizer.json`,
    'no authorizer',
    { version: '2.0', headers: {}, requestContext: { http: {} } },
    'CALLER_MISSING',
  ),
  row(
    `${GO}/apigw-v2-custom-authorizer-v1-request.json`,
    'the event of a Lambda authorizer, payload 1.0',
    {
      version: '1.0',
      type: 'REQUEST',
      authorizationToken: 'x',
      headers: {},
      requestContext: { identity: { sourceIp: '192.0.2.1' } },
    },
    'CALLER_MISSING',
  ),
  row(
    `${JAVA}/apigw_rest_event.json`,
    'payload 1.0 without an authorizer',
    {
      version: '1.0',
      headers: {},
      requestContext: { authorizer: { claims: null, scopes: null }, identity: NO_IDENTITY },
    },
    'CALLER_MISSING',
  ),
  row(
    `${JAVA}/lambda_destination_event.json`,
    'a destination of Lambda, whose context is of another kind',
    {
      version: '1.0',
      requestContext: {
        requestId: 'x',
        functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:x',
        condition: 'Success',
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${BREF}/Http/Fixture/ag-v2-header-basic-auth.json`,
    'a password in the header',
    { version: '2.0', headers: { authorization: 'Basic ZmFrZQ==' }, requestContext: { http: {} } },
    'CALLER_MISSING',
  ),
  row(
    'anomalyco/guide: pull request 706',
    'IAM, a user of an identity pool',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: {
          iam: {
            ...IAM_OF_USER,
            cognitoIdentity: {
              amr: ['authenticated', POOL_LOGIN, ALICE_LOGIN],
              identityId: IDENTITY_ID,
              identityPoolId: IDENTITY_POOL_ID,
            },
          },
        },
      },
    },
    'CALLER_NOT_TRUSTED',
    `user ${SUB} http-iam`,
  ),
  row(
    'aws/aws-lambda-java-libs: issue 444',
    'payload 1.0, IAM, the logins in cognitoAmr alone',
    {
      version: '1.0',
      headers: {},
      requestContext: {
        identity: {
          ...SIGNED_IDENTITY,
          cognitoAmr: ['authenticated', POOL_LOGIN, ALICE_LOGIN],
          cognitoIdentityId: IDENTITY_ID,
          cognitoIdentityPoolId: IDENTITY_POOL_ID,
        },
      },
    },
    'CALLER_NOT_TRUSTED',
    `user ${SUB} http-iam-1.0`,
  ),
]

const urlAndBalancerEvents: RealEvent[] = [
  row(
    `${GO}/lambda-urls-request.json`,
    'a function URL, IAM, without cognitoIdentity',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: { iam: IAM_OF_USER },
        domainName: 'example.lambda-url.eu-west-1.on.aws',
      },
    },
    `role ${USER_ARN} function-url-iam`,
  ),
  row(
    'aws/aws-lambda-go: lambdaurl/testdata/function-url-domain-only-get-request.json',
    'a function URL without authorization, whose "iam" is empty',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: { iam: {} },
        domainName: 'example.lambda-url.eu-west-1.on.aws',
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${PYTHON}/lambdaFunctionUrlIAMEvent.json`,
    'a function URL, IAM, cognitoIdentity null',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: { iam: { ...IAM_OF_USER, cognitoIdentity: null, principalOrgId: null } },
        domainName: 'example.lambda-url.eu-west-1.on.aws',
      },
    },
    `role ${USER_ARN} function-url-iam`,
  ),
  row(
    `${PYTHON}/lambdaFunctionUrlEvent.json`,
    'a function URL without authorization',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authentication: null,
        domainName: 'example.lambda-url.eu-west-1.on.aws',
        http: {},
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${PYTHON}/albEvent.json`,
    'a load balancer',
    { headers: { host: 'example' }, requestContext: { elb: EXAMPLE_ELB } },
    'CALLER_MISSING',
  ),
  row(
    `${PYTHON}/albMultiValueHeadersEvent.json`,
    'a load balancer with several values per header',
    { multiValueHeaders: { host: ['example'] }, requestContext: { elb: EXAMPLE_ELB } },
    'CALLER_MISSING',
  ),
  row(
    `${PYTHON}/vpcLatticeV2Event.json`,
    'VPC Lattice, which is not read',
    {
      version: '2.0',
      headers: { 'x-amz-content-sha256': ['x'] },
      requestContext: {
        identity: {
          sourceVpcArn: 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0',
          type: 'AWS_IAM',
          principal: 'arn:aws:sts::123456789012:assumed-role/x/y',
          sessionName: 'y',
        },
      },
    },
    'CALLER_MISSING',
  ),
  row(
    `${PYTHON}/appSyncAuthorizerEvent.json`,
    'an AppSync authorizer, which is not read',
    {
      authorizationToken: 'x',
      requestContext: { apiId: 'x', accountId: '123456789012', queryString: 'query' },
    },
    'CALLER_MISSING',
  ),
]

const offlineEvents: RealEvent[] = [
  row(
    `${OFFLINE}/LambdaProxyIntegrationEvent.js`,
    'serverless-offline, REST, the claims of the token as they are in it',
    offline({
      claims: { ...ID_CLAIMS, 'cognito:groups': ['Admin,x', '[Editors]'], exp: 1_767_229_200 },
      principalId: 'offlineContext_authorizer_principalId',
    }),
    `user ${SUB} rest-cognito`,
  ),
  row(
    `${OFFLINE}/LambdaProxyIntegrationEvent.js`,
    'serverless-offline, REST, no token',
    offline({ principalId: 'offlineContext_authorizer_principalId' }),
    'CALLER_MISSING',
  ),
  row(
    `${OFFLINE}/LambdaProxyIntegrationEvent.js`,
    'serverless-offline, REST, a Lambda authorizer',
    offline({ principalId: 'alice', role: 'x' }),
    'user alice rest-lambda',
    'CALLER_MISSING',
  ),
  row(
    `${OFFLINE}/LambdaProxyIntegrationEvent.js`,
    'serverless-offline, REST, a Lambda authorizer and a token',
    offline({ principalId: 'alice', claims: { ...ID_CLAIMS } }),
    `user ${SUB} rest-cognito`,
  ),
  row(
    `${OFFLINE}/LambdaProxyIntegrationEventV2.js`,
    'serverless-offline, HTTP, a JWT authorizer',
    {
      version: '2.0',
      headers: {},
      requestContext: {
        authorizer: { jwt: { claims: { ...ID_CLAIMS, 'cognito:groups': ['a b'] }, scopes: null } },
        domainName: 'offlineContext_domainName',
      },
    },
    `user ${SUB} http-jwt`,
  ),
  row(
    `${OFFLINE}/LambdaProxyIntegrationEventV2.js`,
    'serverless-offline, HTTP, no token',
    {
      version: '2.0',
      headers: {},
      requestContext: { authorizer: { jwt: {} }, domainName: 'offlineContext_domainName' },
    },
    'CALLER_MISSING',
  ),
]

/** Every event, of 11 repositories. */
export const realEvents: readonly RealEvent[] = [
  ...restEvents,
  ...httpEvents,
  ...urlAndBalancerEvents,
  ...offlineEvents,
]
