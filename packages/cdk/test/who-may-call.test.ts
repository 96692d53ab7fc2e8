import { fileURLToPath } from 'node:url'
import { defineStack, type PolicyDocument, type StackDefinition } from '@iamfetch/local'
import { App, Stack } from 'aws-cdk-lib'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as handlers from '../../../examples/group-access/handlers.ts'
import { IamGuardedApi } from '../src/index.ts'
import { deployed, type Deployed, type Template } from './resolved.ts'

const folder = mkdtempSync(join(tmpdir(), 'infra-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = fileURLToPath(new URL('../../../examples/group-access/handlers.ts', import.meta.url))
let count = 0

function templateOf(definition: StackDefinition): Deployed {
  const context = { 'aws:cdk:bundling-stacks': [] }
  const app = new App({ outdir: join(folder, String(count++)), context, analyticsReporting: false })
  const stack = new Stack(app, 'One', { env: { region: 'eu-central-1' } })
  new IamGuardedApi(stack, 'Api', { definition, handlers: { file, exports: handlers } })
  return deployed({ One: app.synth().getStackByName('One').template as Template })
}
const propertiesOf = (
  on: Deployed,
  type: string,
): ReturnType<Deployed['resources']>[number]['properties'][] =>
  on.resources('One', type).map(({ properties }) => properties)

const policy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test',
  },
}
const handler = handlers.read

describe('a REST API of a definition', () => {
  const definition = defineStack({
    groups: { Readers: { policy } },
    identityPool: { principalTags: { tenant: 'custom:tenant' } },
    userPool: {
      signInAliases: ['email'],
      selfSignUp: true,
      refreshTokenRotation: { graceSeconds: 10 },
    },
    signInClients: { web: { callbackUrls: ['https://app.example/cb'] } },
    usagePlans: {
      free: {
        apis: ['test'],
        quota: { limit: 10, period: 'DAY' },
        throttle: { rateLimit: 1, burstLimit: 2 },
      },
    },
    apiKeys: { partner: { usagePlan: 'free' } },
    apis: {
      test: {
        type: 'rest',
        apiKeySource: 'header',
        binaryMediaTypes: ['image/*'],
        resourcePolicy: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: '*',
            Action: 'execute-api:Invoke',
            Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/prod/GET/*',
          },
        },
        authorizers: {
          token: { handler, tokenPattern: 'Bearer .+', resultTtlSeconds: 60 },
          request: {
            type: 'request',
            handler,
            identitySources: [
              'method.request.header.x-a',
              'method.request.querystring.b',
              'context.path',
            ],
          },
        },
        routes: {
          'GET /token': { auth: 'lambda', authorizer: 'token', handler },
          'GET /request': { auth: 'lambda', authorizer: 'request', handler },
          'GET /test': { auth: 'iam', apiKeyRequired: true, handler },
        },
      },
    },
  })
  const on = templateOf(definition)

  test('has the resource policy in the short form, the media types and the source of keys', () => {
    const [api] = propertiesOf(on, 'AWS::ApiGateway::RestApi')
    expect(api).toMatchObject({ BinaryMediaTypes: ['image/*'], ApiKeySourceType: 'HEADER' })
    expect(api!['Policy'].Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 'execute-api:Invoke',
        Resource: 'execute-api:/prod/GET/*',
      },
    ])
  })

  test('has its authorizers, with the identity sources and the time of the cache', () => {
    expect(propertiesOf(on, 'AWS::ApiGateway::Authorizer')).toEqual([
      expect.objectContaining({
        Type: 'TOKEN',
        IdentitySource: 'method.request.header.Authorization',
        IdentityValidationExpression: 'Bearer .+',
        AuthorizerResultTtlInSeconds: 60,
      }),
      expect.objectContaining({
        Type: 'REQUEST',
        IdentitySource: 'method.request.header.x-a,method.request.querystring.b,context.path',
        AuthorizerResultTtlInSeconds: 300,
      }),
    ])
    const methods = propertiesOf(on, 'AWS::ApiGateway::Method')
    expect(
      methods.map((one) => [one['AuthorizationType'], one['ApiKeyRequired'] ?? false]),
    ).toEqual([
      ['CUSTOM', false],
      ['CUSTOM', false],
      ['AWS_IAM', true],
    ])
  })

  test('has its usage plans and keys, whose values AWS draws', () => {
    const [plan] = propertiesOf(on, 'AWS::ApiGateway::UsagePlan')
    expect(plan).toMatchObject({
      Quota: { Limit: 10, Period: 'DAY' },
      Throttle: { RateLimit: 1, BurstLimit: 2 },
      ApiStages: [{ Throttle: {} }],
    })
    const [key] = propertiesOf(on, 'AWS::ApiGateway::ApiKey')
    expect(key).not.toHaveProperty('Value')
    expect(propertiesOf(on, 'AWS::ApiGateway::UsagePlanKey')).toHaveLength(1)
    const value = 'a-key-of-thirty-characters-xxx'
    const own = { ...definition, apiKeys: { partner: { usagePlan: 'free', value } } }
    expect(() => templateOf(own)).toThrow('"apiKeys.partner.value" must not be set')
  })

  test('sets principal tags, which its roles allow', () => {
    expect(propertiesOf(on, 'AWS::Cognito::IdentityPoolPrincipalTag')).toEqual([
      expect.objectContaining({ PrincipalTags: { tenant: 'custom:tenant' }, UseDefaults: false }),
    ])
    const roles = JSON.stringify(propertiesOf(on, 'AWS::IAM::Role'))
    expect(roles).toContain('"sts:TagSession"')
  })

  test('has the custom attributes of the definition, and users cannot write those that decide about access', () => {
    const deciding = templateOf({
      ...definition,
      users: { alice: { attributes: { 'custom:color': 'red', 'custom:tenant': 'a', name: 'A' } } },
      identityPool: {
        roleMapping: 'rules',
        rules: [{ claim: 'website', match: 'Equals', value: 'x', role: { policy } }],
        principalTags: { tenant: 'custom:tenant' },
      },
    })
    const [pool] = propertiesOf(deciding, 'AWS::Cognito::UserPool')
    const schema: { Name: string; Mutable: boolean }[] = pool!['Schema']
    expect(schema.map(({ Name, Mutable }) => [Name, Mutable])).toEqual([
      ['color', true],
      ['tenant', true],
    ])
    const clients = propertiesOf(deciding, 'AWS::Cognito::UserPoolClient')
    expect(clients).toHaveLength(2)
    for (const { WriteAttributes } of clients) {
      expect(WriteAttributes).toEqual(expect.arrayContaining(['custom:color', 'email', 'name']))
      for (const name of ['custom:tenant', 'website', 'email_verified']) {
        expect(WriteAttributes).not.toContain(name)
      }
    }
    const plain = templateOf({ ...definition, identityPool: {} })
    expect(propertiesOf(plain, 'AWS::Cognito::UserPool')[0]).not.toHaveProperty('Schema')
    expect(propertiesOf(plain, 'AWS::Cognito::UserPoolClient')[0]).not.toHaveProperty(
      'WriteAttributes',
    )
  })

  test('has the settings of the user pool and the app clients for sign-in', () => {
    expect(propertiesOf(on, 'AWS::Cognito::UserPool')).toEqual([
      expect.objectContaining({
        AliasAttributes: ['email'],
        AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      }),
    ])
    const clients = propertiesOf(on, 'AWS::Cognito::UserPoolClient')
    expect(clients.map((one) => [one['GenerateSecret'], one['RefreshTokenRotation']])).toEqual([
      [false, { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 }],
      [true, undefined],
    ])
    const [pool] = propertiesOf(on, 'AWS::Cognito::IdentityPool')
    expect(pool!['CognitoIdentityProviders']).toHaveLength(2)
  })

  test('refuses a trigger of the user pool', () => {
    const userPool = { preTokenGeneration: handler }
    expect(() => templateOf({ ...definition, userPool })).toThrow(
      '"userPool.preTokenGeneration" must not be set; add the trigger to a user pool of your own',
    )
  })
})

describe('an authorizer of an HTTP API', () => {
  const definition = (payloadVersion: '1.0' | '2.0'): StackDefinition => ({
    apis: {
      test: {
        type: 'http',
        authorizers: {
          one: {
            handler,
            payloadVersion,
            ...(payloadVersion === '2.0' && { simpleResponses: true }),
            identitySources: ['$request.header.Authorization'],
            resultTtlSeconds: 5,
          },
        },
        routes: { 'GET /test': { auth: 'lambda', handler } },
      },
    },
  })

  test('has simple responses, its sources and its cache', () => {
    const on = templateOf(definition('2.0'))
    expect(propertiesOf(on, 'AWS::ApiGatewayV2::Authorizer')).toEqual([
      expect.objectContaining({
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        IdentitySource: ['$request.header.Authorization'],
        AuthorizerResultTtlInSeconds: 5,
      }),
    ])
    const [route] = propertiesOf(on, 'AWS::ApiGatewayV2::Route')
    expect(route!['AuthorizationType']).toBe('CUSTOM')
  })

  test('an authorizer of an HTTP API of payload format 1.0 is refused', () => {
    expect(() => templateOf(definition('1.0'))).toThrow(
      '"apis.test.authorizers.one.payloadVersion" must be "2.0" for a deployment, got "1.0"',
    )
  })
})
