import { cognitoCredentials, type CognitoCredentials, type CognitoEvent } from '@iamfetch/cognito'
import { startLocalStack, type LocalStack } from '@iamfetch/local'
import { configureAmplify } from '@iamfetch/testing/amplify'
import { Amplify } from 'aws-amplify'
import { get, post } from 'aws-amplify/api'
import { fetchAuthSession, signIn, signOut } from 'aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { ConsoleLogger, Hub } from 'aws-amplify/utils'
import { createIamFetch } from 'iamfetch'
import { amplifyIdToken, clearWithAmplify, toAmplifyCredentialsProvider } from 'iamfetch/amplify'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { groupAccess } from '../group-access.ts'

ConsoleLogger.LOG_LEVEL = 'NONE'
let stack: LocalStack

beforeAll(async () => {
  stack = await startLocalStack(groupAccess)
  configureAmplify(stack.config)
})
afterEach(async () => {
  await signOut()
  stack.faults.setGroups('bob', ['ReadOnlyAccess'])
})
afterAll(() => stack?.stop())

const as = (name: string): ReturnType<typeof signIn> => {
  const { username, password } = stack.users[name]!
  return signIn({ username, password })
}

const ours = (onEvent?: (event: CognitoEvent) => void): CognitoCredentials =>
  cognitoCredentials({
    identityPoolId: stack.config.identityPoolId,
    endpoint: stack.config.endpoints.cognitoIdentity,
    idToken: amplifyIdToken(),
    onEvent,
  })

const fetchWith = (credentials: CognitoCredentials): typeof fetch =>
  createIamFetch({
    baseUrl: stack.config.apis['http']?.url,
    region: stack.config.region,
    credentials,
  })

describe("Amplify's sign-in, our calls", () => {
  test.each([
    ['alice', 200, 200],
    ['bob', 200, 403],
  ])(
    'calls as %s: GET %d, POST %d, without an exchange by Amplify',
    async (name, onGet, onPost) => {
      await as(name)
      stack.faults.reset()
      const call = fetchWith(ours())
      expect((await call('/test')).status).toBe(onGet)
      expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(onPost)
      expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(1)
    },
  )
})

describe('what Amplify reports to its Hub', () => {
  const watched = () => {
    const heard: string[] = []
    const credentials = ours(({ type }) => heard.push(type))
    const events: string[] = []
    const ends = [
      clearWithAmplify(credentials),
      Hub.listen('auth', ({ payload }) => void events.push(payload.event)),
    ]
    const end = (): void => ends.forEach((one) => one())
    return { credentials, call: fetchWith(credentials), heard, events, end }
  }

  test('signedOut clears the credentials, and another signedIn brings the other user', async () => {
    const { credentials, call, events, end } = watched()
    await as('alice')
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(200)
    await signOut()
    expect(credentials.status()).toMatchObject({ state: 'empty', sub: undefined })
    await expect(call('/test')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    await as('bob')
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(403)
    expect(events).toEqual(['signedIn', 'signedOut', 'signedIn'])
    end()
  })

  test('tokenRefresh with other groups changes the role, and clears nothing', async () => {
    const { call, heard, events, end } = watched()
    await as('bob')
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(403)
    stack.faults.setGroups('bob', ['FullAccess'])
    heard.length = 0
    await fetchAuthSession({ forceRefresh: true })
    expect(events).toContain('tokenRefresh')
    expect((await call('/test', { method: 'POST', body: 'x' })).status).toBe(200)
    expect(heard).toEqual(['role-changed'])
    end()
  })

  test('a sign-in that was ended elsewhere clears at the next tokenRefresh_failure', async () => {
    const { credentials, call, events, end } = watched()
    await as('alice')
    await call('/test')
    const { refreshToken } = (await cognitoUserPoolsTokenProvider.authTokenStore.loadTokens())!
    await fetch(stack.config.endpoints.cognitoIdp, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSCognitoIdentityProviderService.RevokeToken' },
      body: JSON.stringify({ ClientId: stack.config.userPoolClientId, Token: refreshToken }),
    })
    await fetchAuthSession({ forceRefresh: true }).catch(() => {})
    expect(events).toContain('tokenRefresh_failure')
    expect(credentials.status().state).toBe('empty')
    await expect(call('/test')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
    end()
  })
})

describe("Amplify's calls, our credentials", () => {
  test('ten at once cost one exchange, and IAM decides by the role', async () => {
    const credentials = ours()
    const { Auth } = Amplify.getConfig()
    const rest = { endpoint: stack.config.apis['http']!.url, region: stack.config.region }
    Amplify.configure(
      { Auth: Auth!, API: { REST: { ours: rest } } },
      {
        Auth: {
          tokenProvider: cognitoUserPoolsTokenProvider,
          credentialsProvider: toAmplifyCredentialsProvider(credentials),
        },
      },
    )
    await as('bob')
    stack.faults.reset()
    const to = { apiName: 'ours', path: '/test' }
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(to).response))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(200))
    expect(stack.faults.calls('GetCredentialsForIdentity')).toBe(1)
    await expect(post(to).response).rejects.toMatchObject({ response: { statusCode: 403 } })
  })
})
