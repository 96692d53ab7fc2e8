import { Amplify } from 'aws-amplify'
import {
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  signIn,
  signOut,
} from 'aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveIdentity, type Served } from './serve.ts'

let stack: Served

beforeEach(async () => {
  stack = await serveIdentity()
  const { userPoolId, userPoolClientId, identityPoolId } = stack.identity.ids
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId,
        userPoolClientId,
        identityPoolId,
        userPoolEndpoint: stack.url,
        identityPoolEndpoint: stack.url,
        allowGuestAccess: false,
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

afterEach(async () => {
  await signOut()
  await stack.stop()
})

describe('Amplify v6', () => {
  it('signs in by SRP and gets the credentials of the role of the group', async () => {
    const alice = stack.identity.users['alice']!
    const result = await signIn(alice)
    expect(result).toMatchObject({ isSignedIn: true, nextStep: { signInStep: 'DONE' } })
    expect(await getCurrentUser()).toMatchObject({ username: 'alice', userId: alice.sub })

    const session = await fetchAuthSession()
    expect(session.tokens?.idToken?.payload).toMatchObject({
      email: 'alice@example.com',
      'cognito:groups': ['FullAccess'],
    })
    const given = stack.identity.sessions.find(session.credentials!.accessKeyId)!
    expect(given).toMatchObject({
      role: { arn: 'arn:aws:iam::123456789012:role/FullAccessRole' },
      identityId: session.identityId,
      sub: alice.sub,
      secretAccessKey: session.credentials!.secretAccessKey,
      sessionToken: session.credentials!.sessionToken,
    })
    expect(session.credentials!.expiration!.getTime()).toBe(given.expiresAt)
  })

  it('refuses a wrong password', async () => {
    await expect(signIn({ username: 'alice', password: 'wrong' })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
    expect(stack.faults.calls('RespondToAuthChallenge')).toBe(1)
  })
})
