import { hmac, hmacKey, sha256Hex, type HmacKey } from '#edge'

/** A day's keys of this many identities and scopes are held; the oldest makes room. */
const HELD = 200
const held = new Map<string, HmacKey>()

/**
 * Derives the key that signs for one day, region and service.
 *
 * Held under a hash of the secret: the secret itself is not kept, and an access key whose secret changed
 * never meets the old key.
 *
 * @param date  `YYYYMMDD`.
 * @see [AWS: derive a signing key](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key)
 */
export function signingKey(
  secretAccessKey: string,
  date: string,
  region: string,
  service: string,
): HmacKey {
  const name = `${sha256Hex(secretAccessKey)} ${date} ${region} ${service}`
  let key = held.get(name)
  if (!key) {
    key = hmacKey('AWS4' + secretAccessKey)
    for (const part of [date, region, service, 'aws4_request']) key = hmacKey(hmac(key, part))
    if (held.size >= HELD) held.delete(held.keys().next().value!)
    held.set(name, key)
  }
  return key
}
