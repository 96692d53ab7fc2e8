import type { Clock } from '@iamfetch/core'
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { Caller, Proof } from './caller.ts'

/** A user pool whose tokens and users are believed. */
export interface TrustedUserPool {
  /** `eu-central-1_AbCdEfGhI` */
  userPoolId: string
  /**
   * The app clients whose tokens are taken: `aud` of an ID token, `client_id` of an access token.
   * `null` takes every client of the pool, which is right only where each of them may call this API.
   */
  clientIds: readonly string[] | null
  /** Takes only ID tokens or only access tokens. @default both */
  tokenUse?: 'id' | 'access' | undefined
  /**
   * The pool's public keys, for a local stack or a network without a way out: the key set, or a function
   * that gets it. It is asked again when a token names a key that is not in it, at most every 10 seconds.
   *
   * @default fetched from the issuer by aws-jwt-verify, and held
   */
  jwks?: KeySet | (() => Promise<KeySet>) | undefined
}

/** A JSON Web Key Set. */
export type KeySet = Jwks | { readonly keys: readonly object[] }

/** A load balancer that signs users in (`authenticate-cognito`, `authenticate-oidc`). */
export interface TrustedLoadBalancer {
  /** The ARN of the Application Load Balancer. It signs for every customer; only yours is to be believed. */
  albArn: string
  /** The client at the identity provider. */
  clientId: string
  /** The identity provider, as in its tokens: `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  issuer: string
  /** The load balancer's public keys. @default fetched from the region's endpoint, and held */
  jwks?: TrustedUserPool['jwks']
}

/** Whose machine it is that calls: what {@link CallerOptions.owner} answers. */
export interface Owner {
  /** The user for whom it calls; becomes the caller's `subject`. */
  subject: string
  username?: string | undefined
  email?: string | undefined
  /** @default [] */
  groups?: readonly string[] | undefined
  /** What the user lets it do: the caller's scopes are those that the token has too. @default the token's */
  scopes?: readonly string[] | undefined
  tenant?: string | undefined
  /** Tokens that were issued before this moment are refused: the way to revoke what Cognito cannot. */
  notBefore?: Date | undefined
}

/** Whom to believe. Make it once: verifiers and keys are held as long as the object is. */
export interface CallerOptions {
  /**
   * The user pools whose users may call. Needed to verify a token here and to name the user behind an
   * IAM-signed call. Where it is given it holds for claims from the gateway too.
   */
  userPools?: readonly TrustedUserPool[] | undefined
  /**
   * The identity pools whose identities may call. Where it is given, a user of another identity provider
   * than a user pool is taken too, with the identity ID as subject. @default any, of `userPools` only
   */
  identityPools?: readonly string[] | undefined
  /** The load balancers whose `x-amzn-oidc-data` is taken. @default none */
  loadBalancers?: readonly TrustedLoadBalancer[] | undefined
  /** The weakest proof that is enough. @default 'gateway' */
  proof?: Proof | undefined
  /**
   * Verifies a token that came without a gateway's proof and is of another kind than a user pool's, as an API
   * key, and gives its claims; nothing for a token that it does not know. Asked before `userPools`.
   */
  verifyToken?: ((token: string) => object | undefined | Promise<object | undefined>) | undefined
  /** Finds the user for whom a machine calls; nothing for a machine that calls for itself. */
  owner?: ((machine: Caller) => Owner | undefined | Promise<Owner | undefined>) | undefined
  /**
   * Finds the caller's tenant. No claim is taken for it by itself: an attribute that a user may write is
   * not a tenant.
   */
  tenant?: ((caller: Caller) => string | undefined | Promise<string | undefined>) | undefined
  /**
   * Turns the context of a Lambda authorizer into claims (`sub`, `client_id`, `scope`, `cognito:groups`, …).
   *
   * @default its entries of those names, `sub` from `principalId`, the list `groups` for `cognito:groups`
   */
  authorizerContext?: ((context: Readonly<Record<string, unknown>>) => object) | undefined
  /** Decides whether a token has expired. @default Date */
  clock?: Clock | undefined
}

/**
 * Refuses options that cannot be meant.
 *
 * @throws {@link TypeError} for a pool ID, an ARN or a list that is none.
 */
export function checkOptions(options: CallerOptions): void {
  const { userPools, identityPools, loadBalancers, proof, verifyToken } = options
  for (const [name, list] of Object.entries({ userPools, identityPools, loadBalancers })) {
    if (list === undefined || (Array.isArray(list) && list.length > 0)) continue
    throw new TypeError(`${name} is an array of at least one entry, or left out.`)
  }
  for (const { userPoolId, clientIds, tokenUse } of userPools ?? []) {
    if (!USER_POOL_ID.test(userPoolId)) {
      throw new TypeError('userPoolId has the form eu-central-1_AbCdEfGhI.')
    }
    if (clientIds !== null && !(Array.isArray(clientIds) && clientIds.length > 0)) {
      throw new TypeError('clientIds lists app clients. For every client of the pool it is null.')
    }
    if (tokenUse !== undefined && tokenUse !== 'id' && tokenUse !== 'access') {
      throw new TypeError("tokenUse is 'id', 'access' or left out.")
    }
  }
  const pools = userPools?.map((pool) => pool.userPoolId) ?? []
  if (new Set(pools).size < pools.length) throw new TypeError('A user pool is named twice.')
  for (const { albArn, clientId, issuer } of loadBalancers ?? []) {
    if (!/^arn:aws[\w-]*:elasticloadbalancing:/.test(albArn) || !clientId || !issuer) {
      throw new TypeError('A load balancer needs albArn, clientId and issuer.')
    }
  }
  if (proof !== undefined && !STRENGTH.includes(proof)) {
    throw new TypeError("proof is 'none', 'gateway' or 'verified'.")
  }
  if (proof === 'verified' && !userPools && !loadBalancers && !verifyToken) {
    throw new TypeError("proof 'verified' needs userPools or loadBalancers to verify with.")
  }
}

/** Whether a proof is at least as strong as the one asked for. */
export const isAtLeast = (proof: Proof, weakest: Proof): boolean =>
  STRENGTH.indexOf(proof) >= STRENGTH.indexOf(weakest)

/** The trusted pool that a token's issuer is, compared in full. Cognito has a regional and a global form. */
export function poolOfIssuer(
  issuer: unknown,
  userPools: readonly TrustedUserPool[],
): TrustedUserPool | undefined {
  return userPools.find(
    ({ userPoolId }) =>
      issuer === `https://${providerName(userPoolId)}` ||
      issuer === `https://issuer-${providerName(userPoolId)}`,
  )
}

/** A user pool's name as a login provider: `cognito-idp.<region>.amazonaws.com/<pool>`. */
export const providerName = (userPoolId: string): string =>
  `cognito-idp.${userPoolId.slice(0, userPoolId.indexOf('_'))}.amazonaws.com/${userPoolId}`

const STRENGTH: readonly Proof[] = ['none', 'gateway', 'verified']
/** As aws-jwt-verify reads it. */
const USER_POOL_ID = /^(?:eusc-[a-z]{2}|[a-z]{2})-(?:gov-)?[a-z]+-\d_[a-zA-Z0-9]+$/
