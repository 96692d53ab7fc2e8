/** Rows that public recordings of AWS, or AWS's own pages and code, have settled: what says so, by the row's ID. */
export const settled: Readonly<Record<string, string>> = {
  'no-route': 'recorded, a probe of an HTTP API of 2026-09-03: 404 {"message":"Not Found"}',
  'no-token': 'recorded, runbooks with 401s of HTTP APIs: www-authenticate is Bearer',
  'not-a-jwt': 'recorded, a runbook of 2026-10-05: token contains an invalid number of segments',
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
