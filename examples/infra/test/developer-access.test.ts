import { evaluate, startLocalStack, type LocalStack } from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn } from '@iamfetch/testing/sign-in'
import { roleOf, tables, withPortal } from '../../group-access/portal/access.ts'
import { accountId, region, type Deployed, type Resource } from './resolved.ts'
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

/** What the template says that API Gateway answers to a signed call. */
function foretold(user: string, api: string, method: string, path: string): number {
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

test('the template and the local stack give the same answer to every user, API, method and path', async () => {
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
          fromTemplate[call] = foretold(user, api, method, path)
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

test('the functions look after this user pool and its two tables, and nothing else', () => {
  const [pool] = on.resources(STACK, 'AWS::Cognito::UserPool')
  const functions = on
    .resources(STACK, 'AWS::Lambda::Function')
    .filter(({ properties }) => properties['LoggingConfig'])
  for (const [name, role] of Object.entries(roleOf)) {
    const own = functions.filter(({ properties }) => properties['Handler'] === `index.${name}`)
    expect([name, own.length > 0]).toEqual([name, true])
    for (const { properties } of own) {
      const allowed = (action: string, resource: string): boolean =>
        evaluate(on.policiesOf(STACK, properties['Role']), { action, resource }).effect === 'Allow'
      const makesClients = role !== undefined && name !== 'notes'
      expect(allowed('cognito-idp:CreateUserPoolClient', pool!.arn)).toBe(makesClients)
      expect(allowed('cognito-idp:AdminListGroupsForUser', pool!.arn)).toBe(name === 'notes')
      const another = `arn:aws:cognito-idp:${region}:${accountId}:userpool/${region}_another00`
      for (const action of ['CreateUserPoolClient', 'AdminListGroupsForUser', 'DeleteUserPool']) {
        expect(allowed(`cognito-idp:${action}`, another)).toBe(false)
      }
      const table = (id: string) => `arn:aws:dynamodb:${region}:${accountId}:table/${id}`
      expect(allowed('dynamodb:GetItem', table(tables.keys))).toBe(role !== undefined)
      expect(allowed('dynamodb:PutItem', table(tables.notes))).toBe(name === 'notes')
      expect(allowed('dynamodb:GetItem', table('another'))).toBe(false)
    }
  }
})

test('keys live in a table that can be restored, and forgets what is over', () => {
  const all = on.resources(STACK, 'AWS::DynamoDB::Table').map(({ properties }) => properties)
  expect(new Set(all.map(({ TableName }) => TableName))).toEqual(new Set(Object.values(tables)))
  for (const properties of all) {
    expect(properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    })
  }
})

test('a schedule sweeps, and nobody else calls that function', () => {
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
