import { hmac } from '#edge'
import { IamFetchError, type Credentials } from '@iamfetch/core'

type Key = ReturnType<typeof hmac>

interface CachedKey {
  readonly key: Key
  readonly scope: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
}

/** The last key of each credentials object, for as long as that object exists. */
const cache = new WeakMap<Credentials, CachedKey>()

/**
 * Derives the key that signs within one scope, after checking that the credentials are complete.
 *
 * Done once for credentials that stay the same object: checking a session token takes as long as the rest.
 *
 * @param scope  Date, region, service and `aws4_request`, with `/` between them.
 * @throws {@link IamFetchError} `CREDENTIALS_INCOMPLETE`
 * @see [AWS: derive a signing key](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key)
 */
export function signingKey(credentials: Credentials, scope: string): Key {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const cached = cache.get(credentials)
  if (
    cached &&
    cached.scope === scope &&
    cached.accessKeyId === accessKeyId &&
    cached.secretAccessKey === secretAccessKey &&
    cached.sessionToken === sessionToken
  ) {
    return cached.key
  }
  checkCredentials(credentials)
  let key = hmac('AWS4' + secretAccessKey)
  for (const part of scope.split('/')) key = hmac(key(part))
  cache.set(credentials, { key, scope, accessKeyId, secretAccessKey, sessionToken })
  return key
}

/**
 * Checks that credentials are complete and that each part can be sent: the platform's error for a header with a line break
 * would quote the whole signature.
 *
 * @throws {@link IamFetchError} `CREDENTIALS_INCOMPLETE`
 */
export function checkCredentials(credentials: Credentials): void {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  if (!isText(accessKeyId)) throw incomplete('The credentials have no "accessKeyId".')
  if (!isText(secretAccessKey)) {
    throw incomplete(
      'The credentials have no "secretAccessKey".',
      'A copy made by spreading loses it: pass the credentials object itself.',
    )
  }
  if (!/^[\w.-]+$/.test(accessKeyId)) {
    throw incomplete('The "accessKeyId" contains characters that no access key has.')
  }
  if (!sessionToken) {
    if (!accessKeyId.startsWith('ASIA')) return
    throw incomplete(
      'The credentials have no "sessionToken", but keys that begin with ASIA need one.',
    )
  }
  // What a template or an environment makes of a missing value.
  if (sessionToken === 'undefined' || sessionToken === 'null') {
    throw incomplete(`The "sessionToken" is the text "${sessionToken}".`)
  }
  if (/[^!-~]/.test(sessionToken)) {
    throw incomplete('The "sessionToken" contains characters that no session token has.')
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function incomplete(message: string, hint?: string): IamFetchError {
  const remedy = 'Pass "accessKeyId", "secretAccessKey" and "sessionToken" of the same response.'
  return new IamFetchError('CREDENTIALS_INCOMPLETE', message, {
    remedy: hint ? `${remedy} ${hint}` : remedy,
  })
}
