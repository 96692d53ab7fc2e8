import { cognitoCredentials, type CognitoCredentials } from '@iamfetch/cognito'
import { readText } from '@iamfetch/core'
import { CommandError, type Surroundings } from './command.ts'
import type { RunningStack } from './running-stack.ts'

/**
 * Signs a user in at a local stack and returns their credentials: those of the group's role.
 *
 * The password comes from the stack itself, else from the environment variable `IAMFETCH_PASSWORD`.
 *
 * @throws CommandError for a user that is not there, a missing or wrong password.
 */
export async function credentialsOf(
  username: string,
  { config, users }: RunningStack,
  { env }: Pick<Surroundings, 'env'>,
): Promise<CognitoCredentials> {
  if (users && !Object.hasOwn(users, username)) {
    const names = Object.keys(users).join(', ')
    throw new CommandError(`The stack has no user ${username}. It has: ${names || 'none'}.`)
  }
  const password = users?.[username]?.password ?? env.IAMFETCH_PASSWORD
  if (password === undefined) {
    throw new CommandError(
      `The password of ${username} is not in the definition of the stack. Set the environment variable IAMFETCH_PASSWORD to it.`,
    )
  }
  const { cognitoIdp, cognitoIdentity } = config.endpoints
  const idToken = await signIn(cognitoIdp, config.userPoolClientId, username, password)
  return cognitoCredentials({
    identityPoolId: config.identityPoolId,
    idToken: async () => idToken,
    endpoint: cognitoIdentity,
  })
}

async function signIn(
  url: string,
  clientId: string,
  username: string,
  password: string,
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    // The password goes to the stack and nowhere else.
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  })
  const answer: { message?: string; AuthenticationResult?: { IdToken: string } } = JSON.parse(
    await readText(response),
  )
  if (answer.AuthenticationResult) return answer.AuthenticationResult.IdToken
  throw new CommandError(`${username} cannot sign in: ${answer.message ?? response.status}`, 1)
}
