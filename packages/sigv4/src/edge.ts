import { hex, sha256Hex } from './sha256.ts'

export { hex, hmac, sha256Hex } from './sha256.ts'

/** From this many bytes on the platform's hash wins over ours (in Chromium; bench/), and keeps the main thread free. */
const SUBTLE_FROM = 512

/** Hashes as {@link sha256Hex}; much at once by `crypto.subtle`, which a page has only over HTTPS or on localhost. */
export async function hashSoon(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const subtle = globalThis.crypto?.subtle
  if (!subtle || data.length < SUBTLE_FROM) return sha256Hex(data)
  return hex(
    new Uint8Array(await subtle.digest('SHA-256', typeof data === 'string' ? encoded(data) : data)),
  )
}

const room = new Uint8Array(16_384)
let encoder: TextEncoder | undefined

/** An array for each canonical request costs as much as its hash: the garbage of it. `digest` copies what it is given. */
function encoded(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder()
  return text.length * 3 > room.length
    ? encoder.encode(text)
    : room.subarray(0, encoder.encodeInto(text, room).written)
}
