import { fileURLToPath } from 'node:url'
import { defineStack, type PolicyDocument, type StackDefinition } from '@iamfetch/local'
import { App, DefaultStackSynthesizer, Stack, Validations } from 'aws-cdk-lib'
import { Function } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks } from 'cdk-nag'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as handlers from '../../../examples/group-access/handlers.ts'
import { IamGuardedApi, StaticSite, type IamGuardedApiProps } from '../src/index.ts'
import { deployed, type Deployed, type Template } from './resolved.ts'

const folder = mkdtempSync(join(tmpdir(), 'infra-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = fileURLToPath(new URL('../../../examples/group-access/handlers.ts', import.meta.url))
type Options = Omit<IamGuardedApiProps, 'definition'>
const known: Options = { handlers: { file, exports: handlers } }
const policy = (Resource: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }],
})
const GET = 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/test'
const route = { auth: 'iam', handler: handlers.read } as const
const definition: StackDefinition = defineStack({
  groups: { Readers: { policy: policy(GET) } },
  apis: { test: { type: 'http', routes: { 'GET /test': route } } },
})

let count = 0
function build(
  one: StackDefinition,
  options = known,
  region = 'eu-central-1',
): [App, IamGuardedApi] {
  const context = { 'aws:cdk:bundling-stacks': [] }
  const app = new App({ outdir: join(folder, String(count++)), context, analyticsReporting: false })
  const stack = new Stack(app, 'One', { env: { region } })
  return [app, new IamGuardedApi(stack, 'Api', { definition: one, ...options })]
}
const templateOf = (one: StackDefinition, options = known): Deployed =>
  deployed({ One: build(one, options)[0].synth().getStackByName('One').template as Template })

test('APIs and routes have the names of the definition, and a misspelt one does not compile', () => {
  const names = defineStack({
    groups: { Readers: { policy: policy(GET) } },
    apis: { test: { type: 'http', routes: { 'GET /test': route } } },
  })
  const stack = new Stack(new App({ analyticsReporting: false }), 'One', {
    env: { region: 'eu-central-1' },
  })
  const handler = Function.fromFunctionName(stack, 'Own', 'own')
  const { apis } = new IamGuardedApi(stack, 'Api', {
    definition: names,
    handlers: [],
    functions: { test: { 'GET /test': handler } },
  })
  expect(apis.test.functions['GET /test']).toBe(handler)
  // @ts-expect-error -- the definition has no such route
  expect(apis.test.functions['GET /tests']).toBeUndefined()
  // @ts-expect-error -- the definition has no such API
  expect(apis.tests).toBeUndefined()
})

describe('a definition that cannot be built is refused', () => {
  const api = definition.apis!['test']!
  const cases: [string, StackDefinition, RegExp, Options?, string?][] = [
    [
      'wrong by itself',
      { ...definition, region: 'Frankfurt' },
      /"region" must be a region of AWS .*, got "Frankfurt"/,
    ],
    [
      'for another region',
      { ...definition, region: 'us-east-1' },
      /the definition is for us-east-1, so the stack One must have env/,
    ],
    [
      'a region of another partition',
      { ...definition, region: 'eusc-de-east-1' },
      /"region" must be a region of the partition aws; this one is of aws-eusc, got "eusc-de-east-1"/,
      known,
      'eusc-de-east-1',
    ],
    [
      'a WebSocket API',
      { ...definition, apis: { test: { type: 'websocket', routes: { $connect: route } } } },
      /"apis\.test\.type" must be "http" or "rest", got "websocket"/,
    ],
    [
      'a function URL',
      { ...definition, functionUrls: { chat: { authType: 'NONE', handler: () => 'x' } } },
      /"functionUrls\.chat" must not be set; add the URL to a function of your own with addFunctionUrl/,
    ],
    [
      'sessions of another length',
      { ...definition, identityPool: { sessionSeconds: 900 } },
      /credentials for an hour/,
    ],
    [
      'a handler that no file exports',
      {
        ...definition,
        apis: { test: { ...api, routes: { 'GET /test': { auth: 'none', handler: () => 1 } } } },
      },
      /a file that exports the handler of apis\.test\.routes\['GET \/test'\]/,
    ],
    [
      'a token route without anybody who has a token',
      { apis: { test: { type: 'http', routes: { 'GET /test': { ...route, auth: 'jwt' } } } } },
      /users or appClients that could get a token/,
    ],
    [
      'a role that is not there',
      definition,
      /"runsAs" must return a role of the definition .*, got "baker"/,
      { ...known, runsAs: () => 'baker' },
    ],
  ]
  test.each(cases)('%s', (_, one, message, options = known, region = 'eu-central-1') => {
    expect(() => build(one, options, region)).toThrow(TypeError)
    expect(() => build(one, options, region)).toThrow(message)
  })

  test('a page that was not built', () => {
    const stack = new Stack(new App(), 'Page')
    const config = {
      mode: 'aws',
      region: 'x',
      userPoolId: 'x',
      userPoolClientId: 'x',
      identityPoolId: 'x',
      apis: {},
    } as const
    expect(
      () => new StaticSite(stack, 'Site', { folder: join(folder, 'nothing'), config }),
    ).toThrow(/"folder" must have an index\.html \(build the page first\)/)
  })
})

function synth(one: StackDefinition): void {
  const [app] = build(one)
  Validations.of(app).addPlugins(new AwsSolutionsChecks())
  app.synth()
}

describe('cdk-nag', () => {
  test('fails the synth for a wildcard that leaves more open than the stage', () => {
    for (const open of [
      'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*',
      'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/*/test',
      'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/*',
      'arn:aws:execute-api:*:ACCOUNT_ID:API_ID/*/GET/test',
      '*',
    ]) {
      const groups = { Readers: { policy: policy(open) } }
      expect(() => synth({ ...definition, groups }), open).toThrow(/AwsSolutions-IAM5/)
    }
  })

  test('passes a page in an account that was bootstrapped with a qualifier or a bucket of its own', () => {
    const site = join(folder, 'site')
    mkdirSync(site, { recursive: true })
    writeFileSync(join(site, 'index.html'), '<!doctype html>')
    for (const synthesizer of [
      new DefaultStackSynthesizer({ qualifier: 'myq123' }),
      new DefaultStackSynthesizer({ fileAssetsBucketName: 'assets-of-${AWS::AccountId}' }),
    ]) {
      const app = new App({ outdir: join(folder, String(count++)), analyticsReporting: false })
      Validations.of(app).addPlugins(new AwsSolutionsChecks())
      const stack = new Stack(app, 'Page', { env: { region: 'eu-central-1' }, synthesizer })
      const config = { mode: 'aws', region: 'eu-central-1', userPoolId: 'x', apis: {} } as const
      new StaticSite(stack, 'Site', {
        folder: site,
        config: { ...config, userPoolClientId: 'x', identityPoolId: 'x' },
      })
      expect(() => app.synth()).not.toThrow()
    }
  })

  test('lets the same stack pass without it', () => {
    expect(() => synth(definition)).not.toThrow()
  })

  test('fails it for guests: who wants them acknowledges that', () => {
    const identityPool = { unauthenticatedRole: { policy: policy(GET) } }
    expect(() => synth({ ...definition, identityPool })).toThrow(/AwsSolutions-COG7/)
  })
})

describe('what a definition may say', () => {
  test('guests, a default role, names and another way to choose', () => {
    const on = templateOf({
      ...definition,
      groups: { Readers: { policy: policy(GET), roleName: 'TheReaders' } },
      identityPool: {
        roleMapping: 'none',
        authenticatedRole: { policy: policy(GET) },
        unauthenticatedRole: { policy: policy(GET) },
      },
    })
    const [attachment] = on.resources('One', 'AWS::Cognito::IdentityPoolRoleAttachment')
    expect(attachment!.properties['RoleMappings']).toBeUndefined()
    for (const arn of Object.values<string>(attachment!.properties['Roles'])) {
      expect(on.policiesOf('One', arn)).toHaveLength(1)
    }
    const roles = on.resources('One', 'AWS::IAM::Role')
    expect(roles.map(({ properties }) => properties['RoleName'])).toContain('TheReaders')
    const guests = roles.find(({ id }) => id.includes('UnauthenticatedRole'))!
    expect(JSON.stringify(guests.properties)).toContain('"unauthenticated"')
  })

  test('sign-in by redirect is the page client and a domain; without it neither knows OAuth', () => {
    const clientOf = (one: StackDefinition) => {
      const on = templateOf(one)
      const [client] = on.resources('One', 'AWS::Cognito::UserPoolClient')
      return [client!.properties, on.resources('One', 'AWS::Cognito::UserPoolDomain').length]
    }
    const hostedUi = {
      callbackUrls: ['https://app.example/'],
      logoutUrls: ['https://app.example/bye'],
      scopes: ['openid', 'premium/read'],
    }
    expect(clientOf({ ...definition, resourceServers: { premium: ['read'] }, hostedUi })).toEqual([
      expect.objectContaining({
        AllowedOAuthFlows: ['code'],
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthScopes: hostedUi.scopes,
        CallbackURLs: hostedUi.callbackUrls,
        LogoutURLs: hostedUi.logoutUrls,
        SupportedIdentityProviders: ['COGNITO'],
      }),
      1,
    ])
    const [without, domains] = clientOf(definition)
    expect(without).toMatchObject({ AllowedOAuthFlowsUserPoolClient: false })
    expect(domains).toBe(0)
  })

  test('a stage in the path, a default route, CORS in full', () => {
    const on = templateOf({
      ...definition,
      apis: {
        test: {
          type: 'http',
          stage: 'v1',
          cors: {
            allowOrigins: ['https://app.example'],
            allowCredentials: true,
            maxAgeSeconds: 60,
            exposeHeaders: ['etag'],
            allowHeaders: ['x-a'],
            allowMethods: ['GET'],
          },
          routes: { 'GET /test': route, $default: { auth: 'iam', handler: handlers.write } },
        },
      },
    })
    const [api] = on.resources('One', 'AWS::ApiGatewayV2::Api')
    expect(api!.properties['CorsConfiguration']).toEqual({
      AllowOrigins: ['https://app.example'],
      AllowCredentials: true,
      AllowHeaders: ['x-a'],
      AllowMethods: ['GET'],
      ExposeHeaders: ['etag'],
      MaxAge: 60,
    })
    const [stage] = on.resources('One', 'AWS::ApiGatewayV2::Stage')
    expect(stage!.properties['StageName']).toBe('v1')
    const keys = on
      .resources('One', 'AWS::ApiGatewayV2::Route')
      .map(({ properties }) => properties['RouteKey'])
    expect(keys).toEqual(['GET /test', '$default'])
  })
})
