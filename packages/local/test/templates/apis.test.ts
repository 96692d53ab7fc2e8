import { describe, expect, onTestFinished, test } from 'vitest'
import { startLocalStack, type LocalStack, type TemplateOptions } from '../../src/index.ts'
import { signedInUser } from '../../src/signed-in-user.ts'
import { FUNCTION, POOLS, readText, role } from '../support/template-file.ts'

/** Runs a template until the test ends. */
async function run(text: string, options: TemplateOptions = {}): Promise<LocalStack> {
  const stack: LocalStack = await startLocalStack(readText(text, options).definition)
  onTestFinished(() => stack.stop())
  return stack
}

const INVOKE =
  "!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Answer.Arn}/invocations'"

const REST = `Resources:${POOLS}${FUNCTION}
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: notes } }
  Notes:
    Type: AWS::ApiGateway::Resource
    Properties: { RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: notes }
  Note:
    Type: AWS::ApiGateway::Resource
    Properties: { RestApiId: !Ref Api, ParentId: !Ref Notes, PathPart: '{id}' }
  Tokens:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Api
      Type: COGNITO_USER_POOLS
      IdentitySource: method.request.header.Authorization
      ProviderARNs: [!GetAtt Users.Arn]
  Own:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Api
      Type: TOKEN
      IdentitySource: method.request.header.Authorization
      AuthorizerUri: ${INVOKE.replace('Answer', 'Guard')}
  Guard:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: |
          exports.handler = async ({ authorizationToken, methodArn }) => {
            if (authorizationToken !== 'open sesame') throw new Error('Unauthorized')
            const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: methodArn }]
            return { principalId: 'ali', policyDocument: { Version: '2012-10-17', Statement } }
          }
  ReadByToken:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Notes
      HttpMethod: GET
      AuthorizationType: COGNITO_USER_POOLS
      AuthorizerId: !Ref Tokens
      Integration: { Type: AWS_PROXY, Uri: ${INVOKE} }
  ReadByFunction:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Note
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Own
      Integration: { Type: AWS_PROXY, Uri: ${INVOKE} }
  Preflight:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Notes
      HttpMethod: OPTIONS
      AuthorizationType: NONE
      Integration:
        Type: MOCK
        IntegrationResponses:
          - StatusCode: 204
            ResponseParameters:
              method.response.header.Access-Control-Allow-Origin: "'https://notes.example.com'"
              method.response.header.Access-Control-Allow-Headers: "'Authorization'"
              method.response.header.Access-Control-Allow-Methods: "'GET,OPTIONS'"
  Deployment: { Type: AWS::ApiGateway::Deployment, Properties: { RestApiId: !Ref Api } }
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: { RestApiId: !Ref Api, DeploymentId: !Ref Deployment, StageName: live }
`

describe('a REST API of a template', () => {
  test('is called by user pool tokens and by what its authorizer function lets in', async () => {
    const stack = await run(REST, { users: { alice: {} } })
    const url = stack.config.apis['Api']?.url ?? ''
    expect(url).toMatch(/\/live$/)
    const { idToken } = await stack.signIn('alice')
    const get = async (path: string, authorization?: string): Promise<number> =>
      (await fetch(`${url}${path}`, { headers: authorization ? { authorization } : {} })).status
    expect(await get('/notes', idToken)).toBe(200)
    expect(await get('/notes')).toBe(401)
    expect(await get('/notes/1', 'open sesame')).toBe(200)
    expect(await get('/notes/1', 'close')).toBe(401)
    expect(await get('/elsewhere')).toBe(403)
  })

  test('has the CORS of its mock preflight', () => {
    const { definition } = readText(REST)
    expect(definition.apis?.['Api']).toMatchObject({
      cors: {
        allowOrigins: ['https://notes.example.com'],
        allowHeaders: ['Authorization'],
        allowMethods: ['GET', 'OPTIONS'],
        onErrors: false,
      },
    })
  })
})

const HTTP = `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: nodejs22.x, Environment: { Variables: { A: globals, B: globals } } }
Resources:${POOLS}
  Machine:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref Users
      ClientName: machine
      GenerateSecret: true
      AllowedOAuthFlows: [client_credentials]
      AllowedOAuthScopes: [notes/read]
  Other:
    Type: AWS::Cognito::UserPoolClient
    Properties:
      UserPoolId: !Ref Users
      ClientName: other
      GenerateSecret: true
      AllowedOAuthFlows: [client_credentials]
      AllowedOAuthScopes: [notes/read]
  Server:
    Type: AWS::Cognito::UserPoolResourceServer
    Properties: { UserPoolId: !Ref Users, Identifier: notes, Scopes: [{ ScopeName: read }] }
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            IdentitySource: $request.header.Authorization
            AuthorizationScopes: [notes/read]
            JwtConfiguration: { issuer: !GetAtt Users.ProviderURL, audience: [!Ref Machine] }
  Notes:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: |
        exports.handler = async () => ({ A: process.env.A, B: process.env.B, pool: process.env.POOL })
      Environment: { Variables: { B: own, POOL: !Ref Users } }
      Events:
        Read: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /notes } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /open, Auth: { Authorizer: NONE } } }
`

describe('an HTTP API of a SAM template', () => {
  test('takes the tokens of its audience alone, and functions have the variables of Globals', async () => {
    const stack = await run(HTTP)
    const url = stack.config.apis['Api']?.url
    const call = async (client: string): Promise<number> => {
      const { clientId, clientSecret } = stack.appClients[client]!
      const response = await fetch(`${stack.config.endpoints.oauth}/oauth2/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      const { access_token: token } = (await response.json()) as { access_token: string }
      return (await fetch(`${url}/notes`, { headers: { authorization: token } })).status
    }
    expect(await call('machine')).toBe(200)
    expect(await call('other')).toBe(401)
    expect(await (await fetch(`${url}/open`)).json()).toStrictEqual({
      A: 'globals',
      B: 'own',
      pool: stack.config.userPoolId,
    })
  })
})

const RULES = `Resources:${POOLS}${FUNCTION}${role('Admin', 'arn:aws:execute-api:*:*:*/*')}${role('Guest', 'arn:aws:execute-api:*:*:*/*/GET/nowhere')}
  Roles:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties:
      IdentityPoolId: !Ref Pool
      Roles: { authenticated: !GetAtt Guest.Arn }
      RoleMappings:
        users:
          IdentityProvider: !Sub '\${Users.ProviderName}:\${Page}'
          Type: Rules
          AmbiguousRoleResolution: AuthenticatedRole
          RulesConfiguration:
            Rules: [{ Claim: email, MatchType: Contains, Value: '@example.com', RoleARN: !GetAtt Admin.Arn }]
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      ProtocolType: HTTP
      Body:
        openapi: 3.0.1
        components:
          securitySchemes:
            signed: { type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4 }
        paths:
          /notes:
            x-amazon-apigateway-any-method:
              security: [{ signed: [] }]
              x-amazon-apigateway-integration: { type: AWS_PROXY, payloadFormatVersion: '2.0', uri: ${INVOKE} }
`

describe('an identity pool of a template', () => {
  test('chooses the role by its rules, for an API whose routes are an OpenAPI document', async () => {
    const users = { alice: { email: 'alice@example.com' }, bob: { email: 'bob@example.org' } }
    const stack = await run(RULES, { users })
    const status = async (username: string): Promise<number> => {
      const { fetch: signed } = await signedInUser(stack, username)
      return (await signed('/notes', { method: 'PUT' })).status
    }
    expect(await status('alice')).toBe(200)
    expect(await status('bob')).toBe(403)
    expect((await fetch(`${stack.config.apis['Api']?.url}/notes`)).status).toBe(403)
  })
})
