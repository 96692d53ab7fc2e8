/** The largest prime below 2 ** 46: times 127, plus a character, it is still a safe integer. */
const PRIME = 70_368_744_177_643

/**
 * Names a text without showing it, for a store or another tab: a polynomial hash of 46 bits.
 *
 * Not for security, and not for distinguishing users: it cannot be turned back into a token, but a short text could be guessed, and
 * texts with the same hash are easily found (`Åé` and `Æj`). A cryptographic hash is not used because the exchange has to run where
 * `crypto.subtle` is missing, and a library for it would be larger than the rest of the package.
 */
export function fingerprint(text: string): string {
  let value = 1
  for (const character of text) value = (value * 127 + character.charCodeAt(0)) % PRIME
  return 'iamfetch:' + value.toString(36)
}
