import { hmac, sha256Hex } from '#edge'

/** A day's keys, of 2,000 identities and scopes at most. */
const held = new Map<string, string | Uint8Array>()

/**
 * Derives the key that signs within one scope.
 *
 * Held under a hash of the secret: the secret itself is not kept, and an access key whose secret changed
 * never meets the old key.
 *
 * @param scope  Date, region, service and `aws4_request`, with `/` between them.
 * @see [AWS: derive a signing key](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key)
 */
export function signingKey(secretAccessKey: string, scope: string): string | Uint8Array {
  const name = sha256Hex(secretAccessKey) + scope
  let key = held.get(name)
  if (!key) {
    key = 'AWS4' + secretAccessKey
    for (const part of scope.split('/')) key = hmac(key, part)
    if (held.size >= 2_000) held.clear()
    held.set(name, key)
  }
  return key
}
