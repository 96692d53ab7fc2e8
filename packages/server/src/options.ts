import type { Clock } from '@iamfetch/core'
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { Caller, Proof } from './caller.ts'
import type { Claims } from './claims.ts'
import type { EventShape } from './evidence.ts'

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
 * entries, for identity providers with different rules.
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
  /** The issuer of the user's own tokens, so that {@link callerKey} is the same for both. @default the token's */
  issuer?: string | undefined
  /** @default [] */
  groups?: readonly string[] | undefined
  /** The scopes that the user allows it: the caller has those that the token has, too. @default the token's */
  scopes?: readonly string[] | undefined
  tenant?: string | undefined
  /** Tokens that were issued before this moment are refused: the way to revoke what Cognito cannot. */
  notBefore?: Date | undefined
}

/**
 * Which proofs to trust, and which callers are let in. They are read once per object; changes to the object have no effect
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
   * Keycloak, PingOne, GitHub Actions, GitLab, Kubernetes and RFC 9068.
   */
  kindOf?: ((claims: Claims) => 'user' | 'machine' | undefined) | undefined
  /**
   * Whether this code runs behind Lambda Web Adapter, which passes the gateway's proof on in the header
   * `x-amzn-request-context`. Set it in no other place: every client may send such a header. @default false
   */
  lambdaWebAdapter?: boolean | undefined
  /** Fetches key sets. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined
  /** Decides whether a token has expired and when keys are fetched again. @default Date */
  clock?: Clock | undefined
}
