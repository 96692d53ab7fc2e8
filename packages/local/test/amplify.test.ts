import { fixedClock } from '@iamfetch/testing'
import { configureAmplify } from '@iamfetch/testing/amplify'
import {
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  signIn,
  signOut,
} from 'aws-amplify/auth'
import { ConsoleLogger } from 'aws-amplify/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  call,
  people,
  refusalOf,
  serveIdentity,
  signedIn,
  type Served,
} from './support/serve-identity.ts'

// It warns of endpoints that are not Amazon's, which is what these tests are about.
ConsoleLogger.LOG_LEVEL = 'ERROR'

let stack: Served

beforeEach(async () => {
  // The seconds that a test takes are in no token's time.
  stack = await serveIdentity(people, { clock: fixedClock(Date.now()) })
  const endpoints = { cognitoIdp: stack.url, cognitoIdentity: stack.url }
  configureAmplify({ ...stack.identity.ids, endpoints })
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
      identity: { identityId: session.identityId, sub: alice.sub },
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

  it('refuses an unknown user as it refuses a wrong password', async () => {
    await expect(signIn({ username: 'eve', password: 'wrong' })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Incorrect username or password.',
    })
    expect(stack.faults.calls('RespondToAuthChallenge')).toBe(1)
  })

  it('refreshes tokens and credentials, and stays the same identity', async () => {
    await signIn(stack.identity.users['bob']!)
    const before = await fetchAuthSession()
    stack.faults.shiftClock(60_000)
    const after = await fetchAuthSession({ forceRefresh: true })
    expect(stack.faults.calls('GetTokensFromRefreshToken')).toBe(1)
    expect(stack.faults.calls('GetId')).toBe(1)
    expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(2)
    expect(after.tokens!.idToken!.payload.exp! - before.tokens!.idToken!.payload.exp!).toBe(60)
    expect(after.identityId).toBe(before.identityId)
    expect(after.credentials!.accessKeyId).not.toBe(before.credentials!.accessKeyId)
  })

  it('signs out: the refresh token and the ID token are worth nothing afterwards', async () => {
    await signIn(stack.identity.users['bob']!)
    const { tokens, identityId } = await fetchAuthSession()
    await signOut()
    expect(stack.faults.calls('RevokeToken')).toBe(1)
    expect(await fetchAuthSession()).toMatchObject({ tokens: undefined, credentials: undefined })
    expect(
      await refusalOf(
        call(stack.url, 'GetCredentialsForIdentity', {
          IdentityId: identityId,
          Logins: { [stack.identity.ids.provider]: tokens!.idToken!.toString() },
        }),
      ),
    ).toEqual(['NotAuthorizedException', 'Invalid login token. Token has been revoked.'])
  })

  it('signs out everywhere', async () => {
    const elsewhere = await signedIn(stack, 'bob')
    await signIn(stack.identity.users['bob']!)
    await signOut({ global: true })
    expect(
      await refusalOf(
        call(stack.url, 'GetTokensFromRefreshToken', {
          ClientId: stack.identity.ids.userPoolClientId,
          RefreshToken: elsewhere.RefreshToken,
        }),
      ),
    ).toEqual(['NotAuthorizedException', 'Refresh Token has been revoked'])
  })

  it('signs in by password if it is configured to', async () => {
    const options = { authFlowType: 'USER_PASSWORD_AUTH' as const }
    await signIn({ ...stack.identity.users['carol']!, options })
    const { credentials } = await fetchAuthSession()
    expect(stack.identity.sessions.find(credentials!.accessKeyId)!.role.name).toBe('FullAccessRole')
  })

  it('reads the attributes of the user', async () => {
    await signIn(stack.identity.users['alice']!)
    expect(await fetchUserAttributes()).toEqual({
      sub: stack.identity.users['alice']!.sub,
      email: 'alice@example.com',
      email_verified: 'true',
      locale: 'de',
    })
  })
})
