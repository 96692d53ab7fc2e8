import { describeValue, jwtPayload } from '@iamfetch/core'
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
 * @throws {@link IamFetchError} `ID_TOKEN_INVALID` if it is not one or has no issuer and subject,
 *   `NOT_AN_ID_TOKEN` if it is an access token or has no audience. Neither error shows any of the token.
 * @see [RFC 7519 §7.2](https://www.rfc-editor.org/rfc/rfc7519#section-7.2)
 * @example
 * ```ts
 * const { sub, 'cognito:groups': groups = [] } = decodeIdToken(await readToken({ forceRefresh: false }))
 * ```
 */
export function decodeIdToken(token: string): IdTokenClaims {
  const claims = /^Bearer /i.test(token) ? undefined : jwtPayload(token)
  if (!claims || typeof claims['iss'] !== 'string' || typeof claims['sub'] !== 'string') {
    throw refusal(
      'ID_TOKEN_INVALID',
      `The ID token is not a JSON Web Token with "iss" and "sub"${claims ? '' : `, but ${kindOf(token)}`}.`,
    )
  }
  if (claims['token_use'] === 'access') {
    throw refusal('NOT_AN_ID_TOKEN', 'The token is an access token, not an ID token.')
  }
  if (!claims['aud'])
    throw refusal('NOT_AN_ID_TOKEN', 'The token has no "aud", so it is not an ID token.')
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the three that are required have been checked
  return claims as IdTokenClaims
}

/** What was returned in place of a JSON Web Token, without any of it. */
function kindOf(token: unknown): string {
  if (typeof token !== 'string') return describeValue(token)
  if (/^Bearer /i.test(token)) return 'a text that begins with "Bearer "'
  return token.startsWith('{') ? 'JSON' : 'other text'
}
