import { createIamFetch, type CredentialsSource } from 'iamfetch/native'
import { createHash } from 'react-native-quick-crypto'

/** Signs with the SHA-256 of OpenSSL, through `react-native-quick-crypto`. */
export const signingFetch = (baseUrl: string, credentials: CredentialsSource): typeof fetch =>
  createIamFetch({
    baseUrl,
    credentials,
    sha256: (data) => createHash('sha256').update(data).digest(),
  })
