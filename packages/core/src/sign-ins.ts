import type { CallCredentials, Credentials } from './credentials.ts'
import { ending, throwIfEnded, unlessEnded, type Ending } from './ending.ts'
import type { IamFetchError } from './error.ts'
import { callerChanged, cleared, isSameOwner, ownerOf, type Owner } from './owner.ts'

/** A token that was read from a token source, and who owns it. */
export interface SignedIn {
  /** The same text for the same owner. */
  readonly key: string
}

/** What one read of the token source found. */
export interface TokenRead<T extends SignedIn> {
  readonly token: T
  /** Ends when `clear()` is called or another user signs in. */
  readonly signIn: Ending
}

/** Follows the reads of a token source. Created by {@link followSignIns}. */
export interface SignIns<T extends SignedIn> {
  /** The latest token; `undefined` before the first read and after a sign-out. */
  readonly current: TokenRead<T> | undefined
  /** Why the latest read found no token. */
  readonly error: IamFetchError | undefined
  /** How many times a new token was requested and returned. */
  readonly renewals: number
  /** Ends on the next `clear()`. */
  readonly untilClear: Ending
  /**
   * Reads the token source, at once and for this caller alone: a read that began earlier may be about another user.
   *
   * @throws What the source threw; {@link IamFetchError} `CALLER_CHANGED` if a later read has found another user, `CLEARED` if
   *   `clear()` was called during the read.
   */
  readonly read: (options?: { forceRefresh?: boolean }) => Promise<TokenRead<T>>
  /** Forgets the user and ends everything that is under way with `CLEARED`. */
  readonly clear: () => void
}

/** Reads a token source. It gets the current token, to return it if the text is the same. */
export type TokenReader<T extends SignedIn> = (
  forceRefresh: boolean,
  current: T | undefined,
) => Promise<{ ok: true; token: T } | { ok: false; error: IamFetchError }>

/** Who is notified of what the reads find. */
export interface SignInListener<T extends SignedIn> {
  /** Called before another token, or none, takes the place of the current one. */
  readonly onChange: (before: T, next: T | undefined) => void
  /** Called after the current token or the error has changed. */
  readonly onStatus: () => void
}

/**
 * Follows who is signed in, by the reads of a token source. The state never decides who is calling; each call reads for itself.
 *
 * Reads may overlap and end in any order: the one that began last counts.
 *
 * @param source    Reads the token.
 * @param listener  Is notified of changes.
 */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
export function followSignIns<T extends SignedIn>(
  source: TokenReader<T>,
  { onChange, onStatus }: SignInListener<T>,
): SignIns<T> {
  let begun = 0
  let latest = 0
  let renewals = 0
  let untilClear = ending()
  let current: TokenRead<T> | undefined
  let error: IamFetchError | undefined
  /** The user of the latest sign-in, also after a sign-out: the same user may come back. */
  let user: { key: string; signIn: Ending } | undefined

  const signInOf = (key: string): Ending => {
    if (user?.key === key) return user.signIn
    const previous = user
    user = { key, signIn: ending() }
    previous?.signIn.end(callerChanged())
    return user.signIn
  }

  const accept = (token: T): TokenRead<T> => {
    const isSame = current?.token === token && error === undefined
    error = undefined
    if (!current || current.token !== token) {
      if (current) onChange(current.token, token)
      current = { token, signIn: signInOf(token.key) }
    }
    if (!isSame) onStatus()
    return current
  }

  const reject = (turn: number, cause: IamFetchError): void => {
    error = cause
    // A source that fails for now is not a sign-out: the credentials stay, for the calls that can read their token.
    if (!cause.retryable) {
      latest = turn
      if (current) onChange(current.token, undefined)
      current = undefined
    }
    onStatus()
  }

  const read = async (forceRefresh: boolean): Promise<TokenRead<T>> => {
    const turn = ++begun
    const during = untilClear
    const result = await source(forceRefresh, current?.token)
    if (during.error) throw during.error
    // If a read that began later has returned, this one does not change the state.
    const isLatest = turn > latest
    if (!result.ok) {
      if (isLatest) reject(turn, result.error)
      throw result.error
    }
    if (isLatest) {
      latest = turn
      return accept(result.token)
    }
    if (!current || result.token.key !== current.token.key) throw callerChanged()
    return current
  }

  return {
    get current() {
      return current
    },
    get error() {
      return error
    },
    get renewals() {
      return renewals
    },
    get untilClear() {
      return untilClear
    },
    async read({ forceRefresh = false } = {}) {
      const result = await read(forceRefresh)
      if (forceRefresh) renewals++
      return result
    },
    clear() {
      const reason = cleared()
      const endings = [untilClear, user?.signIn]
      latest = ++begun
      current = error = user = undefined
      untilClear = ending()
      for (const openEnding of endings) openEnding?.end(reason)
    },
  }
}

/**
 * Starts a call of the user whom a token source names now.
 *
 * @param signIns  Follows the token source.
 * @param ownerOfRead  Names the owner of what was read.
 * @param load     Returns the credentials of the current user, from a cache or an exchange.
 * @param options.forceRefresh  Reads a new token.
 */
export function startCallOf<T extends SignedIn>(
  signIns: SignIns<T>,
  ownerOfRead: (read: TokenRead<T>) => Owner,
  load: (forceRefresh: boolean) => Promise<Credentials>,
  options: { forceRefresh?: boolean } = {},
): CallCredentials {
  const ended = ending()
  const stops = [signIns.untilClear.onEnd(ended.end)]
  let caller: TokenRead<T> | undefined

  const read = async (readOptions: { forceRefresh?: boolean }): Promise<TokenRead<T>> => {
    const result = await signIns.read(readOptions)
    if (!caller) {
      caller = result
      stops.push(result.signIn.onEnd(ended.end))
    }
    throwIfEnded(ended)
    if (result.token.key !== caller.token.key) throw callerChanged()
    return caller
  }

  // Begun here, so that it belongs to the user who is signed in when the call starts.
  const first = unlessEnded(ended, read(options))
  const owner = first.then(ownerOfRead)
  // Every reader of credentials waits for `first`, which rejects for the same reason.
  owner.catch(() => {})

  const credentialsOf = async (
    forCaller: TokenRead<T>,
    forceRefresh: boolean,
  ): Promise<Credentials> => {
    const { current, error } = signIns
    throwIfEnded(ended)
    if (!current) throw error ?? callerChanged()
    if (current.token.key !== forCaller.token.key) throw callerChanged()
    const credentials = await load(forceRefresh)
    throwIfEnded(ended)
    if (!isSameOwner(ownerOfRead(forCaller), ownerOf(credentials))) throw callerChanged()
    return credentials
  }

  return {
    owner,
    ended,
    async get({ readAgain = false, forceRefresh = false } = {}) {
      const firstRead = await first
      if (readAgain) await unlessEnded(ended, read({}))
      return unlessEnded(ended, credentialsOf(firstRead, forceRefresh))
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}
