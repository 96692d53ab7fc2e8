import { describe, expect, test } from 'vitest'
import { readText } from '../support/template-file.ts'

const TEMPLATE = (value: string): string => `
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  Names: { Type: CommaDelimitedList, Default: 'a, b' }
  Needed: { Type: String }
Mappings:
  Sizes: { dev: { Memory: 128 }, prod: { Memory: 1024 } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, !Condition IsDev]
Resources:
  Users: { Type: AWS::Cognito::UserPool }
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Sub 'notes-\${Stage}' } }
  Gone: { Type: AWS::DynamoDB::Table, Condition: IsProd }
Outputs:
  Value: { Value: ${value} }
`

const valueOf = (value: string, parameters = {}): string | undefined =>
  readText(TEMPLATE(value), { parameters }).outputs['Value']

describe('the functions of a template', () => {
  test.each([
    ['plain', 'plain'],
    ['!Ref Stage', 'dev'],
    ['!Ref AWS::Region', 'eu-central-1'],
    ['!Ref Table', 'notes-dev'],
    ['!GetAtt Table.Arn', 'arn:aws:dynamodb:eu-central-1:123456789012:table/notes-dev'],
    ['!GetAtt [Table, Arn]', 'arn:aws:dynamodb:eu-central-1:123456789012:table/notes-dev'],
    [`!Sub '\${Stage}-\${AWS::AccountId}-\${!Literal}'`, 'dev-123456789012-${Literal}'],
    [
      `!Sub ['\${Own}/\${Table.Arn}', { Own: !Ref Stage }]`,
      'dev/arn:aws:dynamodb:eu-central-1:123456789012:table/notes-dev',
    ],
    [`!Join ['-', [a, !Ref Stage]]`, 'a-dev'],
    [`!Join ['-', !Ref Names]`, 'a-b'],
    ['!Select [1, !Ref Names]', 'b'],
    [`!Select [0, !Split ['-', 'x-y']]`, 'x'],
    ['!If [IsProd, big, small]', 'small'],
    ['!If [Both, yes, no]', 'no'],
    ['!If [Either, yes, no]', 'yes'],
    [`!Sub '\${AWS::Partition}.\${AWS::URLSuffix}'`, 'aws.amazonaws.com'],
    [`!Base64 text`, 'dGV4dA=='],
    [`{ 'Fn::ToJsonString': { a: !Ref Stage } }`, '{"a":"dev"}'],
    [`{ 'Fn::Join': ['', ['a', { Ref: Stage }]] }`, 'adev'],
    [`!ImportValue shared`, undefined],
    ['!Ref Needed', undefined],
    ['!GetAtt Table.StreamArn', undefined],
    ['!GetAtt Nothing.Arn', undefined],
    [`!Transform { Name: 'AWS::Include' }`, undefined],
  ])('%s is %s', (value, expected) => {
    expect(valueOf(value)).toBe(expected)
  })

  test('parameters are given by name, and only those that the template has and allows', () => {
    expect(valueOf('!If [IsProd, big, small]', { Stage: 'prod' })).toBe('big')
    const prefix = 'stackFromTemplate: "parameters.'
    expect(() => valueOf('x', { Stag: 'prod' })).toThrow(
      `${prefix}Stag" is not a parameter of the template, which has Stage, Names, Needed`,
    )
    expect(() => valueOf('x', { Stage: 'test' })).toThrow(
      `${prefix}Stage" must be one of dev, prod`,
    )
  })

  test('values of other stacks are given as imports', () => {
    const { outputs } = readText(TEMPLATE('!ImportValue shared'), { imports: { shared: 'mine' } })
    expect(outputs['Value']).toBe('mine')
  })

  test('a resource whose condition is not met is not there', () => {
    const { leftOut } = readText(TEMPLATE('x'))
    expect(leftOut.map(({ logicalId }) => logicalId)).toStrictEqual(['Table'])
  })

  test('a condition that is not there is an error', () => {
    expect(() => valueOf('!If [IsNowhere, a, b]')).toThrow(
      'stackFromTemplate: the template has no condition "IsNowhere"',
    )
  })
})
