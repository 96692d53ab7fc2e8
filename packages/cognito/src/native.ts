import { invalidOption } from '@iamfetch/core'
import type { CognitoCredentials } from './credentials.ts'
import type { IdentityStore } from './identity.ts'

export * from './index.ts'

/** The part of React Native's `AppState` that is needed. */
export interface AppStates {
  addEventListener(type: 'change', listener: (state: string) => void): { remove(): void }
}

/**
 * Looks after the credentials when the app comes back to the foreground, where a page would be notified of its visibility.
 *
 * They are asked for, so that a stale session is renewed before the first call needs it, another user's token is noticed
 * and Cognito's time is learnt with the exchange. When the device's clock went back in the meantime, what was known of the time is
 * wrong: then the exchange is made at once. Nothing depends on it: every call decides for itself what is stale, and a
 * gateway's refusal corrects a clock as well.
 *
 * Starts no exchange where none was asked for before.
 *
 * @param appState  `AppState` of `react-native`.
 * @param now       The device's time in milliseconds. @default Date.now
 * @returns The function that ends it.
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

/** `expo-secure-store`, or what has its form. */
export interface SecureStorage {
  getItemAsync(key: string): Promise<string | null>
  setItemAsync(key: string, value: string): Promise<void>
  deleteItemAsync(key: string): Promise<void>
}

/** `@react-native-async-storage/async-storage`, or what has its form. */
export interface AsyncStorage {
  getItem(key: string): Promise<string | null>
  setItem(key: string, value: string): Promise<void>
  removeItem(key: string): Promise<void>
}

/**
 * Keeps identity IDs over restarts of the app: `cognitoCredentials({ identityStore: identityStoreIn(SecureStore) })`.
 *
 * Only identity IDs, which are no secrets, and fingerprints as their names get there, under names that both kinds of
 * storage take (SecureStore: letters, digits, `.`, `-`, `_`).
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
