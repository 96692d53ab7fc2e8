import { createHash } from 'node:crypto'
import { textIn, Unresolved, type Dictionary } from './values.ts'

/** One resource, before its properties are read. */
export interface RawResource {
  type: string
  properties: Dictionary
}

/** Where the resources are. */
export interface Surroundings {
  region: string
  accountId: string
  partition: string
}

/** A text that is the same at every start, as IDs on AWS are the same at every deployment. */
export function fixedText(seed: string, length: number): string {
  const digest = createHash('sha256').update(seed).digest('hex')
  return BigInt(`0x${digest}`).toString(36).padStart(length, '0').slice(-length)
}

const fixedUuid = (seed: string): string => {
  const hex = createHash('sha256').update(seed).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** A role's name: the one of the template, or the logical ID. IAM takes 64 characters. */
const roleName = (logicalId: string, properties: Dictionary): string => {
  const name = textIn(properties, 'RoleName') ?? logicalId
  return name.length <= 64 ? name : `${name.slice(0, 55)}-${fixedText(name, 8)}`
}

const userPoolId = (logicalId: string, region: string): string =>
  `${region}_${fixedText(`pool ${logicalId}`, 9)}`

/** Properties that contain the name which `Ref` returns, by the type of the resource. For other types it is the logical ID. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::Cognito::UserPoolGroup': 'GroupName',
  'AWS::Cognito::UserPoolResourceServer': 'Identifier',
  'AWS::Cognito::UserPoolDomain': 'Domain',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Serverless::Function': 'FunctionName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Serverless::SimpleTable': 'TableName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::ApiGateway::Stage': 'StageName',
  'AWS::ApiGatewayV2::Stage': 'StageName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Logs::LogGroup': 'LogGroupName',
}

const APIS = [
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGatewayV2::Api',
  'AWS::Serverless::Api',
  'AWS::Serverless::HttpApi',
]

/** Returns what `Ref` is: the physical ID of a resource. */
export function refOf(
  logicalId: string,
  { type, properties }: RawResource,
  { region, accountId, partition }: Surroundings,
): unknown {
  if (APIS.includes(type)) return fixedText(`api ${logicalId}`, 10)
  switch (type) {
    case 'AWS::Cognito::UserPool':
      return userPoolId(logicalId, region)
    case 'AWS::Cognito::UserPoolClient':
      return fixedText(`client ${logicalId}`, 26)
    case 'AWS::Cognito::IdentityPool':
      return `${region}:${fixedUuid(`identity pool ${logicalId}`)}`
    case 'AWS::IAM::Role':
      return roleName(logicalId, properties)
    case 'AWS::IAM::ManagedPolicy':
      return `arn:${partition}:iam::${accountId}:policy/${textIn(properties, 'ManagedPolicyName') ?? logicalId}`
    case 'AWS::SecretsManager::Secret':
      return `arn:${partition}:secretsmanager:${region}:${accountId}:secret:${textIn(properties, 'Name') ?? logicalId}`
    case 'AWS::Lambda::Alias':
    case 'AWS::Lambda::Version': {
      const name = textIn(properties, 'FunctionName')?.split(':').at(-1) ?? logicalId
      const version = textIn(properties, 'Name') ?? '1'
      return `arn:${partition}:lambda:${region}:${accountId}:function:${name}:${version}`
    }
    default: {
      const name = NAMES[type]
      return (name === undefined ? undefined : textIn(properties, name)) ?? logicalId
    }
  }
}

/** Returns what `Fn::GetAtt` is. */
export function attributeOf(
  logicalId: string,
  resource: RawResource,
  attribute: string,
  surroundings: Surroundings,
): unknown {
  const { region, accountId, partition } = surroundings
  const { type } = resource
  const id = String(refOf(logicalId, resource, surroundings))
  const arn = (service: string, rest: string, place = region): string =>
    `arn:${partition}:${service}:${place}:${accountId}:${rest}`
  const known: Readonly<Record<string, string>> = {
    'AWS::Cognito::UserPool.Arn': arn('cognito-idp', `userpool/${id}`),
    'AWS::Cognito::UserPool.UserPoolId': id,
    'AWS::Cognito::UserPool.ProviderName': `cognito-idp.${region}.amazonaws.com/${id}`,
    'AWS::Cognito::UserPool.ProviderURL': `https://cognito-idp.${region}.amazonaws.com/${id}`,
    'AWS::Cognito::UserPoolClient.ClientId': id,
    'AWS::Cognito::UserPoolClient.Name': textIn(resource.properties, 'ClientName') ?? logicalId,
    'AWS::Cognito::IdentityPool.Name': textIn(resource.properties, 'IdentityPoolName') ?? logicalId,
    'AWS::Cognito::IdentityPool.Id': id,
    'AWS::IAM::Role.Arn': arn('iam', `role/${id}`, ''),
    'AWS::IAM::Role.RoleId': `AROA${fixedText(`role ${logicalId}`, 17).toUpperCase()}`,
    'AWS::Lambda::Function.Arn': arn('lambda', `function:${id}`),
    'AWS::Serverless::Function.Arn': arn('lambda', `function:${id}`),
    'AWS::ApiGateway::RestApi.RootResourceId': `${id}/root`,
    'AWS::ApiGateway::RestApi.RestApiId': id,
    'AWS::Serverless::Api.RootResourceId': `${id}/root`,
    'AWS::ApiGatewayV2::Api.ApiId': id,
    'AWS::ApiGatewayV2::Api.ApiEndpoint': `https://${id}.execute-api.${region}.amazonaws.com`,
    'AWS::Serverless::HttpApi.ApiEndpoint': `https://${id}.execute-api.${region}.amazonaws.com`,
    'AWS::ApiGateway::Resource.ResourceId': id,
    'AWS::ApiGateway::Authorizer.AuthorizerId': id,
    'AWS::ApiGatewayV2::Authorizer.AuthorizerId': id,
    'AWS::ApiGatewayV2::Integration.IntegrationId': id,
    'AWS::DynamoDB::Table.Arn': arn('dynamodb', `table/${id}`),
    'AWS::Serverless::SimpleTable.Arn': arn('dynamodb', `table/${id}`),
    'AWS::S3::Bucket.Arn': `arn:${partition}:s3:::${id}`,
    'AWS::SecretsManager::Secret.Id': id,
  }
  const key = `${type}.${attribute}`
  if (Object.hasOwn(known, key)) return known[key]
  return new Unresolved(`Fn::GetAtt ${logicalId}.${attribute} of ${type} is known on AWS only`)
}
