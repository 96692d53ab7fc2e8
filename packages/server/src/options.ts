import {
  checkOptions,
  describeValue,
  invalidOption,
  type Clock,
  type OptionNames,
} from '@iamfetch/core'
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { Caller, Proof } from './caller.ts'
import type { Claims } from './claims.ts'
import type { EventShape } from './evidence.ts'
import { parseKeySet } from './key-source.ts'

/** A user pool whose tokens and users are trusted. */
export interface TrustedUserPool {
  /** `eu-central-1_AbCdEfGhI` */
  userPoolId: string
  /**
   * The app clients whose tokens are accepted: `aud` of an ID token, `client_id` of an access token.
   * `null` accepts every client of the pool, which is right only if each of them may call this API.
   */
  clientIds: readonly string[] | null
  /** Accepts only ID tokens or only access tokens. @default both */
  tokenUse?: 'id' | 'access' | undefined
  /**
   * The other regions to which the pool is replicated. Their tokens name the region in the issuer
   * (`https://cognito-idp.us-west-2.amazonaws.com/us-east-1_…`). @default none
   */
  replicaRegions?: readonly string[] | undefined
  /**
   * The pool's public keys, for a local stack or a network without access to AWS: the key set, its address, or a function
   * that fetches it. Keys are held for an hour; a token with another key causes a new fetch, at most one in 10 seconds.
   *
   * @default the address that the issuer defines
   */
  jwks?: KeySet | string | (() => Promise<KeySet>) | undefined
}

/** A JSON Web Key Set. */
export type KeySet = Jwks | { readonly keys: readonly object[] }

/**
 * A load balancer that signs users in (`authenticate-cognito`, `authenticate-oidc`). One load balancer may have several
 * entries, for identity providers of its own rules.
 */
export interface TrustedLoadBalancer {
  /** The ARN of the Application Load Balancer. Load balancers of other customers sign with keys of the same source. */
  albArn: string
  /** The client at the identity provider, or several. */
  clientId: string | readonly string[]
  /** The identity provider, as in its tokens: `https://cognito-idp.<region>.amazonaws.com/<pool>`. */
  issuer: string
  /** The load balancer's public keys. @default fetched from the region's endpoint and held for an hour */
  jwks?: TrustedUserPool['jwks']
}

/** The user for whom a machine calls: what {@link CallerOptions.owner} returns. */
export interface Owner {
  /** The user for whom it calls; becomes the caller's `subject`. */
  subject: string
  username?: string | undefined
  email?: string | undefined
  /** @default [] */
  groups?: readonly string[] | undefined
  /** What the user lets it do: the caller's scopes are those that the token has, too. @default the token's */
  scopes?: readonly string[] | undefined
  tenant?: string | undefined
  /** Tokens that were issued before this moment are refused: the way to revoke what Cognito cannot. */
  notBefore?: Date | undefined
}

/**
 * Which proofs to trust, and which callers may go on. They are read once per object; changes to the object have no effect
 * afterwards.
 */
export interface CallerOptions {
  /**
   * The user pools whose users may call. Needed to verify a token here and to name the user behind an IAM-signed call.
   * If given, it holds for claims from the gateway, too.
   */
  userPools?: readonly TrustedUserPool[] | undefined
  /**
   * The identity pools whose identities may call. If given, a user of another identity provider than a user pool is
   * accepted, too, with the identity ID as subject. @default any, for users of `userPools` only
   */
  identityPools?: readonly string[] | undefined
  /** The load balancers whose `x-amzn-oidc-data` is accepted. @default none */
  loadBalancers?: readonly TrustedLoadBalancer[] | undefined
  /**
   * One of these kinds of callers. @default any for `resolveCaller`; every kind but 'guest' for `withCaller` and
   * `requireCaller`
   */
  kinds?: readonly Caller['kind'][] | undefined
  /** In one of these groups. A machine that calls for itself is in none. @default any */
  groups?: readonly string[] | undefined
  /** With one of these scopes, as with the scopes of a gateway's route. @default any */
  scopes?: readonly string[] | undefined
  /** The weakest proof that is enough. @default 'gateway' */
  proof?: Proof | undefined
  /**
   * Verifies a token that came without a gateway's proof and is not a user pool's, for example an API key, and returns its
   * claims; `undefined` for a token that it does not know. Called before `userPools` is used.
   */
  verifyToken?: ((token: string) => object | undefined | Promise<object | undefined>) | undefined
  /** Finds the user for whom a machine calls; `undefined` for a machine that calls for itself. */
  owner?: ((machine: Caller) => Owner | undefined | Promise<Owner | undefined>) | undefined
  /**
   * Finds the caller's tenant. No claim is taken for it by itself: an attribute that a user may write is not a tenant.
   */
  tenant?: ((caller: Caller) => string | undefined | Promise<string | undefined>) | undefined
  /**
   * Turns what an authorizer passes on into claims (`sub`, `client_id`, `scope`, `cognito:groups`, …): the context of a Lambda
   * authorizer, and the claims of a JWT authorizer, for example of an issuer that has the groups in `roles`. It is called after
   * `userPools` was checked. A list that it returns is an array.
   *
   * @default of a context its entries with those names, `sub` from `principalId`, the list `groups` for `cognito:groups`; of a
   *   token its claims, also if it returns `undefined`
   */
  authorizerContext?:
    | ((
        context: Readonly<Record<string, unknown>>,
        event: { shape: EventShape },
      ) => object | undefined)
    | undefined
  /**
   * Decides whether a token is a user's or a machine's; `undefined` to leave it to the rules for Cognito, Auth0, Okta, Entra,
   * Keycloak, PingOne and RFC 9068.
   */
  kindOf?: ((claims: Claims) => 'user' | 'machine' | undefined) | undefined
  /**
   * Whether this code runs behind Lambda Web Adapter, which passes the gateway's proof on in the header
   * `x-amzn-request-context`. Set it in no other place: anybody may send such a header. @default false
   */
  lambdaWebAdapter?: boolean | undefined
  /** Fetches key sets. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined
  /** Decides whether a token has expired and when keys are fetched again. @default Date */
  clock?: Clock | undefined
}

/** The names of {@link CallerOptions}. */
export const CALLER_OPTIONS: OptionNames<CallerOptions> = {
  userPools: true,
  identityPools: true,
  loadBalancers: true,
  kinds: true,
  groups: true,
  scopes: true,
  proof: true,
  verifyToken: true,
  owner: true,
  tenant: true,
  authorizerContext: true,
  kindOf: true,
  lambdaWebAdapter: true,
  fetch: true,
  clock: true,
}

/**
 * Checks the values of options.
 *
 * @param caller  The function that was given the options.
 * @throws {@link TypeError} with the code `INVALID_OPTION`.
 */
export function checkCallerOptions(caller: string, options: CallerOptions): void {
  const { userPools, identityPools, loadBalancers, proof, verifyToken } = options
  checkList(caller, 'userPools', userPools)
  checkList(caller, 'identityPools', identityPools)
  checkList(caller, 'loadBalancers', loadBalancers)
  for (const name of FUNCTION_OPTIONS) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'function') {
      throw invalidOption(caller, `"${name}" must be a function`, value)
    }
  }
  for (const id of identityPools ?? []) {
    if (typeof id !== 'string' || !IDENTITY_POOL_ID.test(id)) {
      throw invalidOption(caller, '"identityPools" must list identity pool IDs', id)
    }
  }
  const { lambdaWebAdapter, clock } = options
  if (lambdaWebAdapter !== undefined && typeof lambdaWebAdapter !== 'boolean') {
    throw invalidOption(caller, '"lambdaWebAdapter" must be true or false', lambdaWebAdapter)
  }
  if (clock !== undefined && typeof clock?.now !== 'function') {
    throw invalidOption(caller, '"clock" must have a method "now"', clock)
  }
  checkUserPools(caller, userPools ?? [])
  checkLoadBalancers(caller, loadBalancers ?? [])
  if (proof !== undefined && !STRENGTHS.includes(proof)) {
    throw invalidOption(caller, `"proof" must be 'none', 'gateway' or 'verified'`, proof)
  }
  if (proof === 'verified' && !userPools && !loadBalancers && !verifyToken) {
    throw invalidOption(
      caller,
      `"proof" 'verified' needs "userPools", "loadBalancers" or "verifyToken" to verify with`,
    )
  }
}

/** Checks an optional list. It must not be empty, which could mean every caller or none. */
export function checkList(caller: string, name: string, list: unknown): void {
  if (list === undefined || (Array.isArray(list) && list.length > 0)) return
  const got = Array.isArray(list) ? 'an empty array' : describeValue(list)
  throw invalidOption(caller, `"${name}" must be an array with at least one entry, got ${got}`)
}

/** Whether a proof is at least as strong as the one that is required. */
export const isAtLeast = (proof: Proof, weakest: Proof): boolean =>
  STRENGTHS.indexOf(proof) >= STRENGTHS.indexOf(weakest)

const STRENGTHS: readonly Proof[] = ['none', 'gateway', 'verified']

const FUNCTION_OPTIONS = [
  'verifyToken',
  'owner',
  'tenant',
  'authorizerContext',
  'kindOf',
  'fetch',
] as const

const USER_POOL_NAMES: OptionNames<TrustedUserPool> = {
  userPoolId: true,
  clientIds: true,
  tokenUse: true,
  replicaRegions: true,
  jwks: true,
}

const LOAD_BALANCER_NAMES: OptionNames<TrustedLoadBalancer> = {
  albArn: true,
  clientId: true,
  issuer: true,
  jwks: true,
}

function checkUserPools(caller: string, userPools: readonly TrustedUserPool[]): void {
  const seen = new Set<string>()
  for (const pool of userPools) {
    checkEntry(`${caller}: "userPools"`, pool, USER_POOL_NAMES)
    const { userPoolId, clientIds, tokenUse, replicaRegions, jwks } = pool
    if (typeof userPoolId !== 'string' || !USER_POOL_ID.test(userPoolId)) {
      throw invalidOption(
        caller,
        '"userPoolId" must have the form eu-central-1_AbCdEfGhI',
        userPoolId,
      )
    }
    if (seen.has(userPoolId)) {
      throw invalidOption(
        caller,
        `"userPools" must name each user pool once, but it names "${userPoolId}" twice`,
      )
    }
    seen.add(userPoolId)
    if (clientIds !== null && !isTexts(clientIds)) {
      throw invalidOption(
        caller,
        '"clientIds" must list the app clients, or be null to accept every client of the user pool',
        clientIds,
      )
    }
    if (tokenUse !== undefined && tokenUse !== 'id' && tokenUse !== 'access') {
      throw invalidOption(caller, `"tokenUse" must be 'id' or 'access'`, tokenUse)
    }
    if (
      replicaRegions !== undefined &&
      !(isTexts(replicaRegions) && replicaRegions.every(isRegion))
    ) {
      throw invalidOption(caller, '"replicaRegions" must list AWS regions', replicaRegions)
    }
    checkKeys(caller, jwks)
  }
}

function checkLoadBalancers(caller: string, entries: readonly TrustedLoadBalancer[]): void {
  const seen = new Set<string>()
  for (const entry of entries) {
    checkEntry(`${caller}: "loadBalancers"`, entry, LOAD_BALANCER_NAMES)
    const { albArn, clientId, issuer, jwks } = entry
    if (typeof albArn !== 'string' || !ALB_ARN.test(albArn)) {
      throw invalidOption(
        caller,
        '"albArn" must be the ARN of an Application Load Balancer',
        albArn,
      )
    }
    const clients = typeof clientId === 'string' && clientId ? [clientId] : clientId
    if (!isTexts(clients)) {
      throw invalidOption(
        caller,
        '"clientId" must be the client at the identity provider, or a list of clients',
        clientId,
      )
    }
    if (typeof issuer !== 'string' || !issuer) {
      throw invalidOption(caller, '"issuer" must be the issuer of the identity provider', issuer)
    }
    for (const client of clients) {
      const identity = JSON.stringify([albArn, issuer, client])
      if (seen.has(identity)) {
        throw invalidOption(
          caller,
          `"loadBalancers" must name each client once, but it names "${client}" of "${issuer}" twice for one load balancer`,
        )
      }
      seen.add(identity)
    }
    checkKeys(caller, jwks)
  }
}

function checkEntry<Entry extends object>(
  owner: string,
  entry: Entry,
  names: OptionNames<Entry>,
): void {
  if (typeof entry !== 'object' || entry === null) {
    throw invalidOption(owner, 'each entry must be an object', entry)
  }
  checkOptions(owner, entry, names)
}

function checkKeys(caller: string, jwks: TrustedUserPool['jwks']): void {
  if (jwks === undefined || typeof jwks === 'function') return
  const isAddress = typeof jwks === 'string' && isKeyAddress(jwks)
  if (isAddress || (typeof jwks === 'object' && isKeySet(jwks))) return
  throw invalidOption(
    caller,
    '"jwks" must be a key set { keys: […] }, its https URL (http on this machine), or a function that fetches it',
    jwks,
  )
}

function isKeySet(jwks: unknown): boolean {
  try {
    parseKeySet(jwks)
    return true
  } catch {
    return false
  }
}

/** A person who can change the response with the keys can sign tokens, so `http:` is for this machine only. */
function isKeyAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  const isLocal = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLocal)
}

const isTexts = (list: unknown): list is readonly string[] =>
  Array.isArray(list) &&
  list.length > 0 &&
  list.every((entry) => typeof entry === 'string' && entry !== '')

const isRegion = (text: string): boolean => /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(text)

/** As aws-jwt-verify reads it. */
const USER_POOL_ID = /^(?:eusc-[a-z]{2}|[a-z]{2})-(?:gov-)?[a-z]+-\d_[a-zA-Z0-9]+$/
const IDENTITY_POOL_ID = /^[\w-]+:[0-9a-f-]+$/i
const ALB_ARN = /^arn:aws[\w-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/app\/.+$/
