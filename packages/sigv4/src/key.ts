import { hmac } from '#edge'
import { IamFetchError, type Credentials } from '@iamfetch/core'

type Key = ReturnType<typeof hmac>

/** The last key of each credentials, and what it is of, for as long as these live themselves. */
const held = new WeakMap<
  Credentials,
  [key: Key, scope: string, secret: string, token: string | undefined]
>()

/**
 * Derives what signs within one scope, and first looks whether the credentials are whole.
 *
 * Done once for credentials that stay the same object: reading a session token takes as long as the rest.
 *
 * @param scope  Date, region, service and `aws4_request`, with `/` between them.
 * @throws {@link IamFetchError} `CREDENTIALS_INCOMPLETE`
 * @see [AWS: derive a signing key](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key)
 */
export function signingKey(credentials: Credentials, scope: string): Key {
  const { accessKeyId, secretAccessKey, sessionToken: token } = credentials
  let [key, was, secret, before] = held.get(credentials) ?? []
  if (was !== scope || secret !== secretAccessKey || before !== token) {
    // A session token that went through a template or an environment is often the word "undefined"; one with
    // a line break would be quoted by the platform's error.
    if (
      !accessKeyId ||
      !secretAccessKey ||
      (token ? /^undefined$|[^!-~]/.test(token) : accessKeyId.startsWith('ASIA'))
    ) {
      throw new IamFetchError('CREDENTIALS_INCOMPLETE', 'No key or token.', {
        remedy: 'Pass accessKeyId, secretAccessKey, sessionToken.',
      })
    }
    key = hmac('AWS4' + secretAccessKey)
    for (const part of scope.split('/')) key = hmac(key(part))
    held.set(credentials, [key, scope, secretAccessKey, token])
  }
  // What is not held yet has no scope.
  return key!
}
