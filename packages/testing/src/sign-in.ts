import type { LocalStack } from '@iamfetch/local'

/**
 * Signs a user in by the user pool's API, without any SDK.
 *
 * @returns The ID token and the access token.
 */
export async function signIn(
  { config, users }: LocalStack,
  name: string,
): Promise<{ idToken: string; accessToken: string }> {
  const user = users[name]
  if (!user) throw new Error(`there is no user ${name}`)
  const response = await fetch(config.endpoints.cognitoIdp, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.InitiateAuth',
    },
    body: JSON.stringify({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: config.userPoolClientId,
      AuthParameters: { USERNAME: user.username, PASSWORD: user.password },
    }),
  })
  const answer: { AuthenticationResult: { IdToken: string; AccessToken: string } } =
    await response.json()
  const { AuthenticationResult: result } = answer
  return { idToken: result.IdToken, accessToken: result.AccessToken }
}
