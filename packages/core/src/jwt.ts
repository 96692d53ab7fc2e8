import { jsonObject } from './json-object.ts'

/** The claims of a JSON Web Token, unverified. */
export type JwtClaims = Readonly<Record<string, unknown>>

/**
 * Reads the payload of a JSON Web Token **without verifying it**: no signature, no expiry, no audience is checked.
 *
 * It needs neither `atob` nor `TextDecoder`, which not every version of React Native has, and reads UTF-8 correctly.
 *
 * @param token  A JSON Web Token in its compact form.
 * @returns `undefined` if the text is not one, or if its payload is not a JSON object. Nothing of the token is kept.
 * @see [RFC 7519 §7.2](https://www.rfc-editor.org/rfc/rfc7519#section-7.2)
 */
export function jwtPayload(token: unknown): JwtClaims | undefined {
  return partOf(token, 1)
}

/**
 * Reads the header of a JSON Web Token **without verifying it**.
 *
 * @returns `undefined` if the text is not a JSON Web Token.
 * @see [RFC 7515 §4](https://www.rfc-editor.org/rfc/rfc7515#section-4)
 */
export function jwtHeader(token: unknown): JwtClaims | undefined {
  return partOf(token, 0)
}

function partOf(token: unknown, index: 0 | 1): JwtClaims | undefined {
  if (typeof token !== 'string') return undefined
  const parts = token.split('.')
  if (parts.length !== 3 || !parts[2]) return undefined
  const text = textOf(parts[index]!)
  return text === undefined ? undefined : jsonObject(text)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Decodes base64url (RFC 4648 §5) and reads the bytes as UTF-8; `undefined` if it is neither. */
function textOf(base64url: string): string | undefined {
  let percentEncoded = ''
  let bits = 0
  let bitCount = 0
  for (const character of base64url.replace(/=+$/, '')) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return undefined
    bits = (bits << 6) | value
    bitCount += 6
    if (bitCount < 8) continue
    bitCount -= 8
    const byte = (bits >> bitCount) & 0xff
    percentEncoded += `%${byte.toString(16).padStart(2, '0')}`
  }
  try {
    return decodeURIComponent(percentEncoded)
  } catch {
    return undefined
  }
}
