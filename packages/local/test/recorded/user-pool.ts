import type { Evidence } from './fact.ts'

/** The users of the facts below, by the groups that they are in. */
export const MEMBERS = {
  'tied-with-one-role': ['SharedA', 'SharedB'],
  'tied-with-two-roles': ['TieA', 'TieB'],
  'one-without-a-number': ['Unnumbered', 'TieA'],
  alice: ['TieA'],
} as const

/** One fact about the claims of a user's tokens. */
export interface ClaimFact extends Evidence {
  fact: string
  user: keyof typeof MEMBERS
  token: 'idToken' | 'accessToken'
  /** `undefined` for a claim that is not there. */
  claims: Readonly<Record<string, unknown>>
}

const CREATE_GROUP = {
  source: 'AWS: CreateGroup API reference, Precedence',
  strength: 'documented',
} as const
const MOTO = {
  source: 'getmoto/moto@0af643a, tests of cognito-idp marked aws_verified',
  strength: 'measured',
} as const
const role = (name: string): string => `arn:aws:iam::123456789012:role/${name}`

export const claims: readonly ClaimFact[] = [
  {
    fact: 'a tie of two groups with one role prefers that role',
    user: 'tied-with-one-role',
    token: 'idToken',
    claims: { 'cognito:preferred_role': role('Shared') },
    ...CREATE_GROUP,
  },
  {
    fact: 'a tie of two groups with different roles prefers no role',
    user: 'tied-with-two-roles',
    token: 'idToken',
    claims: { 'cognito:preferred_role': undefined },
    ...CREATE_GROUP,
  },
  {
    fact: 'a group without a precedence comes after every number',
    user: 'one-without-a-number',
    token: 'idToken',
    claims: { 'cognito:preferred_role': role('TieARole') },
    ...CREATE_GROUP,
  },
  {
    fact: 'an access token of the API has the scope of the user pool and the groups',
    user: 'alice',
    token: 'accessToken',
    claims: {
      scope: 'aws.cognito.signin.user.admin',
      'cognito:groups': ['TieA'],
      token_use: 'access',
      aud: undefined,
    },
    ...MOTO,
  },
]

/** One fact about an operation of the user pool or the identity pool. */
export interface OperationFact extends Evidence {
  fact: string
  /** With the prefix of `x-amz-target`. */
  operation: string
  /** `$pool`, `$client` and `$identityPool` are the IDs of the stack. */
  input: Readonly<Record<string, unknown>>
  signed?: true
  response: { status: number; body: Readonly<Record<string, unknown>> }
}

const IDP = 'AWSCognitoIdentityProviderService'

export const operations: readonly OperationFact[] = [
  {
    fact: 'a scope that no resource server has is named',
    operation: `${IDP}.CreateUserPoolClient`,
    signed: true,
    input: {
      UserPoolId: '$pool',
      ClientName: 'x',
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes: ['premium/none'],
      GenerateSecret: true,
    },
    response: {
      status: 400,
      body: {
        __type: 'ScopeDoesNotExistException',
        message: 'Invalid scope requested: premium/none',
      },
    },
    source: 'awsdocs/aws-cloudformation-user-guide#564, #518',
    strength: 'reported',
  },
  {
    fact: 'a secret hash for an app client without a secret is an invalid parameter',
    operation: `${IDP}.InitiateAuth`,
    input: {
      ClientId: '$client',
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'alice', PASSWORD: 'x', SECRET_HASH: 'x' },
    },
    response: {
      status: 400,
      body: {
        __type: 'InvalidParameterException',
        message: '/^App client \\w+ is not configured for secret but secret hash was received$/',
      },
    },
    source: 'pmill/aws-cognito#23',
    strength: 'reported',
  },
  {
    fact: 'the basic flow of an identity pool that maps roles is an invalid parameter',
    operation: 'AWSCognitoIdentityService.GetOpenIdToken',
    input: { IdentityId: 'eu-central-1:11111111-2222-4333-8444-555555555555' },
    response: { status: 400, body: { __type: 'InvalidParameterException' } },
    source: 'aws/aws-cli#7652, of the sibling "Basic (classic) flow is not enabled"',
    strength: 'reported',
  },
  ...(
    [
      [
        'a temporary password is not reset',
        'invited',
        'User password cannot be reset in the current state.',
      ],
      ['the password of a disabled user is not reset', 'disabled', 'User is disabled.'],
    ] as const
  ).map(([fact, Username, message]): OperationFact => ({
    fact,
    operation: `${IDP}.AdminResetUserPassword`,
    signed: true,
    input: { UserPoolId: '$pool', Username },
    response: { status: 400, body: { __type: 'NotAuthorizedException', message } },
    source: 'the notes of a public project that reproduced both on its own user pool',
    date: '2026-10-06',
    strength: 'reported',
  })),
  {
    fact: 'an invitation is sent again to invited users alone',
    operation: `${IDP}.AdminCreateUser`,
    signed: true,
    input: { UserPoolId: '$pool', Username: 'alice', MessageAction: 'RESEND' },
    response: {
      status: 400,
      body: {
        __type: 'UnsupportedUserStateException',
        message: 'Resend not possible. alice status is not FORCE_CHANGE_PASSWORD',
      },
    },
    source: 'the errors of AdminCreateUser in the model of AWS; two emulators have the words',
    strength: 'inferred',
  },
  ...([' Password-1', 'Password-1 ', `Aa-1${'x'.repeat(253)}`] as const).map(
    (Password, i): OperationFact => ({
      fact: `a password ${['with white space before it', 'with white space after it', 'of 257 characters'][i]} is an invalid parameter`,
      operation: `${IDP}.SignUp`,
      input: { ClientId: '$client', Username: 'new', Password },
      response: {
        status: 400,
        body: {
          __type: 'InvalidParameterException',
          message:
            i < 2
              ? "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$"
              : "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 256",
        },
      },
      source: 'AWS: SignUp API reference, Password; apps that translate the message',
      strength: 'reported',
    }),
  ),
  {
    fact: 'an administrator names a user by the sub',
    operation: `${IDP}.AdminListGroupsForUser`,
    signed: true,
    input: { UserPoolId: '$pool', Username: '$sub' },
    response: { status: 200, body: { Groups: [{ GroupName: 'TieA' }] } },
    source: 'AWS: AdminListGroupsForUser API reference, Username',
    strength: 'documented',
  },
]
