import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/**
 * Closes a text so that this app alone reads it: the content of a browser's cookie is useless anywhere else.
 * AES-256-GCM, by a key that is derived from `SESSION_SECRET`.
 */
export function seal(text: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key(), iv)
  const closed = [cipher.update(text, 'utf8'), cipher.final()]
  return Buffer.concat([iv, cipher.getAuthTag(), ...closed]).toString('base64url')
}

/** Reads what {@link seal} closed. @returns Nothing for what was altered, or closed with another secret. */
export function unseal(sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length <= 28) return undefined
  const cipher = createDecipheriv('aes-256-gcm', key(), bytes.subarray(0, 12))
  cipher.setAuthTag(bytes.subarray(12, 28))
  try {
    return cipher.update(bytes.subarray(28), undefined, 'utf8') + cipher.final('utf8')
  } catch {
    return undefined
  }
}

function key(): Uint8Array {
  const secret = process.env['SESSION_SECRET'] ?? ''
  if (secret.length < 32) throw new Error('SESSION_SECRET: 32 random characters at least')
  return new Uint8Array(hkdfSync('sha256', secret, '', 'refresh token', 32))
}
