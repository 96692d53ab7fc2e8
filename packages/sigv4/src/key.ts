import { hmac, sha256Hex } from '#edge'

/** What signs on a day, for 2,000 identities and scopes at most. */
const held = new Map<string, ReturnType<typeof hmac>>()

/**
 * Derives what signs within one scope.
 *
 * Held under a hash of the secret: the secret itself is not kept, and an access key whose secret changed
 * never meets the old key.
 *
 * @param scope  Date, region, service and `aws4_request`, with `/` between them.
 * @see [AWS: derive a signing key](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key)
 */
export function signingKey(secretAccessKey: string, scope: string): ReturnType<typeof hmac> {
  const name = sha256Hex(secretAccessKey) + scope
  let key = held.get(name)
  if (!key) {
    key = hmac('AWS4' + secretAccessKey)
    for (const part of scope.split('/')) key = hmac(key(part))
    if (held.size >= 2_000) held.clear()
    held.set(name, key)
  }
  return key
}
