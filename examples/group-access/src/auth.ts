import { Amplify } from 'aws-amplify'
import { getCurrentUser, signIn, signOut } from 'aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { sessionStorage } from 'aws-amplify/utils'
import type { AppConfig } from './config.ts'

/** Signing in and out through Amplify. Amplify does no exchange here: it is given no identity pool. */
export interface Auth {
  signIn(username: string, password: string): Promise<void>
  signOut(): Promise<void>
  subscribe: (listener: () => void) => () => void
  /** The user's name, `null` if no user is signed in, `undefined` until it is known. */
  getUsername: () => string | null | undefined
}

/** @param onLeave  Runs whenever a user leaves: throw away what belonged to them. */
export function createAuth(config: AppConfig, onLeave: () => void): Auth {
  const userPoolEndpoint = config.endpoints?.cognitoIdp
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: config.userPoolId,
        userPoolClientId: config.userPoolClientId,
        ...(userPoolEndpoint && { userPoolEndpoint }),
      },
    },
  })
  // Tokens live as long as the tab does.
  cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage)

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
    async signIn(name, password) {
      onLeave()
      const { nextStep } = await signIn({ username: name, password })
      if (nextStep.signInStep !== 'DONE') {
        throw new Error(
          `This page cannot do the step that Cognito asks for: ${nextStep.signInStep}.`,
        )
      }
      set((await getCurrentUser()).username)
    },
    async signOut() {
      onLeave()
      await signOut().finally(() => {
        onLeave()
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
