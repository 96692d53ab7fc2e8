import { fileURLToPath } from 'node:url'
import type { PolicyDocument, StackDefinition } from '@iamfetch/local'
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
  const env = { region: 'eu-central-1', account: '111122223333' }
  const stack = new Stack(app, 'One', { env })
  new IamGuardedApi(stack, 'Api', { definition, handlers: { file, exports: handlers } })
  return deployed({ One: app.synth().getStackByName('One').template as Template })
}

const policy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test',
  },
}
const route = { auth: 'iam', handler: handlers.read } as const
const definition: StackDefinition = {
  groups: { Readers: { policy } },
  signInClients: { web: { callbackUrls: ['https://app.example/cb'] }, cli: {} },
  apis: { test: { type: 'rest', routes: { 'GET /test': route } } },
}

describe('a deployment decides as the local stack does', () => {
  test('the roles of users do not depend on the app client that they sign in with', () => {
    const on = templateOf(definition)
    const [pool] = on.resources('One', 'AWS::Cognito::IdentityPool')
    const [attachment] = on.resources('One', 'AWS::Cognito::IdentityPoolRoleAttachment')
    const clients: { ProviderName: string; ClientId: string }[] =
      pool!.properties['CognitoIdentityProviders']
    const mappings = Object.values<{ IdentityProvider: string; Type: string }>(
      attachment!.properties['RoleMappings'],
    )
    expect(mappings.map(({ IdentityProvider }) => IdentityProvider)).toEqual(
      clients.map(({ ProviderName, ClientId }) => `${ProviderName}:${ClientId}`),
    )
    expect(mappings.map(({ Type }) => Type)).toEqual(['Token', 'Token', 'Token'])
  })

  test('a group may have any name that Cognito takes, also one like that of a role of the identity pool', () => {
    const names = ['Authenticated', 'Unauthenticated', 'Rule1', 'Authenticated-Role', 'Pool', 'a/b']
    const on = templateOf({
      ...definition,
      groups: Object.fromEntries(
        names.map((name, i) => [
          name,
          { policy, ...(name === 'a/b' && { roleName: 'AB' }), precedence: i },
        ]),
      ),
      groupsWithoutRole: ['a--b', 'a%2Fb', 'Rule2'],
      identityPool: {
        roleMapping: 'rules',
        rules: [{ claim: 'custom:team', match: 'Equals', value: 'x', role: { policy } }],
        authenticatedRole: { policy },
        unauthenticatedRole: { policy },
      },
    })
    const groups = on.resources('One', 'AWS::Cognito::UserPoolGroup')
    expect(groups.map(({ properties }) => properties['GroupName'])).toEqual([
      ...names,
      'a--b',
      'a%2Fb',
      'Rule2',
    ])
    expect(new Set(groups.flatMap(({ properties }) => properties['RoleArn'] ?? [])).size).toBe(
      names.length,
    )
  })

  test('rules choose the role, each with its own', () => {
    const on = templateOf({
      ...definition,
      groupsWithoutRole: ['Beta'],
      identityPool: {
        roleMapping: 'rules',
        rules: [
          { claim: 'custom:department', match: 'Equals', value: 'sales', role: { policy } },
          { claim: 'email', match: 'StartsWith', value: 'root@', role: { policy } },
        ],
      },
    })
    const [attachment] = on.resources('One', 'AWS::Cognito::IdentityPoolRoleAttachment')
    const [mapping] = Object.values<Record<string, never>>(attachment!.properties['RoleMappings'])
    expect(mapping).toMatchObject({
      Type: 'Rules',
      AmbiguousRoleResolution: 'Deny',
      RulesConfiguration: {
        Rules: [
          { Claim: 'custom:department', MatchType: 'Equals', Value: 'sales' },
          { Claim: 'email', MatchType: 'StartsWith', Value: 'root@' },
        ],
      },
    })
    const rules: { RoleARN: string }[] = mapping!['RulesConfiguration']!['Rules']
    for (const { RoleARN } of rules) expect(on.policiesOf('One', RoleARN)).toHaveLength(1)
    const groups = on.resources('One', 'AWS::Cognito::UserPoolGroup')
    expect(
      groups.map(({ properties }) => [properties['GroupName'], 'RoleArn' in properties]),
    ).toEqual([
      ['Readers', true],
      ['Beta', false],
    ])
  })

  test('the words in capitals of a resource policy are filled in', () => {
    const resourcePolicy: PolicyDocument = {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Deny',
        Principal: { AWS: 'arn:aws:iam::ACCOUNT_ID:role/Guest' },
        Action: 'execute-api:Invoke',
        Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test',
        Condition: { StringNotEquals: { 'aws:PrincipalAccount': 'ACCOUNT_ID' } },
      },
    }
    const on = templateOf({
      ...definition,
      apis: { test: { type: 'rest', resourcePolicy, routes: { 'GET /test': route } } },
    })
    const [api] = on.resources('One', 'AWS::ApiGateway::RestApi')
    const text = JSON.stringify(api!.properties['Policy'])
    expect(text).toContain('111122223333:role/Guest')
    expect(text).toContain('"aws:PrincipalAccount":"111122223333"')
    expect(text).not.toMatch(/ACCOUNT_ID|REGION|API_ID/)
  })

  test('an OPTIONS method of the definition is its preflight', () => {
    const on = templateOf({
      ...definition,
      apis: {
        test: {
          type: 'rest',
          cors: { allowOrigins: ['https://app.example'] },
          routes: { 'GET /test': route, 'OPTIONS /test': { ...route, auth: 'none' } },
        },
      },
    })
    const methods = on.resources('One', 'AWS::ApiGateway::Method')
    const verbs = methods.map(({ properties }) => String(properties['HttpMethod']))
    expect(verbs.filter((verb) => verb === 'OPTIONS')).toHaveLength(1)
    expect(verbs).toHaveLength(2)
  })

  test.each<[string, Partial<StackDefinition>]>([
    [
      "apis.test.routes['GET /test'].audience",
      {
        apis: {
          test: {
            type: 'http',
            routes: { 'GET /test': { auth: 'jwt', audience: ['one'], handler: handlers.read } },
          },
        },
      },
    ],
    ['identityPool.clientIds', { identityPool: { clientIds: ['one'] } }],
    ['identityPool.sessionSeconds', { identityPool: { sessionSeconds: 900 } }],
  ])('what it could not keep is an error: %s', (path, more) => {
    expect(() => templateOf({ ...definition, ...more })).toThrow(`"${path}" must not be set`)
  })
})
