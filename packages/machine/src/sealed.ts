/** Closes and opens store entries with one client secret. Made by {@link sealWith}. */
export interface Seal {
  /** A fingerprint of the secret; the secret cannot be got from it, nor the key. */
  readonly fingerprint: string
  /** @param label  What the entry is for; it opens under the same label only. */
  readonly close: (text: string, label: string) => Promise<string>
  /** @returns The text, or `undefined` for anything that this secret and label did not close. */
  readonly open: (sealed: string, label: string) => Promise<string | undefined>
}

const SALT = 'iamfetch/machine/1'
const IV_BYTES = 12

/**
 * Derives a seal from a client secret: AES-256-GCM under a key from HKDF-SHA-256.
 *
 * Who reads a shared store gets nothing out of it, and a new secret retires what the old one closed.
 *
 * @see [RFC 5869: HKDF](https://www.rfc-editor.org/rfc/rfc5869)
 * @see [NIST SP 800-38D §8.2.2: random IVs](https://csrc.nist.gov/pubs/sp/800/38/d/final)
 */
export async function sealWith(secret: string): Promise<Seal> {
  const { subtle } = crypto
  const input = await subtle.importKey('raw', bytes(secret), 'HKDF', false, [
    'deriveBits',
    'deriveKey',
  ])
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
    async close(text, label) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const closed = new Uint8Array(await subtle.encrypt(cipher(iv, label), key, bytes(text)))
      const both = new Uint8Array(IV_BYTES + closed.length)
      both.set(iv)
      both.set(closed, IV_BYTES)
      return base64url(both)
    },
    async open(sealed, label) {
      try {
        const both = fromBase64url(sealed)
        const iv = both.slice(0, IV_BYTES)
        const text = await subtle.decrypt(cipher(iv, label), key, both.slice(IV_BYTES))
        return new TextDecoder().decode(text)
      } catch {
        return undefined
      }
    },
  }
}

/** SHA-256 of a text, as base64url. */
export const digest = async (text: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(text))))

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

const base64url = (data: Uint8Array): string =>
  btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

const fromBase64url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  )
