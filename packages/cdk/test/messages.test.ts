import { App, Stack } from 'aws-cdk-lib'
import { errorText } from '@iamfetch/testing'
import { describe, expect, test } from 'vitest'
import {
  AwsError,
  createClientSecretFunctions,
  type ClientSecretOptions,
} from '../src/functions/client-secret.ts'
import { rotate as rotateOnLambda } from '../src/functions/client-secret-lambda.ts'
import { functionOfRoute } from '../src/guarded-api.ts'
import { locate } from '../src/handler-file.ts'
import { IamGuardedApi } from '../src/index.ts'
import { httpAuthorizer } from '../src/lambda-authorizers.ts'
import { GuardedRestApi } from '../src/rest-api.ts'
import { buildFunction } from '../src/route-function.ts'

// What the other tests of this package do not produce: one mistake for each message.

const stack = (): Stack => new Stack(new App(), 'Notes')
const api = (more: object): never =>
  ({ name: 'notes', definition: { type: 'rest', routes: {}, ...more } }) as never

/** The functions for a secret, with one answer for each operation. */
function functions(
  answers: Record<string, unknown>,
): ReturnType<typeof createClientSecretFunctions> {
  const call = async (operation: string): Promise<never> => {
    const answer = answers[operation]
    if (answer === undefined) throw new AwsError('ResourceNotFoundException', 'not there')
    return answer as never
  }
  return createClientSecretFunctions({
    userPoolId: 'eu-central-1_AbCdEf123',
    tokenUrl: 'https://auth.example.com/oauth2/token',
    cognitoIdp: call,
    secretsManager: call,
    fetch: async () => new Response(null, { status: 403 }),
  } as ClientSecretOptions)
}
const rotate = (Step: string, answers: object) => (): unknown =>
  functions({
    DescribeSecret: { RotationEnabled: true, VersionIdsToStages: { new: ['AWSPENDING'] } },
    ...answers,
  }).rotate({ Step, SecretId: 'notes/reports', ClientRequestToken: 'new' } as never)
const text = JSON.stringify({ clientId: 'reports', clientSecret: 'hidden', clientSecretId: 'one' })
/** Calls the function with an event of CloudFormation. */
const initialize = (answers: Record<string, unknown>) => async (): Promise<void> => {
  await functions(answers).initialize({
    RequestType: 'Create',
    ResponseURL: 'https://cloudformation.example.com',
    ResourceProperties: { SecretId: 'notes/reports', ClientId: 'reports' },
  } as never)
}

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => functionOfRoute(stack(), 'GET /notes', api({})),
    'TypeError: IamGuardedApi: "apis.notes.routes[\'GET /notes\']" is not in the definition',
  ],
  [
    () =>
      functionOfRoute(
        stack(),
        'GET /notes',
        api({ routes: { 'GET /notes': { auth: 'iam', responseTransferMode: 'stream' } } }),
      ),
    'TypeError: IamGuardedApi: "apis.notes.routes[\'GET /notes\'].responseTransferMode" must not be "stream"; add a method of your own with a function that streams',
  ],
  [
    () => locate('./notes.ts#handler', [], "apis.notes.routes['GET /notes']"),
    'TypeError: IamGuardedApi: "functions" must have a function for "apis.notes.routes[\'GET /notes\']", whose handler is not a function of the definition',
  ],
  [
    () => {
      const byCallback = (_event: unknown, _context: unknown, _callback: unknown): void => {}
      return locate(byCallback as never, [], "apis.notes.routes['GET /notes']")
    },
    'TypeError: IamGuardedApi: "apis.notes.routes[\'GET /notes\'].handler" must have at most two parameters, because a third one is a callback, which Lambda refuses from Node.js 24 on',
  ],
  [
    () => Reflect.get(IamGuardedApi.prototype, 'siteConfig', {}),
    'TypeError: IamGuardedApi: "definition" must have users or groups for a page',
  ],
  [
    () => httpAuthorizer(stack(), 'own', api({ authorizers: {} })),
    'TypeError: IamGuardedApi: "apis.notes.authorizers" must have "own"',
  ],
  [
    () => new GuardedRestApi(stack(), 'Api', api({ routes: { $default: { auth: 'iam' } } })),
    'TypeError: IamGuardedApi: each of "apis.notes.routes" must have a method and a path, because it is a REST API, got "$default"',
  ],
  [
    () =>
      new GuardedRestApi(
        stack(),
        'Api',
        api({
          cors: {
            allowOrigins: ['https://a.example.com', 'https://b.example.com'],
            allowCredentials: true,
          },
        }),
      ),
    'TypeError: IamGuardedApi: "apis.notes.cors" must have one origin, or "onErrors: false", because it allows credentials and is of a REST API',
  ],
  [
    () => buildFunction(stack(), 'Notes', { file: '/notes.ts', name: 'handler' } as never),
    'TypeError: IamGuardedApi: "handlers" must be files of a project with a lock file (run npm install there), got "/notes.ts"',
  ],
  [() => rotateOnLambda({} as never), 'Error: The environment variable USER_POOL_ID is not set.'],
  [initialize({}), 'Error: CloudFormation refused the result of the resource with the status 403.'],
  [
    rotate('createSecret', { DescribeSecret: {} }),
    'Error: Rotation is not turned on for the secret notes/reports.',
  ],
  [rotate('forget', {}), 'Error: The step forget is not a step of a rotation.'],
  [
    rotate('createSecret', {}),
    'Error: The secret notes/reports has no value that could be rotated.',
  ],
  [rotate('testSecret', {}), 'Error: The secret notes/reports has no new value to be tested.'],
  [
    rotate('testSecret', { GetSecretValue: { SecretString: '{}' } }),
    'Error: A response or a secret has no "clientId".',
  ],
]

describe('a mistake', () => {
  test.each(ROWS)('row %#: is said in a full sentence with what to do', async (call, message) => {
    expect(await errorText(call)).toBe(message)
  })
})

test('an app client with two secrets, or without the one that is stored, is not rotated', async () => {
  const told: string[] = []
  const cognitoIdp = async (operation: string): Promise<never> =>
    (operation === 'DescribeUserPoolClient'
      ? { UserPoolClient: { ClientSecret: 'hidden' } }
      : { ClientSecrets: [{ ClientSecretId: 'two' }, { ClientSecretId: 'three' }] }) as never
  const secretsManager = async (operation: string, input: object): Promise<never> => {
    if (operation === 'DescribeSecret') {
      return { RotationEnabled: true, VersionIdsToStages: { new: ['AWSPENDING'] } } as never
    }
    const isPending = JSON.stringify(input).includes('AWSPENDING')
    if (isPending || told.length === 0) throw new AwsError('ResourceNotFoundException', 'not there')
    return { SecretString: text } as never
  }
  const { initialize: begin, rotate: next } = createClientSecretFunctions({
    userPoolId: 'eu-central-1_AbCdEf123',
    tokenUrl: 'https://auth.example.com/oauth2/token',
    cognitoIdp,
    secretsManager,
    fetch: async (_url: unknown, init?: RequestInit) => {
      const { Reason }: { Reason: string } = JSON.parse(init?.body as string)
      told.push(Reason)
      return new Response()
    },
  } as ClientSecretOptions)
  await begin({
    RequestType: 'Create',
    ResponseURL: 'https://cloudformation.example.com',
    ResourceProperties: { SecretId: 'notes/reports', ClientId: 'reports' },
  } as never)
  expect(told).toEqual(['The app client reports must have one secret; it has 2.'])
  const rotation = { Step: 'createSecret', SecretId: 'notes/reports', ClientRequestToken: 'new' }
  await expect(next(rotation as never)).rejects.toThrow(
    'The app client reports does not have the secret that notes/reports names.',
  )
})
