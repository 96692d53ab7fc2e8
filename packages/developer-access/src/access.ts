import type { Clock } from '@iamfetch/core'
import type { Answer, Caller, GateOptions } from '@iamfetch/server'
import type { CallerEnv } from '@iamfetch/server/hono'
import type { Hono } from 'hono'
import type { KeyAuthorizer } from './authorizer.ts'
import type { KeyPatch, NewKey } from './check.ts'
import type { KeyUser } from './create.ts'
import type { KeyIssuer } from './issuer.ts'
import type { Key } from './key.ts'
import type { Limits } from './limits.ts'
import type { FindProfile, KeyOwner } from './owner.ts'
import type { Rotation } from './rotate.ts'
import type { ShownKey } from './shown.ts'
import type { KeyEvent, KeyStore, StoredUser } from './store.ts'
import type { SweepReport } from './sweep.ts'
import type { IdOf, OwnerOptions } from './with-owner.ts'

/** What API access is made of. */
export interface DeveloperAccessOptions {
  /** `cognitoIssuer(…)` or `opaqueIssuer()`. */
  issuer: KeyIssuer
  /** `sqliteStore(…)` or `dynamodbStore(…)`. */
  store: KeyStore
  /** How many keys, how long, how soon; each with its unit and default. */
  limits?: Limits | undefined
  /** Who a caller is to the keys, and which scopes and groups they may have. */
  users?: UserRules | undefined
  /** The time of keys, graces and expiries. @default Date */
  clock?: Clock | undefined
  /** Gives random bytes, for IDs. @default node:crypto */
  random?: ((bytes: number) => Uint8Array) | undefined
  /** Told what was left for the next sweep, for the log. The key works, or is refused, as was asked for. */
  onDeferred?: ((error: unknown, keyId: string) => void) | undefined
}

/** How a product knows its users. */
export interface UserRules {
  /** The product's own ID of a user who signed in. @default the caller's `subject` */
  idOf?: IdOf | undefined
  /** The scopes that a user may hand out. @default the caller's own `scopes` */
  scopesOf?: ((caller: Caller) => readonly string[] | Promise<readonly string[]>) | undefined
  /** What holds for a user at the moment of a key's call, read as often as the key is. */
  profile?: FindProfile | undefined
}

/** API access for users: keys that act as them and as no one else. */
export interface DeveloperAccess {
  /**
   * Makes a key. Its secret is in the answer and nowhere else.
   *
   * @param user  Whose it is, and which scopes the user holds.
   * @param options.idempotencyKey  With the same one the same key is made once; a repetition gives it without
   *   its secret.
   * @throws {@link IamFetchError} `REQUEST_INVALID`, `SCOPES_NOT_HELD`, `KEY_LIMIT_REACHED`, `USERNAME_TAKEN`,
   *   `IDEMPOTENCY_KEY_REUSED`, `UNDER_WAY`, and what the issuer and the store throw.
   */
  createKey(
    user: KeyUser,
    key: NewKey,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<ShownKey>
  /** A user's keys, in the order in which they were made; revoked ones too. */
  listKeys(userId: string): Promise<Key[]>
  /** @throws {@link IamFetchError} `KEY_NOT_FOUND`, also for another user's. */
  getKey(userId: string, keyId: string): Promise<Key>
  /**
   * Changes label, scopes or expiry.
   *
   * @param options.version  Changes nothing newer than this.
   * @throws {@link IamFetchError} `KEY_NOT_FOUND`, `KEY_REVOKED`, `KEY_CHANGED`, `REQUEST_INVALID`, `SCOPES_NOT_HELD`.
   */
  patchKey(
    user: Pick<KeyUser, 'userId' | 'scopes'>,
    keyId: string,
    patch: KeyPatch,
    options?: { version?: number | undefined },
  ): Promise<Key>
  /**
   * Makes a new secret; the old one works for `graceSeconds` more. With 0 it ends at once, with the tokens
   * that it was exchanged for, and a rotation before it is cut short.
   *
   * @throws {@link IamFetchError} `KEY_NOT_FOUND`, `KEY_REVOKED`, `KEY_CHANGED`, `REQUEST_INVALID`,
   *   `IDEMPOTENCY_KEY_REUSED`, `UNDER_WAY`, also while the grace of the last one lasts.
   */
  rotateKey(
    userId: string,
    keyId: string,
    rotation: Rotation,
    options?: { idempotencyKey?: string | undefined },
  ): Promise<ShownKey>
  /**
   * Ends a key. Calls with it are refused from now on in this process, and after
   * `limits.revocationSeconds` in every other.
   *
   * @throws {@link IamFetchError} `KEY_NOT_FOUND`, `KEY_CHANGED`, `REQUEST_INVALID`.
   */
  revokeKey(
    userId: string,
    keyId: string,
    options?: { reason?: string; version?: number; by?: string },
  ): Promise<Key>
  /** What happened to a key, in order. @throws {@link IamFetchError} `KEY_NOT_FOUND` */
  events(userId: string, keyId: string): Promise<KeyEvent[]>
  /**
   * Revokes every key of a user and frees the username.
   *
   * @returns How many keys were revoked.
   * @throws {@link IamFetchError} `UNDER_WAY` while another key of the user is being made.
   */
  removeUser(userId: string, options?: { reason?: string; by?: string }): Promise<number>
  /** Whose client it is, revoked or not; nothing for a client that is no key's. */
  resolveOwner(clientId: string): Promise<KeyOwner | undefined>
  /** The user, and the client IDs of the keys, by user ID or username. */
  findUser(
    by: { userId: string } | { username: string },
  ): Promise<(StoredUser & { clientIds: string[] }) | undefined>
  /**
   * Wraps a Lambda handler, as `withCaller` does: the same user calls whether an ID token, an IAM signature
   * or a key proves it. With a key `kind` is `machine-for-user` and `actor` says which client acts.
   */
  withOwner<Event, Context, Result>(
    handler: (event: Event, context: Context, caller: Caller) => Result | Promise<Result>,
    options?: OwnerOptions,
  ): (event: Event, context: Context) => Promise<Result | Answer>
  /** The same as options for `requireCaller` of hono, middy and Powertools. */
  callerOptions<Options extends OwnerOptions>(options?: Options): Options & GateOptions
  /** The HTTP API for users, under `/keys`. */
  routes(options?: RouteOptions): Hono<CallerEnv>
  /** A Lambda authorizer for opaque keys. */
  authorizer(): KeyAuthorizer
  /** Tidies up after whatever was interrupted, ends what is over. Call it every few minutes. */
  sweep(): Promise<SweepReport>
}

/** Who may reach the routes, and where they are. Users who signed in, always; a key makes no keys. */
export interface RouteOptions extends Omit<GateOptions, 'owner' | 'verifyToken' | 'kinds'> {
  /** Where the routes begin. @default '/keys' */
  basePath?: string | undefined
}
