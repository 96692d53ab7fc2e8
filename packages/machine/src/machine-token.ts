import {
  fresh,
  IamFetchError,
  isIamFetchError,
  serverClock,
  type Fresh,
  type LoadContext,
  type ServerClock,
} from '@iamfetch/core'
import { eventCounts, type EventCounts, type MachineTokenStats } from './events.ts'
import { loadOnce } from './fleet.ts'
import { invalidToken } from './grant.ts'
import { minting } from './mint.ts'
import { checkMachineTokenOptions, type MachineTokenOptions } from './options.ts'
import { rejections, type Rejections } from './rejection.ts'
import { secretReader, type SecretReader } from './secret.ts'
import { digest, encryptionWith, randomSecret, type StoreEncryption } from './store-encryption.ts'
import { memoryStore, type TokenStore } from './store.ts'
import {
  accessTokenOf,
  parseToken,
  serializeToken,
  type AccessToken,
  type StoredToken,
} from './stored-token.ts'

/** How a caller wants its token. */
export interface TokenCall {
  /** Ends this caller's wait and no other's. */
  signal?: AbortSignal | undefined
  /** Requests another token than the one held. For a token that an API rejected use `invalidate`. @default false */
  forceRefresh?: boolean | undefined
}

/** Returns an access token that works now. Created by {@link machineToken}. */
export interface MachineToken {
  (options?: TokenCall): Promise<string>
  /** The token with its expiry and scopes. */
  get(options?: TokenCall): Promise<AccessToken>
  /**
   * Reports that an API rejected this very token; a newer one stays.
   *
   * A token that was requested to replace a rejected one is itself kept for 60 s, doubled each time: an API that rejects
   * every token does not cost a token per call.
   *
   * @returns Whether the next call gets another token. With `false` there is no use in repeating the call.
   */
  invalidate(token: string): boolean
  /** Its tokens are always of the configured client, also after a rotation of its secret. `createTokenFetch` reads it. */
  readonly isOneClient: true
  /** @param dollarsPerToken  What a token costs. @default 0.00225 */
  stats(dollarsPerToken?: number): MachineTokenStats
}

const MAX_MARGIN_MS = 30_000
const MARGIN_SHARE = 0.1

const processStore = memoryStore()
/** Encrypts entries of sources without a client secret that never leave this process. */
let processSecret: string | undefined

/**
 * Creates the function that returns an OAuth access token for a service, and requests as few as possible.
 *
 * - Any number of calls share one token. It is renewed in the background from about 75 % of its life.
 * - With a `store` that has leases, a whole fleet shares it.
 * - A failed renewal keeps the token that still works. A final refusal is remembered for a minute per secret.
 *
 * Calls reject with an `IamFetchError`: `INVALID_CLIENT`, `INVALID_SCOPE`, `SCOPES_MISSING`, `UNAUTHORIZED_CLIENT`,
 * `FORBIDDEN`, `REQUEST_INVALID`, `UNEXPECTED_ANSWER`, `TOKEN_INVALID`, `REDIRECT_REFUSED`, `SECRET_UNAVAILABLE`;
 * retryable: `THROTTLED`, `SERVICE_UNAVAILABLE`, `NETWORK_OR_CORS`, `DEADLINE_EXCEEDED`.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for options that cannot work.
 * @see [Cognito: token expiration and caching](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-caching-tokens.html)
 * @example
 * ```ts
 * const token = machineToken({
 *   source: oauthTokenEndpoint({
 *     url: 'https://example.auth.eu-central-1.amazoncognito.com/oauth2/token',
 *     clientId: '1example23456789',
 *   }),
 *   clientSecret: () => readSecret('reader'),
 *   scopes: ['premium/read'],
 * })
 * const response = await fetch(url, { headers: { authorization: `Bearer ${await token()}` } })
 * ```
 */
export function machineToken(options: MachineTokenOptions): MachineToken {
  checkMachineTokenOptions(options)
  const clock = serverClock(options.clock)
  const { count, stats } = eventCounts(options.onEvent, options.store !== undefined)
  const rejected = rejections(clock)
  const minLifeMs = (options.minLifeSeconds ?? 0) * 1_000

  const cell: Fresh<StoredToken> = fresh<StoredToken>(
    tokenLoader(options, { clock, count, rejected, minLifeMs, held: () => cell.peek() }),
    { clock },
  )
  const serve = (token: StoredToken): StoredToken => {
    count({ type: 'served' })
    return token
  }
  return Object.assign((call?: TokenCall) => cell.get(call).then((held) => serve(held).token), {
    isOneClient: true as const,
    get: (call?: TokenCall) => cell.get(call).then((held) => accessTokenOf(serve(held))),
    invalidate(token: string): boolean {
      const held = cell.peek()
      if (held?.token !== token) return true
      if (!rejected.reject(held)) return false
      cell.invalidate(held)
      count({ type: 'invalidated' })
      return true
    },
    stats,
  })
}

interface LoaderContext {
  clock: ServerClock
  count: EventCounts['count']
  rejected: Rejections
  minLifeMs: number
  held: () => StoredToken | undefined
}

/** Creates the function that gets a token from the store or the endpoint. */
function tokenLoader(options: MachineTokenOptions, context: LoaderContext) {
  const { source } = options
  const { clock, count, rejected, minLifeMs, held } = context
  const scopes = [...new Set(options.scopes)].toSorted()
  const store = storeOf(options)
  const mint = minting({
    source,
    clock,
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    onMinted: (durationMs) => count({ type: 'minted', durationMs }),
    onRefused: ({ code, status, retryable }) => count({ type: 'refused', code, status, retryable }),
  })

  /** Whether a token from the store is another one than those known here, and lasts. */
  const isUsable = ({ token, mintedAt, expiresAt }: StoredToken): boolean => {
    const marginMs = Math.min(MAX_MARGIN_MS, (expiresAt - mintedAt) * MARGIN_SHARE)
    const lasts = clock.now() < expiresAt - Math.max(marginMs, minLifeMs)
    return lasts && token !== held()?.token && !rejected.isRejected(token)
  }
  const request = async (clientSecret: string): Promise<StoredToken> => {
    const replaces = rejected.replaces()
    const minted = await mint({ clientSecret, scopes })
    const mintedAt = clock.now()
    const lifeMs = minted.expiresAt - mintedAt
    if (lifeMs <= minLifeMs) throw tooShort(lifeMs, minLifeMs)
    return { replaces, ...minted, mintedAt }
  }
  const obtain = async (secret: string, encryption: StoreEncryption): Promise<StoredToken> => {
    const { fingerprint, encrypt, decrypt } = encryption
    const key = await digest(JSON.stringify([source.identity, scopes, fingerprint]))
    const { value, shared } = await loadOnce<StoredToken>({
      store,
      key,
      clock,
      isUsable,
      decrypt: async (entry) => parseToken(await decrypt(entry, key)),
      encrypt: async (token) => ({
        entry: await encrypt(serializeToken(token), key),
        ttlMs: Math.max(1, Math.floor(token.expiresAt - clock.now())),
      }),
      load: () => request(source.withoutSecret ? '' : secret),
      onStoreFailed: (operation, cause) => count({ type: 'store-failed', operation, cause }),
    })
    if (shared) count({ type: 'shared' })
    rejected.onReplaced()
    return value
  }
  const load = withSecrets(secretsOf(options, clock), obtain)
  return async (loadContext: LoadContext) => {
    const value = await load(loadContext)
    return { value, expiresAt: value.expiresAt - minLifeMs }
  }
}

/** Tries the current secret, then the previous one. If both are refused, the secrets are read again and new ones tried. */
function withSecrets(
  readSecrets: SecretReader,
  obtain: (secret: string, encryption: StoreEncryption) => Promise<StoredToken>,
): (context: LoadContext) => Promise<StoredToken> {
  return async ({ guard }) => {
    let refusal: unknown
    const tried = new Set<string>()
    for (const forceRefresh of [false, true]) {
      const secrets = await readSecrets({ forceRefresh })
      const encryptions = await Promise.all(secrets.map(encryptionWith))
      const fingerprints = encryptions.map(({ fingerprint }) => fingerprint)
      if (fingerprints.every((fingerprint) => tried.has(fingerprint))) break
      guard(fingerprints.join())
      for (const [index, encryption] of encryptions.entries()) {
        if (tried.has(encryption.fingerprint)) continue
        tried.add(encryption.fingerprint)
        try {
          return await obtain(secrets[index]!, encryption)
        } catch (error) {
          if (!isIamFetchError(error, 'INVALID_CLIENT')) throw error
          refusal = error
        }
      }
    }
    throw refusal
  }
}

/** The secrets that authenticate the client and encrypt the store. A source without one has only the store's. */
function secretsOf({ source, clientSecret, storeSecret }: MachineTokenOptions, clock: ServerClock) {
  if (!source.withoutSecret) return secretReader(clientSecret ?? '', clock)
  processSecret ??= randomSecret()
  return secretReader(storeSecret ?? processSecret, clock)
}

function storeOf({ store, fetch, clock }: MachineTokenOptions): TokenStore {
  if (store) return store
  return fetch || clock ? memoryStore({ clock }) : processStore
}

const tooShort = (lifeMs: number, minLifeMs: number): IamFetchError =>
  invalidToken(
    `it lives for ${Math.floor(lifeMs / 1_000)} s, and "minLifeSeconds" is ${minLifeMs / 1_000}`,
    200,
    'Raise the lifetime of access tokens at the issuer, or lower "minLifeSeconds".',
  )
