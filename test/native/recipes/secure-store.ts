import * as SecureStore from 'expo-secure-store'
import { cognitoCredentials, identityStoreIn, type CognitoCredentials } from 'iamfetch/native'

/** The keychain opens it while the device is unlocked, and no backup takes it to another device. */
const HERE_ONLY = { keychainAccessible: SecureStore.WHEN_UNLOCKED_THIS_DEVICE_ONLY }

/** Keeps the identity of guests in the keychain or the keystore. Credentials are never stored. */
export const credentialsOf = (
  identityPoolId: string,
  idToken: () => Promise<string | undefined>,
): CognitoCredentials =>
  cognitoCredentials({
    identityPoolId,
    idToken,
    identityStore: identityStoreIn({
      getItemAsync: (key) => SecureStore.getItemAsync(key, HERE_ONLY),
      setItemAsync: (key, value) => SecureStore.setItemAsync(key, value, HERE_ONLY),
      deleteItemAsync: (key) => SecureStore.deleteItemAsync(key, HERE_ONLY),
    }),
  })
