import type { Reading } from './reading.ts'

/** Types that are read, or that have no part in a decision and need no mention. */
const READ = new Set([
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::ApiKey',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::ApiGateway::UsagePlan',
  'AWS::ApiGateway::UsagePlanKey',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CDK::Metadata',
  'AWS::Cognito::IdentityPool',
  'AWS::Cognito::IdentityPoolPrincipalTag',
  'AWS::Cognito::IdentityPoolRoleAttachment',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
  'AWS::Cognito::UserPoolIdentityProvider',
  'AWS::Cognito::UserPoolResourceServer',
  'AWS::Cognito::UserPoolUser',
  'AWS::Cognito::UserPoolUserToGroupAttachment',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::IAM::RolePolicy',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Url',
  'AWS::Lambda::Version',
  'AWS::Logs::LogGroup',
  'AWS::Serverless::Api',
  'AWS::Serverless::Function',
  'AWS::Serverless::HttpApi',
  'AWS::Serverless::LayerVersion',
])

/** The reasons for types that a reader may expect. */
const REASONS: Readonly<Record<string, string>> = {
  'AWS::ApiGateway::DomainName': 'custom domains are not run; call the URL of the API',
  'AWS::ApiGatewayV2::DomainName': 'custom domains are not run; call the URL of the API',
  'AWS::SecretsManager::Secret':
    'the local Secrets Manager has the secrets of app clients alone, by the name of the app client',
  'AWS::AppSync::GraphQLApi': 'AppSync is not run',
  'AWS::CloudFormation::Stack': 'nested stacks are not read; give their templates one by one',
  'AWS::Serverless::Application':
    'nested applications are not read; give their templates one by one',
}

/** Notes every resource that the local stack does not have. */
export function noteTheRest({ resources, problems }: Reading): void {
  for (const [logicalId, { type }] of resources) {
    if (problems.isSkipped(logicalId)) {
      problems.note(logicalId, 'it is left out with "skip"')
      continue
    }
    if (READ.has(type)) continue
    problems.note(
      logicalId,
      REASONS[type] ?? `${type === '' ? 'a resource without a type' : type} is not run`,
    )
  }
}
