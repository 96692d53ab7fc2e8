import {
  AuthenticationDetails,
  CognitoRefreshToken,
  CognitoUser,
  CognitoUserPool,
} from 'amazon-cognito-identity-js'
import { check, expect, refused, setup, use } from './harness.mjs'

const pool = () => {
  const kept = new Map()
  const Storage = {
    setItem: (key, value) => kept.set(key, value),
    getItem: (key) => kept.get(key) ?? null,
    removeItem: (key) => kept.delete(key),
    clear: () => kept.clear(),
  }
  const UserPoolId = setup.userPoolId
  return {
    Storage,
    Pool: new CognitoUserPool({
      UserPoolId,
      ClientId: setup.userPoolClientId,
      endpoint: setup.endpoint,
      Storage,
    }),
  }
}

/** Calls a method that takes a Node callback. */
const called = (run) =>
  new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result)))
  })

function signIn(username, password, flow = 'USER_SRP_AUTH') {
  const { Pool, Storage } = pool()
  const user = new CognitoUser({ Username: username, Pool, Storage })
  user.setAuthenticationFlowType(flow)
  const details = new AuthenticationDetails({ Username: username, Password: password })
  return new Promise((resolve, reject) => {
    user.authenticateUser(details, {
      onSuccess: (session) => resolve({ user, session }),
      onFailure: reject,
      newPasswordRequired: () => reject(new Error('a new password is required')),
    })
  })
}

const { alice } = setup.users

use('amazon-cognito-identity-js')
for (const flow of ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH']) {
  await check(flow, async () => {
    const { session, user } = await signIn('alice', alice.password, flow)
    expect(session.getIdToken().payload.iss, setup.issuer)
    const attributes = await called((done) => user.getUserAttributes(done))
    expect(attributes.find(({ Name }) => Name === 'email').Value, alice.email)
  })
}
await check('a wrong password', async () => {
  await refused(signIn('alice', 'wrong'), 'NotAuthorizedException')
})
await check('refresh', async () => {
  const { session, user } = await signIn('alice', alice.password)
  const token = new CognitoRefreshToken({ RefreshToken: session.getRefreshToken().getToken() })
  const refreshed = await called((done) => user.refreshSession(token, done))
  expect(refreshed.isValid(), true)
})
await check('sign-up, code, change of the password', async () => {
  const { Pool, Storage } = pool()
  const [password, other] = ['Correct-horse-7', 'Correct-horse-8']
  const attributes = [{ Name: 'email', Value: 'fiona@example.com', getName: () => 'email' }]
  await called((done) => Pool.signUp('fiona', password, attributes, [], done))
  const user = new CognitoUser({ Username: 'fiona', Pool, Storage })
  await called((done) => user.resendConfirmationCode(done))
  const code = await (await fetch(`${setup.codes}?user=fiona`)).text()
  await called((done) => user.confirmRegistration(code, true, done))
  const signedIn = await signIn('fiona', password)
  await called((done) => signedIn.user.changePassword(password, other, done))
  await called((done) => signedIn.user.deleteUser(done))
})
await check('sign-out everywhere', async () => {
  const { user } = await signIn('alice', alice.password)
  await new Promise((onSuccess, onFailure) => user.globalSignOut({ onSuccess, onFailure }))
})
