/**
 * Hashes text (as UTF-8) or bytes with SHA-256, synchronously and on any engine.
 *
 * @returns 64 lower-case hexadecimal digits.
 * @see [FIPS 180-4 §6.2](https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf)
 */
export function sha256Hex(data: string | Uint8Array): string {
  return hex(digest([], data))
}

/**
 * Authenticates text with HMAC-SHA-256.
 *
 * @see [RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)
 */
export function hmac(key: string | Uint8Array, text: string): Uint8Array {
  const bytes = utf8(key.length > 64 ? digest([], key) : key)
  const pad = (filler: number): Uint8Array => new Uint8Array(64).map((_, i) => bytes[i]! ^ filler)
  return digest(pad(0x5c), digest(pad(0x36), text))
}

/** As {@link hmac}, in hexadecimal digits. */
export const hmacHex = (key: string | Uint8Array, text: string): string => hex(hmac(key, text))

/** Writes bytes as lower-case hexadecimal digits; the platform's own way, where there is one, takes no time. */
export function hex(bytes: Uint8Array & { toHex?(): string }): string {
  let text = bytes.toHex?.() ?? ''
  if (!text) for (const byte of bytes) text += (byte + 256).toString(16).slice(1)
  return text
}

/** `encodeURIComponent` that takes a lone surrogate too: it becomes U+FFFD, as in a URL. */
export const escapeText = (text: string): string =>
  encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))

/** UTF-8 without `TextEncoder`, which not every engine of React Native has. */
export function utf8(data: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
export function utf8(data: string | Uint8Array): Uint8Array
export function utf8(data: string | Uint8Array): Uint8Array {
  if (typeof data !== 'string') return data
  // Nearly all that is signed is ASCII.
  const text = /[^\0-\x7f]/.test(data) ? unescape(escapeText(data)) : data
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

const PRIMES: number[] = []
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n)

// The fractions of the primes' roots need 32 of a double's 53 bits: computed, they take a tenth of the
// table's bytes (FIPS 180-4 §4.2.2 and §5.3.3).
const roots = (power: number): Int32Array =>
  Int32Array.from(PRIMES, (prime) => prime ** power * 2 ** 32)
const ROUND = roots(1 / 3)
const INITIAL = roots(1 / 2)

const W = new Int32Array(64)

const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

/** Hashes two runs of bytes as one. */
function digest(first: ArrayLike<number>, data: string | Uint8Array): Uint8Array {
  const second = utf8(data)
  const length = first.length + second.length
  const padded = new Uint8Array((length + 72) & ~63)
  const view = new DataView(padded.buffer)
  padded.set(first)
  padded.set(second, first.length)
  padded[length] = 0x80
  view.setUint32(padded.length - 8, length / 2 ** 29)
  view.setUint32(padded.length - 4, length * 8)
  const state = INITIAL.slice(0, 8)
  for (let at = 0; at < padded.length; at += 64) {
    let a = state[0]!
    let b = state[1]!
    let c = state[2]!
    let d = state[3]!
    let e = state[4]!
    let f = state[5]!
    let g = state[6]!
    let h = state[7]!
    for (let i = 0; i < 64; i++) {
      if (i < 16) W[i] = view.getInt32(at + i * 4)
      else {
        const x = W[i - 15]!
        const y = W[i - 2]!
        W[i] =
          (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) +
          (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)) +
          W[i - 16]! +
          W[i - 7]!
      }
      h =
        ((turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (g ^ (e & (f ^ g))) + h + ROUND[i]! + W[i]!) | 0
      d = (d + h) | 0
      h = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) | (c & (a | b))) + h) | 0
      const next = h
      h = g
      g = f
      f = e
      e = d
      d = c
      c = b
      b = a
      a = next
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, i) => (state[i]! += word))
  }
  state.forEach((word, i) => view.setInt32(i * 4, word))
  return padded.subarray(0, 32)
}
