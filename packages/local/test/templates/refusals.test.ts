import { describe, expect, test } from 'vitest'
import type { TemplateError, TemplateOptions } from '../../src/index.ts'
import { FUNCTION, POOLS, readText, role } from '../support/template-file.ts'

const API = `
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: a, ProtocolType: HTTP } }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Answer.Arn
      PayloadFormatVersion: '2.0'
`
const ROUTE = (auth: string): string => `
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: GET /, Target: !Sub 'integrations/\${Integration}', ${auth} }
`
const ATTACHED = `
  Roles:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties: { IdentityPoolId: !Ref Pool, Roles: { authenticated: !GetAtt Caller.Arn } }
`
const CALL = 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:*/*/GET/*'
const template = (...parts: string[]): string => `Resources:\n${parts.join('')}`

/** The problems of a template that is refused. */
function problemsOf(text: string, options: TemplateOptions = {}): TemplateError['problems'] {
  try {
    readText(text, options)
    return []
  } catch (error) {
    if (error instanceof TypeError && 'problems' in error) return (error as TemplateError).problems
    throw error
  }
}

const calls = template(POOLS, FUNCTION, API, ROUTE('AuthorizationType: AWS_IAM'), ATTACHED)

describe('what would change a decision', () => {
  test('a template without any of it is read', () => {
    expect(problemsOf(calls + role('Caller', CALL))).toStrictEqual([])
  })

  test.each([
    [
      'a condition key that requests do not have',
      calls +
        role('Caller', CALL).replace(
          "Action: 'execute-api:Invoke',",
          "Action: 'execute-api:Invoke', Condition: { StringEquals: { 'aws:SourceVpce': vpce-1 } },",
        ),
      'Caller',
      'the policy "Call" has the condition key "aws:SourceVpce", which requests here do not have',
    ],
    [
      'a policy variable that requests do not have',
      calls + role('Caller', CALL.replace('GET/*', 'GET/${!s3:prefix}')),
      'Caller',
      'the policy "Call" has the policy variable "s3:prefix", which requests here do not have',
    ],
    [
      'a resource that is known on AWS only',
      calls + role('Caller', 'arn:aws:execute-api:*:*:${Elsewhere}/*'),
      'Caller',
      'the policy "Call" cannot be evaluated: Ref Elsewhere names nothing in the template',
    ],
    [
      'a permissions boundary',
      calls + role('Caller', CALL, 'PermissionsBoundary: arn:aws:iam::aws:policy/Boundary'),
      'Caller',
      'it has a PermissionsBoundary, which the local stack does not evaluate',
    ],
    [
      'a managed policy whose content is not known',
      calls + role('Caller', CALL, 'ManagedPolicyArns: [arn:aws:iam::1:policy/Own]'),
      'Caller',
      'the managed policy arn:aws:iam::1:policy/Own is not known; give it with "managedPolicies"',
    ],
    [
      'a role of another template',
      calls.replace('!GetAtt Caller.Arn', "'arn:aws:iam::1:role/Elsewhere'"),
      'Roles',
      'its role is arn:aws:iam::1:role/Elsewhere, which is not a role of the template',
    ],
    [
      'a JWT authorizer of another issuer',
      template(
        POOLS,
        FUNCTION,
        API,
        ROUTE('AuthorizationType: JWT, AuthorizerId: !Ref Tokens'),
        `
  Tokens:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      AuthorizerType: JWT
      JwtConfiguration: { Issuer: 'https://example.auth0.com/', Audience: [api] }
`,
      ),
      'Route',
      'the route GET / of Api cannot be decided: its authorizer Tokens is not known: the issuer is https://example.auth0.com/, which is not the user pool of the template',
    ],
    [
      'an authorizer function that is not run',
      template(
        FUNCTION.replace('nodejs22.x', 'python3.13'),
        API,
        ROUTE('AuthorizationType: CUSTOM, AuthorizerId: !Ref Own'),
        `
  Own:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: { ApiId: !Ref Api, AuthorizerType: REQUEST, AuthorizerUri: !GetAtt Answer.Arn }
`,
      ),
      'Route',
      'the route GET / of Api cannot be decided: its authorizer Own is not known: the function Answer is not run: it runs on python3.13; run it with the runtime interface emulator and give it with the option "functions.Answer"',
    ],
    [
      'an authorizer that is not there',
      template(FUNCTION, API, ROUTE('AuthorizationType: CUSTOM, AuthorizerId: elsewhere')),
      'Route',
      'the route GET / of Api cannot be decided: its authorizer elsewhere is not in the template',
    ],
    [
      'a kind of authorization that is not known',
      template(FUNCTION, API, ROUTE('AuthorizationType: MTLS')),
      'Route',
      'the route GET / of Api cannot be decided: the AuthorizationType MTLS is not known',
    ],
    [
      'a second user pool',
      template(POOLS, '  Other: { Type: AWS::Cognito::UserPool }\n'),
      'Users',
      'the local stack has one user pool, and the template has Other as well; name the others in "skip"',
    ],
  ])('%s is refused', (_, text, logicalId, reason) => {
    expect(problemsOf(text)).toStrictEqual([{ logicalId, reason }])
  })

  test('all problems are in one message, and skipped resources are left out', () => {
    const two = template(
      FUNCTION,
      API,
      ROUTE('AuthorizationType: MTLS'),
      ROUTE('AuthorizationType: CUSTOM, AuthorizerId: elsewhere').replace('Route:', 'Second:'),
    )
    expect(() => readText(two)).toThrow(
      /has what would change a decision\. Correct each of them, or leave the resources out with the option "skip"\.\n- Route: .*\n- Second: /,
    )
    const { definition, leftOut } = readText(two, { skip: ['Route', 'Second'] })
    expect(definition.apis).toStrictEqual({})
    expect(leftOut.map(({ logicalId }) => logicalId)).toStrictEqual(['Api', 'Route', 'Second'])
  })

  test('a managed policy is given by its ARN', () => {
    const arn = 'arn:aws:iam::1:policy/Own'
    const document = {
      Version: '2012-10-17' as const,
      Statement: { Effect: 'Deny' as const, Action: 'execute-api:*', Resource: '*' },
    }
    const text = calls + role('Caller', CALL, `ManagedPolicyArns: [${arn}]`)
    const { definition } = readText(text, { managedPolicies: { [arn]: document } })
    expect(definition.identityPool?.authenticatedRole?.policy.Statement).toStrictEqual([
      { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: expect.any(String) },
      { Effect: 'Deny', Action: 'execute-api:*', Resource: '*' },
    ])
  })
})

describe('a value that is known on AWS only', () => {
  const REST = (method: string, more = ''): string =>
    template(
      FUNCTION,
      `
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: a, ${more} } }
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      Integration: { Type: AWS_PROXY, Uri: !GetAtt Answer.Arn }
      ${method}
`,
    )
  const SAM = (api: string, event = ''): string =>
    template(`
  Api: { Type: AWS::Serverless::Api, Properties: { StageName: prod, ${api} } }
  Answer:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: 'exports.handler = async () => ({ statusCode: 200 })'
      Runtime: nodejs22.x
      Handler: index.handler
      Events:
        Get: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /, Method: GET, ${event} } }
`)
  const OPEN = 'HttpMethod: GET\n      AuthorizationType: NONE'

  test.each([
    [
      'the kind of authorization of a route',
      template(FUNCTION, API, ROUTE('AuthorizationType: !Ref Elsewhere')),
    ],
    ['the key of a route', template(FUNCTION, API, ROUTE('').replace('GET /', '!Ref Elsewhere'))],
    [
      'the kind of authorization of a method',
      REST('HttpMethod: GET\n      AuthorizationType: !Ref Elsewhere'),
    ],
    ['whether a method needs an API key', REST(`${OPEN}\n      ApiKeyRequired: !Ref Elsewhere`)],
    ['the resource policy', REST(OPEN, 'Policy: !Ref Elsewhere')],
    ['a statement of the resource policy', REST(OPEN, 'Policy: { Statement: [!Ref Elsewhere] }')],
    ['the auth of a SAM API', SAM('Auth: !Ref Elsewhere')],
    ['the default authorizer of a SAM API', SAM('Auth: { DefaultAuthorizer: !Ref Elsewhere }')],
    ['the auth of a SAM event', SAM('', 'Auth: !Ref Elsewhere')],
    ['the authorizer of a SAM event', SAM('', 'Auth: { Authorizer: !Ref Elsewhere }')],
    [
      'the secret of an app client',
      calls.replace(
        'UserPoolId: !Ref Users',
        'UserPoolId: !Ref Users, GenerateSecret: !Ref Elsewhere',
      ) + role('Caller', CALL),
    ],
    [
      'who may sign up',
      calls.replace(
        'UserPool, Properties: {}',
        'UserPool, Properties: { AdminCreateUserConfig: !Ref Elsewhere }',
      ) + role('Caller', CALL),
    ],
    [
      'the choice of a role',
      calls.replace('Roles: {', 'RoleMappings: !Ref Elsewhere, Roles: {') + role('Caller', CALL),
    ],
    [
      'the choice of a role by one provider',
      calls.replace('Roles: {', 'RoleMappings: { a: { Type: !Ref Elsewhere } }, Roles: {') +
        role('Caller', CALL),
    ],
    [
      'the tags of a session',
      calls +
        role('Caller', CALL) +
        '\n  Tags: { Type: AWS::Cognito::IdentityPoolPrincipalTag, Properties: { IdentityPoolId: !Ref Pool, PrincipalTags: !Ref Elsewhere } }\n',
    ],
    [
      'the quota of a usage plan',
      REST(OPEN) +
        '\n  Plan: { Type: AWS::ApiGateway::UsagePlan, Properties: { Quota: !Ref Elsewhere } }\n',
    ],
    [
      'the action of a statement',
      calls +
        role('Caller', CALL).replace("Action: 'execute-api:Invoke',", 'Action: !Ref Elsewhere,'),
    ],
    [
      'a policy of a role',
      calls +
        role('Caller', CALL).replace(
          /Policies:/,
          'ManagedPolicyArns: []\n      Policies: !Ref Elsewhere\n      Ignored:',
        ),
    ],
  ])('%s: the template is refused instead of letting everybody in', (_, text) => {
    const reasons = problemsOf(text).map(({ reason }) => reason)
    expect(reasons.length).toBeGreaterThan(0)
    for (const reason of reasons)
      expect(reason).toContain('Ref Elsewhere names nothing in the template')
  })

  test('the templates of these cases are read without it', () => {
    for (const text of [
      REST(OPEN),
      SAM(''),
      template(FUNCTION, API, ROUTE('AuthorizationType: NONE')),
    ]) {
      expect(problemsOf(text)).toStrictEqual([])
    }
  })

  test.each([
    ['by itself', '!Equals [!Ref Stage, prod]'],
    ['in Fn::Not', '!Not [!Equals [!Ref Stage, dev]]'],
    ['in Fn::And', '!And [!Equals [a, a], !Equals [!Ref Stage, prod]]'],
    ['in Fn::Or', '!Or [!Equals [a, b], !Equals [!Ref Stage, prod]]'],
    ['in another condition', '!Not [{ Condition: Other }]'],
  ])('a condition of the template, %s, does not choose that a route is open', (_, condition) => {
    const chosen = template(FUNCTION, API, ROUTE('AuthorizationType: !If [IsProd, AWS_IAM, NONE]'))
    const text = `
Parameters: { Stage: { Type: String } }
Conditions:
  Other: !Equals [!Ref Stage, prod]
  IsProd: ${condition}
${chosen}`
    expect(() => readText(text)).toThrow(
      'is not known: the parameter Stage has no default; give it with "parameters"',
    )
    expect(() => readText(text, { parameters: { Stage: 'prod' } })).not.toThrow()
  })

  test('a condition is known if one part of it decides', () => {
    const text = `
Parameters: { Stage: { Type: String } }
Conditions:
  Always: !Or [!Equals [a, a], !Equals [!Ref Stage, prod]]
  Never: !And [!Equals [a, b], !Equals [!Ref Stage, prod]]
${template(FUNCTION, API, ROUTE('AuthorizationType: !If [Always, !If [Never, MTLS, NONE], MTLS]'))}`
    expect(problemsOf(text)).toStrictEqual([])
  })

  test.each([
    ['skipped', '!Ref Api', ['Api']],
    ['not known', '!Ref Elsewhere', []],
    ['of another template', 'abc123', []],
  ])('a SAM event whose API is %s does not become an open route', (_, api, skip) => {
    const text = SAM('Auth: { DefaultAuthorizer: AWS_IAM }').replace(
      'RestApiId: !Ref Api',
      `RestApiId: ${api}`,
    )
    const { definition, leftOut } = readText(text, { skip })
    expect(definition.apis).toStrictEqual({})
    expect(leftOut).toContainEqual({
      logicalId: 'Answer',
      reason: 'its route GET / is left out: its API is not in the template, or is skipped',
    })
  })

  test('a SAM event without an API, or with the one that SAM adds, is a route', () => {
    for (const api of ['', 'RestApiId: !Ref ServerlessRestApi,']) {
      const text = SAM('').replace('RestApiId: !Ref Api,', api)
      expect(readText(text).definition.apis).toHaveProperty('ServerlessRestApi')
    }
  })

  test('the Sids of a resource policy do not make it disappear', () => {
    const deny =
      "Sid: 'same', Effect: Deny, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*'"
    const { definition } = readText(REST(OPEN, `Policy: { Statement: [{ ${deny} }, { ${deny} }] }`))
    expect(definition.apis?.['Api']).toHaveProperty('resourcePolicy.Statement.length', 2)
  })
})

describe('a wrong template', () => {
  test.each([
    ['[]', 'It has no Resources.'],
    ['Resources: {\n', 'is not a template: '],
    ['Resources:\n  A: {}\n  A: {}\n', 'Map keys must be unique'],
  ])('%j is refused', (text, message) => {
    expect(() => readText(text)).toThrow(message)
  })
})
