import { Amplify } from 'aws-amplify'
import { getCurrentUser, signIn, signOut } from 'aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { sessionStorage } from 'aws-amplify/utils'
import { cognitoCredentials, type CognitoCredentials, createIamFetch } from 'iamfetch'
import { amplifyIdToken } from 'iamfetch/amplify'
import type { Config } from './config.ts'

/** What the page works with, made once. */
export interface Session {
  /** Whether the local stack is behind it. */
  local: boolean
  credentials: CognitoCredentials
  fetch: typeof fetch
  signIn(username: string, password: string): Promise<void>
  signOut(): Promise<void>
  subscribe: (listener: () => void) => () => void
  /** `null` if no user is signed in, `undefined` until it is known. */
  getUsername: () => string | null | undefined
}

/** Amplify signs users in; iamfetch makes credentials of their ID token and signs their calls. */
export function createSession(config: Config): Session {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: config.userPoolId,
        userPoolClientId: config.userPoolClientId,
        ...(config.endpoints?.cognitoIdp && { userPoolEndpoint: config.endpoints.cognitoIdp }),
      },
    },
  })
  // Tokens live as long as the tab does.
  cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage)

  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    idToken: amplifyIdToken(),
    ...(config.endpoints?.cognitoIdentity && { endpoint: config.endpoints.cognitoIdentity }),
  })
  let username: string | null | undefined
  const listeners = new Set<() => void>()
  const set = (next: string | null): void => {
    username = next
    for (const listener of listeners) listener()
  }
  void getCurrentUser().then(
    (user) => set(user.username),
    () => set(null),
  )
  return {
    local: config.mode === 'local',
    credentials,
    fetch: createIamFetch({
      baseUrl: config.apis.notes.url,
      region: config.region,
      credentials,
    }),
    async signIn(name, password) {
      credentials.clear()
      const { nextStep } = await signIn({ username: name, password })
      if (nextStep.signInStep !== 'DONE') {
        throw new Error(
          `This page cannot do the step that Cognito asks for: ${nextStep.signInStep}.`,
        )
      }
      set((await getCurrentUser()).username)
    },
    async signOut() {
      await signOut().finally(() => {
        // The credentials are cleared on sign-out.
        credentials.clear()
        set(null)
      })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    getUsername: () => username,
  }
}
