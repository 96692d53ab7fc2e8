import {
  evaluate,
  fillPlaceholders,
  startLocalStack,
  type LocalStack,
  type StackDefinition,
} from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import access from '../../group-access/access.ts'
import {
  accountId,
  region,
  type Deployed,
  type Resource,
} from '../../../packages/cdk/test/resolved.ts'
import { configOf, synthesized, type Synthesized } from './synthesized.ts'

const STACK = 'GroupAccess'
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const PATHS = ['/test', '/test/', '/test/more', '/other', '/']
const USERS = Object.keys(access.users!)

let on: Deployed
let synthetic: Synthesized
let stack: LocalStack
const only = (type: string): Resource => {
  const all = on.resources(STACK, type)
  expect(all).toHaveLength(1)
  return all[0]!
}
const definedUsers: NonNullable<StackDefinition['users']> = access.users
const groupOf = (user: string): string => definedUsers[user]!.groups![0]!
const roleArnOf = (group: string): string => {
  const groups = on.resources(STACK, 'AWS::Cognito::UserPoolGroup')
  return groups.find(({ properties }) => properties['GroupName'] === group)!.properties['RoleArn']
}
const roleOf = (group: string): Resource =>
  on.resources(STACK, 'AWS::IAM::Role').find(({ arn }) => arn === roleArnOf(group))!

beforeAll(async () => {
  synthetic = synthesized()
  on = synthetic.deployed
  stack = await startLocalStack(access)
})
afterAll(() => stack?.stop())

/** The status that API Gateway should return for a signed call, according to the template. */
function predicted(user: string, method: string, path: string): number {
  const api = only('AWS::ApiGatewayV2::Api')
  const stage = only('AWS::ApiGatewayV2::Stage').properties['StageName']
  const route = on
    .resources(STACK, 'AWS::ApiGatewayV2::Route')
    .find(({ properties }) => properties['RouteKey'] === `${method} ${path}`)
  if (!route) return 404
  expect(route.properties['AuthorizationType']).toBe('AWS_IAM')
  const { effect } = evaluate(on.policiesOf(STACK, roleArnOf(groupOf(user))), {
    action: 'execute-api:Invoke',
    resource: `arn:aws:execute-api:${region}:${accountId}:${api.ref}/${stage}/${method}${path}`,
  })
  return effect === 'Allow' ? 200 : 403
}

/** What the local stack really answers to it. */
async function answered(user: string, method: string, path: string): Promise<number> {
  const response = await (
    await fetchOf(user)
  )(path, {
    method,
    ...(method !== 'GET' && { body: '{}' }),
  })
  return response.status
}

const fetches = new Map<string, Promise<typeof fetch>>()
const fetchOf = (user: string): Promise<typeof fetch> => {
  const made = fetches.get(user) ?? signedIn(user)
  fetches.set(user, made)
  return made
}

async function signedIn(user: string): Promise<typeof fetch> {
  const { endpoints, identityPoolId, apis } = stack.config
  const { idToken } = await signIn(stack, user)
  const credentials = cognitoCredentials({
    identityPoolId,
    idToken: async () => idToken,
    endpoint: endpoints.cognitoIdentity,
  })
  return createIamFetch({ baseUrl: apis['test']!.url, region, credentials })
}

describe('the template and the local stack, made of one definition', () => {
  test('respond alike to every user, method and path', async () => {
    const fromTemplate: Record<string, number> = {}
    const fromStack: Record<string, number> = {}
    for (const user of USERS) {
      for (const method of METHODS) {
        for (const path of PATHS) {
          const call = `${user} ${method} ${path}`
          fromTemplate[call] = predicted(user, method, path)
          fromStack[call] = await answered(user, method, path)
        }
      }
    }
    expect(fromTemplate).toEqual(fromStack)
    // And it is the answer that the example promises.
    expect(fromStack).toMatchObject({
      'alice GET /test': 200,
      'alice POST /test': 200,
      'bob GET /test': 200,
      'bob POST /test': 403,
    })
  })

  test('decide the same for other stages, APIs, accounts, regions and services', () => {
    const api = only('AWS::ApiGatewayV2::Api').ref
    const values = { region, accountId, apiIds: { test: api } }
    let allowed = 0
    for (const [group, { policy }] of Object.entries(access.groups!)) {
      const local = fillPlaceholders(policy, values, group)
      const deployedOnes = on.policiesOf(STACK, roleArnOf(group))
      for (const action of [
        'execute-api:Invoke',
        'execute-api:ManageConnections',
        's3:GetObject',
      ]) {
        for (const where of [region, 'us-east-1']) {
          for (const account of [accountId, '111111111111']) {
            for (const id of [api, 'another000']) {
              for (const place of [
                '$default/GET/test',
                'prod/POST/test',
                '$default/GET/test/x',
                '',
              ]) {
                const resource = `arn:aws:execute-api:${where}:${account}:${id}/${place}`
                const { effect } = evaluate(deployedOnes, { action, resource })
                expect([resource, effect]).toEqual([
                  resource,
                  evaluate(local, { action, resource }).effect,
                ])
                if (effect === 'Allow') allowed++
              }
            }
          }
        }
      }
    }
    expect(allowed).toBe(3)
  })

  test('have the same trust: this identity pool, and signed-in users alone', () => {
    const pool = only('AWS::Cognito::IdentityPool').ref
    const calls = [
      { aud: pool, amr: ['authenticated', 'cognito-idp'], effect: 'Allow' },
      { aud: 'eu-central-1:another', amr: ['authenticated'], effect: 'ImplicitDeny' },
      { aud: pool, amr: ['unauthenticated'], effect: 'ImplicitDeny' },
      { aud: pool, amr: undefined, effect: 'ImplicitDeny' },
      { aud: undefined, amr: ['authenticated'], effect: 'ImplicitDeny' },
    ]
    for (const group of Object.keys(access.groups!)) {
      const trust = roleOf(group).properties['AssumeRolePolicyDocument']
      for (const { aud, amr, effect } of calls) {
        const decision = evaluate(trust, {
          action: 'sts:AssumeRoleWithWebIdentity',
          principal: { type: 'Federated', name: 'cognito-identity.amazonaws.com' },
          context: {
            'cognito-identity.amazonaws.com:aud': aud,
            'cognito-identity.amazonaws.com:amr': amr,
          },
        })
        expect([group, aud, amr, decision.effect]).toEqual([group, aud, amr, effect])
      }
      const byService = evaluate(trust, {
        action: 'sts:AssumeRole',
        principal: { type: 'Service', name: 'lambda.amazonaws.com' },
      })
      expect(byService.effect).toBe('ImplicitDeny')
    }
  })

  test('a role is given by the token, and no role if the token does not decide', () => {
    const { RoleMappings, Roles } = only('AWS::Cognito::IdentityPoolRoleAttachment').properties
    const pool = only('AWS::Cognito::UserPool').ref
    const client = only('AWS::Cognito::UserPoolClient').ref
    expect(Object.values(RoleMappings)).toEqual([
      {
        IdentityProvider: `cognito-idp.${region}.amazonaws.com/${pool}:${client}`,
        Type: 'Token',
        AmbiguousRoleResolution: 'Deny',
      },
    ])
    // The default role may do nothing, and there is none for guests.
    expect(Object.keys(Roles)).toEqual(['authenticated'])
    expect(on.policiesOf(STACK, Roles.authenticated)).toEqual([])
    expect(only('AWS::Cognito::IdentityPool').properties).toMatchObject({
      AllowUnauthenticatedIdentities: false,
      AllowClassicFlow: false,
      CognitoIdentityProviders: [{ ClientId: client, ServerSideTokenCheck: true }],
    })
    const precedences = on
      .resources(STACK, 'AWS::Cognito::UserPoolGroup')
      .map(({ properties }) => [properties['GroupName'], properties['Precedence']])
    expect(Object.fromEntries(precedences)).toEqual({ FullAccess: 1, ReadOnlyAccess: 2 })
  })

  test('respond alike to preflights', async () => {
    const { CorsConfiguration } = only('AWS::ApiGatewayV2::Api').properties
    const response = await fetch(`${stack.config.apis['test']!.url}/test`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    const listed = (name: string): string[] =>
      (response.headers.get(`access-control-${name}`) ?? '').split(',')
    expect(CorsConfiguration.AllowMethods).toEqual(listed('allow-methods'))
    expect(CorsConfiguration.AllowHeaders).toEqual(listed('allow-headers'))
    expect(CorsConfiguration.AllowOrigins).toEqual(listed('allow-origin'))
  })
})

describe('the page', () => {
  test('the page finds its config in its own folder, in the form that the local stack serves', () => {
    const config = configOf(synthetic, STACK)
    const api = only('AWS::ApiGatewayV2::Api').ref
    expect(config).toEqual({
      mode: 'aws',
      region,
      userPoolId: only('AWS::Cognito::UserPool').ref,
      issuer: `https://cognito-idp.${region}.amazonaws.com/${only('AWS::Cognito::UserPool').ref}`,
      userPoolClientId: only('AWS::Cognito::UserPoolClient').ref,
      identityPoolId: only('AWS::Cognito::IdentityPool').ref,
      apis: { test: { url: `https://${api}.execute-api.${region}.amazonaws.com` } },
      functionUrls: {},
    })
    // Endpoints are those of the machine; a deployment has none.
    const { endpoints: _, ...shared } = stack.config
    expect(Object.keys(Object(config)).toSorted()).toEqual(Object.keys(shared).toSorted())
  })

  test('the page may call Cognito and its API, and runs only its own scripts', () => {
    const { ResponseHeadersPolicyConfig } = only(
      'AWS::CloudFront::ResponseHeadersPolicy',
    ).properties
    const { ContentSecurityPolicy } = ResponseHeadersPolicyConfig.SecurityHeadersConfig
    const directives = ContentSecurityPolicy.ContentSecurityPolicy.split('; ')
    const api = only('AWS::ApiGatewayV2::Api').ref
    expect(directives).toContain("default-src 'self'")
    expect(directives).toContain(
      `connect-src 'self' https://cognito-idp.${region}.amazonaws.com https://cognito-identity.${region}.amazonaws.com https://${api}.execute-api.${region}.amazonaws.com`,
    )
  })

  test('the page is in a private bucket that only one distribution reads', () => {
    expect(only('AWS::S3::Bucket').properties['PublicAccessBlockConfiguration']).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    })
    expect(only('AWS::CloudFront::OriginAccessControl').properties).toMatchObject({
      OriginAccessControlConfig: { SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    })
  })
})
