import type { Caller } from './caller.ts'
import { readClaims } from './claims.ts'
import { identityHeader, singleValue, type Evidence, type ProvenSignature } from './evidence.ts'
import { callerOfClaims } from './from-claims.ts'
import { readIdentity, type PoolIdentity } from './identity.ts'
import { issuerOf } from './issuers.ts'
import { refusal } from './refusal.ts'
import type { Trust } from './trust.ts'

/**
 * Creates a caller from the gateway's facts about a request's signature, and from the ID token that came with it.
 *
 * The token is verified here, and has to be an ID token of the same user and the same user pool that the credentials of
 * the identity pool represent.
 *
 * @throws {@link IamFetchError} `CALLER_MISMATCH` for a token of another user, `TOKEN_INVALID`, `TOKEN_EXPIRED`, and what
 *   {@link readIdentity} refuses.
 */
export async function callerOfSignature(
  { shape, arn, cognito }: ProvenSignature,
  { identityToken }: Evidence,
  { options, verifier }: Trust,
): Promise<Caller> {
  const token = singleValue(identityToken)
  const identity = cognito && readIdentity(cognito, options)
  const signed = {
    groups: NONE,
    scopes: NONE,
    proof: 'gateway',
    shape,
    arn,
    claims: NO_CLAIMS,
  } as const
  if (!identity?.user) {
    if (token !== undefined) {
      throw refusal(
        'CALLER_MISMATCH',
        `The header "${identityHeader}" came with a signature that is not a user pool user's.`,
      )
    }
    if (!identity) return { kind: 'role', subject: withoutSession(arn), ...signed }
    return { kind: identity.kind, subject: identity.identityId, ...idsOf(identity), ...signed }
  }
  const { sub, userPoolId } = identity.user
  if (token === undefined) {
    const issuer = issuerOf(userPoolId)
    return { kind: 'user', subject: sub, ...idsOf(identity), issuer, ...signed }
  }
  const { claims, pool } = await verifier.verifyPoolToken(token)
  if (claims['token_use'] !== 'id') {
    throw refusal('TOKEN_INVALID', `The token in "${identityHeader}" is not an ID token.`)
  }
  if (claims['sub'] !== sub || pool?.userPoolId !== userPoolId) {
    throw refusal('CALLER_MISMATCH', 'The ID token and the signature name different users.')
  }
  return { ...callerOfClaims({ claims, proof: 'verified', shape }), ...idsOf(identity), arn }
}

const NONE: readonly string[] = Object.freeze([])
const NO_CLAIMS = readClaims({}, 'array')

const idsOf = ({ identityId, identityPoolId }: PoolIdentity): object => ({
  identityId,
  identityPoolId,
})

/** `…:assumed-role/Name/session` without the session, which is chosen by the one who assumes the role. */
const withoutSession = (arn: string): string =>
  arn.replace(/^(arn:[^:]*:sts::\d*:assumed-role\/[^/]+)\/.*$/s, '$1')
