import { evaluate } from '@iamfetch/local'
import { beforeAll, expect, test } from 'vitest'
import { tenantNames } from '../../premium-content/access.ts'
import {
  accountId,
  region,
  type Deployed,
  type Resource,
} from '../../../packages/cdk/test/resolved.ts'
import { consumerStack, synthesized } from './synthesized.ts'

const STACKS = [
  'GroupAccess',
  'DeveloperAccess',
  'PremiumProvider',
  ...tenantNames.map(consumerStack),
]

let on: Deployed
beforeAll(() => {
  ;({ deployed: on } = synthesized())
})

/** The functions of routes, without those that the CDK brings to upload and delete files. */
function functionsOf(stack: string): Resource[] {
  const called = on
    .resources(stack, 'AWS::ApiGatewayV2::Integration')
    .map(({ properties }) => properties['IntegrationUri'])
  return on.resources(stack, 'AWS::Lambda::Function').filter(({ arn }) => called.includes(arn))
}

test('every route has its own function with its own role', () => {
  for (const stack of STACKS) {
    const routes = on.resources(stack, 'AWS::ApiGatewayV2::Route')
    const functions = functionsOf(stack)
    expect(functions.length, stack).toBe(routes.length)
    expect(new Set(functions.map(({ properties }) => properties['Role'])).size).toBe(routes.length)
  }
})

test('a function may write its own log, and nothing of another', () => {
  for (const stack of STACKS) {
    for (const { properties } of functionsOf(stack)) {
      const policies = on.policiesOf(stack, properties['Role'])
      const own = properties['LoggingConfig'].LogGroup
      for (const { ref, arn } of on.resources(stack, 'AWS::Logs::LogGroup')) {
        const { effect } = evaluate(policies, {
          action: 'logs:PutLogEvents',
          resource: arn.replace(/\*$/, 'log-stream:one'),
        })
        expect([ref, effect]).toEqual([ref, ref === own ? 'Allow' : 'ImplicitDeny'])
      }
      for (const action of ['logs:CreateLogGroup', 'lambda:InvokeFunction', 'iam:PassRole']) {
        expect(evaluate(policies, { action, resource: '*' }).effect).toBe('ImplicitDeny')
      }
    }
  }
})

test('Lambda alone may take a function\u2019s role', () => {
  for (const stack of STACKS) {
    for (const { properties } of functionsOf(stack)) {
      const role = on
        .resources(stack, 'AWS::IAM::Role')
        .find(({ arn }) => arn === properties['Role'])!
      const trust = role.properties['AssumeRolePolicyDocument']
      const by = (type: 'Service' | 'AWS', name: string): string =>
        evaluate(trust, { action: 'sts:AssumeRole', principal: { type, name } }).effect
      expect(by('Service', 'lambda.amazonaws.com')).toBe('Allow')
      expect(by('Service', 'ec2.amazonaws.com')).toBe('ImplicitDeny')
      expect(by('AWS', '111111111111')).toBe('ImplicitDeny')
    }
  }
})

test('an API may call a function for its own route and method alone', () => {
  for (const stack of STACKS) {
    const permissions = on
      .resources(stack, 'AWS::Lambda::Permission')
      .filter(({ properties }) => properties['Principal'] === 'apigateway.amazonaws.com')
      .map(({ properties }) => [
        properties['FunctionName'],
        properties['Action'],
        properties['SourceArn'],
      ])
    const wanted = on.resources(stack, 'AWS::ApiGatewayV2::Route').map(({ properties }) => {
      const [method = '', path] = properties['RouteKey'].split(' ')
      const verb = method === 'ANY' ? '*' : method
      const integration = on
        .resources(stack, 'AWS::ApiGatewayV2::Integration')
        .find(({ ref }) => properties['Target'] === `integrations/${ref}`)!
      return [
        integration.properties['IntegrationUri'],
        'lambda:InvokeFunction',
        `arn:aws:execute-api:${region}:${accountId}:${properties['ApiId']}/*/${verb}${path}`,
      ]
    })
    expect(new Set(permissions)).toEqual(new Set(wanted))
    expect(permissions).toHaveLength(wanted.length)
  }
})

test('every function writes to a log group that ends, those of aws-cdk-lib too', () => {
  for (const stack of STACKS) {
    const groups = on.resources(stack, 'AWS::Logs::LogGroup')
    for (const { properties } of groups) expect(properties['RetentionInDays']).toBe(30)
    for (const { id, properties } of on.resources(stack, 'AWS::Lambda::Function')) {
      const name = properties['LoggingConfig']?.LogGroup
      expect([id, groups.some(({ ref }) => ref === name)]).toEqual([id, true])
    }
  }
})

test('every API is throttled and says in its log why it refused', () => {
  for (const stack of STACKS) {
    for (const { properties } of on.resources(stack, 'AWS::ApiGatewayV2::Stage')) {
      expect(properties['DefaultRouteSettings'].ThrottlingRateLimit).toBeLessThanOrEqual(20)
      const { Format, DestinationArn } = properties['AccessLogSettings']
      const format = JSON.parse(Format)
      expect(format).toMatchObject({ authorizer: '$context.authorizer.error' })
      // Nothing of the request that could be a token.
      expect(JSON.stringify(format)).not.toMatch(/header|authorization|query|claims/i)
      // A group under this prefix does not use up the resource policy of the account.
      const group = on
        .resources(stack, 'AWS::Logs::LogGroup')
        .find(({ arn }) => arn === DestinationArn)
      expect(group!.properties['LogGroupName']).toMatch(/^\/aws\/vendedlogs\//)
      expect(group!.properties['LogGroupName']).toContain(on.stackId(stack).split('/')[2])
    }
  }
})

test('a quote in the text of an error leaves the rest of an access log line readable', () => {
  for (const { properties } of on.resources('GroupAccess', 'AWS::ApiGatewayV2::Stage')) {
    const format: string = properties['AccessLogSettings'].Format
    expect(format).not.toContain('$context.error.message')
    const line = format.replace('$context.authorizer.error', 'the token is "expired"')
    const [before] = line.split(',"authorizer":')
    expect(JSON.parse(`${before}}`)).toMatchObject({ status: '$context.status' })
    expect(JSON.parse(`${before}}`)).toHaveProperty('error', '$context.error.responseType')
  }
})
