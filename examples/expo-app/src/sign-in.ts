import { Amplify } from 'aws-amplify'
import { getCurrentUser, signIn, signOut } from 'aws-amplify/auth'
import type { AppConfig } from './config.ts'

/** Configures Amplify with its user pool. Amplify signs in, iamfetch takes the ID token from there. */
export function configureAmplify({ userPoolId, userPoolClientId, endpoints }: AppConfig): void {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId,
        userPoolClientId,
        ...(endpoints && { userPoolEndpoint: endpoints.cognitoIdp }),
      },
    },
  })
}

/** Signs in by SRP: the password does not leave the device. */
export async function signInWith(username: string, password: string): Promise<void> {
  const { isSignedIn, nextStep } = await signIn({ username, password })
  if (!isSignedIn) throw new Error(`Cognito asks for more: ${nextStep.signInStep}.`)
}

/** Who is signed in since the app was used last. */
export const signedInUser = (): Promise<string | undefined> =>
  getCurrentUser().then(
    ({ username }) => username,
    () => undefined,
  )

export { signOut }
