import { cognitoCredentials } from '@iamfetch/cognito'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { Amplify } from 'aws-amplify'
import { signIn, signOut } from 'aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { ConsoleLogger } from 'aws-amplify/utils'
import { createIamFetch } from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { groupAccess } from './group-access.ts'

ConsoleLogger.LOG_LEVEL = 'NONE'
let stack: LocalStack

beforeAll(async () => {
  stack = await startLocalStack(groupAccess)
  const { userPoolId, userPoolClientId, identityPoolId, endpoints } = stack.config
  Amplify.configure({
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
  const kept = new Map<string, string>()
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    setItem: async (key, value) => void kept.set(key, value),
    getItem: async (key) => kept.get(key) ?? null,
    removeItem: async (key) => void kept.delete(key),
    clear: async () => kept.clear(),
  })
})
afterEach(() => signOut())
afterAll(() => stack?.stop())

const as = (name: string): ReturnType<typeof signIn> => {
  const { username, password } = stack.users[name]!
  return signIn({ username, password })
}

describe("Amplify's sign-in, our calls", () => {
  test.each([
    ['alice', 200, 200],
    ['bob', 200, 403],
  ])(
    'calls as %s: GET %d, POST %d, without an exchange by Amplify',
    async (name, onGet, onPost) => {
      await as(name)
      stack.faults.reset()
      const call = createIamFetch({
        baseUrl: stack.config.apis.http?.url,
        region: stack.config.region,
        credentials: cognitoCredentials({
          identityPoolId: stack.config.identityPoolId,
          endpoint: stack.config.endpoints.cognitoIdentity,
          idToken: amplifyIdToken(),
        }),
      })
      expect((await call('/test')).status).toBe(onGet)
      expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(onPost)
      expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(1)
    },
  )
})
