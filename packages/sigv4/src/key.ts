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
  for (const { name, form } of PARTS) {
    const value: unknown = credentials[name]
    if (typeof value === 'string' && form.test(value)) continue
    if (name === 'sessionToken' && !value && !isTemporary(credentials)) continue
    if (!value) throw incomplete(`The credentials have no "${name}".`)
    throw incomplete(`The "${name}" of the credentials has a value that AWS does not issue.`)
  }
}

const incomplete = (message: string): IamFetchError =>
  new IamFetchError('CREDENTIALS_INCOMPLETE', message, {
    remedy:
      'Pass "accessKeyId", "secretAccessKey" and "sessionToken" of the same response; a copy made by spreading lacks them, so pass the credentials object itself.',
  })

/** What each part consists of. A template or an environment makes the text "undefined" of a missing value. */
const PARTS = [
  { name: 'accessKeyId', form: /^[\w.-]+$/ },
  { name: 'secretAccessKey', form: /[^]/ },
  { name: 'sessionToken', form: /^(?!(?:undefined|null)$)[!-~]+$/ },
] as const

/** Access keys that begin with `ASIA` need a session token. */
const isTemporary = ({ accessKeyId }: Credentials): boolean => accessKeyId.startsWith('ASIA')
