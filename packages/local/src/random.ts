import { randomBytes } from 'node:crypto'

/** Where unpredictable bytes come from. */
export type Random = (size: number) => Uint8Array

/** The operating system's. */
export const systemRandom: Random = (size) => randomBytes(size)

/** Draws `length` characters from an alphabet of at most 256, each as likely as the others. */
export function drawText(random: Random, alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

/** Draws a version 4 UUID. @see [RFC 9562 §5.4](https://www.rfc-editor.org/rfc/rfc9562#section-5.4) */
export function drawUuid(random: Random): string {
  const bytes = Uint8Array.from(random(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Buffer.from(bytes).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export const LOWER = 'abcdefghijklmnopqrstuvwxyz'
export const UPPER: string = LOWER.toUpperCase()
export const DIGITS = '0123456789'
