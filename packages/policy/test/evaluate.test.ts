import { cpuMs } from '@iamfetch/testing'
import { describe, expect, it } from 'vitest'
import type { PolicyDocument, PolicyStatement } from '../src/document.ts'
import { createEvaluator, evaluate } from '../src/evaluate.ts'
import { BASE, GET_TEST, decide, policy } from './support/decide.ts'

describe('an action', () => {
  const rows: [what: string, pattern: string | string[], action: string, allowed: boolean][] = [
    ['is matched as it stands', 'execute-api:Invoke', 'execute-api:Invoke', true],
    ['is matched in any case', 'EXECUTE-API:invoke', 'execute-api:Invoke', true],
    [
      'of another name is not matched',
      'execute-api:Invoke',
      'execute-api:ManageConnections',
      false,
    ],
    ['is matched by * alone', '*', 'execute-api:Invoke', true],
    ['is matched by *:*', '*:*', 'execute-api:Invoke', true],
    ['is matched by a * at the end', 'execute-api:Inv*', 'execute-api:Invoke', true],
    ['is matched by a * inside', 'execute-api:I*e', 'execute-api:Invoke', true],
    [
      'is matched by a * that stands for nothing',
      'execute-api:Invoke*',
      'execute-api:Invoke',
      true,
    ],
    ['is matched by ? for one character', 'execute-api:Invok?', 'execute-api:Invoke', true],
    ['is not matched by ? for no character', 'execute-api:Invoke?', 'execute-api:Invoke', false],
    ['is matched by one of a list', ['s3:Get*', 'execute-api:*'], 'execute-api:Invoke', true],
    ['of another service is not matched', 'execute-api:*', 's3:GetObject', false],
  ]
  it.each(rows)('%s', (_, Action, action, allowed) => {
    expect(decide(policy({ Action }), { action })).toBe(allowed ? 'Allow' : 'ImplicitDeny')
  })

  it('that NotAction names is not matched, every other one is', () => {
    const { Action: _, ...rest } = BASE
    const document: PolicyDocument = {
      Version: '2012-10-17',
      Statement: { ...rest, NotAction: ['execute-api:Invoke', 's3:*'] },
    }
    expect(decide(document)).toBe('ImplicitDeny')
    expect(decide(document, { action: 'execute-api:ManageConnections' })).toBe('Allow')
  })
})

describe('a resource', () => {
  const arn = (rest: string): string => `arn:aws:execute-api:eu-central-1:123456789012:${rest}`
  const rows: [what: string, pattern: string | string[], resource: string, allowed: boolean][] = [
    ['is matched as it stands', GET_TEST, GET_TEST, true],
    ['is matched by * alone', '*', GET_TEST, true],
    ['is matched with its case', arn('abc/prod/get/test'), GET_TEST, false],
    ['of another method is not matched', arn('abc/*/POST/test'), GET_TEST, false],
    ['is matched by * for the stage', arn('abc/*/GET/test'), GET_TEST, true],
    [
      'is matched by * for stage $default',
      arn('abc/*/GET/test'),
      arn('abc/$default/GET/test'),
      true,
    ],
    [
      'is matched by * for region and account',
      'arn:aws:execute-api:*:*:abc/*/GET/test',
      GET_TEST,
      true,
    ],
    ['is matched by * for the method', arn('abc/prod/*/test'), GET_TEST, true],
    ['with a slash at its end is another', arn('abc/prod/GET/test'), `${GET_TEST}/`, false],
    ['with a slash at its end is matched by * alone', arn('abc/prod/GET/*'), `${GET_TEST}/`, true],
    ['that is the root is matched as it stands', arn('abc/prod/GET/'), arn('abc/prod/GET/'), true],
    ['is matched by * across slashes', arn('abc/prod/GET/*'), arn('abc/prod/GET/a/b/c'), true],
    [
      'is not matched by a path that only begins so',
      arn('abc/prod/GET/test'),
      arn('abc/prod/GET/test/x'),
      false,
    ],
    ['is matched by ? for one character', arn('abc/prod/GET/tes?'), GET_TEST, true],
    ['is not matched by ? for two', arn('abc/prod/GET/te?'), GET_TEST, false],
    ['of another API is not matched', arn('xyz/*'), GET_TEST, false],
    ['is matched by one of a list', [arn('xyz/*'), arn('abc/*')], GET_TEST, true],
    [
      'is matched by an ARN whose fields end early',
      'arn:aws:execute-api:eu-central-1',
      GET_TEST,
      true,
    ],
    [
      'of another region is not matched by an ARN that ends early',
      'arn:aws:execute-api:us-east-1',
      GET_TEST,
      false,
    ],
    [
      'is matched by a * that ends a field and runs over colons',
      'arn:aws:execute-api:eu-*',
      GET_TEST,
      true,
    ],
    [
      'is matched by a * that ends a field in the middle',
      'arn:aws:execute-api:*:*:abc/*',
      arn('xyz/a:abc/b'),
      true,
    ],
    [
      'is not matched by an ARN that lacks a field in the middle',
      'arn:aws:execute-api:*:abc/prod/GET/test',
      GET_TEST,
      false,
    ],
    [
      'is not matched by a * inside a field over colons',
      'arn:aws:execute-api:e*2:abc/prod/GET/test',
      GET_TEST,
      false,
    ],
    [
      'is matched by a * inside a field',
      'arn:aws:execute-api:eu*1:123456789012:abc/*',
      GET_TEST,
      true,
    ],
    ['may have colons in its last field', arn('abc/prod/GET/*'), arn('abc/prod/GET/a:b'), true],
    [
      'may have letters beyond ASCII for one ?',
      arn('abc/prod/GET/?'),
      arn('abc/prod/GET/🦊'),
      true,
    ],
    [
      'with a dollar sign is text',
      arn('abc/$default/GET/test'),
      arn('abc/$default/GET/test'),
      true,
    ],
    [
      'with brackets is text, not an expression',
      arn('abc/prod/GET/[a-z]+'),
      arn('abc/prod/GET/x'),
      false,
    ],
  ]
  it.each(rows)('%s', (_, Resource, resource, allowed) => {
    expect(decide(policy({ Resource }), { resource })).toBe(allowed ? 'Allow' : 'ImplicitDeny')
  })

  it('that NotResource names is not matched, every other one is', () => {
    const { Resource: _, ...rest } = BASE
    const document: PolicyDocument = {
      Version: '2012-10-17',
      Statement: { ...rest, NotResource: [arn('abc/*/GET/admin*'), arn('abc/*/POST/*')] },
    }
    expect(decide(document)).toBe('Allow')
    expect(decide(document, { resource: arn('abc/prod/GET/admin/x') })).toBe('ImplicitDeny')
    expect(decide(document, { resource: arn('abc/prod/POST/test') })).toBe('ImplicitDeny')
  })

  it('with a variable that has no value is none: NotResource leaves nothing out then', () => {
    const { Resource: _, ...rest } = BASE
    const NotResource = arn('abc/*/GET/${aws:PrincipalTag/team}')
    const document: PolicyDocument = {
      Version: '2012-10-17',
      Statement: { ...rest, NotResource },
    }
    expect(decide(document)).toBe('Allow')
    expect(decide(document, { context: { 'aws:PrincipalTag/team': 'test' } })).toBe('ImplicitDeny')
  })

  it('is matched in time that grows with its length, whatever the pattern', async () => {
    const Resource = arn(`abc/${'*a'.repeat(60)}`)
    const took = await cpuMs(() => {
      expect(decide(policy({ Resource }), { resource: arn(`abc/${'a'.repeat(2_000)}b`) })).toBe(
        'ImplicitDeny',
      )
    })
    expect(took).toBeLessThan(1_000)
  })
})

describe('the decision', () => {
  const request = { action: 'execute-api:Invoke', resource: GET_TEST }

  it('is an implicit deny when no statement applies', () => {
    expect(evaluate(policy({ Action: 's3:*' }), request)).toEqual({ effect: 'ImplicitDeny' })
  })

  it('names the statement that allowed', () => {
    const document = policy({ Action: 's3:*' }, { Sid: 'Call' })
    expect(evaluate(document, request)).toEqual({
      effect: 'Allow',
      decidedBy: { document: 0, statement: 1, sid: 'Call' },
    })
  })

  it('is an explicit deny whatever allows, in any order and in another document', () => {
    const deny = policy({ Sid: 'No', Effect: 'Deny' })
    expect(evaluate([policy({}), deny], request)).toEqual({
      effect: 'ExplicitDeny',
      decidedBy: { document: 1, statement: 0, sid: 'No' },
    })
    expect(evaluate(policy({ Effect: 'Deny' }, {}), request).effect).toBe('ExplicitDeny')
  })

  it('does not follow a deny whose condition fails', () => {
    const deny = { Effect: 'Deny' as const, Condition: { Bool: { 'aws:SecureTransport': false } } }
    const context = { 'aws:SecureTransport': 'true' }
    expect(evaluate(policy({}, deny), { ...request, context }).effect).toBe('Allow')
  })

  it('takes a single statement for a list of one', () => {
    expect(decide({ Version: '2012-10-17', Statement: BASE })).toBe('Allow')
  })
})

describe('a trust policy', () => {
  const trust = (Principal: PolicyStatement['Principal']): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: Principal!,
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { 'cognito-identity.amazonaws.com:aud': 'pool' },
          'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'authenticated' },
        },
      },
    ],
  })
  const request = {
    action: 'sts:AssumeRoleWithWebIdentity',
    principal: { type: 'Federated' as const, name: 'cognito-identity.amazonaws.com' },
    context: {
      'cognito-identity.amazonaws.com:aud': 'pool',
      'cognito-identity.amazonaws.com:amr': ['authenticated', 'cognito-idp.x'],
    },
  }

  it.each([
    ['the provider', { Federated: 'cognito-identity.amazonaws.com' }, 'Allow'],
    ['one of several', { Federated: ['a', 'cognito-identity.amazonaws.com'] }, 'Allow'],
    ['everybody', '*' as const, 'Allow'],
    ['everybody, written long', { AWS: '*' }, 'Allow'],
    ['another provider', { Federated: 'accounts.google.com' }, 'ImplicitDeny'],
    ['the name under another type', { Service: 'cognito-identity.amazonaws.com' }, 'ImplicitDeny'],
  ])('a trust policy that trusts %s', (_, principal, effect) => {
    expect(evaluate(trust(principal), request).effect).toBe(effect)
  })

  it('requires the pool and a user who signed in', () => {
    const document = trust({ Federated: 'cognito-identity.amazonaws.com' })
    const other = { ...request.context, 'cognito-identity.amazonaws.com:aud': 'other' }
    const guest = { ...request.context, 'cognito-identity.amazonaws.com:amr': ['unauthenticated'] }
    expect(evaluate(document, { ...request, context: other }).effect).toBe('ImplicitDeny')
    expect(evaluate(document, { ...request, context: guest }).effect).toBe('ImplicitDeny')
  })
})

describe('a request', () => {
  const document: PolicyDocument = {
    Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
  }
  const resource = 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/x'

  it.each<[string, object, string]>([
    ['a resource', { resource: 1 }, '"request.resource" must be a string, got 1'],
    ['a boolean', { context: { 'aws:MultiFactorAuthPresent': true } }, 'got true'],
    ['a number', { context: { 'aws:MultiFactorAuthAge': 60 } }, 'must be a string or a list'],
    ['a list of numbers', { context: { key: [1] } }, "['key']\" must be a string or a list"],
    ['a Map', { context: new Map([['aws:SourceIp', '1.2.3.4']]) }, 'got a Map'],
    ['one key twice', { context: { 'aws:SourceIp': 'a', 'AWS:sourceip': 'b' } }, 'is the same key'],
    ['a type', { principal: { type: 'aws', name: 'x' } }, 'must be one of AWS, Federated, Service'],
    ['a name', { principal: { type: 'AWS', name: [] } }, 'must not be an empty list'],
  ])('is refused for %s that would not be read', (_, more, problem) => {
    const request = { action: 'execute-api:Invoke', resource, ...more }
    expect(() => evaluate(document, request)).toThrow(problem)
    expect(() => createEvaluator(document)(request)).toThrow(problem)
  })
})
