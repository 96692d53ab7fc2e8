import { refusal } from './refusal.ts'

/**
 * What an ID token says. Nothing here was verified: good for showing and predicting, never for deciding.
 *
 * @see [AWS: the ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)
 */
export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  /** Seconds since the epoch. */
  readonly exp?: number
  /** Seconds since the epoch. */
  readonly iat?: number
  readonly token_use?: string
  readonly 'cognito:username'?: string
  readonly 'cognito:groups'?: readonly string[]
  /** An array in real tokens, a comma-separated list in AWS's documentation. */
  readonly 'cognito:roles'?: readonly string[] | string
  /** The role of the group with the lowest precedence number. */
  readonly 'cognito:preferred_role'?: string
  readonly [claim: string]: unknown
}

/**
 * Reads the claims of an ID token **without verifying it**: no signature, no expiry, no audience is checked.
 *
 * Needs neither `atob` nor `TextDecoder`, so it runs on React Native; reads UTF-8 correctly.
 *
 * @param token  A JSON Web Token in its compact form.
 * @throws {@link IamFetchError} `ID_TOKEN_INVALID` when it is not one or names no issuer and subject,
 *   `NOT_AN_ID_TOKEN` when it is an access token or names no audience. Neither shows any of the token.
 * @see [RFC 7519 §7.2](https://www.rfc-editor.org/rfc/rfc7519#section-7.2)
 */
export function decodeIdToken(token: string): IdTokenClaims {
  let claims: IdTokenClaims | undefined
  try {
    const [, payload = '', signature] = token.split('.')
    if (signature) claims = JSON.parse(decodeURIComponent(percentEncoded(payload)))
  } catch {
    // What JSON.parse says quotes the text, so it is not kept as the cause.
  }
  if (typeof claims?.iss !== 'string' || typeof claims.sub !== 'string') {
    throw refusal('ID_TOKEN_INVALID', 'No JWT with iss and sub')
  }
  if (claims.token_use === 'access' || !claims.aud) {
    throw refusal('NOT_AN_ID_TOKEN', 'This is an access token')
  }
  return claims
}

/**
 * base64url to `%e2%82%ac`, which decodeURIComponent reads as UTF-8: six bits a character, eight bits a byte. What
 * another character is taken for makes no difference: Cognito verifies the token as it is.
 */
const percentEncoded = (base64url: string): string =>
  base64url
    .replace(/./g, (character) => {
      const code = character.charCodeAt(0)
      // a–z, _, A–Z, 0–9, -
      const value =
        code > 96 ? code - 71 : code > 94 ? 63 : code > 64 ? code - 65 : code > 47 ? code + 4 : 62
      return (64 + value).toString(2).slice(1)
    })
    .replace(/(.{8})|./g, (_, byte) =>
      byte ? `%${Number(`0b1${byte}`).toString(16).slice(1)}` : '',
    )
