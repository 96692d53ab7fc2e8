import { evaluate, startLocalStack, type LocalStack } from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import { roleOf, withPortal, type FunctionName } from '../../group-access/portal/access.ts'
import {
  accountId,
  region,
  type Deployed,
  type Resource,
} from '../../../packages/cdk/test/resolved.ts'
import { configOf, synthesized, type Synthesized } from './synthesized.ts'

const STACK = 'DeveloperAccess'
const METHODS = ['GET', 'POST', 'PUT', 'DELETE']
const PATHS: Record<string, string[]> = {
  test: ['/test', '/keys'],
  portal: ['/me', '/keys', '/keys/k1', '/keys/k1/rotate', '/keys/k1/events', '/keys/k1/x'].concat(
    '/my/notes',
    '/notes',
    '/test',
  ),
}

let made: Synthesized
let on: Deployed
let stack: LocalStack
beforeAll(async () => {
  made = synthesized()
  on = made.deployed
  // Who may call what is asked of IAM here; what the functions do then is asked in synth.test.ts.
  stack = await startLocalStack(withPortal(() => async () => ({ statusCode: 200 })))
})
afterAll(() => stack?.stop())

const apiOf = (name: string): Resource =>
  on
    .resources(STACK, 'AWS::ApiGatewayV2::Api')
    .find(({ properties }) => properties['Name'] === `${STACK}-${name}`)!

/** The status that API Gateway should return for a signed call, according to the template. */
function predicted(user: string, api: string, method: string, path: string): number {
  const group = { alice: 'FullAccess', bob: 'ReadOnlyAccess' }[user]
  const route = on
    .resources(STACK, 'AWS::ApiGatewayV2::Route')
    .filter(({ properties }) => properties['ApiId'] === apiOf(api).ref)
    .find(({ properties }) => {
      const [verb, pattern = ''] = properties['RouteKey'].split(' ')
      return verb === method && new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
    })
  if (!route) return 404
  if (route.properties['AuthorizationType'] === 'NONE') return 200
  const { RoleArn } = on
    .resources(STACK, 'AWS::Cognito::UserPoolGroup')
    .find(({ properties }) => properties['GroupName'] === group)!.properties
  const { effect } = evaluate(on.policiesOf(STACK, RoleArn), {
    action: 'execute-api:Invoke',
    resource: `arn:aws:execute-api:${region}:${accountId}:${apiOf(api).ref}/$default/${method}${path}`,
  })
  return effect === 'Allow' ? 200 : 403
}

test('the template and the local stack respond alike to every user, API, method and path', async () => {
  const fromTemplate: Record<string, number> = {}
  const fromStack: Record<string, number> = {}
  const { identityPoolId, endpoints, apis } = stack.config
  for (const user of ['alice', 'bob']) {
    const { idToken } = await signIn(stack, user)
    const credentials = cognitoCredentials({
      identityPoolId,
      idToken: async () => idToken,
      endpoint: endpoints.cognitoIdentity,
    })
    for (const [api, paths] of Object.entries(PATHS)) {
      const iamFetch = createIamFetch({ baseUrl: apis[api]!.url, region, credentials })
      for (const method of METHODS) {
        for (const path of paths) {
          const call = `${user} ${api} ${method} ${path}`
          fromTemplate[call] = predicted(user, api, method, path)
          fromStack[call] = (await iamFetch(path, { method })).status
        }
      }
    }
  }
  expect(fromTemplate).toEqual(fromStack)
  expect(fromStack).toMatchObject({
    'alice portal POST /my/notes': 200,
    'bob portal POST /my/notes': 403,
    'bob portal POST /keys/k1/rotate': 200,
    'bob test POST /test': 403,
  })
})

/** The function behind a route of the portal, or the one that the schedule calls. */
function functionOf(name: FunctionName): Resource {
  const functions = on.resources(STACK, 'AWS::Lambda::Function')
  if (name === 'sweep') {
    return functions.find(({ properties }) => properties['Handler'] === 'index.sweep')!
  }
  const route = on
    .resources(STACK, 'AWS::ApiGatewayV2::Route')
    .find(({ properties }) => properties['RouteKey'] === name)!
  const integration = on
    .resources(STACK, 'AWS::ApiGatewayV2::Integration')
    .find(({ ref }) => route.properties['Target'] === `integrations/${ref}`)!
  return functions.find(({ arn }) => arn === integration.properties['IntegrationUri'])!
}

const allowed = (name: FunctionName, action: string, resource: string): boolean =>
  evaluate(on.policiesOf(STACK, functionOf(name).properties['Role']), { action, resource })
    .effect === 'Allow'

/** The functions that may do something. */
const whoMay = (action: string, resource: string): string[] =>
  (Object.keys(roleOf) as FunctionName[]).filter((name) => allowed(name, action, resource))

test('each function may do with app clients what its own route needs', () => {
  const [pool] = on.resources(STACK, 'AWS::Cognito::UserPool')
  const who = (action: string): string[] => whoMay(`cognito-idp:${action}`, pool!.arn)
  const [create, revoke, rotate] = ['POST /keys', 'DELETE /keys/{id}', 'POST /keys/{id}/rotate']
  expect(who('CreateUserPoolClient')).toEqual([create])
  expect(who('AddUserPoolClientSecret')).toEqual([rotate])
  expect(who('DeleteUserPoolClientSecret')).toEqual([create, rotate, 'sweep'])
  expect(who('DeleteUserPoolClient')).toEqual([create, revoke, rotate, 'sweep'])
  expect(who('ListUserPoolClients')).toEqual(['sweep'])
  expect(who('AdminListGroupsForUser')).toEqual(['GET /notes', 'POST /notes'])
  expect(who('DeleteUserPool')).toEqual([])
})

test('no function may do anything with another user pool or another table', () => {
  const pool = `arn:aws:cognito-idp:${region}:${accountId}:userpool/${region}_another00`
  const table = `arn:aws:dynamodb:${region}:${accountId}:table/another`
  for (const action of ['CreateUserPoolClient', 'DeleteUserPoolClient', 'ListUserPoolClients']) {
    expect(whoMay(`cognito-idp:${action}`, pool)).toEqual([])
  }
  for (const action of ['GetItem', 'Query', 'PutItem']) {
    expect(whoMay(`dynamodb:${action}`, table)).toEqual([])
  }
})

test('only the functions that write notes may write to the table of notes', () => {
  const arns = on.resources(STACK, 'AWS::DynamoDB::Table').map(({ arn }) => arn)
  const who = (action: string, table: number): string[] =>
    whoMay(`dynamodb:${action}`, arns[table]!)
  expect(who('PutItem', 1)).toEqual(['POST /my/notes', 'POST /notes'])
  expect(who('PutItem', 0)).toEqual([
    'POST /keys',
    'DELETE /keys/{id}',
    'POST /keys/{id}/rotate',
    'sweep',
  ])
  expect(who('Scan', 0)).toEqual(['sweep'])
})

test('the tables have generated names, can be restored and forget what has expired', () => {
  const all = on.resources(STACK, 'AWS::DynamoDB::Table')
  expect(all).toHaveLength(2)
  for (const { properties } of all) {
    // A second stack in the account has tables of its own.
    expect(properties).not.toHaveProperty('TableName')
    expect(properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    })
  }
  const { Variables } = functionOf('POST /keys').properties['Environment']
  expect([Variables.KEYS_TABLE, Variables.NOTES_TABLE]).toEqual(all.map(({ ref }) => ref))
})

test('the sweep has the time for a full user pool, and an alarm reports that it fails', () => {
  const { properties, ref } = functionOf('sweep')
  // 1,000 app clients, and 5 changes of app clients a second.
  expect(properties['Timeout']).toBeGreaterThanOrEqual(1_000 / 5)
  const [rule] = on.resources(STACK, 'AWS::Events::Rule')
  expect(rule!.properties['ScheduleExpression']).toBe('rate(5 minutes)')
  expect(properties['Timeout']).toBeLessThan(5 * 60)
  const [alarm] = on.resources(STACK, 'AWS::CloudWatch::Alarm')
  expect(alarm!.properties).toMatchObject({
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: ref }],
    TreatMissingData: 'notBreaching',
  })
})

test('a schedule sweeps, and nothing else may call that function', () => {
  const [rule] = on.resources(STACK, 'AWS::Events::Rule')
  expect(rule!.properties['ScheduleExpression']).toBe('rate(5 minutes)')
  const [{ Arn }] = rule!.properties['Targets']
  const sweep = on
    .resources(STACK, 'AWS::Lambda::Function')
    .find(({ properties }) => properties['Handler'] === 'index.sweep')!
  expect(Arn).toBe(sweep.arn)
  const callers = on
    .resources(STACK, 'AWS::Lambda::Permission')
    .filter(({ properties }) => properties['FunctionName'] === sweep.arn)
    .map(({ properties }) => [properties['Principal'], properties['SourceArn']])
  expect(callers).toEqual([['events.amazonaws.com', rule!.arn]])
})

test('the page finds the portal, and where keys get their tokens', () => {
  const [domain] = on.resources(STACK, 'AWS::Cognito::UserPoolDomain')
  const urlOf = (api: string) => `https://${apiOf(api).ref}.execute-api.${region}.amazonaws.com`
  expect(configOf(made, STACK)).toMatchObject({
    mode: 'aws',
    apis: { test: { url: urlOf('test') }, portal: { url: urlOf('portal') } },
    endpoints: {
      oauth: `https://${domain!.properties['Domain']}.auth.${region}.amazoncognito.com`,
    },
  })
})
