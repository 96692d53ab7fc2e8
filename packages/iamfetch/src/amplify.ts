import { IamFetchError, type Credentials, type CredentialsProvider } from '@iamfetch/core'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { Hub } from 'aws-amplify/utils'

/**
 * Gives the ID token of the user whom Amplify v6 signed in, for `cognitoCredentials({ idToken })` and `createTokenFetch({ token })`.
 *
 * It asks the user pool's tokens directly: `fetchAuthSession()` would make Amplify exchange them at the identity pool as well.
 *
 * @returns A function that throws {@link IamFetchError} `LOGIN_REQUIRED` when nobody is signed in, and passes on what Amplify
 *   throws when the tokens cannot be renewed.
 * @see [Amplify: tokens](https://docs.amplify.aws/react/build-a-backend/auth/concepts/tokens-and-credentials/)
 */
export function amplifyIdToken(): (options?: { forceRefresh?: boolean }) => Promise<string> {
  return async ({ forceRefresh = false } = {}) => {
    const tokens = await cognitoUserPoolsTokenProvider.getTokens({ forceRefresh })
    if (!tokens?.idToken) {
      throw new IamFetchError('LOGIN_REQUIRED', 'Nobody is signed in.', {
        remedy: 'Sign in with Amplify; the user pool has to be in Amplify.configure.',
      })
    }
    return tokens.idToken.toString()
  }
}

/**
 * Clears credentials when Amplify's user changes: on `signedOut` and `signedIn`, and when the session is over.
 *
 * `tokenRefresh_failure` alone says little: Amplify sends it for a broken network too, and credentials that still work
 * go on working then. It counts when it names a session that is over, for which Amplify sends no `signedOut`.
 * Amplify sends no event for a session that is there when a page loads; none is needed.
 *
 * After a sign-in the token is read again, so that `status()` says who is signed in.
 *
 * @param credentials  What has a `clear()`: `cognitoCredentials(…)`, `awsSdkCredentials(…)`.
 * @returns A function that stops listening.
 */
export function clearWithAmplify(credentials: ClearableCredentials): () => void {
  return Hub.listen('auth', ({ payload }) => {
    const { event } = payload
    if (
      event === 'signedOut' ||
      event === 'signedIn' ||
      (event === 'tokenRefresh_failure' && SESSION_OVER.test(payload.data?.error?.name ?? ''))
    ) {
      credentials.clear()
      // It never rejects.
      if (event === 'signedIn') void credentials.checkSignIn?.()
    }
  })
}

/** Credentials of a user who signs in and out. */
export interface ClearableCredentials {
  clear(): void
  checkSignIn?(): Promise<unknown>
}

/** The errors for which Amplify itself drops the tokens (its `isAuthenticationError`). */
const SESSION_OVER =
  /^(NotAuthorized|TokenRevoked|UserNotFound|PasswordResetRequired|UserNotConfirmed|RefreshTokenReuse)Exception/

/** What Amplify asks for AWS credentials: its `CredentialsAndIdentityIdProvider`, which it does not export by name. */
export interface AmplifyCredentialsProvider {
  getCredentialsAndIdentityId(options: {
    authenticated: boolean
    forceRefresh?: boolean
  }): Promise<{ credentials: AmplifyCredentials; identityId?: string } | undefined>
  clearCredentialsAndIdentityId(): void
}

/** Credentials as Amplify types them. */
export interface AmplifyCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}

/**
 * The other way round: lets Amplify's categories (Storage, REST `get`/`post`, …) use credentials from here, with their one exchange for all callers.
 *
 * ```ts
 * Amplify.configure(config, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider, credentialsProvider: toAmplifyCredentialsProvider(credentials) } })
 * ```
 *
 * @returns Nothing for a visitor who is not signed in: Amplify then has no credentials, instead of a guest's.
 */
export function toAmplifyCredentialsProvider(
  credentials: CredentialsProvider & { clear?(): void },
): AmplifyCredentialsProvider {
  return {
    async getCredentialsAndIdentityId({ authenticated, forceRefresh = false }) {
      if (!authenticated) return undefined
      const held = await credentials({ forceRefresh })
      const { identityId } = held
      return { credentials: plain(held), ...(identityId !== undefined && { identityId }) }
    },
    clearCredentialsAndIdentityId: () => credentials.clear?.(),
  }
}

/** Field by field: secrets that hide from printing are not copied by spreading. */
const plain = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration,
}: Credentials): AmplifyCredentials => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
  ...(expiration && { expiration }),
})
