import crypto from 'node:crypto'

/** Hashes text (as UTF-8) or bytes with SHA-256, in one call since Node 20.12. */
export const sha256Hex: (data: string | Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data)
    : (data) => crypto.createHash('sha256').update(data).digest('hex')

/**
 * Returns a function that authenticates text with HMAC-SHA-256 under one key.
 *
 * Two plain hashes take 0.8 µs where `createHmac` takes 1.2, and 9 on Node 24 when its key is bytes (`npm run bench`).
 */
export function hmac(key: string | Uint8Array): (text: string) => Buffer {
  const short = key.length > 64 ? Buffer.from(sha256Hex(key), 'hex') : Buffer.from(key)
  // The two pads of RFC 2104; the outer one has room for the inner hash.
  const inner = Buffer.alloc(64, 0x36)
  const outer = Buffer.alloc(96, 0x5c)
  for (const pad of [inner, outer]) short.forEach((byte, i) => (pad[i]! ^= byte))
  return (text) => {
    const message = Buffer.allocUnsafe(64 + Buffer.byteLength(text))
    message.set(inner)
    message.write(text, 64)
    outer.write(sha256Hex(message), 64, 'hex')
    return Buffer.from(sha256Hex(outer), 'hex')
  }
}

/** Writes what {@link hmac} returned as lower-case hexadecimal digits. */
export const hex = (bytes: Uint8Array): string =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy would cost as much as the digits
  (bytes as Buffer).toString('hex')

/** Hashes a body or a request. OpenSSL takes 10 MB in the time that handing them to another thread would save. */
export const hashSoon: (data: Uint8Array | string) => string | Promise<string> = sha256Hex
