import { createIamFetch } from 'iamfetch'
import { afterAll, describe, expect, test } from 'vitest'
import { startLocalStack } from '../src/index.ts'

// What the tests with AWS's own clients do not send: input that they would refuse themselves, or that nothing else needs.

const stack = await startLocalStack({
  userPool: { selfSignUp: true },
  resourceServers: { notes: ['read'] },
  appClients: { reports: { scopes: ['notes/read'] } },
  users: { alice: {}, bob: {} },
})
afterAll(() => stack.stop())

const { config, appClients } = stack
const UserPoolId = config.userPoolId
const { clientId: ClientId, clientSecret: Secret } = appClients.reports
const page = config.userPoolClientId

const VERSION = '11111111-1111-4111-8111-111111111111'

async function call(
  service: 'cognito-idp' | 'secretsmanager',
  operation: string,
  input: object,
): Promise<string> {
  const { cognitoIdp, secretsManager } = config.endpoints
  const baseUrl = service === 'cognito-idp' ? cognitoIdp : secretsManager
  const { admin: credentials } = stack
  const send = createIamFetch({ baseUrl, region: config.region, service, credentials })
  const target = service === 'cognito-idp' ? 'AWSCognitoIdentityProviderService' : 'secretsmanager'
  const response = await send('/', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${target}.${operation}`,
    },
    body: JSON.stringify(input),
  })
  const { message, Message }: { message?: string; Message?: string } = await response.json()
  return `${response.status} ${message ?? Message}`
}

const client = { UserPoolId, ClientName: 'a client' }
const code = {
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid'],
}
const { accessToken: AccessToken } = await stack.signIn('alice')
await call('cognito-idp', 'AdminCreateUser', { UserPoolId, Username: 'carol' })
await call('secretsmanager', 'CreateSecret', {
  Name: 'app/two',
  SecretString: 'a',
  ClientRequestToken: VERSION,
})

const COGNITO: readonly (readonly [operation: string, input: object, message: string])[] = [
  ['InitiateAuth', { AuthFlow: 'USER_PASSWORD_AUTH' }, '400 Missing required parameter ClientId'],
  ['GetClientToken', {}, '400 Missing required parameter ClientId'],
  ['RevokeToken', {}, '400 Missing required parameter ClientId'],
  [
    'GetClientToken',
    { ClientId, Secret, Scopes: 'notes/read' },
    '400 Scopes has to be a list of strings',
  ],
  ['ListUserPoolClients', { UserPoolId, MaxResults: 61 }, '400 MaxResults is 1 to 60.'],
  [
    'DeleteUserPoolClientSecret',
    { UserPoolId, ClientId, ClientSecretId: 'unknown' },
    '400 The app client has no such secret.',
  ],
  [
    'CreateUserPoolClient',
    { ...client, ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH'] },
    '400 ALLOW_CLIENT_TOKEN_AUTH is the only one of ExplicitAuthFlows.',
  ],
  [
    'CreateUserPoolClient',
    { ...client, ...code },
    '400 code flow needs at least one of CallbackURLs.',
  ],
  [
    'CreateUserPoolClient',
    {
      ...client,
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED' },
    },
    '400 Refresh token rotation excludes ALLOW_REFRESH_TOKEN_AUTH of ExplicitAuthFlows.',
  ],
  [
    'CreateUserPoolClient',
    { ...client, RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 61 } },
    '400 RetryGracePeriodSeconds is 0 to 60.',
  ],
  [
    'CreateUserPoolClient',
    { ...client, CallbackURLs: 'https://app.example.com' },
    '400 CallbackURLs has to be a list of strings',
  ],
  [
    'ForgotPassword',
    { ClientId: page, Username: 'carol' },
    '400 User password cannot be reset in the current state.',
  ],
  [
    'GetUserAttributeVerificationCode',
    { AccessToken, AttributeName: 'phone_number' },
    '400 Only the attribute email can be verified here.',
  ],
  [
    'AdminConfirmSignUp',
    { UserPoolId, Username: 'alice' },
    '400 User cannot be confirmed. Current status is CONFIRMED',
  ],
  ['ListUsers', { UserPoolId, Limit: 61 }, '400 Limit is 1 to 60.'],
  ['ListUsers', { UserPoolId, PaginationToken: 'next' }, '400 Invalid PaginationToken.'],
  [
    'ListUsers',
    { UserPoolId, AttributesToGet: 'email' },
    '400 AttributesToGet has to be a list of strings',
  ],
  [
    'AdminCreateUser',
    { UserPoolId, Username: 'carol smith' },
    "400 1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+",
  ],
  [
    'AdminUpdateUserAttributes',
    { UserPoolId, Username: 'alice', UserAttributes: 'email' },
    '400 UserAttributes has to be a list',
  ],
  [
    'AdminUpdateUserAttributes',
    { UserPoolId, Username: 'alice', UserAttributes: [{ Name: 'shoe size', Value: '42' }] },
    '400 Attributes did not conform to the schema: Type for attribute could not be determined.',
  ],
  [
    'AdminUpdateUserAttributes',
    { UserPoolId, Username: 'alice', UserAttributes: [{ Name: 'email', Value: 'alice' }] },
    '400 Invalid email address format.',
  ],
  [
    'RespondToAuthChallenge',
    { ClientId: page, ChallengeName: 'SMS_MFA', ChallengeResponses: {} },
    '400 Unsupported challenge',
  ],
]

const SECRETS: readonly (readonly [operation: string, input: object, message: string])[] = [
  ['CreateSecret', { SecretString: 'text' }, '400 Name is required.'],
  [
    'CreateSecret',
    { Name: 'app/one', ClientRequestToken: crypto.randomUUID() },
    '400 SecretString is required.',
  ],
  [
    'BatchGetSecretValue',
    { SecretIdList: 'app/one' },
    '400 SecretIdList has to be a list of strings.',
  ],
  ['ListSecrets', { Filters: 'name' }, '400 Filters has to be a list.'],
  ['GetSecretValue', {}, '400 SecretId is required.'],
  ['PutSecretValue', { SecretId: 'app/two' }, '400 SecretString is required.'],
  ['UpdateSecretVersionStage', { SecretId: 'app/two' }, '400 VersionStage is required.'],
  [
    'UpdateSecretVersionStage',
    { SecretId: 'app/two', VersionStage: 'AWSCURRENT', RemoveFromVersionId: VERSION },
    '400 You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
  ],
  [
    'PutSecretValue',
    { SecretId: 'app/two', SecretString: 'b', VersionStages: 'AWSPENDING' },
    '400 VersionStages has to be a list of strings',
  ],
  [
    'PutSecretValue',
    { SecretId: 'app/two', SecretString: 'b', ClientRequestToken: 'short' },
    '400 ClientRequestToken must be 32-64 characters long.',
  ],
]

describe('input that AWS refuses', () => {
  test.each(COGNITO)(
    'row %#, %s of Cognito: is refused with what is wrong',
    async (operation, input, message) => {
      expect(await call('cognito-idp', operation, input)).toBe(message)
    },
  )

  test.each(SECRETS)(
    'row %#, %s of Secrets Manager: is refused with what is wrong',
    async (operation, input, message) => {
      expect(await call('secretsmanager', operation, input)).toBe(message)
    },
  )
})
