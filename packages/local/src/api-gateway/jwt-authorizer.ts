import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { JOSEAlgNotAllowed, JOSEError, JWTExpired } from 'jose/errors'
import { jwtVerify } from 'jose/jwt/verify'
import type { Clock } from '../faults/faults.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Refusal } from './refusal.ts'

/** Whose tokens an API takes. */
export interface TokenRules {
  keys: JWTVerifyGetKey
  issuer: string
  /** The app clients. `aud` or, in an access token, `client_id` has to be one of them. */
  clientIds: () => readonly string[]
  clock: Clock
}

/** A token that was verified. */
export interface VerifiedToken {
  claims: JWTPayload
  scopes: readonly string[]
}

/**
 * Verifies the token of a `jwt` route: signature, issuer, audience, the three times, scopes (`scope`, else `scp`).
 *
 * A REST API (its Cognito authorizer) wants an ID token on a route without scopes and an access token on one
 * with; an HTTP API takes either.
 *
 * @param authorization  The header; `Bearer` may be left out.
 * @param scopes         One of them is enough. Without any, the token alone is.
 * @see [AWS: JWT authorizers](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html),
 *   [their troubleshooting](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html)
 */
export async function verifyToken(
  type: 'http' | 'rest',
  authorization: string | undefined,
  scopes: readonly string[] | undefined,
  rules: TokenRules,
): Promise<Result<VerifiedToken, Refusal>> {
  const token = authorization?.replace(/^Bearer +/i, '').trim()
  if (!token) return refused({ kind: 'Unauthorized', reason: 'there is no token' })
  const refuse = (reason: string, message = WORDING): Result<never, Refusal> =>
    refused({ kind: 'Unauthorized', reason, message })
  if (token.startsWith('AWS4-')) {
    return refuse('a signature came; this route wants a bearer token', NO_JWT)
  }
  if (token.split('.').length !== 3) return refuse('the token is not a JWT', NO_JWT)
  let claims: JWTPayload
  try {
    const { payload } = await jwtVerify(token, rules.keys, {
      issuer: rules.issuer,
      algorithms: ['RS256'],
      currentDate: new Date(rules.clock.now()),
      requiredClaims: ['exp'],
    })
    claims = payload
  } catch (error) {
    if (!(error instanceof JOSEError)) throw error
    const reason = `the token was refused: ${error.code} ${error.message}`
    if (type === 'rest' && error instanceof JWTExpired) {
      return refused({ kind: 'TokenExpired', label: 'Unauthorized', reason })
    }
    return refuse(reason, wordingFor(error, token))
  }
  if ((claims.iat ?? 0) > rules.clock.now() / 1_000) {
    return refuse('the token was issued in the future (iat)')
  }
  // A Cognito authorizer takes the clients of its user pool (unverified: with an `aud` of a resource).
  const byClient = claims.aud === undefined || (type === 'rest' && claims['client_id'])
  const audience = byClient ? [claims['client_id']] : [claims.aud].flat()
  if (!audience.some((clientId) => rules.clientIds().some((id) => id === clientId))) {
    return refuse('the token is for another client (aud or client_id)', AUDIENCE)
  }
  if (type === 'rest') {
    const expectedUse = scopes?.length ? 'access' : 'id'
    if (claims['token_use'] !== expectedUse)
      return refuse(`this route takes an ${expectedUse} token`)
  }
  const granted = scopesOf(claims['scope'] ?? claims['scp'])
  if (scopes?.length && !scopes.some((scope) => granted.includes(scope))) {
    const reason = `the token has the scopes [${granted.join(' ')}], one of [${scopes.join(' ')}] is needed`
    return refused({ kind: 'ScopeMissing', reason })
  }
  return accepted({ claims, scopes: granted })
}

/** The words for a token that does not verify. */
function wordingFor(error: JOSEError, token: string): string | undefined {
  if (!(error instanceof JOSEAlgNotAllowed)) return undefined
  const { alg = '' } = decodeProtectedHeader(token)
  // The sender wrote it, and it goes into a header.
  return /^[\w-]{1,20}$/.test(alg) ? `signing method ${alg} is invalid` : undefined
}

/** In one text, or (with other issuers) in a list. */
const scopesOf = (claim: unknown): string[] => {
  if (typeof claim === 'string') return claim.split(' ')
  return Array.isArray(claim) ? claim.map(String) : []
}

/** As AWS's page on troubleshooting JWT authorizers has it. */
const AUDIENCE = 'the token does not have a valid audience'
/** Recorded 2026-10-05, for a token that is not a JWT. */
const NO_JWT = 'token contains an invalid number of segments'
/** unverified: the words for everything else. */
const WORDING = 'the token is invalid'
