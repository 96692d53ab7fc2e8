import type { Caller, Proof } from './caller.ts'
import { readBoolean, readSeconds, type Claims } from './claims.ts'
import type { EventShape } from './evidence.ts'
import { readList, readScopes } from './lists.ts'
import type { CallerOptions } from './options.ts'
import { refusal } from './refusal.ts'
import { readText } from './text.ts'
import { tokenKindOf } from './token-kind.ts'
import type { Trust } from './trust.ts'
import { shownClaim } from './shown-claim.ts'

/** Claims, and where they are from. */
export interface ClaimsOrigin {
  claims: Claims
  proof: Proof
  shape: EventShape
  /** The scopes to use if there is no `scope` among the claims. */
  scopes?: unknown
  /** The names of lists that were omitted from the claims. */
  ambiguous?: readonly string[]
}

/**
 * Creates a caller from a token's claims.
 *
 * Whether it is a user or a machine is decided by {@link tokenKindOf}. A machine's subject is its client ID, and it is in no
 * group, whatever its token says.
 *
 * @param kindOf  The option of that name.
 * @throws {@link IamFetchError} `CALLER_MISSING` without a subject, `CALLER_MISMATCH` for a machine that is a user, too.
 */
export function callerOfClaims(
  { claims, proof, shape, scopes, ambiguous = [] }: ClaimsOrigin,
  kindOf?: CallerOptions['kindOf'],
): Caller {
  const { kind, clientId } = tokenKindOf(claims, kindOf)
  const isMachine = kind === 'machine'
  const sub = readText(claims['sub'])
  const subject = isMachine ? (clientId ?? sub) : sub
  if (subject === undefined) throw refusal('CALLER_MISSING', 'The claims have no subject ("sub").')
  const username = readText(claims['cognito:username']) ?? readText(claims['username'])
  if (isMachine && username !== undefined) {
    throw refusal('CALLER_MISMATCH', 'The token names a machine and a user.')
  }
  const caller: Building<Caller> = {
    kind,
    subject,
    groups: (isMachine ? undefined : readList(claims['cognito:groups'], 'array')) ?? NO_GROUPS,
    scopes: readScopes(claims['scope'] ?? claims['scp'] ?? scopes),
    proof,
    shape,
    claims,
  }
  if (username !== undefined) caller.username = username
  const email = isMachine ? undefined : readText(claims['email'])
  if (email !== undefined) {
    caller.email = email
    caller.emailVerified = readBoolean(claims['email_verified'])
  }
  if (clientId !== undefined) caller.clientId = clientId
  const issuer = readText(claims['iss'])
  if (issuer !== undefined) caller.issuer = issuer
  const issuedAt = momentOf(claims['iat'])
  if (issuedAt) caller.issuedAt = issuedAt
  const expiresAt = momentOf(claims['exp'])
  if (expiresAt) caller.expiresAt = expiresAt
  if (ambiguous.length > 0) caller.ambiguousClaims = Object.freeze([...ambiguous])
  return caller
}

type Building<T> = { -readonly [Name in keyof T]: T[Name] }

const NO_GROUPS: readonly string[] = Object.freeze([])

/**
 * Checks claims that the gateway verified against `userPools`, if it is given: the issuer, the app client, which a REST API's
 * authorizer does not check, and the use, which an HTTP API's does not check.
 *
 * A token that is not for this API proves no caller to it, so the response is a 401: the same as if `resolveCaller` verifies
 * the token itself, and the same that either authorizer sends for what it checks.
 *
 * @throws {@link IamFetchError} `TOKEN_INVALID`
 * @see [RFC 6750 §3.1, invalid_token](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
 * @see [RFC 9110 §15.5.2, 401](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2)
 */
export function checkTrusted(claims: Claims, { poolOfIssuer }: Trust): void {
  if (!poolOfIssuer) return
  const issuer = claims['iss']
  const pool = poolOfIssuer.get(issuer)
  if (!pool) {
    throw refusal(
      'TOKEN_INVALID',
      `The token has ${shownClaim('iss', issuer)}; it must be the issuer of one of "userPools".`,
    )
  }
  const { clientIds, tokenUse } = pool
  const use = claims['token_use']
  const client = claims[use === 'id' ? 'aud' : 'client_id']
  if (clientIds && !clientIds.some((id) => id === client)) {
    throw refusal(
      'TOKEN_INVALID',
      `The token has ${shownClaim(use === 'id' ? 'aud' : 'client_id', client)}; it must be one of "clientIds".`,
    )
  }
  if (tokenUse && tokenUse !== use) {
    throw refusal(
      'TOKEN_INVALID',
      `The token has ${shownClaim('token_use', use)}; "${tokenUse}" is required here.`,
    )
  }
}

function momentOf(claim: unknown): Date | undefined {
  const seconds = readSeconds(claim)
  if (seconds === undefined) return undefined
  const moment = new Date(seconds * 1_000)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}
