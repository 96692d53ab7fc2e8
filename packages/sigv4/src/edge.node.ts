import crypto from 'node:crypto'

/** Hashes text (as UTF-8) or bytes with SHA-256. `crypto.hash` came with Node 20.12. */
export const sha256Hex: (data: string | Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (data) => crypto.hash('sha256', data)
    : (data) => crypto.createHash('sha256').update(data).digest('hex')

/** Authenticates text with HMAC-SHA-256. */
export const hmac = (key: string | Uint8Array, text: string): Uint8Array =>
  crypto.createHmac('sha256', key).update(text).digest()

/** Writes bytes as lower-case hexadecimal digits. */
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Hashes a body. OpenSSL takes 10 MB in the time that handing them to another thread would save. */
export const hashBody: (bytes: Uint8Array<ArrayBuffer> | string) => string | Promise<string> =
  sha256Hex
