/**
 * Names a text without showing it: two 32-bit multiplicative hashes, 16 hexadecimal digits.
 *
 * For telling texts apart, not for security: it cannot be turned back into a token, but a short text could be
 * guessed. The exchange has to run where `crypto.subtle` is missing, and a library for this would weigh more than the rest.
 */
export function fingerprint(text: string): string {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13)
  }
  return [a, b].map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('')
}
