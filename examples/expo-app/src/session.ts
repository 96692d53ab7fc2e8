import {
  type AsyncStorage,
  type Clock,
  cognitoCredentials,
  type CognitoCredentials,
  createIamFetch,
  identityStoreIn,
  type SecureStorage,
} from 'iamfetch/native'
import type { AppConfig } from './config.ts'

/** What the screen works with. Without React and without Amplify, so that it runs wherever JavaScript does. */
export interface Session {
  readonly credentials: CognitoCredentials
  readonly fetch: typeof globalThis.fetch
}

/**
 * Puts the way of a call together: ID token, credentials of the group's role, signed request.
 *
 * @param idToken  Of the signed-in user.
 * @param storage  Where the identity ID outlives the app.
 */
export function startSession(
  config: AppConfig,
  idToken: (options: { forceRefresh: boolean }) => Promise<string>,
  storage: SecureStorage | AsyncStorage,
  clock?: Clock,
): Session {
  const credentials = cognitoCredentials({
    identityPoolId: config.identityPoolId,
    endpoint: config.endpoints?.cognitoIdentity,
    idToken,
    identityStore: identityStoreIn(storage),
    clock,
  })
  const fetch = createIamFetch({
    baseUrl: config.apiUrl,
    region: config.region,
    credentials,
    deadlineMs: 15_000,
  })
  return { credentials, fetch }
}
