import { hex, sha256Hex } from './sha256.ts'

export { hex, hmac, sha256Hex } from './sha256.ts'

/** From this many bytes on the platform's hash wins over ours and keeps the main thread free. */
const SUBTLE_FROM = 16_384

/** Hashes a body: a long one by `crypto.subtle`, which a page has only over HTTPS or on localhost. */
export async function hashBody(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle
  return subtle && bytes.length >= SUBTLE_FROM
    ? // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- never shared memory: a copy of ours
      hex(new Uint8Array(await subtle.digest('SHA-256', bytes as BufferSource)))
    : sha256Hex(bytes)
}
