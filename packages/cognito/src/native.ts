import { invalidOption } from '@iamfetch/core'
import type { CognitoCredentials } from './credentials.ts'
import type { IdentityStore } from './identity.ts'

export * from './index.ts'

/** The part of React Native's `AppState` that is needed. */
export interface AppStates {
  addEventListener(type: 'change', listener: (state: string) => void): { remove(): void }
}

/**
 * Requests the credentials when the app comes back to the foreground, as a page would when it becomes visible.
 *
 * A stale session is then renewed before the first call needs it, the token of another user is noticed, and an exchange learns
 * Cognito's time. If the device's clock went back in the meantime, the known time is wrong, so the exchange is made at once. No call
 * depends on this: each decides for itself what is stale, and a gateway's refusal corrects the clock as well.
 *
 * It does not start an exchange if none was requested before.
 *
 * @param appState  `AppState` of `react-native`.
 * @param now       The device's time in milliseconds. @default Date.now
 * @returns A function that stops following.
 * @see [React Native: AppState](https://reactnative.dev/docs/appstate)
 */
export function followAppState(
  credentials: CognitoCredentials,
  appState: AppStates,
  now: () => number = Date.now,
): () => void {
  if (typeof credentials !== 'function') {
    throw invalidOption(
      'followAppState',
      '"credentials" must be cognitoCredentials(…)',
      credentials,
    )
  }
  if (typeof appState?.addEventListener !== 'function') {
    throw invalidOption('followAppState', '"appState" must be AppState of react-native', appState)
  }
  let seenAt = now()
  const subscription = appState.addEventListener('change', (state) => {
    const wentBack = now() < seenAt
    seenAt = now()
    if (state !== 'active' || credentials.status().state === 'empty') return
    // Why it failed is in the status.
    credentials({ forceRefresh: wentBack }).catch(() => {})
  })
  return () => subscription.remove()
}

/** `expo-secure-store`, or another storage with its methods. */
export interface SecureStorage {
  getItemAsync(key: string): Promise<string | null>
  setItemAsync(key: string, value: string): Promise<void>
  deleteItemAsync(key: string): Promise<void>
}

/** `@react-native-async-storage/async-storage`, or another storage with its methods. */
export interface AsyncStorage {
  getItem(key: string): Promise<string | null>
  setItem(key: string, value: string): Promise<void>
  removeItem(key: string): Promise<void>
}

/**
 * Keeps identity IDs over restarts of the app: `cognitoCredentials({ identityStore: identityStoreIn(SecureStore) })`.
 *
 * Only identity IDs are stored, which are not secret. Their keys are fingerprints, in the characters that both kinds of storage accept
 * (SecureStore: letters, digits, `.`, `-`, `_`).
 *
 * @see [Expo: SecureStore](https://docs.expo.dev/versions/latest/sdk/securestore/)
 */
export function identityStoreIn(storage: SecureStorage | AsyncStorage): IdentityStore {
  if (typeof storage !== 'object' || storage === null) {
    throw invalidOption('identityStoreIn', '"storage" must be SecureStore or AsyncStorage', storage)
  }
  const named = (key: string): string => key.replace(/[^\w.-]/g, '.')
  return 'getItemAsync' in storage
    ? {
        get: (key) => storage.getItemAsync(named(key)),
        set: (key, identityId) => storage.setItemAsync(named(key), identityId),
        delete: (key) => storage.deleteItemAsync(named(key)),
      }
    : {
        get: (key) => storage.getItem(named(key)),
        set: (key, identityId) => storage.setItem(named(key), identityId),
        delete: (key) => storage.removeItem(named(key)),
      }
}
