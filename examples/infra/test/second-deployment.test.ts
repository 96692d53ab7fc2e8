import { describe, expect, test } from 'vitest'
import { deployed, type Properties } from '../../../packages/cdk/test/resolved.ts'
import { synthesized } from './synthesized.ts'

// Two stacks that one host of CloudFormation created: their IDs share the last group.
const FIRST = '0f4a7f10-9c1b-11f1-8a5e-0a58a9feac02'
const SECOND = '7be10c90-9c1c-11f1-b3d2-0a58a9feac02'

/** What AWS refuses a second one of, in an account, in a region or everywhere. Without a name, AWS makes one up. */
const NAME_OF: Readonly<Record<string, (properties: Properties) => string | undefined>> = {
  'AWS::CloudFront::OriginAccessControl': ({ OriginAccessControlConfig }) =>
    OriginAccessControlConfig.Name,
  'AWS::CloudFront::ResponseHeadersPolicy': ({ ResponseHeadersPolicyConfig }) =>
    ResponseHeadersPolicyConfig.Name,
  'AWS::CloudWatch::Alarm': ({ AlarmName }) => AlarmName,
  'AWS::Cognito::UserPoolDomain': ({ Domain }) => Domain,
  'AWS::DynamoDB::Table': ({ TableName }) => TableName,
  'AWS::Events::Rule': ({ Name }) => Name,
  'AWS::IAM::Role': ({ RoleName }) => RoleName,
  'AWS::Lambda::Function': ({ FunctionName }) => FunctionName,
  'AWS::Logs::LogGroup': ({ LogGroupName }) => LogGroupName,
  'AWS::S3::Bucket': ({ BucketName }) => BucketName,
  'AWS::SecretsManager::Secret': ({ Name }) => Name,
}

const { templates } = synthesized()

function namesWith(stackUuid: string): string[] {
  const on = deployed(templates, { stackUuid })
  return Object.keys(templates).flatMap((stack) =>
    Object.entries(NAME_OF).flatMap(([type, nameOf]) =>
      on
        .resources(stack, type)
        .map(({ properties }) => nameOf(properties))
        .filter((name) => name !== undefined)
        .map((name) => `${type} ${name}`),
    ),
  )
}

describe('two deployments of the same stacks', () => {
  test('share no name, also in another region or another account', () => {
    const [first, second] = [namesWith(FIRST), namesWith(SECOND)]
    expect(first.length).toBeGreaterThan(4)
    expect(first.filter((name) => second.includes(name))).toEqual([])
    // Within one deployment no name is used twice either.
    expect(new Set(first).size).toBe(first.length)
  })

  test('have names that are not too long', () => {
    const longest = (type: string): number =>
      Math.max(
        ...namesWith(FIRST)
          .filter((name) => name.startsWith(`${type} `))
          .map((name) => name.length - type.length - 1),
      )
    expect(longest('AWS::Cognito::UserPoolDomain')).toBeLessThanOrEqual(63)
    expect(longest('AWS::CloudFront::OriginAccessControl')).toBeLessThanOrEqual(64)
    expect(longest('AWS::CloudFront::ResponseHeadersPolicy')).toBeLessThanOrEqual(128)
  })
})
