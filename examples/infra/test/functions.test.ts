import { evaluate } from '@iamfetch/local'
import { beforeAll, expect, test } from 'vitest'
import { tenantNames } from '../../premium-content/access.ts'
import type { Deployed, Resource } from './resolved.ts'
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

test('every route has a function of its own, with a role of its own', () => {
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

test('an API may call a function for its own route alone', () => {
  for (const stack of STACKS) {
    // A schedule's permission is looked at with the schedule.
    const permissions = on
      .resources(stack, 'AWS::Lambda::Permission')
      .filter(({ properties }) => properties['Principal'] !== 'events.amazonaws.com')
    const apis = on.resources(stack, 'AWS::ApiGatewayV2::Api').map(({ ref }) => ref)
    expect(permissions).toHaveLength(on.resources(stack, 'AWS::ApiGatewayV2::Route').length)
    for (const { properties } of permissions) {
      expect(properties['Principal']).toBe('apigateway.amazonaws.com')
      expect(properties['Action']).toBe('lambda:InvokeFunction')
      expect(properties['SourceArn']).toMatch(
        new RegExp(
          `^arn:aws:execute-api:[^:]+:\\d+:(${apis.join('|')})/\\*/(\\*|[A-Z]+)(/[a-z-]+|/\\{[a-z]+\\})+$`,
        ),
      )
    }
  }
})

test('every API is throttled and says in its log why it refused', () => {
  for (const stack of STACKS) {
    for (const { properties } of on.resources(stack, 'AWS::ApiGatewayV2::Stage')) {
      expect(properties['DefaultRouteSettings'].ThrottlingRateLimit).toBeLessThanOrEqual(20)
      const format = JSON.parse(properties['AccessLogSettings'].Format)
      expect(format).toMatchObject({ authorizer: '$context.authorizer.error' })
      // Nothing of the request that could be a token.
      expect(JSON.stringify(format)).not.toMatch(/header|authorization|query|claims/i)
    }
  }
})
