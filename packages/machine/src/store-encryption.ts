/** Encrypts and decrypts store entries with one client secret. Created by {@link encryptionWith}. */
export interface StoreEncryption {
  /** A fingerprint of the secret, from which neither the secret nor the key can be computed. */
  readonly fingerprint: string
  /** @param label  What the entry is for. It can be decrypted with the same label only. */
  readonly encrypt: (text: string, label: string) => Promise<string>
  /** @returns The text; `undefined` for anything that was not encrypted with this secret and label. */
  readonly decrypt: (encrypted: string, label: string) => Promise<string | undefined>
}

const SALT = 'iamfetch/machine/1'
const IV_BYTES = 12

/**
 * Derives the encryption of store entries from a secret: AES-256-GCM with a key from HKDF-SHA-256.
 *
 * A reader of a shared store learns nothing, and a new secret makes the old entries unreadable.
 *
 * @see [RFC 5869: HKDF](https://www.rfc-editor.org/rfc/rfc5869)
 * @see [NIST SP 800-38D §8.2.2: random IVs](https://csrc.nist.gov/pubs/sp/800/38/d/final)
 */
export async function encryptionWith(secret: string): Promise<StoreEncryption> {
  const { subtle } = crypto
  const usages = ['deriveBits', 'deriveKey'] as const
  const input = await subtle.importKey('raw', bytes(secret), 'HKDF', false, usages)
  const hkdf = (info: string): HkdfParams => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: bytes(SALT),
    info: bytes(info),
  })
  const fingerprint = await subtle.deriveBits(hkdf('fingerprint'), input, 128)
  const key = await subtle.deriveKey(hkdf('seal'), input, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const cipher = (iv: Uint8Array<ArrayBuffer>, label: string): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    additionalData: bytes(label),
  })
  return {
    fingerprint: base64url(new Uint8Array(fingerprint)),
    async encrypt(text, label) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const encrypted = new Uint8Array(await subtle.encrypt(cipher(iv, label), key, bytes(text)))
      const entry = new Uint8Array(IV_BYTES + encrypted.length)
      entry.set(iv)
      entry.set(encrypted, IV_BYTES)
      return base64url(entry)
    },
    async decrypt(encrypted, label) {
      try {
        const entry = bytesOfBase64url(encrypted)
        const iv = entry.slice(0, IV_BYTES)
        const text = await subtle.decrypt(cipher(iv, label), key, entry.slice(IV_BYTES))
        return new TextDecoder().decode(text)
      } catch {
        return undefined
      }
    },
  }
}

/** A random secret for entries that never leave this process. */
export const randomSecret = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)))

/** SHA-256 of a text, as base64url. */
export const digest = async (text: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text))))

/** Base64url without padding. */
export const base64url = (data: Uint8Array): string =>
  btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const bytesOfBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  )
