import { IamFetchError, jwtHeader, jwtPayload, type JwtClaims } from '@iamfetch/core'
import type { TokenGrant, TokenResponse } from './token-endpoint.ts'

/** The data of a response about a token, and the rules that the token has to satisfy. */
export interface TokenClaims {
  token: unknown
  tokenType: unknown
  expiresIn: unknown
  scope?: unknown
  clientId: string
  /** `opaque` also accepts a token that is not a JWT. */
  format: 'jwt' | 'opaque'
  /** Whether the token must have `token_use: "access"`, as every access token of Cognito has. */
  tokenUseRequired?: boolean | undefined
  /** Seconds, for a response that names no lifetime and whose token has no `exp`. */
  defaultLifetimeSeconds?: number | undefined
}

/**
 * Turns the data of a response into a grant, or rejects it: an error page, another client's token or an ID token is never cached
 * as an access token.
 *
 * The signature is not verified; the token came over TLS from the configured endpoint.
 *
 * @throws {@link IamFetchError} `TOKEN_INVALID`, which names what is wrong, without the token.
 */
export function grantOf(said: TokenClaims, { status }: TokenResponse): TokenGrant {
  const { token, tokenType, clientId } = said
  // Visible ASCII only, because it becomes part of a header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw invalidToken('"access_token" is missing or not a token', status)
  }
  if (token.length > MAX_TOKEN_LENGTH) {
    throw invalidToken(`"access_token" has more than ${MAX_TOKEN_LENGTH} characters`, status)
  }
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    throw invalidToken('"token_type" is not "Bearer"', status)
  }
  const claims = claimsOf(token)
  if (!claims && said.format === 'jwt') {
    throw invalidToken(
      '"access_token" is not a JWT',
      status,
      "Pass tokenFormat: 'opaque' if the issuer has such tokens; otherwise check the URL of the token endpoint.",
    )
  }
  const use = claims?.['token_use']
  if (use === undefined ? said.tokenUseRequired : use !== 'access') {
    throw invalidToken('its "token_use" is not "access"', status)
  }
  const exp = claims?.['exp']
  if (exp !== undefined && !isMoment(exp)) {
    throw invalidToken('its "exp" is not a time in seconds since 1970', status)
  }
  const client = claims?.['client_id']
  if (client !== undefined && client !== clientId) {
    throw invalidToken('its "client_id" is another client', status)
  }
  const scope = claims?.['scope'] ?? claims?.['scp'] ?? said.scope
  const expiresIn = lifetimeOf(said, exp, status)
  return { token, expiresIn, exp, scopes: scopesOf(scope) }
}

/**
 * Reads a lifetime in seconds. RFC 6749 only recommends `expires_in`, and some issuers send it as text: without it a JWT lives
 * until its `exp`, and any other token for a default time.
 *
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 */
function lifetimeOf(
  { expiresIn, defaultLifetimeSeconds }: TokenClaims,
  exp: number | undefined,
  status: number,
): number | undefined {
  if (expiresIn === undefined || expiresIn === null) {
    return exp === undefined ? defaultLifetimeSeconds : undefined
  }
  const isDigits = typeof expiresIn === 'string' && /^\d{1,10}$/.test(expiresIn)
  const seconds = isDigits ? Number(expiresIn) : expiresIn
  if (typeof seconds === 'number' && seconds > 0 && seconds <= MAX_LIFETIME_SECONDS) return seconds
  throw invalidToken(
    `"expires_in" is not a number of seconds from 1 to ${MAX_LIFETIME_SECONDS}`,
    status,
  )
}

/** The error for a response that is not a usable access token. */
export const invalidToken = (
  problem: string,
  status?: number,
  remedy = 'Check that the URL is the token endpoint, and that no proxy or cache responds in its place.',
  retryable = false,
): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', `The response is not a usable access token: ${problem}.`, {
    remedy,
    status,
    retryable,
  })

/** The claims of a JWT, unverified. `undefined` for anything else. */
const claimsOf = (token: string): JwtClaims | undefined =>
  typeof jwtHeader(token)?.['alg'] === 'string' ? jwtPayload(token) : undefined

/** Scopes of a claim: separated by spaces, or (at other vendors) an array. */
function scopesOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string')
  return typeof value === 'string' ? value.split(' ').filter(Boolean) : undefined
}

/** Whether a value is a time in seconds since 1970, before the year 10000. */
const isMoment = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value < 253_402_300_800

/** Larger than any header that a gateway accepts. */
const MAX_TOKEN_LENGTH = 65_536
/** 2³¹ − 1 seconds, 68 years: what issuers send for "never". */
const MAX_LIFETIME_SECONDS = 2_147_483_647
/** For an opaque token without `expires_in`, in seconds: short enough for any issuer. */
export const DEFAULT_LIFETIME_SECONDS = 300
