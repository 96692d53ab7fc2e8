import { createRequire } from 'node:module'
import { check, expect, refused, setup, use } from './harness.mjs'

// Its ES modules are for bundlers.
const { Auth, Amplify } = createRequire(import.meta.url)('amplify-v5')

const kept = new Map()
Amplify.Logger.LOG_LEVEL = 'ERROR'
Auth.configure({
  region: setup.region,
  userPoolId: setup.userPoolId,
  userPoolWebClientId: setup.userPoolClientId,
  endpoint: setup.endpoint,
  storage: {
    setItem: (key, value) => kept.set(key, value),
    getItem: (key) => kept.get(key) ?? null,
    removeItem: (key) => kept.delete(key),
    clear: () => kept.clear(),
  },
})
const { alice } = setup.users

use('amplify-v5')
await check('sign-in with SRP', async () => {
  const user = await Auth.signIn('alice', alice.password)
  expect(user.username, 'alice')
  const session = await Auth.currentSession()
  expect(session.getIdToken().payload['cognito:groups'], ['FullAccess'])
})
await check('attributes of the user', async () => {
  const { attributes } = await Auth.currentUserInfo()
  expect(attributes.email, alice.email)
})
await check('refresh', async () => {
  const user = await Auth.currentAuthenticatedUser({ bypassCache: true })
  const session = await new Promise((resolve, reject) => {
    const token = user.getSignInUserSession().getRefreshToken()
    user.refreshSession(token, (error, done) => (error ? reject(error) : resolve(done)))
  })
  expect(session.isValid(), true)
})
await check('a wrong password', () =>
  refused(Auth.signIn('bob', 'wrong'), 'NotAuthorizedException'),
)
await check('sign-out everywhere', () => Auth.signOut({ global: true }))
