import {
  fresh,
  IamFetchError,
  serverClock,
  type Clock,
  type LoadContext,
  type ServerClock,
} from '@iamfetch/core'
import { keptOf, type AccessToken, type Kept } from './access-token.ts'
import { entryOf, entryText, type Entry } from './entry.ts'
import { onceForAll } from './fleet.ts'
import { meters, type MachineTokenEvent, type MachineTokenStats } from './meters.ts'
import { minting } from './mint.ts'
import { checkOptions, type MachineTokenOptions } from './options.ts'
import { rejections } from './rejection.ts'
import { digest, sealWith, type Seal } from './sealed.ts'
import { secretReader } from './secret.ts'
import { memoryStore } from './store.ts'

/** How a caller wants its token. */
export interface TokenCall {
  /** Ends this caller's wait and nobody else's. */
  signal?: AbortSignal | undefined
  /** Asks for another token than the one held. For a token that an API rejected `invalidate` is the way. @default false */
  forceRefresh?: boolean | undefined
}

/** Gives an access token that works now. Made by {@link machineToken}. */
export interface MachineToken {
  (options?: TokenCall): Promise<string>
  /** The token with its expiry and scopes. */
  get(options?: TokenCall): Promise<AccessToken>
  /**
   * Says that an API rejected this very token; a newer one stays.
   *
   * A token that was minted to replace a rejected one is itself kept for 60 s, doubled each time: an API that
   * rejects everything does not cost a token per call.
   *
   * @returns Whether the next call gets another token. With `false` there is no use in trying again.
   */
  invalidate(token: string): boolean
  /** Its tokens are always of the configured client, also after a rotation of its secret. `createTokenFetch` reads it. */
  readonly isOneClient: true
  /** @param dollarsPerToken  What a token costs. @default 0.00225 */
  stats(dollarsPerToken?: number): MachineTokenStats
}

const LONGEST_MARGIN_MS = 30_000
const MARGIN_SHARE = 0.1
const SERVED: MachineTokenEvent = { type: 'served' }

const processStore = memoryStore()

/**
 * Makes the function that gives an OAuth access token to a service, minting as few as possible.
 *
 * Any number of calls share one token; it is renewed in the background from about 75 % of its life; with a
 * `store` that has leases a whole fleet shares it. A failed renewal keeps the token that still works. What was
 * refused for good is remembered for a minute per secret.
 *
 * Calls reject with an `IamFetchError`: `INVALID_CLIENT`, `INVALID_SCOPE`, `SCOPES_MISSING`,
 * `UNAUTHORIZED_CLIENT`, `FORBIDDEN`, `REQUEST_INVALID`, `UNEXPECTED_ANSWER`, `TOKEN_INVALID`,
 * `REDIRECT_REFUSED`, `SECRET_UNAVAILABLE`; retryable: `THROTTLED`, `SERVICE_UNAVAILABLE`, `NETWORK_OR_CORS`,
 * `DEADLINE_EXCEEDED`.
 *
 * @throws TypeError for options that cannot work.
 * @see [Cognito: token expiration and caching](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-caching-tokens.html)
 */
export function machineToken(options: MachineTokenOptions): MachineToken {
  const { source, onEvent } = options
  checkOptions(options)
  const scopes = [...new Set(options.scopes)].toSorted()
  const clock = isServerClock(options.clock) ? options.clock : serverClock(options.clock)
  const { count, stats } = meters(onEvent)
  const readSecrets = secretReader(options.clientSecret, clock)
  const store =
    options.store ??
    (options.fetch || options.clock ? memoryStore({ clock: options.clock }) : processStore)
  const mint = minting({
    source,
    clock,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    onMinted: (durationMs) => count({ type: 'minted', durationMs }),
    onRefused: ({ code, status, retryable }) => count({ type: 'refused', code, status, retryable }),
  })
  const { reject, isRejected, replaces, settle } = rejections(clock)

  /** Whether a token from the store is news, and lasts. */
  const usable = ({ token, mintedAt, expiresAt }: Entry): boolean => {
    const marginMs = Math.min(LONGEST_MARGIN_MS, (expiresAt - mintedAt) * MARGIN_SHARE)
    const lasts = clock.now() < expiresAt - marginMs
    return lasts && token !== cell.peek()?.token && !isRejected(token)
  }

  const make = async (clientSecret: string): Promise<Entry> => ({
    replaces: replaces(),
    ...(await mint({ clientSecret, scopes })),
    mintedAt: clock.now(),
  })

  const obtain = async (secret: string, { fingerprint, open, close }: Seal): Promise<Entry> => {
    const key = await digest(JSON.stringify([source.identity, scopes, fingerprint]))
    const { value, shared } = await onceForAll<Entry>({
      store,
      key,
      clock,
      usable,
      open: async (text) => entryOf(await open(text, key)),
      close: async (entry) => ({
        text: await close(entryText(entry), key),
        ttlMs: Math.max(1, Math.floor(entry.expiresAt - clock.now())),
      }),
      make: () => make(secret),
      onStoreFailed: (operation, cause) => count({ type: 'store-failed', operation, cause }),
    })
    if (shared) count({ type: 'shared' })
    settle()
    return value
  }

  /** Current secret, previous secret; if both are refused, the same with what is read anew. */
  const load = async ({ guard }: LoadContext): Promise<Entry> => {
    let refusal: unknown
    const tried = new Set<string>()
    for (const forceRefresh of [false, true]) {
      const secrets = await readSecrets({ forceRefresh })
      const seals = await Promise.all(secrets.map(sealWith))
      if (seals.every(({ fingerprint }) => tried.has(fingerprint))) break
      guard(seals.map(({ fingerprint }) => fingerprint).join())
      for (const [index, seal] of seals.entries()) {
        if (tried.has(seal.fingerprint)) continue
        tried.add(seal.fingerprint)
        try {
          return await obtain(secrets[index]!, seal)
        } catch (error) {
          if (!(error instanceof IamFetchError && error.code === 'INVALID_CLIENT')) throw error
          refusal = error
        }
      }
    }
    throw refusal
  }

  const cell = fresh<Kept>(
    async (context) => {
      const entry = await load(context)
      return { value: keptOf(entry), expiresAt: entry.expiresAt }
    },
    { clock },
  )

  const served = (kept: Kept): Kept => {
    count(SERVED)
    return kept
  }
  const textOf = (kept: Kept): string => served(kept).token
  const accessTokenOf = (kept: Kept): AccessToken => served(kept).accessToken

  return Object.assign((call?: TokenCall) => cell.get(call).then(textOf), {
    isOneClient: true as const,
    get: (call?: TokenCall) => cell.get(call).then(accessTokenOf),
    invalidate(token: string): boolean {
      const held = cell.peek()
      if (held?.token !== token) return true
      if (!reject(held)) return false
      cell.invalidate(held)
      count({ type: 'invalidated' })
      return true
    },
    stats,
  })
}

const isServerClock = (clock: Clock | undefined): clock is ServerClock =>
  !!clock && 'learn' in clock
