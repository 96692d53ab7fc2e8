import { invalidOption } from '@iamfetch/core'
import type { Caller, Proof } from './caller.ts'
import { isAtLeast } from './check-options.ts'
import { parseClaims, readClaims, type Claims } from './claims.ts'
import {
  readEvidence,
  singleValue,
  type AuthorizerContext,
  type EventShape,
  type Evidence,
  type ProvenClaims,
} from './evidence.ts'
import { callerOfClaims, checkTrusted } from './from-claims.ts'
import { claimsOfContext, mappedClaims, type ContextClaims } from './from-context.ts'
import { callerOfSignature } from './from-signature.ts'
import type { CallerOptions } from './options.ts'
import { actingFor } from './owner.ts'
import { isRefusal, refusal } from './refusal.ts'
import { checkRules } from './rules.ts'
import { trustOf, type Trust } from './trust.ts'
import { readUnverified } from './verify.ts'

/**
 * Returns who called, from the event that a Lambda function receives or from a request.
 *
 * What the gateway proved is taken from the event. A token that is merely passed through is verified here, or refused. It is
 * not checked that the event comes from the gateway, and cannot be: anyone who may invoke the function directly may write any
 * event.
 *
 * @param event    An event of an HTTP API, a REST API, a WebSocket API, a function URL, a load balancer or a `TOKEN`
 *   authorizer. Of a web `Request`, a `Headers` object, and the requests of Node, Express, Fastify, Koa and hono the headers are
 *   read, and the token in them is verified here.
 * @param options  Which proofs to trust. Keys are fetched once, also if the object is written inline.
 * @throws {@link IamFetchError} `CALLER_MISSING`, `CALLER_UNPROVEN`, `CALLER_NOT_TRUSTED`, `CALLER_MISMATCH`, `TOKEN_INVALID`,
 *   `TOKEN_EXPIRED`, `TOKEN_REJECTED`, `FORBIDDEN`, `GROUP_MISSING`, `SCOPES_MISSING` or `SERVICE_UNAVAILABLE`; its `status` is the one to respond with.
 * @throws {@link TypeError} with the code `INVALID_OPTION` for a wrong or an unknown option.
 * @example
 * ```ts
 * const caller = await resolveCaller(event, {
 *   userPools: [{ userPoolId: 'eu-central-1_AbCdEfGhI', clientIds: ['1example23456789'] }],
 * })
 * console.log(caller.kind, caller.subject, caller.groups)
 * ```
 */
export async function resolveCaller(
  event: unknown,
  options: CallerOptions = DEFAULTS,
): Promise<Caller> {
  return resolveWith(trustOf('resolveCaller', options), event)
}

const DEFAULTS: CallerOptions = Object.freeze({})

/** The same as {@link resolveCaller}, with options that were checked before. */
export async function resolveWith(trust: Trust, event: unknown): Promise<Caller> {
  const { lambdaWebAdapter = false, proof: weakest = 'gateway', tenant, owner } = trust.options
  const found = await callerOf(readEvidence(event, lambdaWebAdapter), trust)
  if (!isAtLeast(found.proof, weakest)) throw unproven(found, weakest)
  const caller = found.kind === 'machine' && owner ? await actingFor(found, owner) : found
  checkRules(caller, trust.rules)
  const tenantId = tenant && (await tenant(caller))
  if (tenantId !== undefined && (typeof tenantId !== 'string' || !tenantId)) {
    throw invalidOption('resolveCaller', '"tenant" must return a text or undefined', tenantId)
  }
  return Object.freeze(tenantId === undefined ? caller : { ...caller, tenant: tenantId })
}

function unproven({ proof, shape }: Caller, weakest: Proof): Error {
  return refusal(
    'CALLER_UNPROVEN',
    `The caller has the proof '${proof}'; the option "proof" requires '${weakest}'.`,
    { remedy: remedyForProof(shape) },
  )
}

function remedyForProof(shape: EventShape): string {
  if (shape.includes('-iam')) {
    return 'Send the ID token of the user with the signed call: set "beforeSign" of createIamFetch to withIdToken(idToken).'
  }
  if (shape === 'rest-lambda' || shape === 'http-lambda') {
    return `Set "proof" to 'gateway', or let the Lambda authorizer return no "sub", so that the token is verified here.`
  }
  return 'Send the token in "Authorization", and set "userPools", so that the token is verified here.'
}

/** A proof by the gateway comes before a token that is merely passed through. */
function callerOf(evidence: Evidence, trust: Trust): Promise<Caller> {
  const { proven } = evidence
  if (proven?.by === 'signature') return callerOfSignature(proven, evidence, trust)
  if (proven?.by === 'token') return callerOfAuthorizer(proven, evidence, trust)
  if (proven?.by === 'authorizer') return callerOfContext(proven, evidence, trust)
  const oidcData = singleValue(evidence.oidcData)
  if (oidcData !== undefined) return callerOfOidcData(oidcData, evidence, trust)
  const token = singleValue(evidence.bearer)
  if (token === undefined) {
    throw refusal('CALLER_MISSING', 'Nothing in the event names a caller.')
  }
  return callerOfBearer(token, trust)
}

/** The claims that the gateway verified; if they are not enough, those of the same token, verified once more. */
async function callerOfAuthorizer(
  proven: ProvenClaims,
  evidence: Evidence,
  trust: Trust,
): Promise<Caller> {
  const { shape, listText, scopes } = proven
  const parsed = parseClaims(proven.claims, listText)
  const { options } = trust
  checkTrusted(parsed.claims, trust)
  const needsToken =
    options.proof === 'verified' || (parsed.ambiguous.length > 0 && options.userPools !== undefined)
  const token = needsToken ? singleValue(evidence.bearer) : undefined
  const verified =
    token === undefined ? undefined : await claimsOfSameToken(token, parsed.claims, trust)
  const { claims, ambiguous } = verified
    ? mappedClaims({ claims: verified, ambiguous: [] }, verified, shape, options)
    : mappedClaims(parsed, proven.claims, shape, options)
  const proof = verified ? 'verified' : 'gateway'
  return callerOfClaims({ claims, proof, shape, scopes, ambiguous }, options.kindOf)
}

/**
 * Verifies the token of the header, which has to be the one that the gateway verified.
 *
 * @returns `undefined` if a proof by the gateway is enough and the token cannot be verified: an authorizer may take its token
 *   from another header, and without a check on groups nothing depends on the token.
 */
async function claimsOfSameToken(
  token: string,
  claims: Claims,
  { options, rules, verifier }: Trust,
): Promise<Claims | undefined> {
  let verified: Claims
  try {
    verified = (await verifier.verifyPoolToken(token)).claims
  } catch (error) {
    const isOptional = options.proof !== 'verified' && isRefusal(error)
    if (isOptional && (error.code === 'TOKEN_INVALID' || !rules.groups)) return undefined
    throw error
  }
  if (SAME_TOKEN.some((name) => verified[name] !== claims[name])) {
    throw refusal(
      'CALLER_MISMATCH',
      'The gateway verified another token than the one in the header "authorization".',
    )
  }
  return verified
}

const SAME_TOKEN: readonly string[] = ['iss', 'sub', 'token_use', 'jti']

/** An authorizer that does not name the caller leaves the token to this code, if this code can verify it. */
async function callerOfContext(
  { context, shape }: AuthorizerContext,
  evidence: Evidence,
  trust: Trust,
): Promise<Caller> {
  const { userPools, verifyToken } = trust.options
  const canVerify = userPools !== undefined || verifyToken !== undefined
  const found = claimsOfContext(context, shape, trust.options)
  if (!canVerify || found.namesCaller) return callerOfContextClaims(found, shape, trust)
  const token = singleValue(evidence.bearer)
  if (token !== undefined) return callerOfBearer(token, trust)
  throw refusal(
    'CALLER_MISSING',
    'The context of the Lambda authorizer names no caller: it has no "sub", and "principalId" may be the same for every caller.',
    {
      remedy:
        'Let the authorizer add "sub" to its context, or set "authorizerContext" to a function that returns it.',
    },
  )
}

function callerOfContextClaims(
  { claims, ambiguous }: ContextClaims,
  shape: AuthorizerContext['shape'],
  { options }: Trust,
): Caller {
  if (claims['sub'] !== undefined) {
    return callerOfClaims({ claims, proof: 'gateway', shape, ambiguous }, options.kindOf)
  }
  const names = Object.keys(claims).slice(0, 10).join('", "')
  throw refusal(
    'CALLER_MISSING',
    `The context of the Lambda authorizer has no "sub"${names ? `; it has "${names}"` : ''}.`,
    {
      remedy:
        'Let the authorizer add "sub" to its context, or set "authorizerContext" to a function that returns the claims.',
    },
  )
}

async function callerOfOidcData(
  oidcData: string,
  evidence: Evidence,
  trust: Trust,
): Promise<Caller> {
  const { loadBalancers, userPools } = trust.options
  if (loadBalancers) {
    const { claims, clientId } = await trust.verifier.verifyAlbToken(oidcData)
    const origin = { claims, proof: 'verified', shape: 'alb-oidc' } as const
    const caller = callerOfClaims(origin, trust.options.kindOf)
    return clientId === undefined ? caller : { ...caller, clientId }
  }
  const token = userPools && singleValue(evidence.bearer)
  if (token !== undefined) return callerOfBearer(token, trust)
  return callerOfUnverified(oidcData, 'alb-oidc', trust)
}

async function callerOfBearer(token: string, trust: Trust): Promise<Caller> {
  const { verifyToken, userPools, kindOf } = trust.options
  const known = verifyToken && (await verifyToken(token))
  if (!known && !userPools) return callerOfUnverified(token, 'bearer', trust)
  const claims = known
    ? readClaims(known, 'array')
    : (await trust.verifier.verifyPoolToken(token)).claims
  return callerOfClaims({ claims, proof: 'verified', shape: 'bearer' }, kindOf)
}

function callerOfUnverified(
  token: string,
  shape: 'alb-oidc' | 'bearer',
  { options }: Trust,
): Caller {
  if (options.proof === 'none') {
    return callerOfClaims({ claims: readUnverified(token), proof: 'none', shape }, options.kindOf)
  }
  const [header, option] =
    shape === 'bearer' ? ['authorization', 'userPools'] : ['x-amzn-oidc-data', 'loadBalancers']
  throw refusal(
    'CALLER_UNPROVEN',
    `The token in "${header}" is not verified: the gateway did not do it, and "${option}" is not set.`,
    {
      remedy: `Set "${option}", so that the token is verified here, or attach an authorizer to the route.`,
    },
  )
}
