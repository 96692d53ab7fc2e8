import type { LocalStack } from '../../src/index.ts'

/** Credentials in the form that signers take. */
export interface Keys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** Exchanges the ID token of a user for credentials; without a user, those of a guest. */
export async function credentialsOf(stack: LocalStack, username?: string): Promise<Keys> {
  const { config } = stack
  const provider = `cognito-idp.${config.region}.amazonaws.com/${config.userPoolId}`
  const logins =
    username === undefined ? {} : { Logins: { [provider]: (await stack.signIn(username)).idToken } }
  const identity = async (operation: string, input: object) => {
    const response = await fetch(config.endpoints.cognitoIdentity, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityService.${operation}`,
      },
      body: JSON.stringify({ ...input, ...logins }),
    })
    const body = await response.json()
    if (!response.ok) {
      const type = response.headers.get('x-amzn-errortype')
      throw new Error(`${type} ${response.headers.get('x-local-reason')}`)
    }
    return body
  }
  const { IdentityId } = await identity('GetId', { IdentityPoolId: config.identityPoolId })
  const { Credentials: given } = await identity('GetCredentialsForIdentity', { IdentityId })
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretKey,
    sessionToken: given.SessionToken,
  }
}
