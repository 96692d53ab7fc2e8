import crypto, { type KeyObject } from 'node:crypto'

export { utf8 } from './sha256.ts'

/** A key that is ready to authenticate. */
export type HmacKey = KeyObject

/** Hashes text (as UTF-8) or bytes with SHA-256. `crypto.hash` came with Node 20.12. */
export const sha256Hex: (data: string | Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data)
    : (data) => crypto.createHash('sha256').update(data).digest('hex')

/** Prepares a key of HMAC-SHA-256. */
export const hmacKey = (key: string | Uint8Array): HmacKey =>
  crypto.createSecretKey(typeof key === 'string' ? Buffer.from(key) : key)

/** Authenticates text with HMAC-SHA-256. */
export const hmac = (key: HmacKey, text: string): Uint8Array =>
  crypto.createHmac('sha256', key).update(text).digest()

/** Hashes a body. OpenSSL takes 10 MB in the time that handing them to another thread would save. */
export const hashBody: (bytes: Uint8Array) => string | Promise<string> = sha256Hex
