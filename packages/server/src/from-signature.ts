import type { Caller } from './caller.ts'
import { readClaims } from './claims.ts'
import { headerOf, type Evidence } from './events.ts'
import { callerOfClaims } from './from-claims.ts'
import { readIdentity, type PoolIdentity } from './identity.ts'
import { refusal } from './refusal.ts'
import type { CallerOptions } from './trust.ts'
import type { TokenVerifier } from './verify.ts'

/**
 * The header in which a signed call brings the caller's ID token along.
 *
 * IAM tells the API a user's `sub` and nothing else; the ID token tells the email and the groups. The name
 * starts with `x-amz-`, because AWS's rules have every such header signed: who changes it on the way breaks the
 * signature.
 *
 * @see [AWS: canonical headers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html)
 */
export const identityHeader = 'x-amz-iamfetch-identity'

/**
 * Makes a caller of what the gateway says about a request's signature, and of the ID token that came with it.
 *
 * The token is verified here, and has to be an ID token of the very user and the very user pool that the
 * identity pool's credentials stand for.
 *
 * @throws {@link IamFetchError} `CALLER_MISMATCH` for a token of somebody else, `TOKEN_INVALID`,
 *   `TOKEN_EXPIRED`, and what {@link readIdentity} refuses.
 */
export async function callerOfSignature(
  { shape, iam }: Extract<Evidence, { iam: unknown }>,
  event: unknown,
  options: CallerOptions,
  verifier: TokenVerifier,
): Promise<Caller> {
  const { arn, cognito } = iam
  const token = headerOf(event, identityHeader)
  const identity = cognito && readIdentity(cognito, options)
  const nobody = {
    groups: none,
    scopes: none,
    proof: 'gateway',
    shape,
    arn,
    claims: noClaims,
  } as const
  if (!identity?.user) {
    if (token !== undefined) {
      throw refusal('CALLER_MISMATCH', 'An ID token came with the signature of no user pool user.')
    }
    if (!identity) return { kind: 'role', subject: withoutSession(arn), ...nobody }
    return { kind: identity.kind, subject: identity.identityId, ...idsOf(identity), ...nobody }
  }
  const { sub, userPoolId } = identity.user
  if (token === undefined) return { kind: 'user', subject: sub, ...idsOf(identity), ...nobody }
  const { claims, pool } = await verifier.verifyPoolToken(token)
  if (claims['token_use'] !== 'id') {
    throw refusal('TOKEN_INVALID', `The token in ${identityHeader} is no ID token.`)
  }
  if (claims['sub'] !== sub || pool?.userPoolId !== userPoolId) {
    throw refusal('CALLER_MISMATCH', 'The ID token and the signature name different users.')
  }
  return { ...callerOfClaims(claims, 'verified', shape), ...idsOf(identity), arn }
}

const none: readonly string[] = Object.freeze([])
const noClaims = readClaims({}, 'array')

const idsOf = ({ identityId, identityPoolId }: PoolIdentity): object => ({
  identityId,
  identityPoolId,
})

/** `…:assumed-role/Name/session` without the session, which whoever assumes the role chooses. */
const withoutSession = (arn: string): string =>
  arn.replace(/^(arn:[^:]*:sts::\d*:assumed-role\/[^/]+)\/.*$/s, '$1')
