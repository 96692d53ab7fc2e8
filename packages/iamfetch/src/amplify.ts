import {
  IamFetchError,
  invalidOption,
  type Credentials,
  type CredentialsProvider,
} from '@iamfetch/core'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { Hub } from 'aws-amplify/utils'

/**
 * Creates a function that returns the ID token of the user whom Amplify v6 signed in, for `cognitoCredentials({ idToken })` and `createTokenFetch({ token })`.
 *
 * It reads the tokens of the user pool: `fetchAuthSession()` would make Amplify exchange them at the identity pool as well.
 *
 * @returns A function that throws {@link IamFetchError} `LOGIN_REQUIRED` if no user is signed in, and what Amplify
 *   throws if the tokens cannot be renewed.
 * @see [Amplify: tokens](https://docs.amplify.aws/react/build-a-backend/auth/concepts/tokens-and-credentials/)
 * @example
 * ```ts
 * const credentials = cognitoCredentials({ identityPoolId, idToken: amplifyIdToken() })
 * ```
 */
export function amplifyIdToken(): (options?: { forceRefresh?: boolean }) => Promise<string> {
  return async ({ forceRefresh = false } = {}) => {
    const tokens = await cognitoUserPoolsTokenProvider.getTokens({ forceRefresh })
    if (!tokens?.idToken) {
      throw new IamFetchError('LOGIN_REQUIRED', 'No user is signed in with Amplify.', {
        remedy: 'Sign in with Amplify, and pass the user pool to Amplify.configure.',
      })
    }
    return tokens.idToken.toString()
  }
}

/**
 * Clears credentials when Amplify's user changes: on `signedOut` and `signedIn`, and when the session has ended.
 *
 * `tokenRefresh_failure` counts only if it names a session that has ended, for which Amplify sends no `signedOut`: Amplify also sends
 * it for a network failure, and credentials that are still valid stay in use then. Amplify sends no event for a session that exists
 * when a page loads; none is needed.
 *
 * After a sign-in the token is read again, so that `status()` says who is signed in.
 *
 * @param credentials  What has a `clear()`: `cognitoCredentials(…)`, `awsSdkCredentials(…)`.
 * @returns A function that stops listening.
 * @throws `TypeError` with the code `INVALID_OPTION` for credentials that cannot be cleared.
 * @example
 * ```ts
 * const stop = clearWithAmplify(cognito) // call `stop()` to end it
 * ```
 */
export function clearWithAmplify(credentials: ClearableCredentials): () => void {
  if (typeof credentials?.clear !== 'function') {
    throw invalidOption(
      'clearWithAmplify',
      '"credentials" must have a "clear" function',
      credentials,
    )
  }
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

/** What Amplify reads AWS credentials from: its `CredentialsAndIdentityIdProvider`, which it does not export by name. */
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
 * Lets Amplify's categories (Storage, REST `get`/`post`, …) use credentials of iamfetch, with one exchange for all callers.
 *
 * ```ts
 * Amplify.configure(config, { Auth: { tokenProvider: cognitoUserPoolsTokenProvider, credentialsProvider: toAmplifyCredentialsProvider(credentials) } })
 * ```
 *
 * @returns A provider for `Amplify.configure`. For a visitor who is not signed in it returns `undefined`, not credentials of a guest.
 */
export function toAmplifyCredentialsProvider(
  credentials: CredentialsProvider & { clear?(): void },
): AmplifyCredentialsProvider {
  if (typeof credentials !== 'function') {
    // Not the value: it may be a secret.
    throw invalidOption(
      'toAmplifyCredentialsProvider',
      '"credentials" must be a function that returns credentials',
    )
  }
  return {
    async getCredentialsAndIdentityId({ authenticated, forceRefresh = false }) {
      if (!authenticated) return undefined
      const current = await credentials({ forceRefresh })
      const { identityId } = current
      return { credentials: plain(current), ...(identityId !== undefined && { identityId }) }
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
