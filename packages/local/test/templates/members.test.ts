import { describe, expect, test } from 'vitest'
import type { TemplateError } from '../../src/index.ts'
import { readText } from '../support/template-file.ts'

const INVOCATION =
  'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'
const integration = { type: 'aws_proxy', uri: { 'Fn::Sub': INVOCATION }, httpMethod: 'POST' }
const open = { 'x-amazon-apigateway-integration': integration }
const signed = { 'x-amazon-apigateway-auth': { type: 'AWS_IAM' }, ...open }
const F = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: { ZipFile: 'exports.handler = () => ({})' },
  },
}
const Unknown = { 'Fn::ImportValue': 'known-on-aws' }

/** A REST API with an open route for everything else. */
const document = (paths: unknown, more: object = {}) => ({
  F,
  Api: {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: {
      Body: {
        ...more,
        paths:
          typeof paths === 'object' && paths !== null && !('Fn::ImportValue' in paths)
            ? { '/{proxy+}': { 'x-amazon-apigateway-any-method': open }, ...paths }
            : paths,
      },
    },
  },
})
const method = (properties: object) => ({
  F,
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'x' } },
  Method: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: { Ref: 'Api' },
      ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
      HttpMethod: 'GET',
      Integration: { Type: 'AWS_PROXY', Uri: { 'Fn::Sub': INVOCATION } },
      ...properties,
    },
  },
})
const route = (properties: object) => ({
  F,
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'x', ProtocolType: 'HTTP' } },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['F', 'Arn'] },
      PayloadFormatVersion: '2.0',
    },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: 'GET /a',
      Target: { 'Fn::Sub': 'integrations/${Integration}' },
      ...properties,
    },
  },
})
/** A function of SAM with a route. */
const serverless = (
  event: object,
  { type = 'Api', ...more }: { type?: unknown; Api?: object } = {},
) => ({
  Own: {
    Type: 'AWS::Serverless::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      InlineCode: 'exports.handler = () => ({})',
      Events: { Call: { Type: type, Properties: { Path: '/a', Method: 'get', ...event } } },
    },
  },
  ...more,
})
const samApi = (Auth: unknown) => ({
  Api: { Type: 'AWS::Serverless::Api', Properties: { StageName: 'prod', Auth } },
})

const role = (properties: object) => ({
  Pool: {
    Type: 'AWS::Cognito::IdentityPool',
    Properties: { AllowUnauthenticatedIdentities: false },
  },
  Attached: {
    Type: 'AWS::Cognito::IdentityPoolRoleAttachment',
    Properties: {
      IdentityPoolId: { Ref: 'Pool' },
      Roles: { authenticated: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    },
  },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Federated: 'cognito-identity.amazonaws.com' },
          Action: 'sts:AssumeRoleWithWebIdentity',
        },
      },
      ...properties,
    },
  },
})

function problemsOf(Resources: object): string[] {
  try {
    readText(JSON.stringify({ Transform: 'AWS::Serverless-2016-10-31', Resources }))
    return []
  } catch (error) {
    if (error instanceof TypeError && 'problems' in error) {
      return (error as TemplateError).problems.map(({ reason }) => reason)
    }
    throw error
  }
}

describe('what decides about a call and is not understood is a problem, and never an open route', () => {
  test.each<[string, object, string]>([
    ['paths', document(Unknown), 'paths of its OpenAPI document is not known'],
    ['a path', document({ '/a': Unknown }), "paths['/a'] of its OpenAPI document is not known"],
    [
      'an operation',
      document({ '/a': { get: Unknown } }),
      "paths['/a'].get of its OpenAPI document",
    ],
    ['an operation of null', document({ '/a': { get: null } }), 'it must be an object'],
    [
      'a path somewhere else',
      document({ '/a': { $ref: '#/x' } }),
      "paths['/a'].$ref, which is not a method",
    ],
    [
      'a method in upper case',
      document({ '/a': { GET: signed } }),
      "paths['/a'].GET, which is not a method",
    ],
    [
      'security without a list',
      document({ '/a': { get: { security: { sigv4: [] }, ...open } } }),
      'which is not a list',
    ],
    [
      'security of texts',
      document({ '/a': { get: { security: ['sigv4'], ...open } } }),
      'which is not a list',
    ],
    [
      'security of the document',
      document({ '/a': { get: open } }, { security: 'sigv4' }),
      'which is not a list',
    ],
    [
      'auth of null',
      document({ '/a': { get: { ...open, 'x-amazon-apigateway-auth': null } } }),
      'is null, which is not known',
    ],
    [
      'auth as text',
      document({ '/a': { get: { ...open, 'x-amazon-apigateway-auth': 'AWS_IAM' } } }),
      'is "AWS_IAM", which is not known',
    ],
    [
      'auth by nothing',
      document({ '/a': { get: { ...open, 'x-amazon-apigateway-auth': { type: 'CUSTOM' } } } }),
      'is CUSTOM, and its security says something else',
    ],
    [
      'a document in S3',
      { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { BodyS3Location: {} } } },
      'its routes are on AWS only',
    ],
    [
      'a misspelt property of a method',
      method({ AuthorisationType: 'AWS_IAM' }),
      'has the member "AuthorisationType"',
    ],
    [
      'a type of null',
      method({ AuthorizationType: null }),
      '"AuthorizationType" of its resource must be a text, got null',
    ],
    ['a type in a list', method({ AuthorizationType: ['AWS_IAM'] }), 'must be a text'],
    [
      'an API key of "yes"',
      method({ AuthorizationType: 'NONE', ApiKeyRequired: 'yes' }),
      'must be true or false, got "yes"',
    ],
    [
      'a resource on AWS',
      method({ AuthorizationType: 'NONE', ResourceId: Unknown }),
      'its ResourceId is not known',
    ],
    [
      'a misspelt property of a route',
      route({ AuthorisationType: 'AWS_IAM' }),
      'has the member "AuthorisationType"',
    ],
    ['a route’s type of null', route({ AuthorizationType: null }), 'must be a text, got null'],
    [
      'a route without a key',
      route({ RouteKey: undefined, Routekey: 'GET /a' }),
      'has the member "Routekey"',
    ],
    [
      'a misspelt Auth of an event',
      serverless({ Auht: { Authorizer: 'AWS_IAM' } }),
      'its event has the member "Auht"',
    ],
    [
      'a misspelt authorizer of an event',
      serverless({ Auth: { Authoriser: 'AWS_IAM' } }),
      'its "Auth" has the member "Authoriser"',
    ],
    ['an Auth that is a list', serverless({ Auth: ['AWS_IAM'] }), 'its "Auth" must be an object'],
    ['an Auth that is text', serverless({ Auth: 'AWS_IAM' }), 'its "Auth" must be an object'],
    [
      'an event of a type on AWS',
      serverless({}, { type: Unknown }),
      'the type of its event Call is not known',
    ],
    [
      'a misspelt Auth of an API',
      serverless({ RestApiId: { Ref: 'Api' } }, samApi({ DefaultAuthoriser: 'AWS_IAM' })),
      'its "Auth" has the member "DefaultAuthoriser"',
    ],
    [
      'an API’s Auth that is a list',
      serverless({ RestApiId: { Ref: 'Api' } }, samApi([])),
      'its "Auth" must be an object',
    ],
    [
      'a misspelt scope of an authorizer',
      serverless(
        { RestApiId: { Ref: 'Api' } },
        samApi({
          DefaultAuthorizer: 'A',
          Authorizers: { A: { UserPoolArn: 'x', AuthorizationScope: ['s'] } },
        }),
      ),
      'it has the member "AuthorizationScope"',
    ],
    [
      'a misspelt policy',
      role({ Policies: [{ PolicyName: 'Limits', PolicyDocumnet: {} }] }),
      'the policy "Limits" has no statement',
    ],
    [
      'a misspelt statement',
      role({ Policies: [{ PolicyName: 'Limits', PolicyDocument: { Statment: [] } }] }),
      'the policy "Limits" has no statement',
    ],
    [
      'a role without a trust policy',
      role({ AssumeRolePolicyDocument: undefined }),
      'the trust policy has no statement',
    ],
  ])('%s', (_, resources, problem) => {
    expect(problemsOf(resources).join('\n')).toContain(problem)
  })

  test('what these templates were made from is read', () => {
    for (const resources of [
      document({ '/a': { get: signed, parameters: [], 'x-own': 1 } }),
      method({ AuthorizationType: 'AWS_IAM', ApiKeyRequired: 'True' }),
      route({ AuthorizationType: 'AWS_IAM' }),
      serverless({ Auth: { Authorizer: 'AWS_IAM' } }),
      serverless({ RestApiId: { Ref: 'Api' } }, samApi({ DefaultAuthorizer: 'AWS_IAM' })),
    ]) {
      expect(problemsOf(resources)).toStrictEqual([])
    }
    const { definition } = readText(
      JSON.stringify({ Resources: method({ ApiKeyRequired: 'True' }) }),
    )
    expect(definition.apis?.['Api']?.routes).toMatchObject({ 'GET /': { apiKeyRequired: true } })
  })
})
