import { CommandError } from './command.ts'

/** What a JSON Web Token says, unverified. */
export interface Token {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Reads a JSON Web Token **without verifying it**. `Bearer ` in front and blanks around it are taken off.
 *
 * @throws CommandError that shows nothing of the text.
 * @see [RFC 7519](https://www.rfc-editor.org/rfc/rfc7519#section-7.2)
 */
export function readToken(text: string): Token {
  const parts = text
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .replace(/^(authorization: *)?bearer +/i, '')
    .split('.')
  if (text.trim() === '') throw new CommandError('The input is empty. Pass a token.')
  if (parts.length === 5) {
    throw new CommandError('The token is encrypted (five parts), as refresh tokens of Cognito are.')
  }
  if (parts.length !== 3) {
    throw new CommandError(
      `The input is not a JSON Web Token: it has ${parts.length === 1 ? 'one part' : `${parts.length} parts`} instead of three, separated by dots.`,
    )
  }
  return { header: decoded(parts[0], 'first'), claims: decoded(parts[1], 'second') }
}

function decoded(part: string | undefined, which: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return Object.fromEntries(Object.entries(parsed))
    }
  } catch {
    // What JSON.parse says quotes the token.
  }
  throw new CommandError(`The input is not a JSON Web Token: its ${which} part is not JSON.`)
}
