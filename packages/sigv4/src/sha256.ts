/** A key that is ready to authenticate: the states after its two pads, so that neither is hashed again. */
export type HmacKey = readonly [inner: Int32Array, outer: Int32Array]

/**
 * Hashes text (as UTF-8) or bytes with SHA-256, synchronously and on any engine.
 *
 * @returns 64 lower-case hexadecimal digits.
 * @see [FIPS 180-4 §6.2](https://nvlpubs.nist.gov/nistpubs/FIPS/NIST.FIPS.180-4.pdf)
 */
export function sha256Hex(data: string | Uint8Array): string {
  return hex(digest(INITIAL, 0, bytesOf(data)))
}

/**
 * Prepares a key of HMAC-SHA-256.
 *
 * @see [RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)
 */
export function hmacKey(key: string | Uint8Array): HmacKey {
  let bytes = bytesOf(key)
  if (bytes.length > 64) bytes = digest(INITIAL, 0, bytes)
  const padded = (pad: number): Int32Array => {
    const block = new Uint8Array(64).fill(pad)
    bytes.forEach((byte, i) => (block[i] = byte ^ pad))
    const state = INITIAL.slice()
    compress(state, block, 0)
    return state
  }
  return [padded(0x36), padded(0x5c)]
}

/** Authenticates text with HMAC-SHA-256. */
export function hmac([inner, outer]: HmacKey, text: string): Uint8Array {
  return digest(outer, 64, digest(inner, 64, bytesOf(text)))
}

/** Writes bytes as lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += (byte + 256).toString(16).slice(1)
  return text
}

/**
 * Encodes text as UTF-8; a lone surrogate becomes U+FFFD, as in `TextEncoder`, which not every engine of
 * React Native has.
 */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 3)
  let end = 0
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      bytes[end++] = code
      continue
    }
    if (code >> 11 === 0x1b) {
      code = text.codePointAt(i)!
      if (code > 0xffff) i++
      else code = 0xfffd
    }
    if (code > 0xffff) bytes[end++] = 0xf0 | (code >> 18)
    if (code > 0x7ff)
      bytes[end++] = (code > 0xffff ? 0x80 : 0xe0) | ((code >> 12) & (code > 0xffff ? 0x3f : 0xf))
    bytes[end++] = (code > 0x7ff ? 0x80 : 0xc0) | ((code >> 6) & 0x3f)
    bytes[end++] = 0x80 | (code & 0x3f)
  }
  return bytes.subarray(0, end)
}

const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof data === 'string' ? utf8(data) : data

/** Continues from `start`, the state after `before` bytes (whole blocks), to the end of `bytes`. */
function digest(start: Int32Array, before: number, bytes: Uint8Array): Uint8Array {
  const state = start.slice()
  const { length } = bytes
  let at = 0
  for (; at + 64 <= length; at += 64) compress(state, bytes, at)
  const rest = length - at
  const tail = new Uint8Array(rest < 56 ? 64 : 128)
  tail.set(bytes.subarray(at))
  tail[rest] = 0x80
  const view = new DataView(tail.buffer)
  view.setUint32(tail.length - 8, (before + length) / 0x20000000)
  view.setUint32(tail.length - 4, (before + length) << 3)
  for (at = 0; at < tail.length; at += 64) compress(state, tail, at)
  for (at = 0; at < 8; at++) view.setInt32(at * 4, state[at]!)
  return tail.subarray(0, 32)
}

const PRIMES = ((): number[] => {
  const primes: number[] = []
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n)
  return primes
})()

// The fractions of the primes' roots need 32 of a double's 53 bits: computed, they take a tenth of the
// table's bytes (FIPS 180-4 §4.2.2 and §5.3.3).
const roots = (count: number, root: number): Int32Array =>
  Int32Array.from(PRIMES.slice(0, count), (prime) => prime ** (1 / root) * 2 ** 32)
const INITIAL = roots(8, 2)
const ROUND = roots(64, 3)
const W = new Int32Array(64)

/** One block of 64 bytes, FIPS 180-4 §6.2.2. */
function compress(state: Int32Array, bytes: Uint8Array, at: number): void {
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let i = 0; i < 64; i++) {
    if (i < 16) {
      const j = at + i * 4
      W[i] = (bytes[j]! << 24) | (bytes[j + 1]! << 16) | (bytes[j + 2]! << 8) | bytes[j + 3]!
    } else {
      const x = W[i - 15]!
      const y = W[i - 2]!
      W[i] =
        W[i - 16]! +
        W[i - 7]! +
        (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
        (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))
    }
    const t =
      (h +
        (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
        (g ^ (e & (f ^ g))) +
        ROUND[i]! +
        W[i]!) |
      0
    h = g
    g = f
    f = e
    e = (d + t) | 0
    d = c
    const u =
      (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) +
      ((a & b) | (c & (a | b)))
    c = b
    b = a
    a = (t + u) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}
