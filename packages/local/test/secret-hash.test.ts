import { InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'
import { cognitoClient, secretHash } from './support/cognito-client.ts'

const PASSWORD = 'Correct-horse-1'

let stack: LocalStack
/** Of alice and the app client with a secret. */
let refreshToken: string
beforeAll(async () => {
  stack = await startLocalStack(
    { users: { alice: { password: PASSWORD } }, signInClients: { web: {} } },
    { onCode: () => {} },
  )
  const { clientId: ClientId, clientSecret = '' } = stack.signInClients['web']!
  const { AuthenticationResult } = await cognitoClient(stack).send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: {
        USERNAME: 'alice',
        PASSWORD,
        SECRET_HASH: secretHash(clientSecret, 'alice', ClientId),
      },
    }),
  )
  refreshToken = AuthenticationResult?.RefreshToken ?? ''
})
afterAll(() => stack.stop())

type Members = Record<string, unknown>

/** Puts a secret hash where the operation takes it, if there is one. */
type WithHash = (hash: string | undefined) => Members

const inParameters =
  (AuthFlow: string, parameters: Members): WithHash =>
  (SECRET_HASH) => ({ AuthFlow, AuthParameters: { USERNAME: 'alice', ...parameters, SECRET_HASH } })

const inResponses =
  (ChallengeName: string): WithHash =>
  (SECRET_HASH) => ({
    ChallengeName,
    Session: 'none',
    ChallengeResponses: { USERNAME: 'alice', NEW_PASSWORD: PASSWORD, SECRET_HASH },
  })

const inInput =
  (members: Members): WithHash =>
  (SecretHash) => ({ Username: 'alice', ...members, SecretHash })

const refreshing: WithHash = (hash) =>
  inParameters('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: refreshToken })(hash)
const SRP_A = 'a'.repeat(768)
const ConfirmationCode = '000000'

const OPERATIONS: readonly (readonly [operation: string, what: string, input: WithHash])[] = [
  ['InitiateAuth', 'by password', inParameters('USER_PASSWORD_AUTH', { PASSWORD })],
  ['InitiateAuth', 'by SRP', inParameters('USER_SRP_AUTH', { SRP_A })],
  ['InitiateAuth', 'to refresh', refreshing],
  ['AdminInitiateAuth', 'by password', inParameters('ADMIN_USER_PASSWORD_AUTH', { PASSWORD })],
  ['AdminInitiateAuth', 'to refresh', refreshing],
  ['RespondToAuthChallenge', 'by SRP', inResponses('PASSWORD_VERIFIER')],
  ['RespondToAuthChallenge', 'with a new password', inResponses('NEW_PASSWORD_REQUIRED')],
  ['AdminRespondToAuthChallenge', 'with a new password', inResponses('NEW_PASSWORD_REQUIRED')],
  ['SignUp', 'as a new user', inInput({ Password: PASSWORD })],
  ['ConfirmSignUp', 'with a code', inInput({ ConfirmationCode })],
  ['ResendConfirmationCode', 'of a code', inInput({})],
  ['ForgotPassword', 'of a user', inInput({})],
  ['ConfirmForgotPassword', 'with a code', inInput({ ConfirmationCode, Password: PASSWORD })],
]

/** Calls an operation. @returns The type and the message of its refusal, or `accepted`. */
async function call(operation: string, input: Members): Promise<string> {
  const { region, endpoints, userPoolId } = stack.config
  const body = JSON.stringify(
    operation.startsWith('Admin') ? { UserPoolId: userPoolId, ...input } : input,
  )
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
  }
  const signer = new AwsClient({ ...stack.admin, region, service: 'cognito-idp', retries: 0 })
  const response = await signer.fetch(endpoints.cognitoIdp, { method: 'POST', headers, body })
  const { __type: type, message } = await response.json()
  return response.ok ? 'accepted' : `${type}: ${message}`
}

describe.each(OPERATIONS)('%s %s', (operation, _, input) => {
  it('needs the secret hash of an app client with a secret', async () => {
    const { clientId: ClientId, clientSecret = '' } = stack.signInClients['web']!
    const withHash = (hash: string | undefined): Promise<string> =>
      call(operation, { ClientId, ...input(hash) })
    expect(await withHash(undefined)).toBe(
      `NotAuthorizedException: Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
    )
    const wrong = `NotAuthorizedException: Unable to verify secret hash for client ${ClientId}`
    expect(await withHash(secretHash(clientSecret, 'bob', ClientId))).toBe(wrong)
    expect(await withHash(secretHash('another', 'alice', ClientId))).toBe(wrong)
    // What else is wrong with the call is said only now.
    expect(await withHash(secretHash(clientSecret, 'alice', ClientId))).not.toMatch(
      /secret hash|SECRET_HASH/i,
    )
  })

  it('refuses a secret hash for an app client without a secret', async () => {
    const ClientId = stack.config.userPoolClientId
    expect(await call(operation, { ClientId, ...input('x') })).toBe(
      `InvalidParameterException: App client ${ClientId} is not configured for secret but secret hash was received`,
    )
  })
})

it('an unknown refresh token is refused as unknown, whatever the secret hash is', async () => {
  const { clientId: ClientId } = stack.signInClients['web']!
  const input = inParameters('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: 'unknown' })('x')
  expect(await call('InitiateAuth', { ClientId, ...input })).toBe(
    'NotAuthorizedException: Invalid Refresh Token',
  )
})
