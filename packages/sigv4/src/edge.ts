import { hex, sha256Hex } from './sha256.ts'

export { hex, hmac, sha256Hex } from './sha256.ts'

/** From this many bytes on the platform's hash wins over ours (in Chromium; bench/), and keeps the main thread free. */
const SUBTLE_FROM = 512

/** Hashes as {@link sha256Hex} does; longer data with `crypto.subtle`, which a page has only over HTTPS or on localhost. */
export function hashSoon(data: Uint8Array | string): string | Promise<string> {
  if (!subtle || data.length < SUBTLE_FROM) return sha256Hex(data)
  if (typeof data === 'string') {
    encoder ??= new TextEncoder()
    // A character takes three bytes at most.
    data =
      data.length > 5_000
        ? encoder.encode(data)
        : room.subarray(0, encoder.encodeInto(data, room).written)
  }
  // Named here and not in the signature: TypeScript before 5.7 has no such type.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- bodies are never shared memory
  const hash = subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>)
  return hash.then((buffer) => hex(new Uint8Array(buffer)))
}

/** Read once: reading it for each hash takes 3 % of a signature in Chromium. */
const subtle = /* @__PURE__ */ (() => globalThis.crypto?.subtle)()
let encoder: TextEncoder | undefined
const room = /* @__PURE__ */ new Uint8Array(15_000)
