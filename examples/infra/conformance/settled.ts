/** Rows that public recordings of AWS, or AWS's own pages and code, have settled: what says so, by the row's ID. */
export const settled: Readonly<Record<string, string>> = {
  'no-route': 'recorded, a probe of an HTTP API of 2026-09-03: 404 {"message":"Not Found"}',
  'no-token': 'recorded, runbooks with 401s of HTTP APIs: www-authenticate is Bearer',
  'not-a-jwt': 'recorded, a runbook of 2026-10-05: token contains an invalid number of segments',
  'foreign-audience':
    'documented, AWS: troubleshooting HTTP API JWT authorizers: the token does not have a valid audience',
  'handler-throws':
    'recorded, aws/aws-lambda-dotnet snapshots of 2025-04-14: 500 {"message":"Internal Server Error"}',
  'token-scope-omitted':
    'documented, AWS CLI reference of GetClientToken: all scopes of the client are granted',
  'too-late': 'recorded, a probe of an HTTP API of 2026-09-03: 503 after 30 s',
  'rest-incomplete-signature':
    'recorded, responses of execute-api, one of 2026-07-23: 403 IncompleteSignatureException',
  'rest-unknown-key':
    'documented, AWS knowledge centre: AccessDeniedException with "The security token included in the request is invalid."',
  'rest-resource-policy':
    'documented, AWS: API Gateway authorization flow, table A: in one account either allow suffices',
  'precedence-ties':
    'documented, CreateGroup API reference: no preferred role if tied groups have different roles',
  'sync-handler':
    'documented, aws/aws-lambda-nodejs-runtime-interface-client@90b5b5b: the result is awaited, whatever it is',
  'sts-cors': 'documented, aws/aws-sdk-js apis/metadata.json: sts has cors',
}

/** Rows that users' pastes, measurements or statements support, without a response that was kept. They stay open. */
export const supported: Readonly<Record<string, string>> = {
  'cors-on-refusal':
    'reported, aws/aws-sam-cli#9087 of 2026-06-17: live HTTP APIs add CORS headers',
  'trailing-slash':
    'a probe of 2026-09-03 reached the function with a slash at the end; its routes are not known',
  'preflight-foreign': 'recorded, two probes of 2026-09-03: 204 without CORS headers',
  throttled:
    'measured: HTTP 429 {"message":"Too Many Requests"}, REST quota 429 {"message":"Limit Exceeded"}, no Retry-After',
  'rest-scope-missing': 'reported, amplify-flutter#1539: 401',
  'raw-path': 'reported, floci-io/floci#2172 of 2026-08-07: rawPath has the stage',
  'guest-scope-down':
    'stated by an AWS engineer, aws-observability/aws-rum-web#172: there is a policy',
  'classic-flow': 'reported, aws/aws-cli#7652: InvalidParameterException for the sibling text',
  'event-http-jwt-1.0':
    'reported, serverless-java-container#407, #408: the place of claims and scopes',
  'event-http-iam-role': 'captured event of an IAM user: cognitoIdentity is null',
  'event-function-url-iam': 'captured events of IAM users: cognitoIdentity is null',
  'event-rest-iam-guest': 'tests of projects have cognitoAuthenticationProvider null; no capture',
  'role-not-held':
    'reported of SetIdentityPoolRoles, boto/boto3#73: NotAuthorizedException, "Access to Role … is forbidden."',
  'basic-encoded': 'reported, ramosbugs/oauth2-rs#64 of 2019: plain base64 alone',
  'token-scope-not-allowed': 'reported by users: invalid_scope',
  'token-wrong-secret':
    'reported, pilcrowonpaper/arctic#175: invalid_client; no report has the status',
}
