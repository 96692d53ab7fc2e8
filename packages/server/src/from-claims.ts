import type { Caller, Proof } from './caller.ts'
import { readBoolean, readClaims, readList, readSeconds, readText, type Claims } from './claims.ts'
import type { EventShape } from './events.ts'
import { own } from './own.ts'
import { refusal } from './refusal.ts'
import { poolOfIssuer, type CallerOptions } from './trust.ts'

/**
 * Makes a caller of a token's claims.
 *
 * A token whose subject is its own client, and that names no user, is a machine's (Cognito's client
 * credentials, RFC 9068); every other one is a user's. A machine is in no group, whatever its token says.
 *
 * @param scopes  What to go by where the claims have no `scope`.
 * @throws {@link IamFetchError} `CALLER_MISSING` without a subject, `CALLER_MISMATCH` for a machine that
 *   would be a user too.
 * @see [Cognito: the access token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html)
 * @see [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)
 */
export function callerOfClaims(
  claims: Claims,
  proof: Proof,
  shape: EventShape,
  scopes: readonly string[] = [],
): Caller {
  const subject = readText(claims['sub'])
  if (subject === undefined) throw refusal('CALLER_MISSING', 'The caller has no subject.')
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
  const scope = claims['scope']
  return {
    kind: isMachine ? 'machine' : 'user',
    subject,
    ...(username !== undefined && { username }),
    ...(email !== undefined && { email, emailVerified: readBoolean(claims['email_verified']) }),
    groups: readList(isMachine ? [] : claims['cognito:groups'], 'array'),
    scopes: readList(typeof scope === 'string' ? scope.split(/ +/) : scopes, 'array'),
    ...(clientId !== undefined && { clientId }),
    ...(issuer !== undefined && { issuer }),
    proof,
    shape,
    ...(issuedAt && { issuedAt }),
    ...(expiresAt && { expiresAt }),
    claims,
  }
}

/**
 * Holds claims that the gateway verified against the allow-list of user pools, where there is one: the
 * issuer, the app client, which a REST API's authorizer does not look at, and the use, which an HTTP API's does
 * not look at.
 *
 * A token that is not for this API proves nobody to it, so the answer is a 401: the same that `resolveCaller`
 * gives where it verifies the token itself, and that either authorizer gives for what it looks at.
 *
 * @throws {@link IamFetchError} `TOKEN_INVALID`
 * @see [RFC 6750 §3.1, invalid_token](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
 * @see [RFC 9110 §15.5.2, 401](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2)
 */
export function checkTrusted(claims: Claims, { userPools }: CallerOptions): void {
  if (!userPools) return
  const pool = poolOfIssuer(claims['iss'], userPools)
  if (!pool) throw refusal('TOKEN_INVALID', 'The token is of none of userPools.')
  const { clientIds, tokenUse } = pool
  const use = claims['token_use']
  const client = claims[use === 'id' ? 'aud' : 'client_id']
  if (clientIds && !clientIds.some((one) => one === client)) {
    throw refusal('TOKEN_INVALID', 'The token is of none of clientIds.')
  }
  if (tokenUse && tokenUse !== use) {
    throw refusal('TOKEN_INVALID', `An ${tokenUse} token is asked for.`)
  }
}

/**
 * Makes claims of a Lambda authorizer's context. Its text lists are read as `a,b`, `[a b]` or JSON.
 *
 * Left to itself it takes `sub`, or `principalId` where there is no `sub`: an authorizer that gives every
 * caller the same `principalId` has to put a `sub` into its context.
 *
 * @see [AWS: output of a Lambda authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html)
 */
export function claimsOfContext(context: object, { authorizerContext }: CallerOptions): Claims {
  const said = readClaims(context, 'commas')
  const { principalId, groups, clientId, scopes, ...rest } = said
  const client = rest['client_id'] ?? clientId
  const standard = {
    ...rest,
    sub: rest['sub'] ?? principalId ?? client,
    'cognito:groups': rest['cognito:groups'] ?? groups,
    client_id: client,
    scope: rest['scope'] ?? scopes,
  }
  const made: object = authorizerContext?.(said) ?? standard
  const scope = own(made, 'scope')
  const text = typeof scope === 'string' ? scope : readList(scope, 'array').join(' ')
  return readClaims({ ...made, scope: text || undefined }, 'commas')
}

function momentOf(claim: unknown): Date | undefined {
  const seconds = readSeconds(claim)
  const moment = new Date((seconds ?? Number.NaN) * 1_000)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}
