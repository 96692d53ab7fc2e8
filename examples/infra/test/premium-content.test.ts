import { evaluate, type LocalStack } from '@iamfetch/local'
import { createIamFetch, createTokenFetch, IamFetchError } from 'iamfetch'
import { machineToken, oauthTokenEndpoint } from '@iamfetch/machine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tenantNames, type Tenant } from '../../premium-content/access.ts'
import { startPremiumContent, type PremiumContent } from '../../premium-content/start.ts'
import {
  accountId,
  region,
  type Deployed,
  type Resource,
} from '../../../packages/cdk/test/resolved.ts'
import { consumerStack, synthesized, type Synthesized } from './synthesized.ts'

const PROVIDER = 'PremiumProvider'
const SCOPES = ['premium/read', 'premium/write']
const CONSUMER_CALLS = ['GET /unauthorized-read', 'GET /authorized-read', 'ANY /authorized-write']

let synthetic: Synthesized
let on: Deployed
let premium: PremiumContent
let stack: LocalStack
beforeAll(async () => {
  synthetic = synthesized()
  on = synthetic.deployed
  premium = await startPremiumContent()
  stack = premium.stack
})
afterAll(() => premium?.stop())

const clientOf = (tenant: Tenant): Resource =>
  on
    .resources(PROVIDER, 'AWS::Cognito::UserPoolClient')
    .find(({ properties }) => properties['ClientName'] === tenant)!

const mayHave = (tenant: Tenant, scope: string): boolean =>
  clientOf(tenant).properties['AllowedOAuthScopes'].includes(scope)

/** What the provider's API should return for a tenant's token with one scope, according to the template. */
function predicted(tenant: Tenant, scope: string, method: string): number | string {
  const { AllowedOAuthFlows } = clientOf(tenant).properties
  expect(AllowedOAuthFlows).toEqual(['client_credentials'])
  if (!mayHave(tenant, scope)) return 'no token'
  const [authorizer] = on.resources(PROVIDER, 'AWS::ApiGatewayV2::Authorizer')
  const { JwtConfiguration } = authorizer!.properties
  const [pool] = on.resources(PROVIDER, 'AWS::Cognito::UserPool')
  if (JwtConfiguration.Issuer !== `https://cognito-idp.${region}.amazonaws.com/${pool!.ref}`)
    return 401
  if (!JwtConfiguration.Audience.includes(clientOf(tenant).ref)) return 401
  const route = on
    .resources(PROVIDER, 'AWS::ApiGatewayV2::Route')
    .find(({ properties }) => properties['RouteKey'] === `${method} /premium`)
  if (!route) return 404
  expect(route.properties['AuthorizationType']).toBe('JWT')
  return route.properties['AuthorizationScopes'].includes(scope) ? 200 : 403
}

async function answered(tenant: Tenant, scope: string, method: string): Promise<number | string> {
  const { clientId, clientSecret } = stack.appClients[tenant]!
  const token = machineToken({
    source: oauthTokenEndpoint({ url: `${stack.config.endpoints.oauth}/oauth2/token`, clientId }),
    clientSecret,
    scopes: [scope],
  })
  const call = createTokenFetch({ baseUrl: stack.config.apis['provider']!.url, token })
  try {
    return (await call('/premium', { method })).status
  } catch (error) {
    if (error instanceof IamFetchError && error.code === 'INVALID_SCOPE') return 'no token'
    throw error
  }
}

describe('the template and the local stack, made of one definition', () => {
  test('issue every tenant the same tokens, with the same responses to the tokens', async () => {
    const fromTemplate: Record<string, number | string> = {}
    const fromStack: Record<string, number | string> = {}
    for (const tenant of tenantNames) {
      for (const scope of SCOPES) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          const call = `${tenant} ${scope} ${method}`
          fromTemplate[call] = predicted(tenant, scope, method)
          fromStack[call] = await answered(tenant, scope, method)
        }
      }
    }
    expect(fromTemplate).toEqual(fromStack)
    expect(new Set(Object.values(fromStack))).toEqual(new Set([200, 403, 404, 'no token']))
  })

  test('let each tenant read its own secret and no other', async () => {
    expect(on.resources(PROVIDER, 'AWS::SecretsManager::Secret')).toHaveLength(tenantNames.length)
    const fromTemplate: Record<string, boolean> = {}
    const fromStack: Record<string, boolean> = {}
    for (const tenant of tenantNames) {
      for (const secret of tenantNames) {
        fromTemplate[`${tenant} reads ${secret}`] = mayRead(tenant, 'GET /authorized-read', secret)
        const signed = createIamFetch({
          baseUrl: stack.config.endpoints.secretsManager,
          service: 'secretsmanager',
          region,
          credentials: stack.roles[tenant]!,
        })
        const { ok } = await signed('/', {
          method: 'POST',
          headers: {
            'content-type': 'application/x-amz-json-1.1',
            'x-amz-target': 'secretsmanager.GetSecretValue',
          },
          body: JSON.stringify({ SecretId: secret }),
        })
        fromStack[`${tenant} reads ${secret}`] = ok
      }
    }
    expect(fromTemplate).toEqual(fromStack)
    expect(Object.values(fromStack).filter(Boolean)).toHaveLength(tenantNames.length)
  })

  test('respond alike from every consumer', async () => {
    const fromTemplate: Record<string, number> = {}
    const fromStack: Record<string, number> = {}
    for (const tenant of tenantNames) {
      for (const call of CONSUMER_CALLS) {
        const key = `${tenant} ${call}`
        const scope = call.includes('read') ? SCOPES[0]! : SCOPES[1]!
        const open = mayRead(tenant, call, tenant) && mayHave(tenant, scope)
        const withToken = open ? 200 : 502
        fromTemplate[key] = call.includes('unauthorized') ? 401 : withToken
        const [, path] = call.split(' ')
        fromStack[key] = (await fetch(`${premium.urlOf(tenant)}${path}`)).status
        expect(routeOf(tenant, call).properties['AuthorizationType'] ?? 'NONE').toBe('NONE')
      }
    }
    expect(fromTemplate).toEqual(fromStack)
  })
})

const routeOf = (tenant: Tenant, call: string): Resource =>
  on
    .resources(consumerStack(tenant), 'AWS::ApiGatewayV2::Route')
    .find(({ properties }) => properties['RouteKey'] === call)!

/** The function behind a route of a tenant's consumer: by its name in the integration. */
function functionOf(tenant: Tenant, call: string): Resource {
  const name = consumerStack(tenant)
  const target = String(routeOf(tenant, call).properties['Target'])
  const integration = on
    .resources(name, 'AWS::ApiGatewayV2::Integration')
    .find(({ ref }) => target.endsWith(`/${ref}`))!
  const uri = integration.properties['IntegrationUri']
  return on.resources(name, 'AWS::Lambda::Function').find(({ arn }) => arn === uri)!
}

/** The secret of a tenant. */
const secretOf = (tenant: string): Resource =>
  on
    .resources(PROVIDER, 'AWS::SecretsManager::Secret')
    .find(({ properties }) => properties['Description'].includes(`App client ${tenant}:`))!

/** Whether the role of that function may read a tenant's secret. */
function mayRead(tenant: Tenant, call: string, secret: string): boolean {
  const { Role } = functionOf(tenant, call).properties
  const { effect } = evaluate(on.policiesOf(consumerStack(tenant), Role), {
    action: 'secretsmanager:GetSecretValue',
    resource: secretOf(secret).ref,
  })
  return effect === 'Allow'
}

test('the call without a token runs with a role that may read no secret', () => {
  for (const tenant of tenantNames) {
    expect(mayRead(tenant, 'GET /unauthorized-read', tenant)).toBe(false)
    expect(mayRead(tenant, 'ANY /authorized-write', tenant)).toBe(true)
  }
})

test('a consumer finds the provider, the token endpoint and its own client in its environment', () => {
  const [provider] = on.resources(PROVIDER, 'AWS::ApiGatewayV2::Api')
  const [domain] = on.resources(PROVIDER, 'AWS::Cognito::UserPoolDomain')
  for (const tenant of tenantNames) {
    for (const call of CONSUMER_CALLS) {
      const { Variables } = functionOf(tenant, call).properties['Environment']
      expect(Variables).toEqual({
        PROVIDER_URL: `https://${provider!.ref}.execute-api.${region}.amazonaws.com`,
        TOKEN_URL: `https://${domain!.ref}.auth.${region}.amazoncognito.com/oauth2/token`,
        CLIENT_ID: clientOf(tenant).ref,
        SECRET_ID: secretOf(tenant).ref,
      })
    }
  }
})

test('no template has a value of a secret, and none refers to one', () => {
  for (const tenant of tenantNames) {
    const { properties, ref } = secretOf(tenant)
    expect(Object.keys(properties)).toEqual(['Description'])
    const [written] = on
      .resources(PROVIDER, 'Custom::AppClientSecret')
      .filter((one) => one.properties['SecretId'] === ref)
    // What an update of the stack could write is the ID of the client.
    expect(written!.properties).toEqual({
      ServiceToken: expect.stringContaining(':function:'),
      ServiceTimeout: '300',
      SecretId: ref,
      ClientId: clientOf(tenant).ref,
    })
  }
  expect(JSON.stringify(synthetic.templates).includes('"ClientSecret"')).toBe(false)
})

test('secrets are rotated by a function of this account, which no deployment calls', () => {
  const schedules = on.resources(PROVIDER, 'AWS::SecretsManager::RotationSchedule')
  expect(schedules.map(({ properties }) => properties['SecretId'])).toEqual(
    tenantNames.map((tenant) => secretOf(tenant).ref),
  )
  for (const { properties } of schedules) {
    expect(properties).toMatchObject({
      RotateImmediatelyOnUpdate: false,
      RotationRules: { AutomaticallyAfterDays: 90 },
    })
  }
  const [rotate] = on
    .resources(PROVIDER, 'AWS::Lambda::Function')
    .filter(({ properties }) => properties['Handler'] === 'index.rotate')
  const permissions = on
    .resources(PROVIDER, 'AWS::Lambda::Permission')
    .map(({ properties }) => properties)
    .filter(({ FunctionName }) => FunctionName === rotate!.arn)
  expect(permissions).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: rotate!.arn,
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: accountId,
    },
  ])
})

test('the functions for secrets may touch these secrets and this user pool alone', () => {
  const [pool] = on.resources(PROVIDER, 'AWS::Cognito::UserPool')
  const secrets = tenantNames.map((tenant) => secretOf(tenant).ref)
  const mayDo = (handler: string, resource: string, actions: readonly string[]): string[] => {
    const { properties } = on
      .resources(PROVIDER, 'AWS::Lambda::Function')
      .find((one) => one.properties['Handler'] === `index.${handler}`)!
    const policies = on.policiesOf(PROVIDER, properties['Role'])
    return actions.filter((action) => evaluate(policies, { action, resource }).effect === 'Allow')
  }
  const onSecrets = [
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'secretsmanager:DescribeSecret',
    'secretsmanager:UpdateSecretVersionStage',
    'secretsmanager:DeleteSecret',
  ]
  const onClients = [
    'cognito-idp:DescribeUserPoolClient',
    'cognito-idp:ListUserPoolClientSecrets',
    'cognito-idp:AddUserPoolClientSecret',
    'cognito-idp:DeleteUserPoolClientSecret',
    'cognito-idp:UpdateUserPoolClient',
    'cognito-idp:DeleteUserPoolClient',
  ]
  for (const secret of secrets) {
    expect(mayDo('initialize', secret, onSecrets)).toEqual(onSecrets.slice(0, 2))
    expect(mayDo('rotate', secret, onSecrets)).toEqual(onSecrets.slice(0, 4))
  }
  expect(mayDo('initialize', pool!.arn, onClients)).toEqual(onClients.slice(0, 2))
  expect(mayDo('rotate', pool!.arn, onClients)).toEqual(onClients.slice(1, 4))
  const others = [secrets[0]!.replace('Secret', 'Another'), `${pool!.arn}0`]
  for (const other of others) {
    for (const handler of ['initialize', 'rotate']) {
      expect(mayDo(handler, other, [...onSecrets, ...onClients])).toEqual([])
    }
  }
})
