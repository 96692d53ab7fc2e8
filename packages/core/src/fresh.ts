import { abandonable } from './abandonable.ts'
import { backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import { isIamFetchError, type IamFetchError } from './error.ts'
import { listeners } from './listeners.ts'
import { checkOptions, type OptionNames } from './options.ts'
import { cleared } from './owner.ts'

/** A value and the moment it stops working. */
export interface Loaded<T> {
  value: T
  /** Milliseconds since the epoch, by the same clock that `fresh` was given. */
  expiresAt: number
}

/** What `fresh` passes to a load. */
export interface LoadContext {
  /** Aborts when the result is no longer wanted, that is on `clear()`. A caller's abort never reaches it. */
  readonly signal: AbortSignal
  /**
   * Call it before the request, with a fingerprint of the token or secret that the request contains, never with the token or secret
   * itself. It throws the remembered refusal if the service refused the same one a short while ago. Otherwise a refusal of this load
   * is remembered under the fingerprint.
   */
  readonly guard: (fingerprint: string) => void
}

/** Gets a new value. */
export type Load<T> = (context: LoadContext) => Promise<Loaded<T>>

/** The options of {@link fresh}. */
export interface FreshOptions {
  /** @default Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
  /** How long a typed refusal is remembered, in milliseconds. @default 60000 */
  refusalMs?: number | undefined
}

const OPTION_NAMES: OptionNames<FreshOptions> = {
  clock: 'clock',
  random: 'function',
  refusalMs: 'number',
}

/** What is known about the value, without the value. The same object until something changes. */
export interface FreshStatus {
  /**
   * - `empty`: no value is held, and none was requested.
   * - `loading`: no value is held; a load is under way.
   * - `ready`: a value is held. Compare `expiresAt` with the clock: it may have expired.
   * - `refreshing`: a value is held, and a load of the next one is under way.
   * - `stale`: a value is held, and the last attempt to replace it failed with `error`.
   * - `failed`: no value is held, and the last load failed with `error`.
   */
  readonly state: 'empty' | 'loading' | 'ready' | 'refreshing' | 'stale' | 'failed'
  /** When the held value expires, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined
  /** Why the last load failed. Gone after the next one that succeeds. */
  readonly error?: unknown
}

/** A value that is kept fresh. Created by {@link fresh}. */
export interface Fresh<T> {
  /**
   * Returns a value that works now.
   *
   * @param options.signal        Ends the wait of this caller only.
   * @param options.forceRefresh  Loads again (or joins a load under way) even if the held value is good.
   * @throws What the load threw, when no held value is left to fall back on; the signal's reason;
   *   {@link IamFetchError} `CLEARED` when `clear()` came during the wait.
   */
  get(options?: {
    signal?: AbortSignal | undefined
    forceRefresh?: boolean | undefined
  }): Promise<T>
  /** The held value, expired or not, without any load. */
  peek(): T | undefined
  status(): FreshStatus
  /** Calls `listener` after every change of `status()`. @returns A function that removes the listener. */
  subscribe(listener: () => void): () => void
  /** Drops `value` if it is the very one held; a newer one stays. @returns Whether it was dropped. */
  invalidate(value: T): boolean
  /**
   * Drops everything: the value, refusals, and the result of a load under way.
   *
   * @param reason  The error for callers that wait for that load. Defaults to `CLEARED`.
   */
  clear(reason?: IamFetchError): void
}

interface Held<T> extends Loaded<T> {
  /** From here on a read starts a refresh in the background. */
  refreshAt: number
  /** From here on a read waits for the refresh. */
  waitFrom: number
}

/**
 * Holds one value that expires, and renews it when it is read. Credentials and machine tokens are cached with it.
 *
 * - One load serves any number of callers; one caller's abort ends that caller's wait only.
 * - From about 75 % of the value's life (drawn once per value) a read renews it in the background; from
 *   `min(30 s, 10 % of life)` before the end a read waits for the new one.
 * - A load that fails leaves a value that still works in place and is tried again with full jitter.
 * - The last refusal (an {@link IamFetchError} that is not `retryable`) is remembered for `refusalMs` under the
 *   fingerprint given to `guard`, so the same token is not shown again and a new one is tried at once.
 * - It needs no timers: each read compares the clock that it was given.
 *
 * @param load     Gets a new value. It needs a time limit of its own: callers wait for a load that hangs.
 * @param options  The clock, the jitter, how long refusals last.
 * @example
 * ```ts
 * const rates = fresh(async ({ signal }) => {
 *   const response = await fetch('https://api.example.com/rates', { signal })
 *   return { value: await response.json(), expiresAt: Date.now() + 3_600_000 }
 * })
 * const today = await rates.get()
 * ```
 */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
export function fresh<T>(load: Load<T>, options: FreshOptions = {}): Fresh<T> {
  checkOptions('fresh', options, OPTION_NAMES)
  const { clock = Date, random = Math.random, refusalMs = 60_000 } = options
  const { notify, subscribe } = listeners()
  let held: Held<T> | undefined
  let underWay: Promise<T> | undefined
  let discard: ((error: IamFetchError) => void) | undefined
  let refusal: { shown: string; error: unknown; at: number } | undefined
  let failures: number
  let retryAt: number
  let status: FreshStatus

  const publish = (error?: unknown): void => {
    status = { state: stateOf(!!held, !!underWay, !!error), expiresAt: held?.expiresAt, error }
    notify()
  }

  const hold = (loaded?: Loaded<T>): void => {
    const now = clock.now()
    held = loaded && {
      ...loaded,
      // AWS advises to renew at about 75 % of a token's life; ± 5 % keeps a fleet from doing it at once.
      refreshAt: now + (loaded.expiresAt - now) * (0.7 + random() / 10),
      waitFrom: loaded.expiresAt - Math.min(30_000, (loaded.expiresAt - now) / 10),
    }
    failures = retryAt = 0
    publish()
  }

  const begin = (): Promise<T> => {
    const controller = new AbortController()
    const { signal } = controller
    let shown: string | undefined
    const guard = (fingerprint: string): void => {
      // Also if the clock is set back, a refusal is not remembered for longer.
      if (refusal?.shown === fingerprint && Math.abs(clock.now() - refusal.at) < refusalMs) {
        throw refusal.error
      }
      shown = fingerprint
    }
    underWay = new Promise<T>((resolve, reject) => {
      discard = (error) => {
        controller.abort(error)
        reject(error)
      }
      Promise.resolve({ signal, guard })
        .then(load)
        .then((loaded) => {
          // The commit guard: after clear() the result belongs to no user.
          if (signal.aborted) return
          underWay = undefined
          hold(loaded)
          resolve(loaded.value)
        })
        .catch((error: unknown) => {
          if (signal.aborted) return
          underWay = undefined
          const at = clock.now()
          if (shown !== undefined && isIamFetchError(error) && !error.retryable) {
            refusal = { shown, error, at }
          }
          retryAt = at + backoffMs(failures++, { random })
          publish(error)
          reject(error)
        })
    })
    // Perhaps no caller waits: a background failure is reported by the status.
    underWay.catch(() => {})
    publish(status.error)
    return underWay
  }

  const read = async (forceRefresh: boolean | undefined): Promise<T> => {
    const now = clock.now()
    const before = held
    if (!before || forceRefresh || now >= before.expiresAt) return underWay ?? begin()
    if (now < before.refreshAt || (!underWay && now < retryAt)) return before.value
    const next = underWay ?? begin()
    if (now < before.waitFrom) return before.value
    return next.catch((error: unknown) => {
      if (held === before && clock.now() < before.expiresAt) return before.value
      throw error
    })
  }

  hold()
  return {
    get: ({ signal, forceRefresh } = {}) => abandonable(() => read(forceRefresh), signal),
    peek: () => held?.value,
    status: () => status,
    subscribe,
    invalidate(value) {
      const same = !!held && held.value === value
      if (same) hold()
      return same
    },
    clear(reason = cleared()) {
      discard?.(reason)
      underWay = refusal = undefined
      hold()
    },
  }
}

function stateOf(isHeld: boolean, isLoading: boolean, hasFailed: boolean): FreshStatus['state'] {
  if (isLoading) return isHeld ? 'refreshing' : 'loading'
  if (hasFailed) return isHeld ? 'stale' : 'failed'
  return isHeld ? 'ready' : 'empty'
}
