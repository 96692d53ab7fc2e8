import { fileURLToPath } from 'node:url'
import { defineStack, evaluate, startLocalStack, type StackDefinition } from '@iamfetch/local'
import { App, Duration, Stack, Validations } from 'aws-cdk-lib'
import { UserPool, UserPoolClient } from 'aws-cdk-lib/aws-cognito'
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks } from 'cdk-nag'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import * as handlers from '../../../examples/group-access/handlers.ts'
import { IamGuardedApi, KeySweep, KeyTable, MachineClients } from '../src/index.ts'
import { accountId, deployed, region, type Deployed, type Template } from './resolved.ts'

const folder = mkdtempSync(join(tmpdir(), 'cdk-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = fileURLToPath(new URL('../../../examples/group-access/handlers.ts', import.meta.url))
const known = { handlers: { file, exports: handlers } }
const mayCall = (...routes: string[]) => ({
  policy: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'execute-api:Invoke',
        Resource: routes.map((route) => `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${route}`),
      },
    ],
  } as const,
})

/** A REST or an HTTP API that editors may write to, and readers may not. */
const notes = (type: 'http' | 'rest'): StackDefinition =>
  defineStack({
    region,
    groups: {
      Editors: { precedence: 1, ...mayCall('GET/notes', 'POST/notes', 'GET/notes/*') },
      Readers: { precedence: 2, ...mayCall('GET/notes') },
    },
    users: { alice: { groups: ['Editors'] }, bob: { groups: ['Readers'] } },
    apis: {
      notes: {
        type,
        cors: { allowOrigins: ['https://app.example'] },
        routes: {
          'GET /notes': { auth: 'iam', handler: handlers.read },
          'POST /notes': { auth: 'iam', handler: handlers.write },
          'GET /notes/{id}': { auth: 'iam', handler: handlers.read },
        },
      },
    },
  })

let count = 0
/** Synthesizes a stack under the checks of cdk-nag, without bundling. */
function synthesized(build: (stack: Stack) => void): Deployed {
  const context = { 'aws:cdk:bundling-stacks': [] }
  const app = new App({ outdir: join(folder, String(count++)), context, analyticsReporting: false })
  Validations.of(app).addPlugins(new AwsSolutionsChecks())
  build(new Stack(app, 'One', { env: { region } }))
  return deployed({ One: app.synth().getStackByName('One').template as Template })
}

const ref = (on: Deployed, type: string): string => on.resources('One', type)[0]!.ref

describe('a REST API', () => {
  const on = synthesized((stack) => {
    new IamGuardedApi(stack, 'Api', { definition: notes('rest'), ...known })
  })

  test('responds as the local stack to every user, method and path', async () => {
    const answering = () => ({ statusCode: 200 })
    const routes = Object.keys(notes('rest').apis!['notes']!.routes).map(
      (key) => [key, { auth: 'iam', handler: answering }] as const,
    )
    const stack = await startLocalStack({
      ...notes('rest'),
      apis: { notes: { type: 'rest', routes: Object.fromEntries(routes) } },
    })
    try {
      const fromTemplate: Record<string, boolean> = {}
      const fromStack: Record<string, boolean> = {}
      for (const [user, group] of [
        ['alice', 'Editors'],
        ['bob', 'Readers'],
      ] as const) {
        const { idToken } = await stack.signIn(user)
        const { identityPoolId, endpoints, apis } = stack.config
        const credentials = cognitoCredentials({
          identityPoolId,
          idToken: async () => idToken,
          endpoint: endpoints.cognitoIdentity,
        })
        const iamFetch = createIamFetch({ baseUrl: apis['notes']!.url, region, credentials })
        const { RoleArn } = on
          .resources('One', 'AWS::Cognito::UserPoolGroup')
          .find(({ properties }) => properties['GroupName'] === group)!.properties
        for (const call of ['GET /notes', 'POST /notes', 'GET /notes/1']) {
          const [method = '', path = ''] = call.split(' ')
          const { effect } = evaluate(on.policiesOf('One', RoleArn), {
            action: 'execute-api:Invoke',
            resource: `arn:aws:execute-api:${region}:${accountId}:${ref(on, 'AWS::ApiGateway::RestApi')}/prod/${method}${path}`,
          })
          fromTemplate[`${user} ${call}`] = effect === 'Allow'
          fromStack[`${user} ${call}`] = (await iamFetch(path, { method })).ok
        }
      }
      expect(fromTemplate).toEqual(fromStack)
      expect(fromStack).toMatchObject({ 'alice POST /notes': true, 'bob POST /notes': false })
    } finally {
      await stack.stop()
    }
  })

  test('has IAM on every method but the preflights', () => {
    const methods = on
      .resources('One', 'AWS::ApiGateway::Method')
      .map(({ properties }) => [properties['HttpMethod'], properties['AuthorizationType']])
    expect(methods.filter(([method]) => method === 'OPTIONS')).toEqual([
      ['OPTIONS', 'NONE'],
      ['OPTIONS', 'NONE'],
    ])
    expect(methods.filter(([method]) => method !== 'OPTIONS')).toEqual([
      ['GET', 'AWS_IAM'],
      ['POST', 'AWS_IAM'],
      ['GET', 'AWS_IAM'],
    ])
  })

  test('lets a page read why it was refused', () => {
    const responses = on.resources('One', 'AWS::ApiGateway::GatewayResponse')
    expect(responses.map(({ properties }) => properties['ResponseType'])).toEqual([
      'DEFAULT_4XX',
      'DEFAULT_5XX',
    ])
    for (const { properties } of responses) {
      expect(properties['ResponseParameters']).toMatchObject({
        'gatewayresponse.header.Access-Control-Allow-Origin': "'https://app.example'",
      })
    }
    const definition = notes('rest')
    const silent = synthesized((stack) => {
      const api = { ...definition.apis!['notes']!, cors: { allowOrigins: ['*'], onErrors: false } }
      new IamGuardedApi(stack, 'Api', {
        definition: { ...definition, apis: { notes: api as never } },
        ...known,
      })
    })
    expect(silent.resources('One', 'AWS::ApiGateway::GatewayResponse')).toEqual([])
  })

  test('may call a function for its own method and path alone', () => {
    const api = ref(on, 'AWS::ApiGateway::RestApi')
    const sources = on
      .resources('One', 'AWS::Lambda::Permission')
      .map(({ properties }) => properties['SourceArn'])
    const arn = `arn:aws:execute-api:${region}:${accountId}:${api}`
    expect(new Set(sources)).toEqual(
      new Set([`${arn}/prod/GET/notes`, `${arn}/prod/POST/notes`, `${arn}/prod/GET/notes/*`]),
    )
  })
})

describe('existing resources', () => {
  test('a user pool, an app client and an identity pool of yours are used, and none is created', () => {
    const on = synthesized((stack) => {
      new IamGuardedApi(stack, 'Api', {
        definition: notes('http'),
        ...known,
        userPool: UserPool.fromUserPoolId(stack, 'Pool', `${region}_Existing1`),
        userPoolClient: UserPoolClient.fromUserPoolClientId(stack, 'Client', 'existingclient'),
        identityPoolId: `${region}:11111111-2222-3333-4444-555555555555`,
      })
    })
    for (const type of ['UserPool', 'UserPoolClient', 'IdentityPool', 'UserPoolDomain']) {
      expect(on.resources('One', `AWS::Cognito::${type}`)).toEqual([])
    }
    const groups = on.resources('One', 'AWS::Cognito::UserPoolGroup')
    expect(groups.map(({ properties }) => properties['UserPoolId'])).toEqual([
      `${region}_Existing1`,
      `${region}_Existing1`,
    ])
    const [attachment] = on.resources('One', 'AWS::Cognito::IdentityPoolRoleAttachment')
    expect(attachment!.properties).toMatchObject({
      IdentityPoolId: `${region}:11111111-2222-3333-4444-555555555555`,
      RoleMappings: {
        userPool: {
          IdentityProvider: `cognito-idp.${region}.amazonaws.com/${region}_Existing1:existingclient`,
          Type: 'Token',
        },
      },
    })
    // The trust policy names that identity pool.
    const role = on.resources('One', 'AWS::IAM::Role').find(({ id }) => id.includes('EditorsRole'))
    expect(JSON.stringify(role!.properties['AssumeRolePolicyDocument'])).toContain(
      '11111111-2222-3333-4444-555555555555',
    )
  })

  test('a function of yours replaces the handler of a route', () => {
    const arn = `arn:aws:lambda:${region}:${accountId}:function:python`
    const on = synthesized((stack) => {
      const own = LambdaFunction.fromFunctionAttributes(stack, 'Own', {
        functionArn: arn,
        sameEnvironment: true,
      })
      new IamGuardedApi(stack, 'Api', {
        definition: notes('http'),
        ...known,
        functions: { notes: { 'GET /notes': own } },
      })
    })
    const uris = on
      .resources('One', 'AWS::ApiGatewayV2::Integration')
      .map(({ properties }) => properties['IntegrationUri'])
    expect(uris.filter((uri) => uri === arn)).toHaveLength(1)
    expect(on.resources('One', 'AWS::Lambda::Function')).toHaveLength(2)
  })

  test('a handler that responds by a callback is refused, because Lambda does not call it from Node.js 24 on', () => {
    const callback = (_event: unknown, _context: unknown, done: unknown): unknown => done
    const { apis, ...definition } = notes('http')
    const routes = { 'GET /notes': { auth: 'iam', handler: callback as () => unknown } } as const
    expect(() =>
      synthesized((stack) => {
        new IamGuardedApi(stack, 'Api', {
          definition: {
            ...definition,
            apis: { notes: { ...apis!['notes'], type: 'http', routes } },
          },
          handlers: { file, exports: { callback } },
        })
      }),
    ).toThrow(
      `IamGuardedApi: "apis.notes.routes['GET /notes'].handler" must have at most two parameters`,
    )
  })

  test('machine clients can be added to a user pool of yours', () => {
    const on = synthesized((stack) => {
      new MachineClients(stack, 'Machines', {
        userPool: UserPool.fromUserPoolId(stack, 'Pool', `${region}_Existing1`),
        appClients: { billing: { scopes: ['invoices/read'] } },
        tokenUrl: 'https://auth.example.com/oauth2/token',
        rotateAfter: Duration.days(30),
      })
    })
    const [client] = on.resources('One', 'AWS::Cognito::UserPoolClient')
    expect(client!.properties).toMatchObject({
      UserPoolId: `${region}_Existing1`,
      AllowedOAuthScopes: ['invoices/read'],
    })
    const variables = on
      .resources('One', 'AWS::Lambda::Function')
      .map(({ properties }) => properties['Environment'].Variables)
    expect(variables).toHaveLength(2)
    for (const one of variables) {
      expect(one).toEqual({
        USER_POOL_ID: `${region}_Existing1`,
        TOKEN_URL: 'https://auth.example.com/oauth2/token',
      })
    }
  })

  test('keys can be stored and swept for a user pool of yours', () => {
    const on = synthesized((stack) => {
      const { table } = new KeyTable(stack, 'Keys')
      new KeySweep(stack, 'Sweep', {
        handler: { file, name: 'read' },
        environment: { KEYS_TABLE: table.tableName },
        policy: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Action: 'cognito-idp:ListUserPoolClients',
            Resource: 'arn:aws:cognito-idp:REGION:ACCOUNT_ID:userpool/USER_POOL_ID',
          },
        },
        userPool: UserPool.fromUserPoolId(stack, 'Pool', `${region}_Existing1`),
      })
    })
    const [sweep] = on.resources('One', 'AWS::Lambda::Function')
    const { effect } = evaluate(on.policiesOf('One', sweep!.properties['Role']), {
      action: 'cognito-idp:ListUserPoolClients',
      resource: `arn:aws:cognito-idp:${region}:${accountId}:userpool/${region}_Existing1`,
    })
    expect(effect).toBe('Allow')
  })
})

test('a stack can have the same definition twice', () => {
  const machines = {
    resourceServers: { premium: ['read'] },
    appClients: { acme: { scopes: ['premium/read'] } },
  }
  const on = synthesized((stack) => {
    for (const id of ['First', 'Second']) {
      new IamGuardedApi(stack, id, { definition: { ...notes('http'), ...machines }, ...known })
    }
  })
  const domains = on
    .resources('One', 'AWS::Cognito::UserPoolDomain')
    .map(({ properties }) => properties['Domain'])
  expect(domains).toHaveLength(2)
  expect(new Set(domains).size).toBe(2)
  const logs = on
    .resources('One', 'AWS::Logs::LogGroup')
    .map(({ properties }) => properties['LogGroupName'])
    .filter((name) => name !== undefined)
  expect(new Set(logs).size).toBe(2)
})

test('a user pool and a table outlive the stack unless it is said otherwise', () => {
  const context = { 'aws:cdk:bundling-stacks': [] }
  const app = new App({ outdir: join(folder, String(count++)), context, analyticsReporting: false })
  const stack = new Stack(app, 'One', { env: { region } })
  new IamGuardedApi(stack, 'Api', { definition: notes('http'), ...known })
  new KeyTable(stack, 'Keys')
  const { Resources } = app.synth().getStackByName('One').template as {
    Resources: Record<string, { Type: string; DeletionPolicy?: string }>
  }
  const policies = Object.values(Resources)
    .filter(({ Type }) => /::(UserPool|Table)$/.test(Type))
    .map(({ DeletionPolicy }) => DeletionPolicy)
  expect(policies).toEqual(['Retain', 'Retain'])
})
