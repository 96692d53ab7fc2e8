/**
 * Hashes text (as UTF-8) or bytes with SHA-256, synchronously and on any engine.
 *
 * @returns 64 lower-case hexadecimal digits.
 * @see [FIPS 180-4 §6.2](https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf)
 */
export function sha256Hex(data: string | Uint8Array): string {
  return hex(digest(data))
}

/**
 * Returns a function that authenticates text with HMAC-SHA-256 under one key.
 *
 * Each of the two pads is one block. The state after it is kept, and each text is hashed from there.
 *
 * @see [RFC 2104 §4](https://www.rfc-editor.org/rfc/rfc2104#section-4)
 */
export function hmac(key: string | Uint8Array): (text: string) => Uint8Array {
  const bytes = utf8(key.length > 64 ? digest(key) : key)
  const [inner, outer] = [0x36, 0x5c].map((filler) => {
    const state = INITIAL.slice(0, 8)
    for (let i = 0; i < 64; i++) W[i >> 2] = (W[i >> 2]! << 8) | (bytes[i]! ^ filler)
    compress(state)
    return state
  })
  return (text) => digest(digest(text, inner), outer)
}

/** Writes bytes as lower-case hexadecimal digits, with the platform's `toHex` if there is one, which takes no time. */
export const hex = (bytes: Uint8Array & { toHex?(): string }): string =>
  bytes.toHex?.() ?? Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join('')

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

/** The message schedule: a block, and what it is stretched to. */
const W = new Int32Array(64)

/** Hashes data, or what follows the one block that led to the state `after`. */
function digest(data: string | Uint8Array, after?: Int32Array): Uint8Array {
  const bytes = utf8(data)
  const length = bytes.length
  const state = (after ?? INITIAL).slice(0, 8)
  for (let at = 0; at < length + 9; at += 64) {
    for (let i = 0; i < 64; i++) {
      W[i >> 2] = (W[i >> 2]! << 8) | (bytes[at + i] ?? (at + i > length ? 0 : 0x80))
    }
    if (at > length - 56) {
      const bits = (after ? length + 64 : length) * 8
      W[14] = bits / 2 ** 32
      W[15] = bits
    }
    compress(state)
  }
  // A shift counts by 32: ~i * 8 is 24, 16, 8, 0.
  // `map` takes 0.6 µs more.
  const hash = new Uint8Array(32)
  for (let i = 0; i < 32; i++) hash[i] = state[i >> 2]! >> (~i * 8)
  return hash
}

const turn = (x: number, by: number): number => (x >>> by) | (x << (32 - by))

/** Adds the block in `W` to the state. */
function compress(state: Int32Array): void {
  // Destructuring the state in one statement takes twice the time: V8 then no longer knows that these are integers.
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < 64; i++) {
    if (i > 15) {
      const x = W[i - 15]!
      const y = W[i - 2]!
      W[i] =
        (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) +
        (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)) +
        W[i - 16]! +
        W[i - 7]!
    }
    const t1 =
      ((turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (g ^ (e & (f ^ g))) + h + ROUND[i]! + W[i]!) | 0
    const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) | (c & (a | b)))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, i) => (state[i]! += word))
}
