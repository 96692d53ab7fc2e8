import { describe, expect, it } from 'vitest'
import { evaluate, type ConditionContext, type PolicyStatement } from '../src/index.ts'
import { GET_TEST, policy } from './support/decide.ts'

const nearestOf = (context: ConditionContext, ...statements: Partial<PolicyStatement>[]) =>
  evaluate(policy(...statements), { action: 'execute-api:Invoke', resource: GET_TEST, context })
    .nearest

const arn = (rest: string): string => `arn:aws:execute-api:eu-central-1:123456789012:${rest}`

describe('an implicit deny names the nearest statement', () => {
  it('whose condition the request does not meet, with both values', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': ['240.240.240.240'] } }
    expect(nearestOf({ 'aws:SourceIp': '127.0.0.1' }, { Sid: 'Office', Condition })).toEqual({
      document: 0,
      statement: 0,
      sid: 'Office',
      element: 'Condition',
      key: 'aws:SourceIp',
      reason:
        'its condition is not met: IpAddress "240.240.240.240" does not hold for "127.0.0.1", the value of the key "aws:SourceIp"',
    })
  })

  it('whose condition is on a key that the request does not have', () => {
    const Condition = { StringEquals: { 'aws:PrincipalTag/department': 'engineering' } }
    expect(nearestOf({}, { Condition })).toMatchObject({
      element: 'Condition',
      key: 'aws:PrincipalTag/department',
      reason:
        'its condition is not met: the request has no value for the key "aws:PrincipalTag/department"',
    })
  })

  it('whose condition compares with a variable that has no value', () => {
    const Condition = { StringEquals: { 'aws:userid': '${aws:PrincipalTag/owner}' } }
    expect(nearestOf({ 'aws:userid': 'AROA:me' }, { Condition })?.reason).toBe(
      'its condition is not met: the policy variable ${aws:PrincipalTag/owner} has no value in the request',
    )
  })

  it('whose condition lacks a set prefix', () => {
    const Condition = { StringEquals: { 'aws:many': 'a' } }
    expect(nearestOf({ 'aws:many': ['a'] }, { Condition })?.reason).toBe(
      'its condition is not met: the key "aws:many" may have several values, and StringEquals has no ForAnyValue: or ForAllValues: before it',
    )
  })

  it('whose resource has a variable without a value', () => {
    const Resource = arn('abc/*/GET/${cognito-identity.amazonaws.com:custom:tenant}*')
    expect(nearestOf({}, { Resource: arn('abc/prod/GET/tesT') }, { Resource })).toEqual({
      document: 0,
      statement: 1,
      element: 'Resource',
      variable: '${cognito-identity.amazonaws.com:custom:tenant}',
      reason:
        'the policy variable ${cognito-identity.amazonaws.com:custom:tenant} of its Resource has no value in the request',
    })
  })

  it('whose resource has a variable with another value', () => {
    const Resource = arn('abc/*/GET/${aws:userid}')
    const nearest = nearestOf({ 'aws:userid': 'me' }, { Resource })
    expect(nearest).toMatchObject({ element: 'Resource' })
    expect(nearest?.variable).toBeUndefined()
    expect(nearest?.reason).toContain('has another value')
  })

  it('whose resource shares the longest beginning, if nothing else is near', () => {
    const near = { Sid: 'Near', Resource: arn('abc/prod/GET/other') }
    expect(
      nearestOf({}, { Resource: arn('xyz/*') }, near, { Resource: arn('abc/*/POST/*') }),
    ).toEqual({
      document: 0,
      statement: 1,
      sid: 'Near',
      element: 'Resource',
      reason: `its Resource ${arn('abc/prod/GET/other')} does not match`,
    })
  })

  it('before one with another resource if only its condition is not met', () => {
    const Condition = { Bool: { 'aws:MultiFactorAuthPresent': true } }
    const nearest = nearestOf({}, { Resource: arn('abc/prod/GET/tes') }, { Condition })
    expect(nearest).toMatchObject({ statement: 1, element: 'Condition' })
  })

  it('and none if no statement is on the action, or only a deny is', () => {
    expect(nearestOf({}, { Action: 's3:*' })).toBeUndefined()
    const Condition = { Bool: { 'aws:SecureTransport': true } }
    expect(nearestOf({}, { Effect: 'Deny', Condition })).toBeUndefined()
  })

  it('of a trust policy, with the principal that it does not have', () => {
    const decision = evaluate(
      {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: '*' },
      },
      {
        action: 'sts:AssumeRoleWithWebIdentity',
        principal: { type: 'Federated', name: 'cognito-identity.amazonaws.com' },
      },
    )
    expect(decision.nearest?.reason).toBe(
      'its Principal does not have the Federated principal "cognito-identity.amazonaws.com"',
    )
  })
})

describe('an explicit deny and an allow', () => {
  it('have no nearest statement', () => {
    expect(evaluate(policy({}), { action: 'execute-api:Invoke', resource: GET_TEST })).toEqual({
      effect: 'Allow',
      decidedBy: { document: 0, statement: 0 },
    })
  })
})

describe('the request of evaluate', () => {
  it.each([
    [{ action: 'a:B', resources: '*' }, 'evaluate: "request.resources" is not known'],
    [{ action: '' }, 'evaluate: "request.action" must be a string, got ""'],
    [
      { action: 'a:B', principal: { kind: 'AWS', name: 'x' } },
      'evaluate: "request.principal.kind" is not known',
    ],
  ])('is checked: %j', (request, message) => {
    const call = (): unknown => evaluate(policy({}), JSON.parse(JSON.stringify(request)))
    expect(call).toThrow(message)
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
