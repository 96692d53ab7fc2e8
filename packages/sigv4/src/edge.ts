import { hex, sha256Hex } from './sha256.ts'

export { hmac, hmacKey, sha256Hex, utf8, type HmacKey } from './sha256.ts'

/** From this many bytes on the platform's hash wins over ours and keeps the main thread free. */
const SUBTLE_FROM = 16_384

/** Hashes a body: a short one at once, a long one by `crypto.subtle` where a page may use it (not over plain HTTP). */
export function hashBody(bytes: Uint8Array): string | Promise<string> {
  const subtle = bytes.length < SUBTLE_FROM ? undefined : globalThis.crypto?.subtle
  return subtle
    ? // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- never over shared memory: a copy of ours
      subtle.digest('SHA-256', bytes as BufferSource).then((hash) => hex(new Uint8Array(hash)))
    : sha256Hex(bytes)
}
