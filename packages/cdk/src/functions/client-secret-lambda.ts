// The two functions on Lambda: what they need is in the environment.
import { createIamFetch, type Credentials } from 'iamfetch'
import {
  AwsError,
  createClientSecretFunctions,
  type AwsCall,
  type InitializeEvent,
  type RotationEvent,
} from './client-secret.ts'

/** The variables that a deployment sets. Lambda itself sets the region and the credentials. */
export type ClientSecretVariable = 'USER_POOL_ID' | 'TOKEN_URL'

/** Writes the first value of a secret: the function of a custom resource. */
export const initialize = async (event: InitializeEvent): Promise<void> =>
  functions().initialize(event)

/** Rotates a secret: one call for each of the four steps. */
export const rotate = async (event: RotationEvent): Promise<void> => functions().rotate(event)

function functions(): ReturnType<typeof createClientSecretFunctions> {
  // Other than on AWS, these two say where the services are.
  const { SECRETS_MANAGER_URL, COGNITO_IDP_URL } = process.env
  return createClientSecretFunctions({
    userPoolId: variable('USER_POOL_ID'),
    tokenUrl: variable('TOKEN_URL'),
    secretsManager: awsCall('secretsmanager', 'secretsmanager', SECRETS_MANAGER_URL),
    cognitoIdp: awsCall('cognito-idp', 'AWSCognitoIdentityProviderService', COGNITO_IDP_URL),
    fetch,
  })
}

function awsCall(service: string, target: string, url: string | undefined): AwsCall {
  const region = variable('AWS_REGION')
  const signed = createIamFetch({
    baseUrl: url ?? `https://${service}.${region}.amazonaws.com`,
    service,
    region,
    credentials: roleCredentials,
  })
  return async (operation, input) => {
    const response = await signed('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${target}.${operation}`,
      },
      body: JSON.stringify(input),
    })
    const text = await response.text()
    const members: Record<string, unknown> & { __type?: string } =
      text === '' ? {} : JSON.parse(text)
    if (response.ok) return members
    const { __type: name = '' } = members
    const type = name.split('#').at(-1) ?? ''
    throw new AwsError(type, `${operation} failed with ${type} (${response.status}).`)
  }
}

const roleCredentials = (): Promise<Credentials> =>
  Promise.resolve({
    accessKeyId: variable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    sessionToken: variable('AWS_SESSION_TOKEN'),
  })

function variable(name: ClientSecretVariable | `AWS_${string}`): string {
  const value = process.env[name]
  if (!value) throw new Error(`The environment variable ${name} is not set.`)
  return value
}
