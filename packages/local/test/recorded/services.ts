import type { Evidence } from './fact.ts'

/** One fact about Secrets Manager: what a call gets after others. */
export interface SecretFact extends Evidence {
  fact: string
  /** Calls for the secret `reader`, one after the other. `$id` in a text is the `VersionId` of the first response. */
  calls: readonly (readonly [operation: string, input: Readonly<Record<string, unknown>>])[]
  /** The last response. */
  response: { status: number; body: Readonly<Record<string, unknown>> }
}

const SNAPSHOTS = {
  source: 'localstack/localstack@8b9a79f tests/aws/services/secretsmanager snapshots',
  strength: 'recorded',
} as const
const MOTO = {
  source: 'getmoto/moto@0af643a, tests marked aws_verified',
  strength: 'measured',
} as const

const TOKEN = '11111111-2222-4333-8444-555555555555'
const OTHER = '21111111-2222-4333-8444-555555555555'

export const secrets: readonly SecretFact[] = [
  {
    fact: 'DescribeSecret has the versions with their labels and no value',
    calls: [
      ['PutSecretValue', { SecretString: 'new', ClientRequestToken: TOKEN }],
      ['DescribeSecret', {}],
    ],
    response: {
      status: 200,
      body: {
        ARN: '/^arn:aws:secretsmanager:.*:secret:reader-\\w{6}$/',
        Name: 'reader',
        VersionIdsToStages: { [TOKEN]: ['AWSCURRENT'] },
      },
    },
    ...SNAPSHOTS,
  },
  {
    fact: 'AWSCURRENT moves to a version that was put as AWSPENDING, and the old one becomes AWSPREVIOUS',
    calls: [
      ['GetSecretValue', {}],
      [
        'PutSecretValue',
        { SecretString: 'new', ClientRequestToken: TOKEN, VersionStages: ['AWSPENDING'] },
      ],
      [
        'UpdateSecretVersionStage',
        { VersionStage: 'AWSCURRENT', MoveToVersionId: TOKEN, RemoveFromVersionId: '$id' },
      ],
      ['DescribeSecret', {}],
    ],
    response: {
      status: 200,
      body: { VersionIdsToStages: { [TOKEN]: ['AWSCURRENT', 'AWSPENDING'] } },
    },
    source: 'AWS: UpdateSecretVersionStage, the last step of a rotation (docs.aws.amazon.com)',
    strength: 'documented',
  },
  {
    fact: 'AWSCURRENT does not move without the version that has it',
    calls: [
      [
        'PutSecretValue',
        { SecretString: 'new', ClientRequestToken: TOKEN, VersionStages: ['AWSPENDING'] },
      ],
      ['UpdateSecretVersionStage', { VersionStage: 'AWSCURRENT', MoveToVersionId: TOKEN }],
    ],
    response: {
      status: 400,
      body: {
        __type: 'InvalidParameterException',
        Message:
          "/^The parameter RemoveFromVersionId can't be empty\\. Staging label AWSCURRENT is currently attached to version [\\w-]+, so you must explicitly reference that version in RemoveFromVersionId\\.$/",
      },
    },
    source: 'hashicorp/terraform-provider-aws#19943, a pasted error',
    strength: 'reported',
  },
  {
    fact: 'CreateSecret of a name that exists is refused',
    calls: [['CreateSecret', { Name: 'reader', SecretString: 'x', ClientRequestToken: TOKEN }]],
    response: {
      status: 400,
      body: {
        __type: 'ResourceExistsException',
        Message: 'The operation failed because the secret reader already exists.',
      },
    },
    source:
      'CREATE_FAILED of CloudFormation and errors of Terraform, pasted in public repositories',
    strength: 'reported',
  },
  {
    fact: 'a version ID and a label that do not belong together are an invalid request',
    calls: [
      ['GetSecretValue', {}],
      ['PutSecretValue', { SecretString: 'new', ClientRequestToken: TOKEN }],
      ['GetSecretValue', { VersionId: '$id', VersionStage: 'AWSCURRENT' }],
    ],
    response: {
      status: 400,
      body: {
        __type: 'InvalidRequestException',
        Message: 'You provided a VersionStage that is not associated to the provided VersionId.',
      },
    },
    ...SNAPSHOTS,
  },
  {
    fact: 'a token that was used for another value is refused with the ARN of the secret',
    calls: [
      ['PutSecretValue', { SecretString: 'one', ClientRequestToken: TOKEN }],
      ['PutSecretValue', { SecretString: 'two', ClientRequestToken: TOKEN }],
    ],
    response: {
      status: 400,
      body: {
        __type: 'ResourceExistsException',
        Message: `/^You can't use ClientRequestToken ${TOKEN} because that value is already in use for a version of secret arn:aws:secretsmanager:.*:secret:reader-\\w{6}\\.$/`,
      },
    },
    ...MOTO,
  },
  {
    fact: 'PutSecretValue needs a ClientRequestToken',
    calls: [['PutSecretValue', { SecretString: 'new' }]],
    response: {
      status: 400,
      body: {
        __type: 'InvalidRequestException',
        Message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
      },
    },
    ...SNAPSHOTS,
  },
  {
    fact: 'labels are sorted',
    calls: [
      [
        'PutSecretValue',
        { SecretString: 'new', ClientRequestToken: OTHER, VersionStages: ['Z', 'AWSCURRENT', 'B'] },
      ],
    ],
    response: { status: 200, body: { VersionStages: ['AWSCURRENT', 'B', 'Z'] } },
    ...SNAPSHOTS,
  },
  {
    fact: 'the message of an error is in the member Message',
    calls: [['GetSecretValue', { VersionId: OTHER }]],
    response: {
      status: 400,
      body: { __type: 'ResourceNotFoundException', Message: "/^Secrets Manager can't find /" },
    },
    ...MOTO,
  },
]

/** One fact about the endpoints of a user pool's domain. */
export interface OAuthFact extends Evidence {
  fact: string
  request: {
    path: string
    method?: string
    headers?: Readonly<Record<string, string>>
    /** `$id` and `$secret` are those of an app client; `$off` and `$offSecret` of one without OAuth. */
    body?: string
  }
  response: { status: number; body: string; headers?: Readonly<Record<string, string>> }
}

const USER_INFO_PAGE = {
  source:
    'https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html, negative responses',
  strength: 'documented',
} as const
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

export const oauth: readonly OAuthFact[] = [
  {
    fact: 'a client that may not use OAuth gets invalid_grant',
    request: {
      path: '/oauth2/token',
      method: 'POST',
      headers: FORM,
      body: 'grant_type=client_credentials&client_id=$off&client_secret=$offSecret',
    },
    response: { status: 400, body: '{"error":"invalid_grant"}' },
    source:
      'hashicorp/terraform-provider-aws#34945, aws/aws-sdk-js-v3#7158, boto/boto3#3916, aws/aws-sdk-java#3037',
    date: '2024-11-27',
    strength: 'reported',
  },
  {
    fact: 'a token request that is not a form is a 405 without a body',
    request: {
      path: '/oauth2/token',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"grant_type":"client_credentials"}',
    },
    response: { status: 405, body: '' },
    source: 'amazon-archives/amazon-cognito-auth-js#52',
    strength: 'reported',
  },
  {
    fact: 'no scope in a token request grants all scopes of the client',
    request: {
      path: '/oauth2/token',
      method: 'POST',
      headers: FORM,
      body: 'grant_type=client_credentials&client_id=$id&client_secret=$secret',
    },
    response: { status: 200, body: '/"access_token":"/' },
    source: 'AWS CLI reference of GetClientToken, "same functionality" as client credentials',
    strength: 'documented',
  },
  ...([undefined, 'Bearer x', 'Bearer x.y'] as const).map((authorization): OAuthFact => ({
    fact: `userInfo refuses ${authorization ?? 'no token'} as a bad request`,
    request: { path: '/oauth2/userInfo', ...(authorization && { headers: { authorization } }) },
    response: {
      status: 400,
      body: '',
      headers: {
        'www-authenticate':
          'error="invalid_request", error_description="Bad OAuth2 request at UserInfo Endpoint"',
      },
    },
    ...USER_INFO_PAGE,
  })),
  {
    fact: 'userInfo refuses a token that is not good as invalid',
    request: { path: '/oauth2/userInfo', headers: { authorization: 'Bearer x.y.z' } },
    response: {
      status: 401,
      body: '',
      headers: {
        'www-authenticate':
          'error="invalid_token", error_description="Access token is expired, disabled, or deleted, or the user has globally signed out."',
      },
    },
    ...USER_INFO_PAGE,
  },
]
