import type { LocalStack } from '@iamfetch/local'
import { Amplify, type ResourcesConfig } from 'aws-amplify'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'

/** Where Amplify finds the user pool and the identity pool of a stack. */
export type PoolConfig = Pick<
  LocalStack['config'],
  'userPoolId' | 'userPoolClientId' | 'identityPoolId'
> & { endpoints: Pick<LocalStack['config']['endpoints'], 'cognitoIdp' | 'cognitoIdentity'> }

/** Configures Amplify for a stack, with tokens in memory. There is one Amplify a process: the last one configured. */
export function configureAmplify(
  { userPoolId, userPoolClientId, identityPoolId, endpoints }: PoolConfig,
  more: Omit<ResourcesConfig, 'Auth'> = {},
): void {
  Amplify.configure({
    ...more,
    Auth: {
      Cognito: {
        userPoolId,
        userPoolClientId,
        identityPoolId,
        userPoolEndpoint: endpoints.cognitoIdp,
        identityPoolEndpoint: endpoints.cognitoIdentity,
      },
    },
  })
  keepAmplifyInMemory()
}

/**
 * Has Amplify keep its tokens in memory. Call it after `Amplify.configure`, which sets another storage.
 *
 * @returns What it keeps, by its own keys.
 */
export function keepAmplifyInMemory(): Map<string, string> {
  const values = new Map<string, string>()
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    setItem: async (key, value) => void values.set(key, value),
    getItem: async (key) => values.get(key) ?? null,
    removeItem: async (key) => void values.delete(key),
    clear: async () => values.clear(),
  })
  return values
}
