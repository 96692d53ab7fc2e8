import { CryptoDigestAlgorithm, digest } from 'expo-crypto'
import { createIamFetch, type CredentialsSource } from 'iamfetch/native'

/** Signs with the SHA-256 of the platform, through Expo. It hashes bodies without blocking the screen. */
export const signingFetch = (baseUrl: string, credentials: CredentialsSource): typeof fetch =>
  createIamFetch({
    baseUrl,
    credentials,
    sha256: (data) => digest(CryptoDigestAlgorithm.SHA256, data),
  })
