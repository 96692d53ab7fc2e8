import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../src/check-policy.ts'
import { BASE, decide, policy } from './support/decide.ts'

describe('a policy that is not understood', () => {
  const bad: [what: string, statement: Record<string, unknown>, message: string | RegExp][] = [
    [
      'an unknown operator',
      { Condition: { StringEqualz: { a: 'b' } } },
      'Statement[0].Condition.StringEqualz" must be a condition operator of IAM; did you mean StringEquals,',
    ],
    [
      'an unknown set prefix',
      { Condition: { 'ForSomeValues:StringEquals': { a: 'b' } } },
      'Condition.ForSomeValues:StringEquals" must be a condition operator',
    ],
    [
      'an operator in another case',
      { Condition: { stringequals: { a: 'b' } } },
      'did you mean StringEquals',
    ],
    [
      'NullIfExists',
      { Condition: { NullIfExists: { a: 'true' } } },
      'NullIfExists" must be a condition operator',
    ],
    [
      'an inherited name as operator',
      { Condition: { constructor: { a: 'b' } } },
      'constructor" must be a condition operator',
    ],
    [
      'an unknown element',
      { Ressource: '*' },
      'Statement[0].Ressource" is not known; known here: Sid, Effect',
    ],
    ['NotPrincipal', { NotPrincipal: '*' }, 'NotPrincipal" is not known'],
    [
      'a principal in an identity policy',
      { Principal: '*' },
      'Principal" is for trust policies and resource policies',
    ],
    [
      'an unknown effect',
      { Effect: 'allow' },
      'Statement[0].Effect" must be "Allow" or "Deny", got "allow"',
    ],
    [
      'an action without a service',
      { Action: 'Invoke' },
      'Statement[0].Action" must be "*" or service:Action such as "execute-api:Invoke", got "Invoke"',
    ],
    ['no action', { Action: undefined }, 'Statement[0].Action" is missing'],
    [
      'both kinds of action',
      { NotAction: 's3:*' },
      'Statement[0].NotAction" must not be given together with Action',
    ],
    ['no resource', { Resource: undefined }, 'Statement[0].Resource" is missing'],
    ['an empty list', { Resource: [] }, 'Statement[0].Resource" must not be an empty list'],
    [
      'a resource that is not an ARN',
      { Resource: ['*', '/test'] },
      /Statement\[0\]\.Resource\[1\]" must be "\*" or an ARN such as .*, got "\/test"$/,
    ],
    [
      'a wildcard for the service',
      { Resource: 'arn:aws:*:eu:1:abc' },
      'Resource" must name its service in lower case and without wildcards',
    ],
    [
      'the short form of a resource policy',
      { Resource: 'execute-api:/prod/GET/test' },
      /Resource" must be "\*" or an ARN such as .*, got "execute-api:\/prod\/GET\/test"$/,
    ],
    [
      'an open variable',
      { Resource: 'arn:aws:execute-api:::${aws:userid' },
      'has a "${" without its "}"',
    ],
    [
      'an empty variable',
      { Resource: 'arn:aws:execute-api:::${}' },
      'has the malformed policy variable ${}',
    ],
    [
      "CloudFormation's pseudo parameter",
      { Resource: 'arn:aws:execute-api:${AWS::Region}:1:abc' },
      'Resource" has ${AWS::Region}, which CloudFormation replaces and IAM does not',
    ],
    [
      'a number that is none',
      { Condition: { NumericEquals: { a: 'ten' } } },
      `NumericEquals['a']" must be a number, got "ten"`,
    ],
    [
      'a variable where none may stand',
      { Condition: { NumericEquals: { a: '${b}' } } },
      'a policy variable is allowed for String, Arn and Bool operators only',
    ],
    [
      'a date that is none',
      { Condition: { DateLessThan: { a: 'tomorrow' } } },
      'must be an ISO 8601 date',
    ],
    [
      'a day that no month has',
      { Condition: { DateLessThan: { a: '2026-02-30' } } },
      'must be an ISO 8601 date',
    ],
    [
      'an hour that no day has',
      { Condition: { DateLessThan: { a: '2026-01-01T24:00:00Z' } } },
      'must be an ISO 8601 date',
    ],
    [
      'an address that is none',
      { Condition: { IpAddress: { a: ['10.0.0.0/33'] } } },
      `IpAddress['a'][0]" must be an IP address or a CIDR range, got "10.0.0.0/33"`,
    ],
    ['a range of two', { Condition: { IpAddress: { a: '10.0.0.0/8/9' } } }, 'got "10.0.0.0/8/9"'],
    ['a range of nothing', { Condition: { IpAddress: { a: 'nowhere/8' } } }, 'got "nowhere/8"'],
    [
      'a truth value that is none',
      { Condition: { Bool: { a: 'yes' } } },
      'must be true or false, got "yes"',
    ],
    [
      'a value of no kind',
      { Condition: { StringEquals: { a: null } } },
      `StringEquals['a']" must be a string, a number, true or false, got null`,
    ],
    [
      'a Sid with a space',
      { Sid: 'a b' },
      'Statement[0].Sid" must have letters and digits only, got "a b"',
    ],
  ]
  it.each(bad)('is refused by its place: %s', (_, statement, message) => {
    const document = { Version: '2012-10-17', Statement: [{ ...BASE, ...statement }] }
    const check = (): void => checkPolicy(document, { path: 'groups.FullAccess.policy' })
    expect(check).toThrow(TypeError)
    expect(check).toThrow(message)
    expect(check).toThrow('checkPolicy: "groups.FullAccess.policy.Statement[0].')
    // The evaluation never skips it either.
    expect(() => decide(JSON.parse(JSON.stringify(document)))).toThrow(TypeError)
  })

  it.each([
    [
      'no object',
      'policy',
      '"groups.X.policy" must be a policy document: { Version, Statement }, got "policy"',
    ],
    ['no statement', { Version: '2012-10-17' }, '"groups.X.policy.Statement" is missing'],
    [
      'an empty statement',
      { Statement: [] },
      '"groups.X.policy.Statement" must not be an empty list',
    ],
    [
      'an unknown version',
      { Version: '2026-01-01', Statement: BASE },
      '"groups.X.policy.Version" must be "2012-10-17", got "2026-01-01"',
    ],
    [
      'an unknown member',
      { Statement: BASE, Statements: [] },
      '"groups.X.policy.Statements" is not known',
    ],
    [
      'one Sid twice',
      policy({ Sid: 'A' }, { Sid: 'A' }),
      '"groups.X.policy.Statement[1].Sid" must differ from every other Sid, got "A" again',
    ],
    [
      'a fault in a single statement',
      { Statement: { ...BASE, Effect: 'No' } },
      '"groups.X.policy.Statement.Effect" must be "Allow" or "Deny", got "No"',
    ],
  ])('is refused as a whole: %s', (_, document, message) => {
    expect(() => checkPolicy(document, { path: 'groups.X.policy' })).toThrow(message)
  })

  const badArns = [
    'arn',
    'arn:',
    'arn:aws',
    'arn:aws:',
    'arn:aws::',
    'arn:aws::::bucket',
    'arn:aws::fdsasf',
    'arn:awss:execute-api:*:*:*',
    'arn:AWS:execute-api:*:*:*',
    'arn:gcp*:execute-api:*:*:*',
    'arn:*x y:execute-api:*:*:*',
    'arn::execute-api:*:*:*',
    'arn:aws:EXECUTE-API:*:*:*',
    'arn:aws:execute-api*:*:*:*',
    'arn:aws:execute_api:*:*:*',
    'arn:aws:execute-api:eu central:*:*',
    'arn:aws:execute-api:*:*:* ',
    ' arn:aws:execute-api:*:*:*',
    '* ',
    '**',
    'ARN:aws:execute-api:*:*:*',
    'arn:${aws:Partition}:execute-api:*:*:*',
    'arn:aws:${aws:Service}:*:*:*',
  ]
  it.each(badArns)('is refused for the resource %j, which IAM does not store', (Resource) => {
    for (const element of [{ Resource }, { Resource: undefined, NotResource: Resource }]) {
      const document = JSON.parse(JSON.stringify(policy({ ...BASE, ...element } as object)))
      expect(() => checkPolicy(document)).toThrow(TypeError)
      expect(() => decide(document)).toThrow(TypeError)
    }
  })

  it.each([
    'arn:aws:execute-api:*:*:*',
    'arn:aws-us-gov:execute-api:*:*:*',
    'arn:aws-cn:s3:::bucket/*',
    'arn:*:s3:::bucket/*',
    'arn:aws*:s3:::bucket/*',
    'arn:aws-*:s3:::bucket/*',
    'arn:a??:s3:::bucket/*',
    'arn:aws:s3',
    'arn:aws:sqs:eu-central-1',
    'arn:*:kms:*:${aws:PrincipalAccount}:key/*',
    "arn:aws:s3:::${aws:PrincipalTag/team, 'a:b'}/*",
  ])('is accepted for the resource %j', (Resource) => {
    expect(() => checkPolicy(policy({ Resource }))).not.toThrow()
  })

  it.each([
    'vpc-lattice:AssociateViaAWSService-EventsAndStates',
    '*:Describe*',
    '*:*',
    'service-prefix:action-name',
  ])('is accepted for the action %j', (Action) => {
    expect(() => checkPolicy(policy({ Action }))).not.toThrow()
  })

  it.each(['s3*:Get', 's3:', ':Get', 's3:Get Object', 's3:Get:Object', 's3'])(
    'is refused for the action %j',
    (Action) => {
      expect(() => checkPolicy(policy({ Action }))).toThrow('must be "*" or service:Action')
    },
  )

  it('is refused for an option that checkPolicy does not have', () => {
    const options = JSON.parse('{ "knd": "trust" }')
    expect(() => checkPolicy(policy({}), options)).toThrow(
      'checkPolicy: "options.knd" is not known',
    )
  })

  it('as a trust policy needs a principal, by that name, and has no resource', () => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' }
    const check = (one: object): void =>
      checkPolicy({ Statement: [one] }, { path: 'trust', kind: 'trust' })
    expect(() => check(statement)).toThrow('"trust.Statement[0].Principal" is missing')
    expect(() => check({ ...statement, Principal: { Fed: 'x' } })).toThrow(
      'Principal.Fed" is not known',
    )
    expect(() => check({ ...statement, Principal: '*', Resource: '*' })).toThrow(
      'Resource" is not known',
    )
    expect(() => check({ ...statement, NotPrincipal: '*' })).toThrow(
      'NotPrincipal" is not supported',
    )
  })

  it.each([
    [{ AWS: 'arn:aws:iam::123456789012:role/*' }, 'must be "*", the ID of an account'],
    [{ AWS: ['123456789012', 'arn:aws:iam::*:root'] }, 'Principal.AWS[1]" must be "*"'],
    [{ AWS: '1234' }, 'must be "*", the ID of an account'],
    [{ AWS: 'alice' }, 'must be "*", the ID of an account'],
    [
      { AWS: 'arn:aws:iam::123456789012:role/${aws:username}' },
      'must be "*", the ID of an account',
    ],
    [{ AWS: 'arn:aws:lambda:eu-central-1:123456789012:function:x' }, 'must be "*", the ID'],
    [{ Federated: 'cognito-*' }, 'must be a name without wildcards'],
    [{ Federated: '*' }, 'must be a name without wildcards'],
    [{ Service: '*.amazonaws.com' }, 'must be a name without wildcards'],
  ])(
    'a policy that is not understood that would never match its principal %j is refused',
    (Principal, problem) => {
      const statement = { Effect: 'Deny', Action: '*', Resource: '*', Principal }
      expect(() => checkPolicy({ Statement: statement }, { kind: 'resource' })).toThrow(problem)
    },
  )

  it.each([
    [{ AWS: '*' }],
    [{ AWS: ['123456789012', 'arn:aws:iam::123456789012:root'] }],
    [{ AWS: 'arn:aws-us-gov:iam::123456789012:role/path/Name' }],
    [{ AWS: 'arn:aws:sts::123456789012:assumed-role/Name/session@example.com' }],
    [{ AWS: 'AROACKCEVSQ6C2EXAMPLE' }],
    [{ Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' }],
    [{ Service: ['lambda.amazonaws.com', 'states.eu-central-1.amazonaws.com'] }],
  ])('may have the principal %j', (Principal) => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal }
    expect(() => checkPolicy({ Statement: statement }, { kind: 'trust' })).not.toThrow()
  })

  it('is refused for a condition key without values, which no page of AWS explains', () => {
    const Condition = { StringNotEquals: { 'aws:SourceIp': [] } }
    expect(() => checkPolicy(policy({ Condition }))).toThrow(
      `Condition.StringNotEquals['aws:SourceIp']" must not be an empty list`,
    )
  })

  it('as a resource policy needs a principal and a resource, which may be in the short form', () => {
    const statement = { Effect: 'Allow', Action: 'execute-api:Invoke' }
    const check = (one: object, Version = '2012-10-17'): void =>
      checkPolicy({ Version, Statement: [one] }, { path: 'api', kind: 'resource' })
    const Resource = 'execute-api:/prod/GET/*'
    expect(() => check({ ...statement, Principal: '*', Resource })).not.toThrow()
    expect(() => check({ ...statement, Resource })).toThrow(
      '"api.Statement[0].Principal" is missing; a resource policy names its callers; write "*" for every caller',
    )
    expect(() => check({ ...statement, Principal: '*' })).toThrow('Resource" is missing')
    const broken = { ...statement, Principal: '*', Resource: 'execute-api:/${aws:' }
    expect(() => check(broken)).toThrow('has a "${" without its "}"')
    expect(() => check({ ...statement, NotPrincipal: '*', Resource })).toThrow(
      'NotPrincipal" is not supported, and AWS advises against it; write Principal "*" with a condition on aws:PrincipalArn',
    )
    expect(() =>
      checkPolicy({ Statement: [statement] }, JSON.parse('{"kind":"resources"}')),
    ).toThrow('"options.kind" must be one of identity, trust, resource, got "resources"')
  })
})
