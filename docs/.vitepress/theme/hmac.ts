import { sha256Hex } from '@iamfetch/sigv4'

/**
 * HMAC with SHA-256, by its definition, so that each derived key can be shown.
 *
 * The page needs no `crypto.subtle`, which a browser has over HTTPS and on localhost only.
 *
 * @see [RFC 2104, section 2](https://www.rfc-editor.org/rfc/rfc2104#section-2)
 */
export function hmac(key: Uint8Array, text: string): Uint8Array {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? bytesOf(sha256Hex(key)) : key)
  const inner = sha256Hex(
    joined(
      block.map((byte) => byte ^ 0x36),
      new TextEncoder().encode(text),
    ),
  )
  return bytesOf(
    sha256Hex(
      joined(
        block.map((byte) => byte ^ 0x5c),
        bytesOf(inner),
      ),
    ),
  )
}

/** Bytes as hexadecimal digits. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
