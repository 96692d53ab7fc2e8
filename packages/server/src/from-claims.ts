import { describeValue } from '@iamfetch/core'
import type { Caller, Proof } from './caller.ts'
import { readBoolean, readSeconds, type Claims } from './claims.ts'
import type { EventShape } from './evidence.ts'
import { poolOfIssuer } from './issuers.ts'
import { readList, readScopes } from './lists.ts'
import type { CallerOptions } from './options.ts'
import { refusal } from './refusal.ts'
import { readText } from './text.ts'

/** Claims, and where they are from. */
export interface ClaimsOrigin {
  claims: Claims
  proof: Proof
  shape: EventShape
  /** The scopes to use if there is no `scope` among the claims. */
  scopes?: unknown
  /** The names of lists that were left out of the claims. */
  ambiguous?: readonly string[]
}

/**
 * Creates a caller from a token's claims.
 *
 * A token whose subject is its own client, and that names no user, is a machine's (Cognito's client credentials, RFC 9068);
 * every other one is a user's. A machine is in no group, whatever its token says.
 *
 * @throws {@link IamFetchError} `CALLER_MISSING` without a subject, `CALLER_MISMATCH` for a machine that is a user, too.
 * @see [Cognito: the access token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html)
 * @see [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)
 */
export function callerOfClaims(origin: ClaimsOrigin): Caller {
  const { claims, proof, shape, ambiguous = [] } = origin
  const subject = readText(claims['sub'])
  if (subject === undefined) throw refusal('CALLER_MISSING', 'The claims have no subject ("sub").')
  const username = readText(claims['cognito:username']) ?? readText(claims['username'])
  const isMachine = claims['token_use'] !== 'id' && subject === claims['client_id']
  if (isMachine && username !== undefined) {
    throw refusal('CALLER_MISMATCH', 'The token names a machine and a user.')
  }
  const email = isMachine ? undefined : readText(claims['email'])
  const clientId = readText(claims['client_id']) ?? readText(claims['aud'])
  const issuer = readText(claims['iss'])
  const issuedAt = momentOf(claims['iat'])
  const expiresAt = momentOf(claims['exp'])
  return {
    kind: isMachine ? 'machine' : 'user',
    subject,
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email, emailVerified: readBoolean(claims['email_verified']) }),
    groups: (isMachine ? undefined : readList(claims['cognito:groups'], 'array')) ?? NO_GROUPS,
    scopes: readScopes(claims['scope'] ?? origin.scopes),
    ...(clientId !== undefined && { clientId }),
    ...(issuer !== undefined && { issuer }),
    proof,
    shape,
    ...(issuedAt && { issuedAt }),
    ...(expiresAt && { expiresAt }),
    claims,
    ...(ambiguous.length > 0 && { ambiguousClaims: Object.freeze([...ambiguous]) }),
  }
}

const NO_GROUPS: readonly string[] = Object.freeze([])

/**
 * Checks claims that the gateway verified against `userPools`, if it is given: the issuer, the app client, which a REST API's
 * authorizer does not check, and the use, which an HTTP API's does not check.
 *
 * A token that is not for this API proves nobody to it, so the response is a 401: the same as if `resolveCaller` verifies
 * the token itself, and the same that either authorizer gives for what it checks.
 *
 * @throws {@link IamFetchError} `TOKEN_INVALID`
 * @see [RFC 6750 §3.1, invalid_token](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
 * @see [RFC 9110 §15.5.2, 401](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2)
 */
export function checkTrusted(claims: Claims, { userPools }: CallerOptions): void {
  if (!userPools) return
  const issuer = claims['iss']
  const pool = poolOfIssuer(issuer, userPools)
  if (!pool) {
    throw refusal(
      'TOKEN_INVALID',
      `The token was issued by ${describeValue(issuer)}, which is not one of "userPools".`,
    )
  }
  const { clientIds, tokenUse } = pool
  const use = claims['token_use']
  const client = claims[use === 'id' ? 'aud' : 'client_id']
  if (clientIds && !clientIds.some((one) => one === client)) {
    throw refusal(
      'TOKEN_INVALID',
      `The token was issued to the client ${describeValue(client)}, which is not in "clientIds".`,
    )
  }
  if (tokenUse && tokenUse !== use) {
    throw refusal(
      'TOKEN_INVALID',
      `The token has the "token_use" ${describeValue(use)}; "${tokenUse}" is required here.`,
    )
  }
}

function momentOf(claim: unknown): Date | undefined {
  const seconds = readSeconds(claim)
  if (seconds === undefined) return undefined
  const moment = new Date(seconds * 1_000)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}
