import { keepAmplifyInMemory } from '@iamfetch/testing/amplify'
import { Amplify } from 'aws-amplify'
import { fetchAuthSession, type AuthTokens } from 'aws-amplify/auth'
import { ConsoleLogger, Hub } from 'aws-amplify/utils'
import { beforeEach, expect, test, vi } from 'vitest'
import { amplifyIdToken, clearWithAmplify, toAmplifyCredentialsProvider } from '../src/amplify.ts'
import { credentialsOf, hiddenCredentialsOf } from './fixtures.ts'

const CLIENT = 'client1'
const jwt = (claims: object): string => `e30.${btoa(JSON.stringify(claims))}.s`
const ID_TOKEN = jwt({ token_use: 'id', sub: 'alice', exp: Date.now() / 1000 + 3_600 })
const ACCESS_TOKEN = jwt({
  token_use: 'access',
  sub: 'alice',
  username: 'alice',
  exp: Date.now() / 1000 + 3_600,
})

// It warns of events that are not its own, as those below.
ConsoleLogger.LOG_LEVEL = 'ERROR'

let storage: Map<string, string>

/** What Amplify keeps of a user who is signed in. */
function signedIn(): void {
  const prefix = `CognitoIdentityServiceProvider.${CLIENT}`
  storage.set(`${prefix}.LastAuthUser`, 'alice')
  storage.set(`${prefix}.alice.idToken`, ID_TOKEN)
  storage.set(`${prefix}.alice.accessToken`, ACCESS_TOKEN)
  storage.set(`${prefix}.alice.clockDrift`, '0')
}

beforeEach(() => {
  const config = { Auth: { Cognito: { userPoolId: 'eu-central-1_Ab', userPoolClientId: CLIENT } } }
  Amplify.configure(config)
  storage = keepAmplifyInMemory()
})

test("Amplify's own token store gives the ID token", async () => {
  signedIn()
  expect(await amplifyIdToken()()).toBe(ID_TOKEN)
  expect(await amplifyIdToken()({ forceRefresh: false })).toBe(ID_TOKEN)
})

test('without a signed-in user the error is LOGIN_REQUIRED, and nothing is sent', async () => {
  await expect(amplifyIdToken()()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
})

test.each([
  [{ event: 'signedOut' }, 1],
  [{ event: 'signedIn', data: { username: 'bob', userId: '2' } }, 1],
  [
    {
      event: 'tokenRefresh_failure',
      data: { error: { name: 'NotAuthorizedException', message: '' } },
    },
    1,
  ],
  [{ event: 'tokenRefresh_failure', data: { error: { name: 'NetworkError', message: '' } } }, 0],
  [{ event: 'tokenRefresh_failure', data: {} }, 0],
  [{ event: 'tokenRefresh' }, 0],
])('%j clears the credentials %d times, and no more after the end', (payload, times) => {
  let cleared = 0
  const end = clearWithAmplify({ clear: () => void cleared++ })
  Hub.dispatch('auth', payload)
  expect(cleared).toBe(times)
  end()
  Hub.dispatch('auth', { event: 'signedOut' })
  expect(cleared).toBe(times)
})

test('a sign-in with Amplify reads the token again after the credentials are cleared, a sign-out does not', () => {
  const done: string[] = []
  const end = clearWithAmplify({
    clear: () => void done.push('clear'),
    checkSignIn: async () => done.push('checkSignIn'),
  })
  Hub.dispatch('auth', { event: 'signedIn', data: { username: 'bob', userId: '2' } })
  expect(done).toEqual(['clear', 'checkSignIn'])
  Hub.dispatch('auth', { event: 'signedOut' })
  expect(done).toEqual(['clear', 'checkSignIn', 'clear'])
  end()
})

test('what cannot be cleared, or is not a provider, is refused at once and not when the user signs out', () => {
  const wrong = (async () => ({})) as never
  expect(() => clearWithAmplify(wrong)).toThrow('"credentials" must have a "clear" function')
  expect(() => toAmplifyCredentialsProvider({ secretAccessKey: 'secret' } as never)).toThrow(
    /^toAmplifyCredentialsProvider: "credentials" must be a function that returns credentials$/,
  )
})

test('Amplify takes its credentials from here', async () => {
  const expiration = new Date(Date.now() + 3_600_000)
  const asked: unknown[] = []
  const clear = vi.fn<() => void>()
  const credentials = Object.assign(
    async (options?: { forceRefresh?: boolean }) => {
      asked.push(options)
      return Object.assign(hiddenCredentialsOf('A'), {
        expiration,
        identityId: 'eu-central-1:identity',
      })
    },
    { clear },
  )
  const tokens: AuthTokens = {
    accessToken: { payload: { sub: 'alice' }, toString: () => ACCESS_TOKEN },
    idToken: { payload: { sub: 'alice' }, toString: () => ID_TOKEN },
  }
  Amplify.configure(
    {
      Auth: {
        Cognito: {
          userPoolId: 'eu-central-1_Ab',
          userPoolClientId: CLIENT,
          identityPoolId: 'eu-central-1:pool',
        },
      },
    },
    {
      Auth: {
        tokenProvider: { getTokens: async () => tokens },
        credentialsProvider: toAmplifyCredentialsProvider(credentials),
      },
    },
  )
  const session = await fetchAuthSession({ forceRefresh: true })
  expect(session.credentials).toEqual({ ...credentialsOf('A'), expiration })
  expect(session.identityId).toBe('eu-central-1:identity')
  expect(asked).toEqual([{ forceRefresh: true }])
  await Amplify.clearCredentials()
  expect(clear).toHaveBeenCalledTimes(1)
})

test('a visitor gets no credentials instead of a guest', async () => {
  const provider = toAmplifyCredentialsProvider(() => Promise.reject(new Error('not to be asked')))
  expect(await provider.getCredentialsAndIdentityId({ authenticated: false })).toBeUndefined()
})
