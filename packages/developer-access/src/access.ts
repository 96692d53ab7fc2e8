import type { Clock } from '@iamfetch/core'
import type { Answer, Caller, GateOptions } from '@iamfetch/server'
import type { CallerEnv } from '@iamfetch/server/hono'
import type { Hono } from 'hono'
import type { KeyAuthorizer, KeyAuthorizerOptions } from './authorizer.ts'
import type { KeyPatch, NewKey } from './check.ts'
import type { RevokeOptions } from './change.ts'
import type { KeyUser } from './create.ts'
import type { KeyHolder } from './held-scopes.ts'
import type { KeyIssuer } from './issuer.ts'
import type { KeySource } from './key-source.ts'
import type { Key } from './key.ts'
import type { Limits } from './limits.ts'
import type { FindProfile, KeyOwner } from './owner.ts'
import type { Rotation } from './rotate.ts'
import type { ShownKey } from './shown-key.ts'
import type { KeyEvent, KeyStore, StoredUser, UserName } from './store.ts'
import type { SweepReport } from './sweep.ts'
import type { IdOf, OwnerOptions } from './with-owner.ts'

/** What API access consists of. */
export interface DeveloperAccessOptions {
  /** `cognitoIssuer(…)` or `opaqueIssuer()`. */
  issuer: KeyIssuer
  /** `sqliteStore(…)` or `dynamodbStore(…)`. */
  store: KeyStore
  /** How many keys, how long, how soon, each with its unit and default. */
  limits?: Limits | undefined
  /** Which user a caller is, and which scopes and groups the keys may have. */
  users?: UserRules | undefined
  /**
   * Where a call carries an opaque key, in this order. A query parameter is for the WebSockets of browsers, which cannot send
   * headers: URLs are logged in many places.
   *
   * @default [{ header: 'authorization' }, { header: 'x-api-key' }]
   */
  keyFrom?: readonly KeySource[] | undefined
  /** The time of keys, graces and expiries. @default Date */
  clock?: Clock | undefined
  /** Returns random bytes, for IDs. @default node:crypto */
  random?: ((bytes: number) => Uint8Array) | undefined
  /** Receives what failed and was left for the next sweep, for the log. The key works, or is refused, as requested. */
  onDeferred?: ((error: unknown, keyId: string) => void) | undefined
}

/** How a product knows its users. */
export interface UserRules {
  /**
   * Returns the product's own ID of a signed-in user. Required if the gate trusts several issuers, because a subject is
   * unique within its issuer only. @default the caller's `subject`
   */
  idOf?: IdOf | undefined
  /** Returns the scopes that a user holds now and may hand out. @default the caller's `scopes` */
  scopesOf?: ((caller: Caller) => readonly string[] | Promise<readonly string[]>) | undefined
  /**
   * Looks up what a user holds at this moment, for each call with a key (read as often as the key is), and when a sweep
   * completes a change of scopes.
   */
  profile?: FindProfile | undefined
}

/** API access for users: keys that act as their user and as no other. */
export interface DeveloperAccess {
  /**
   * Creates a key. Its secret is in the result and nowhere else.
   *
   * @param user  Whose it is, and which scopes the user holds.
   * @param options.idempotencyKey  With the same one the same key is created once. A repetition returns it without its
   *   secret.
   * @throws {@link IamFetchError} `REQUEST_INVALID`, `SCOPES_NOT_HELD`, `KEY_LIMIT_REACHED`, `USERNAME_TAKEN`,
   *   `IDEMPOTENCY_KEY_REUSED`, `UNDER_WAY`, and what the issuer and the store throw.
   */
  createKey(
    user: KeyUser,
    key: NewKey,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<ShownKey>
  /** Returns a user's keys in the order in which they were created, revoked ones too. */
  listKeys(userId: string): Promise<Key[]>
  /** @throws {@link IamFetchError} `KEY_NOT_FOUND`, also for another user's. */
  getKey(userId: string, keyId: string): Promise<Key>
  /**
   * Changes label, scopes or expiry. A key with a scope that the user no longer holds cannot be prolonged, and no key can be
   * prolonged beyond `limits.lifetimeSeconds` from when it was created.
   *
   * @param options.version  Changes nothing newer than this.
   * @throws {@link IamFetchError} `KEY_NOT_FOUND`, `KEY_REVOKED`, `KEY_CHANGED`, `REQUEST_INVALID`, `SCOPES_NOT_HELD`.
   */
  patchKey(
    user: KeyHolder,
    keyId: string,
    patch: KeyPatch,
    options?: { version?: number | undefined },
  ): Promise<Key>
  /**
   * Creates a new secret. The old one works for `graceSeconds` more. With 0 it ends at once, with the tokens that it was
   * exchanged for, and an earlier rotation is cut short. The expiry of the key stays.
   *
   * @param user  Whose it is, and which scopes the user holds now: a key with a scope that was lost is not rotated.
   * @throws {@link IamFetchError} `KEY_NOT_FOUND`, `KEY_REVOKED`, `KEY_CHANGED`, `SCOPES_NOT_HELD`, `REQUEST_INVALID`,
   *   `IDEMPOTENCY_KEY_REUSED`, `UNDER_WAY`, also while the grace of the previous rotation lasts.
   */
  rotateKey(
    user: KeyHolder,
    keyId: string,
    rotation: Rotation,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<ShownKey>
  /**
   * Ends a key. Calls with it are refused from now on in this process, and after `limits.revocationSeconds` in every other.
   * Without a `version`, another change at the same moment does not prevent it.
   *
   * @throws {@link IamFetchError} `KEY_NOT_FOUND`, `KEY_CHANGED`, `REQUEST_INVALID`.
   */
  revokeKey(userId: string, keyId: string, options?: RevokeOptions): Promise<Key>
  /** What happened to a key, in order. @throws {@link IamFetchError} `KEY_NOT_FOUND` */
  events(userId: string, keyId: string): Promise<KeyEvent[]>
  /**
   * Revokes every key of a user and frees the username.
   *
   * @returns How many keys were revoked.
   * @throws {@link IamFetchError} `UNDER_WAY` while another key of the user is being created.
   */
  removeUser(userId: string, options?: { reason?: string; by?: string }): Promise<number>
  /** Returns whose client it is, revoked or not; `undefined` for a client that is not a key's. */
  resolveOwner(clientId: string): Promise<KeyOwner | undefined>
  /**
   * Finds a user, with the client IDs of the keys, by user ID or username. A username is unique within its issuer: without
   * `issuer` the user is found if only one has the name.
   */
  findUser(by: UserName): Promise<(StoredUser & { clientIds: string[] }) | undefined>
  /**
   * Wraps a Lambda handler, as `withCaller` does: the same user calls whether an ID token, an IAM signature or a key proves it. With a key `kind` is `machine-for-user` and `actor` says which client acts.
   */
  withOwner<Event, Context, Result>(
    handler: (event: Event, context: Context, caller: Caller) => Result | Promise<Result>,
    options?: OwnerOptions,
  ): (event: Event, context: Context) => Promise<Result | Answer>
  /**
   * The same as options for `requireCaller` of hono, middy and Powertools. There an opaque key is read from the `Authorization`
   * header only.
   */
  callerOptions<Options extends OwnerOptions>(options?: Options): Options & GateOptions
  /** The HTTP API for users, under `/keys`. */
  routes(options?: RouteOptions): Hono<CallerEnv>
  /** A Lambda authorizer for opaque keys. */
  authorizer(options?: KeyAuthorizerOptions): KeyAuthorizer
  /** Cleans up after anything that was interrupted, and ends what has expired. Call it every few minutes. */
  sweep(): Promise<SweepReport>
}

/** Who may call the routes, and where they are. Only signed-in users may: a key creates no keys. */
export interface RouteOptions extends Omit<GateOptions, 'owner' | 'verifyToken' | 'kinds'> {
  /** Where the routes begin. @default '/keys' */
  basePath?: string | undefined
}
