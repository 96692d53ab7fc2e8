import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../src/gateway/check-policy.ts'
import { BASE, decide, policy } from './decide.ts'

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
      'the short form of a resource policy',
      { Resource: 'execute-api:/prod/GET/test' },
      `Resource is "execute-api:/prod/GET/test". Write '*' or an ARN`,
    ],
    [
      'a variable where the account stands',
      { Resource: 'arn:aws:execute-api:eu-central-1:${aws:PrincipalAccount}:abc/*' },
      'Resource has a policy variable before its fifth colon',
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
      "CloudFormation's pseudo parameter",
      { Resource: 'arn:aws:execute-api:${AWS::Region}:1:abc' },
      'Resource has ${AWS::Region}. Write REGION',
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
    ['a range of two', { Condition: { IpAddress: { a: '10.0.0.0/8/9' } } }, 'is "10.0.0.0/8/9"'],
    ['a range of nothing', { Condition: { IpAddress: { a: 'nowhere/8' } } }, 'is "nowhere/8"'],
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

  it('as a trust policy needs a principal, by that name, and has no resource', () => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' }
    const check = (one: object): void => checkPolicy({ Statement: [one] }, 'trust', 'trust')
    expect(() => check(statement)).toThrow('trust.Statement[0].Principal is missing')
    expect(() => check({ ...statement, Principal: { Fed: 'x' } })).toThrow(
      'Principal.Fed is not known',
    )
    expect(() => check({ ...statement, Principal: '*', Resource: '*' })).toThrow(
      'Resource is not known',
    )
    expect(() => check({ ...statement, NotPrincipal: '*' })).toThrow('NotPrincipal is not known')
  })
})
