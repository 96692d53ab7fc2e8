import { Amplify } from 'amplify-v6'
import { fetchAuthSession, fetchUserAttributes, signIn, signOut } from 'amplify-v6/auth'
import { cognitoUserPoolsTokenProvider } from 'amplify-v6/auth/cognito'
import { ConsoleLogger } from 'amplify-v6/utils'
import { check, expect, refused, setup, use } from './harness.mjs'

// It warns of endpoints that are not Amazon's.
ConsoleLogger.LOG_LEVEL = 'ERROR'
Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: setup.userPoolId,
      userPoolClientId: setup.userPoolClientId,
      identityPoolId: setup.identityPoolId,
      userPoolEndpoint: setup.endpoint,
      identityPoolEndpoint: setup.endpoint,
    },
  },
})
const kept = new Map()
cognitoUserPoolsTokenProvider.setKeyValueStorage({
  setItem: async (key, value) => void kept.set(key, value),
  getItem: async (key) => kept.get(key) ?? null,
  removeItem: async (key) => void kept.delete(key),
  clear: async () => kept.clear(),
})
const { alice, bob } = setup.users

use('amplify-v6')
await check('sign-in with SRP, identity pool', async () => {
  const { isSignedIn } = await signIn({ username: 'alice', password: alice.password })
  expect(isSignedIn, true)
  const { tokens, credentials } = await fetchAuthSession()
  expect(tokens.idToken.payload.iss, setup.issuer)
  expect(credentials.accessKeyId.slice(0, 4), 'ASIA')
})
await check('attributes of the user', async () => {
  expect((await fetchUserAttributes()).email, alice.email)
})
await check('refresh', async () => {
  const { tokens } = await fetchAuthSession({ forceRefresh: true })
  expect(tokens.idToken.payload['cognito:username'], 'alice')
})
await check('sign-out everywhere', () => signOut({ global: true }))
await check('sign-in with USER_PASSWORD_AUTH', async () => {
  const options = { authFlowType: 'USER_PASSWORD_AUTH' }
  await signIn({ username: 'bob', password: bob.password, options })
  await signOut()
})
await check('a wrong password', () =>
  refused(signIn({ username: 'bob', password: 'wrong' }), 'NotAuthorizedException'),
)
