import { describe, expect, it } from 'vitest'
import { unmetCondition, type ConditionContext } from '../src/condition.ts'
import { BASE, decide, policy } from './support/decide.ts'

describe('policy variables', () => {
  const context: ConditionContext = {
    'aws:userid': 'AROA:me',
    'cognito-identity.amazonaws.com:sub': 'eu-central-1:42',
    'aws:many': ['a', 'b'],
    'aws:one': ['a'],
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
      'do not match the value of another user',
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
    ['prefer the value to the default', "${aws:userid, 'unknown'}", 'AROA:me', true],
    ['take an empty default', "a${aws:PrincipalTag/team, ''}b", 'ab', true],
    ['with several values match nothing', '${aws:many}', 'a', false],
    ['take the only value of a key that may have several', '${aws:one}', 'a', true],
    ['insert text: an asterisk is not a wildcard', '${aws:star}', 'anything', false],
    ['insert text: an asterisk is an asterisk', '${aws:star}', '*', true],
    ['${*} is an asterisk', 'a${*}', 'a*', true],
    ['${*} is not a wildcard', 'a${*}', 'ab', false],
    ['${?} is a question mark', 'a${?}', 'a?', true],
    ['${?} is not a wildcard', 'a${?}', 'ab', false],
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
      const Condition = { StringEquals: { 'aws:star': '${aws:star}' } }
      expect(decide({ ...version, Statement: { ...BASE, Condition } }, { context })).toBe(
        'ImplicitDeny',
      )
    }
  })

  it('may be in Bool conditions, as the page on condition operators says', () => {
    const Condition = { Bool: { 'aws:SecureTransport': '${aws:ViaAWSService}' } }
    const effectOf = (via: string | undefined): string =>
      decide(policy({ Condition }), {
        context: { 'aws:SecureTransport': 'true', 'aws:ViaAWSService': via },
      })
    expect(effectOf('true')).toBe('Allow')
    expect(effectOf('TRUE')).toBe('Allow')
    expect(effectOf('false')).toBe('ImplicitDeny')
    expect(effectOf(undefined)).toBe('ImplicitDeny')
  })

  it('before the fifth colon of an ARN are stored and match nothing', () => {
    const Resource = 'arn:*:execute-api:*:${aws:PrincipalAccount}:abc/*'
    const account = { context: { 'aws:PrincipalAccount': '123456789012' } }
    expect(decide(policy({ Resource }), account)).toBe('ImplicitDeny')
    const { Resource: _, ...rest } = BASE
    const deny = { ...rest, Effect: 'Deny' as const, NotResource: Resource }
    const document = { Version: '2012-10-17' as const, Statement: [BASE, deny] }
    expect(decide(document, account)).toBe('ExplicitDeny')
  })

  it('may be all that an Arn condition compares with', () => {
    const Condition = { ArnEquals: { 'aws:a': '${aws:b}' } }
    const arn = 'arn:aws:iam::1:role/x'
    expect(decide(policy({ Condition }), { context: { 'aws:a': arn, 'aws:b': arn } })).toBe('Allow')
    expect(decide(policy({ Condition }), { context: { 'aws:a': arn, 'aws:b': `${arn}y` } })).toBe(
      'ImplicitDeny',
    )
  })

  it('may be in String and Arn conditions as well', () => {
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
    ['ArnLike', 'arn:aws:iam::1:*', 'arn:aws:iam::1:role/x:y', true],
    ['ArnLike', '*', 'arn:aws:iam::1:role/x', true],
    ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/y', true],
    ['ArnNotEquals', 'arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/x', false],
    ['ArnNotLike', 'arn:aws:iam::1:role/*', 'arn:aws:iam::1:role/x', false],
    ['ArnNotLike', 'arn:aws:iam::1:role/*', undefined, true],
    ['NumericEquals', 10, '10.0', true],
    ['NumericEquals', '10', '11', false],
    ['NumericEquals', '+10', '10', true],
    ['NumericEquals', '0', '', false],
    ['NumericEquals', '16', '0x10', false],
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
    ['IpAddress', '203.0.113.9/32', '203.0.113.9', true],
    ['IpAddress', '203.0.113.9/32', '203.0.113.8', false],
    ['IpAddress', '2001:db8::1/128', '2001:db8::1', true],
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
    ['Null', 'true', '', true],
    ['Null', 'false', '', false],
    ['StringEquals', '', '', true],
    ['ForAllValues:StringEquals', 'a', '', true],
    ['ForAllValues:StringEquals', 'a', ['a', ''], true],
    ['ForAnyValue:StringEquals', ['a', ''], '', false],
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
    // A key that may have several values needs a set prefix, negated operators included.
    ['StringEquals', 'a', ['a', 'b'], false],
    ['StringEquals', 'a', ['a'], false],
    ['StringNotEquals', 'x', ['a', 'b'], false],
    ['StringNotLike', 'x*', ['a'], false],
    ['StringEqualsIfExists', 'a', ['a'], false],
    ['NumericLessThan', 5, ['1'], false],
    ['NotIpAddress', '10.0.0.0/8', ['127.0.0.1'], false],
    ['StringEqualsIfExists', 'a', [], true],
    ['Null', 'false', ['a'], true],
    ['IpAddress', '::/0', '203.0.113.5', false],
    ['NotIpAddress', '::/0', '203.0.113.5', true],
  ]
  it.each(rows)('%s %j over %j is %s', (operator, values, value, holds) => {
    const Condition = { [operator]: { 'aws:key': values } }
    const effect = decide(policy({ Condition }), { context: { 'AWS:Key': value } })
    expect(effect).toBe(holds ? 'Allow' : 'ImplicitDeny')
  })

  it('with an operator that IAM does not have is an error and never skipped', () => {
    expect(() => unmetCondition({ StringEqualz: { 'aws:a': 'x' } }, {}, true)).toThrow(
      '"StringEqualz" is not a condition operator of IAM',
    )
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
