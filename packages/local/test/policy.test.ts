import { describe, expect, it } from 'vitest'
import type { PolicyDocument, PolicyStatement } from '../src/definition.ts'
import { checkPolicy } from '../src/gateway/check-policy.ts'
import type { ConditionContext } from '../src/gateway/condition.ts'
import { evaluate, type AccessRequest } from '../src/gateway/policy.ts'

const GET_TEST = 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/test'
const BASE: PolicyStatement = { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' }

const policy = (...statements: Partial<PolicyStatement>[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements.map((one) => ({ ...BASE, ...one })),
})
const decide = (document: PolicyDocument, request: Partial<AccessRequest> = {}): string =>
  evaluate(document, { action: 'execute-api:Invoke', resource: GET_TEST, ...request }).effect

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

  it('that NotAction names is left out, every other one is matched', () => {
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

  it('that NotResource names is left out, every other one is matched', () => {
    const { Resource: _, ...rest } = BASE
    const document: PolicyDocument = {
      Version: '2012-10-17',
      Statement: { ...rest, NotResource: [arn('abc/*/GET/admin*'), arn('abc/*/POST/*')] },
    }
    expect(decide(document)).toBe('Allow')
    expect(decide(document, { resource: arn('abc/prod/GET/admin/x') })).toBe('ImplicitDeny')
    expect(decide(document, { resource: arn('abc/prod/POST/test') })).toBe('ImplicitDeny')
  })

  it('is matched in time that grows with its length, whatever the pattern', () => {
    const Resource = arn(`abc/${'*a'.repeat(60)}`)
    const started = performance.now()
    expect(decide(policy({ Resource }), { resource: arn(`abc/${'a'.repeat(2_000)}b`) })).toBe(
      'ImplicitDeny',
    )
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('policy variables', () => {
  const context: ConditionContext = {
    'aws:userid': 'AROA:me',
    'cognito-identity.amazonaws.com:sub': 'eu-central-1:42',
    'aws:many': ['a', 'b'],
    'aws:star': '*',
  }
  const at = (path: string): string => `arn:aws:execute-api:eu-central-1:1:abc/prod/GET/${path}`
  const rows: [what: string, pattern: string, path: string, allowed: boolean][] = [
    [
      'stand for the value of a key',
      '${cognito-identity.amazonaws.com:sub}/notes',
      'eu-central-1:42/notes',
      true,
    ],
    [
      'do not match the value of somebody else',
      '${cognito-identity.amazonaws.com:sub}/notes',
      'eu-central-1:43/notes',
      false,
    ],
    ['find the key in any case', '${AWS:UserID}', 'AROA:me', true],
    ['without a value make the pattern match nothing', '${aws:PrincipalTag/team}*', 'x', false],
    [
      'without a value match not even themselves',
      '${aws:PrincipalTag/team}',
      '${aws:PrincipalTag/team}',
      false,
    ],
    ['take their default', "${aws:PrincipalTag/team, 'guests'}/x", 'guests/x', true],
    ['prefer the value to the default', "${aws:userid, 'nobody'}", 'AROA:me', true],
    ['take an empty default', "a${aws:PrincipalTag/team, ''}b", 'ab', true],
    ['with several values match nothing', '${aws:many}', 'a', false],
    ['insert text: an asterisk is no wildcard', '${aws:star}', 'anything', false],
    ['insert text: an asterisk is an asterisk', '${aws:star}', '*', true],
    ['${*} is an asterisk', 'a${*}', 'a*', true],
    ['${*} is no wildcard', 'a${*}', 'ab', false],
    ['${?} is a question mark', 'a${?}', 'a?', true],
    ['${?} is no wildcard', 'a${?}', 'ab', false],
    ['${$} is a dollar sign', '${$}{aws:userid}', '${aws:userid}', true],
  ]
  it.each(rows)('%s', (_, pattern, path, allowed) => {
    const effect = decide(policy({ Resource: at(pattern) }), { resource: at(path), context })
    expect(effect).toBe(allowed ? 'Allow' : 'ImplicitDeny')
  })

  it('are text in a policy of version 2008-10-17 and in one without a version', () => {
    for (const version of [{ Version: '2008-10-17' as const }, {}]) {
      const document = { ...version, Statement: { ...BASE, Resource: at('${aws:userid}') } }
      expect(decide(document, { resource: at('AROA:me'), context })).toBe('ImplicitDeny')
      expect(decide(document, { resource: at('${aws:userid}'), context })).toBe('Allow')
    }
  })

  it('stand in String and Arn conditions as well', () => {
    const same = { StringEquals: { 'aws:a': '${aws:b}' } }
    expect(decide(policy({ Condition: same }), { context: { 'aws:a': 'x', 'aws:b': 'x' } })).toBe(
      'Allow',
    )
    expect(decide(policy({ Condition: same }), { context: { 'aws:a': 'x', 'aws:b': 'y' } })).toBe(
      'ImplicitDeny',
    )
    const missing = { StringNotEquals: { 'aws:a': '${aws:b}' } }
    expect(decide(policy({ Condition: missing }), { context: { 'aws:a': 'x' } })).toBe('Allow')
  })
})

describe('a condition', () => {
  type Values = string | number | boolean | string[]
  type Row = [name: string, values: Values, context: string | string[] | undefined, holds: boolean]
  const rows: Row[] = [
    ['StringEquals', 'x', 'x', true],
    ['StringEquals', 'x', 'X', false],
    ['StringEquals', ['a', 'x'], 'x', true],
    ['StringEquals', 'x', undefined, false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', 'a*', 'a*', true],
    ['StringNotEquals', 'x', 'y', true],
    ['StringNotEquals', 'x', 'x', false],
    ['StringNotEquals', ['a', 'x'], 'x', false],
    ['StringNotEquals', ['a', 'x'], 'y', true],
    ['StringNotEquals', 'x', undefined, true],
    ['StringEqualsIgnoreCase', 'HeLLo', 'hEllO', true],
    ['StringEqualsIgnoreCase', 'hello', 'hallo', false],
    ['StringNotEqualsIgnoreCase', 'HELLO', 'hello', false],
    ['StringNotEqualsIgnoreCase', 'HELLO', 'hallo', true],
    ['StringLike', 'a*c', 'abbc', true],
    ['StringLike', 'a?c', 'abbc', false],
    ['StringLike', '*', '', true],
    ['StringLike', '*', undefined, false],
    ['StringNotLike', 'a*', 'abc', false],
    ['StringNotLike', 'a*', 'xyz', true],
    ['StringNotLike', 'a*', undefined, true],
    ['ArnEquals', 'arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/a/b', true],
    ['ArnEquals', 'arn:aws:iam::*:role/x', 'arn:aws:iam::1:role/x', true],
    ['ArnLike', 'arn:aws:iam::*:x', 'arn:aws:iam::1:a:x', false],
    ['ArnLike', 'arn:aws:iam::1:role/?', 'arn:aws:iam::1:role/x', true],
    ['ArnLike', 'arn:aws:iam::1:role/x', 'no arn', false],
    ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/y', true],
    ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/x', false],
    ['ArnNotLike', 'arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/x', false],
    ['ArnNotLike', 'arn:aws:iam::1:role/*', undefined, true],
    ['NumericEquals', 10, '10.0', true],
    ['NumericEquals', '10', '11', false],
    ['NumericEquals', 10, 'ten', false],
    ['NumericNotEquals', 10, '11', true],
    ['NumericNotEquals', 10, '10', false],
    ['NumericNotEquals', 10, undefined, true],
    ['NumericLessThan', 10, '9', true],
    ['NumericLessThan', 10, '10', false],
    ['NumericLessThanEquals', 10, '10', true],
    ['NumericLessThanEquals', 10, '10.5', false],
    ['NumericGreaterThan', -1, '0', true],
    ['NumericGreaterThan', 10, '10', false],
    ['NumericGreaterThanEquals', 10, '10', true],
    ['NumericGreaterThanEquals', 10, '9', false],
    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateEquals', '2026-01-01', '2026-01-01T00:00:00.000Z', true],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateLessThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThan', 1_767_225_600, '2026-01-01T00:00:01Z', true],
    ['DateGreaterThan', '1767225600', '2026-01-01T00:00:00Z', false],
    ['DateGreaterThanEquals', '1767225600', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', 'soon', false],
    ['Bool', true, 'true', true],
    ['Bool', 'TRUE', 'true', true],
    ['Bool', 'true', 'false', false],
    ['Bool', false, 'false', true],
    ['Bool', 'false', undefined, false],
    ['Bool', 'false', 'no', false],
    ['BinaryEquals', 'aGk=', 'aGk=', true],
    ['BinaryEquals', 'aGk=', 'aG8=', false],
    ['IpAddress', '203.0.113.0/24', '203.0.113.9', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.9', false],
    ['IpAddress', '203.0.113.9', '203.0.113.9', true],
    ['IpAddress', ['10.0.0.0/8', '127.0.0.0/8'], '127.0.0.1', true],
    ['IpAddress', '0.0.0.0/0', '198.51.100.1', true],
    ['IpAddress', '2001:db8::/32', '2001:db8:1::1', true],
    ['IpAddress', '2001:db8::/32', '2001:db9::1', false],
    ['IpAddress', '::1', '::1', true],
    ['IpAddress', '10.0.0.0/8', '2001:db8::1', false],
    ['IpAddress', '10.0.0.0/8', 'nowhere', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
    ['NotIpAddress', '203.0.113.0/24', '198.51.100.1', true],
    ['NotIpAddress', '203.0.113.0/24', undefined, true],
    ['Null', true, undefined, true],
    ['Null', 'true', 'x', false],
    ['Null', false, 'x', true],
    ['Null', 'false', undefined, false],
    ['Null', 'true', [], true],
    ['StringEqualsIfExists', 'x', undefined, true],
    ['StringEqualsIfExists', 'x', 'y', false],
    ['NumericLessThanIfExists', 1, undefined, true],
    ['BoolIfExists', 'true', 'false', false],
    ['IpAddressIfExists', '10.0.0.0/8', undefined, true],
    ['ForAnyValue:StringEquals', 'b', ['a', 'b'], true],
    ['ForAnyValue:StringEquals', 'c', ['a', 'b'], false],
    ['ForAnyValue:StringEquals', 'c', undefined, false],
    ['ForAnyValue:StringLike', ['x*', 'auth*'], ['authenticated', 'p'], true],
    ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAnyValue:StringNotEquals', 'a', undefined, false],
    ['ForAnyValue:StringEqualsIfExists', 'a', undefined, false],
    ['ForAllValues:StringEquals', ['a', 'b', 'c'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a'], ['a', 'b'], false],
    ['ForAllValues:StringEquals', 'a', undefined, true],
    ['ForAllValues:StringNotLike', 'x*', ['a', 'b'], true],
    ['ForAllValues:StringNotLike', 'a*', ['a', 'b'], false],
    ['ForAllValues:NumericLessThan', 5, ['1', '2'], true],
    ['ForAllValues:StringLikeIfExists', 'a*', undefined, true],
  ]
  it.each(rows)('%s %j over %j is %s', (operator, values, value, holds) => {
    const Condition = { [operator]: { 'aws:key': values } }
    const effect = decide(policy({ Condition }), { context: { 'AWS:Key': value } })
    expect(effect).toBe(holds ? 'Allow' : 'ImplicitDeny')
  })

  it('of several keys and operators holds when all of them do', () => {
    const Condition = { StringEquals: { 'aws:a': 'x', 'aws:b': 'y' }, Bool: { 'aws:c': true } }
    const context = { 'aws:a': 'x', 'aws:b': 'y', 'aws:c': 'true' }
    expect(decide(policy({ Condition }), { context })).toBe('Allow')
    for (const key of Object.keys(context)) {
      expect(decide(policy({ Condition }), { context: { ...context, [key]: 'other' } })).toBe(
        'ImplicitDeny',
      )
    }
  })
})

describe('the decision', () => {
  const request = { action: 'execute-api:Invoke', resource: GET_TEST }

  it('is an implicit deny when no statement applies', () => {
    expect(evaluate(policy({ Action: 's3:*' }), request)).toEqual({ effect: 'ImplicitDeny' })
  })

  it('tells the statement that allowed', () => {
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
    ['no wildcards', { Federated: 'cognito-*' }, 'ImplicitDeny'],
  ])('that trusts %s', (_, principal, effect) => {
    expect(evaluate(trust(principal), request).effect).toBe(effect)
  })

  it('asks for the pool and for somebody who signed in', () => {
    const document = trust({ Federated: 'cognito-identity.amazonaws.com' })
    const other = { ...request.context, 'cognito-identity.amazonaws.com:aud': 'other' }
    const guest = { ...request.context, 'cognito-identity.amazonaws.com:amr': ['unauthenticated'] }
    expect(evaluate(document, { ...request, context: other }).effect).toBe('ImplicitDeny')
    expect(evaluate(document, { ...request, context: guest }).effect).toBe('ImplicitDeny')
  })
})

describe('a policy that is not understood', () => {
  const bad: [what: string, statement: Record<string, unknown>, message: string | RegExp][] = [
    [
      'an unknown operator',
      { Condition: { StringEqualz: { a: 'b' } } },
      'Statement[0].Condition.StringEqualz is not a condition operator of IAM. Did you mean StringEquals,',
    ],
    [
      'an unknown set prefix',
      { Condition: { 'ForSomeValues:StringEquals': { a: 'b' } } },
      'Condition.ForSomeValues:StringEquals is not a condition operator',
    ],
    [
      'an operator in another case',
      { Condition: { stringequals: { a: 'b' } } },
      'Did you mean StringEquals',
    ],
    [
      'NullIfExists',
      { Condition: { NullIfExists: { a: 'true' } } },
      'NullIfExists is not a condition operator',
    ],
    [
      'an inherited name as operator',
      { Condition: { constructor: { a: 'b' } } },
      'constructor is not a condition operator',
    ],
    [
      'an unknown element',
      { Ressource: '*' },
      'Statement[0].Ressource is not known. Known here: Sid, Effect',
    ],
    ['NotPrincipal', { NotPrincipal: '*' }, 'NotPrincipal is not known'],
    ['a principal in an identity policy', { Principal: '*' }, 'Principal is not known'],
    [
      'an unknown effect',
      { Effect: 'allow' },
      "Statement[0].Effect is \"allow\". Write 'Allow' or 'Deny'.",
    ],
    ['an action without a service', { Action: 'Invoke' }, 'Statement[0].Action is "Invoke".'],
    ['no action', { Action: undefined }, 'Statement[0].Action is missing'],
    ['both kinds of action', { NotAction: 's3:*' }, 'Statement[0].NotAction stands beside Action'],
    ['no resource', { Resource: undefined }, 'Statement[0].Resource is missing'],
    ['an empty list', { Resource: [] }, 'Statement[0].Resource is empty'],
    [
      'a resource that is no ARN',
      { Resource: ['*', '/test'] },
      'Statement[0].Resource[1] is "/test".',
    ],
    [
      'a wildcard for the service',
      { Resource: 'arn:aws:*:eu:1:abc' },
      'Resource has a wildcard in its service',
    ],
    [
      'an open variable',
      { Resource: 'arn:aws:execute-api:::${aws:userid' },
      'has a "${" without its "}"',
    ],
    [
      'an empty variable',
      { Resource: 'arn:aws:execute-api:::${}' },
      'has a malformed policy variable ${}',
    ],
    [
      'a number that is none',
      { Condition: { NumericEquals: { a: 'ten' } } },
      `NumericEquals['a'] is "ten", which is not a number`,
    ],
    [
      'a variable where none may stand',
      { Condition: { Bool: { a: '${b}' } } },
      'Policy variables are for the String and Arn operators',
    ],
    [
      'a date that is none',
      { Condition: { DateLessThan: { a: 'tomorrow' } } },
      'is not an ISO 8601 date',
    ],
    [
      'an address that is none',
      { Condition: { IpAddress: { a: ['10.0.0.0/33'] } } },
      `IpAddress['a'][0] is "10.0.0.0/33"`,
    ],
    ['a truth value that is none', { Condition: { Bool: { a: 'yes' } } }, 'is not true or false'],
    [
      'a value of no kind',
      { Condition: { StringEquals: { a: null } } },
      `StringEquals['a'] is null`,
    ],
    ['a Sid with a space', { Sid: 'a b' }, 'Statement[0].Sid is "a b"'],
  ]
  it.each(bad)('is refused by its place: %s', (_, statement, message) => {
    const document = { Version: '2012-10-17', Statement: [{ ...BASE, ...statement }] }
    const check = (): void => checkPolicy(document, 'groups.FullAccess.policy', 'identity')
    expect(check).toThrow(TypeError)
    expect(check).toThrow(message)
    expect(check).toThrow('groups.FullAccess.policy.Statement[0].')
    // The evaluation never skips it either.
    expect(() => decide(JSON.parse(JSON.stringify(document)))).toThrow(TypeError)
  })

  it.each([
    ['no object', 'policy', 'groups.X.policy is "policy". It has to be a policy document'],
    ['no statement', { Version: '2012-10-17' }, 'groups.X.policy.Statement is missing'],
    ['an empty statement', { Statement: [] }, 'groups.X.policy.Statement is empty'],
    [
      'an unknown version',
      { Version: '2026-01-01', Statement: BASE },
      'groups.X.policy.Version is "2026-01-01"',
    ],
    [
      'an unknown member',
      { Statement: BASE, Statements: [] },
      'groups.X.policy.Statements is not known',
    ],
    [
      'one Sid twice',
      policy({ Sid: 'A' }, { Sid: 'A' }),
      'groups.X.policy.Statement[1].Sid is "A" again',
    ],
    [
      'a fault in a single statement',
      { Statement: { ...BASE, Effect: 'No' } },
      'groups.X.policy.Statement.Effect is "No"',
    ],
  ])('is refused as a whole: %s', (_, document, message) => {
    expect(() => checkPolicy(document, 'groups.X.policy', 'identity')).toThrow(message)
  })

  it('as a trust policy needs a principal and has no resource', () => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' }
    const check = (one: object): void => checkPolicy({ Statement: [one] }, 'trust', 'trust')
    expect(() => check(statement)).toThrow('trust.Statement[0].Principal is missing')
    expect(() => check({ ...statement, Principal: { Fed: 'x' } })).toThrow(
      'Principal.Fed is not known',
    )
    expect(() => check({ ...statement, Principal: '*', Resource: '*' })).toThrow(
      'Resource is not known',
    )
  })
})
