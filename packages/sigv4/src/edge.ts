import { hex, sha256Hex } from './sha256.ts'

export { hmac, hmacHex, sha256Hex } from './sha256.ts'

/** From this many bytes on the platform's hash wins over ours, and keeps the main thread free. */
const SUBTLE_FROM = 1_024

/** Hashes a body: a long one by `crypto.subtle`, which a page has only over HTTPS or on localhost. */
export async function hashBody(bytes: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const subtle = globalThis.crypto?.subtle
  return subtle && typeof bytes === 'object' && bytes.length >= SUBTLE_FROM
    ? hex(new Uint8Array(await subtle.digest('SHA-256', bytes)))
    : sha256Hex(bytes)
}
