/**
 * Names a text without showing it: two 32-bit multiplicative hashes.
 *
 * For telling texts apart, not for security: it cannot be turned back into a token, but a short text could be
 * guessed. The exchange has to run where `crypto.subtle` is missing, and a library for this would weigh more than the rest.
 */
export const fingerprint = (text: string): string =>
  hash(text, 16_777_619) + hash(text, 2_246_822_507)

function hash(text: string, prime: number): string {
  let value = prime
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), prime) ^ (value >>> 15)
  }
  return (value >>> 0).toString(36)
}
