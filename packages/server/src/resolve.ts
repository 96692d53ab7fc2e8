import type { Caller } from './caller.ts'
import { readClaims, readList, readText, type Claims } from './claims.ts'
import { bearerToken, readEvent, type Evidence } from './events.ts'
import { callerOfClaims, checkTrusted, claimsOfContext } from './from-claims.ts'
import { callerOfSignature } from './from-signature.ts'
import { actingFor } from './owner.ts'
import { refusal } from './refusal.ts'
import { isAtLeast, type CallerOptions } from './trust.ts'
import { readUnverified, verifierOf, type TokenVerifier } from './verify.ts'

/**
 * Says who called, from the event that a Lambda function gets.
 *
 * What the gateway proved is taken from the event. A token that is merely passed through is verified
 * here, or refused. That the event comes from the gateway is not checked and cannot be: whoever may
 * invoke the function directly may write any event.
 *
 * @param event    Of an HTTP API, a REST API, a WebSocket API, a function URL or a load balancer. Anything
 *   with `headers` will do for a token that is verified here.
 * @param options  Whom to believe. Keep the object: it holds the keys.
 * @throws {@link IamFetchError} `CALLER_MISSING`, `CALLER_UNPROVEN`, `CALLER_NOT_TRUSTED`, `CALLER_MISMATCH`,
 *   `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REJECTED` or `SERVICE_UNAVAILABLE`; its `status` is the one to
 *   answer with.
 * @throws {@link TypeError} for options that cannot be meant.
 */
export async function resolveCaller(
  event: unknown,
  options: CallerOptions = byDefault,
): Promise<Caller> {
  const verifier = verifierOf(options)
  const { proof: weakest = 'gateway', tenant, owner } = options
  const evidence = readEvent(event)
  if (!evidence) throw refusal('CALLER_MISSING', 'Nothing in the event names a caller.')
  const found = await callerOf(evidence, event, options, verifier)
  if (!isAtLeast(found.proof, weakest)) throw unproven(`by '${found.proof}', not by '${weakest}'`)
  const caller = found.kind === 'machine' && owner ? await actingFor(found, owner) : found
  const of = tenant && (await tenant(caller))
  return Object.freeze(of === undefined ? caller : { ...caller, tenant: of })
}

const byDefault: CallerOptions = Object.freeze({})

async function callerOf(
  evidence: Evidence,
  event: unknown,
  options: CallerOptions,
  verifier: TokenVerifier,
): Promise<Caller> {
  const { userPools, loadBalancers, verifyToken } = options
  const { shape } = evidence
  if ('iam' in evidence) return callerOfSignature(evidence, event, options, verifier)
  if ('claims' in evidence) return callerOfAuthorizer(evidence, event, options, verifier)
  const passed = bearerToken(event)
  if ('context' in evidence) {
    const claims = claimsOfContext(evidence.context, options)
    // An authorizer that only says yes leaves the token to us.
    const verifiable = userPools ?? verifyToken
    const silent = readText(claims['sub']) === undefined && passed !== undefined && verifiable
    if (!silent) return callerOfClaims(claims, 'gateway', shape)
    return callerOf({ shape: 'bearer', token: passed }, event, options, verifier)
  }
  if (shape === 'bearer' && verifyToken) {
    const claims = await verifyToken(evidence.token)
    if (claims) return callerOfClaims(readClaims(claims, 'array'), 'verified', shape)
  }
  if (shape === 'bearer' && userPools) {
    const { claims } = await verifier.verifyPoolToken(evidence.token)
    return callerOfClaims(claims, 'verified', shape)
  }
  if (shape === 'alb-oidc' && loadBalancers) {
    const { claims } = await verifier.verifyAlbToken(evidence.token)
    return callerOfClaims(claims, 'verified', shape)
  }
  if (shape === 'alb-oidc' && passed !== undefined && userPools) {
    return callerOf({ shape: 'bearer', token: passed }, event, options, verifier)
  }
  if (options.proof !== 'none') throw unproven('by nobody')
  return callerOfClaims(readUnverified(evidence.token), 'none', shape)
}

/** The gateway's claims; where `verified` is asked for, the same token's, verified once more. */
async function callerOfAuthorizer(
  evidence: Extract<Evidence, { claims: object }>,
  event: unknown,
  options: CallerOptions,
  verifier: TokenVerifier,
): Promise<Caller> {
  const { shape, listText } = evidence
  const claims = readClaims(evidence.claims, listText)
  checkTrusted(claims, options)
  const scopes = readList(evidence.scopes, listText)
  const token = options.proof === 'verified' ? bearerToken(event) : undefined
  if (token === undefined) return callerOfClaims(claims, 'gateway', shape, scopes)
  const verified = (await verifier.verifyPoolToken(token)).claims
  const differs = (name: string): boolean => verified[name] !== claims[name]
  if (SAME_TOKEN.some(differs)) {
    throw refusal(
      'CALLER_MISMATCH',
      'The gateway verified another token than the one in the header.',
    )
  }
  return callerOfClaims(verified, 'verified', shape)
}

const SAME_TOKEN: readonly (keyof Claims)[] = ['iss', 'sub', 'token_use', 'jti']

const unproven = (how: string): Error =>
  refusal('CALLER_UNPROVEN', `The caller is proven ${how}: it is refused.`)
