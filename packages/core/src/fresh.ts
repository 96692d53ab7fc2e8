import { backoffMs } from './backoff.ts'
import type { Clock } from './clock.ts'
import { IamFetchError } from './error.ts'

/** A value and the moment it stops working. */
export interface Loaded<T> {
  value: T
  /** Milliseconds since the epoch, by the same clock that `fresh` was given. */
  expiresAt: number
}

/** What a load is told. */
export interface LoadContext {
  /** Aborts when the result is no longer wanted, that is on `clear()`. A caller's abort never reaches it. */
  readonly signal: AbortSignal
  /**
   * Names what this load is about to show to the service: a fingerprint of the token or the secret, never
   * the thing itself. Throws the remembered refusal if the same thing was refused a short while ago;
   * otherwise a refusal of this load is remembered under this name.
   */
  readonly guard: (fingerprint: string) => void
}

/** Gets a new value. */
export type Load<T> = (context: LoadContext) => Promise<Loaded<T>>

/** How a {@link Fresh} decides. */
export interface FreshOptions {
  /** @default Date */
  clock?: Clock | undefined
  /** A number in [0, 1), for jitter. @default Math.random */
  random?: (() => number) | undefined
  /** How long a typed refusal is remembered, in milliseconds. @default 60000 */
  refusalMs?: number | undefined
}

/** What is known about the value, without the value. The same object until something changes. */
export interface FreshStatus {
  /**
   * - `empty`: nothing held, nothing asked.
   * - `loading`: nothing held, a load is under way.
   * - `ready`: a value is held. Compare `expiresAt` with the clock: it may have run out.
   * - `refreshing`: a value is held and its successor is under way.
   * - `stale`: a value is held and the last attempt to replace it failed with `error`.
   * - `failed`: nothing held, the last load failed with `error`.
   */
  readonly state: 'empty' | 'loading' | 'ready' | 'refreshing' | 'stale' | 'failed'
  /** When the held value expires, in milliseconds since the epoch. */
  readonly expiresAt?: number
  /** Why the last load failed. Gone after the next one that succeeds. */
  readonly error?: unknown
}

/** A value that is kept fresh. Made by {@link fresh}. */
export interface Fresh<T> {
  /**
   * Gives a value that works now.
   *
   * @param options.signal        Ends this caller's wait and nobody else's.
   * @param options.forceRefresh  Loads anew (or joins a load under way) even if the held value is good.
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
  /** Calls `listener` after every change of `status()`. @returns The function that ends it. */
  subscribe(listener: () => void): () => void
  /** Drops `value` if it is the very one held; a newer one stays. @returns Whether it was dropped. */
  invalidate(value: T): boolean
  /** Drops everything: the value, refusals, and the result of a load under way. */
  clear(): void
}

/** AWS advises to renew at about 75 % of a token's life; ± 5 % keeps a fleet from doing it at once. */
const REFRESH_FROM = 0.7
const REFRESH_SPREAD = 0.1
const MARGIN_SHARE = 0.1
const LONGEST_MARGIN_MS = 30_000
const REFUSALS_KEPT = 16

interface Held<T> extends Loaded<T> {
  /** From here on a read starts a refresh in the background. */
  refreshAt: number
  /** From here on a read waits for the refresh. */
  waitFrom: number
  answer: Promise<T>
}

/**
 * Holds one value that expires and renews it when it is read. The one cache of the house.
 *
 * - One load serves any number of callers; one caller's abort ends that caller's wait only.
 * - From about 75 % of the value's life (drawn once per value) a read renews it in the background; from
 *   `min(30 s, 10 % of life)` before the end a read waits for the new one.
 * - A load that fails leaves a value that still works in place and is tried again with full jitter.
 * - A refusal (an {@link IamFetchError} that is not `retryable`) is remembered for `refusalMs` under the
 *   fingerprint given to `guard`, so the same token is not shown again and a new one is tried at once.
 * - It needs no timers: it decides on read, by the clock it is given.
 *
 * @param load     Gets a new value. It has to end by itself: a load that hangs is waited for.
 * @param options  The clock, the jitter, how long refusals last.
 */
export function fresh<T>(load: Load<T>, options: FreshOptions = {}): Fresh<T> {
  const { clock = Date, random = Math.random, refusalMs = 60_000 } = options
  const listeners = new Set<() => void>()
  const refusals = new Map<string, { error: unknown; until: number }>()
  let held: Held<T> | undefined
  let underWay: { promise: Promise<T>; discard: (error: IamFetchError) => void } | undefined
  let failures = 0
  let retryAt = 0
  let status: FreshStatus = { state: 'empty' }

  const publish = (state: FreshStatus['state'], error?: unknown): void => {
    status = {
      state,
      ...(held && { expiresAt: held.expiresAt }),
      ...(error !== undefined && { error }),
    }
    for (const listener of listeners) {
      // A listener's fault is its own: it surfaces as unhandled and harms nobody who waits here.
      void Promise.resolve().then(() => listeners.has(listener) && listener())
    }
  }

  const hold = ({ value, expiresAt }: Loaded<T>): void => {
    const now = clock.now()
    const life = Math.max(0, expiresAt - now)
    held = {
      value,
      expiresAt,
      refreshAt: now + life * (REFRESH_FROM + random() * REFRESH_SPREAD),
      waitFrom: expiresAt - Math.min(LONGEST_MARGIN_MS, life * MARGIN_SHARE),
      answer: Promise.resolve(value),
    }
  }

  const remember = (fingerprint: string | undefined, error: unknown): void => {
    if (fingerprint === undefined) return
    if (!(error instanceof IamFetchError) || error.retryable) return
    refusals.delete(fingerprint)
    refusals.set(fingerprint, { error, until: clock.now() + refusalMs })
    for (const oldest of refusals.keys()) {
      if (refusals.size <= REFUSALS_KEPT) break
      refusals.delete(oldest)
    }
  }

  const start = (): Promise<T> => {
    if (underWay) return underWay.promise
    const controller = new AbortController()
    let shown: string | undefined
    const guard = (fingerprint: string): void => {
      const refusal = refusals.get(fingerprint)
      if (refusal && clock.now() < refusal.until) throw refusal.error
      shown = fingerprint
    }
    let discard!: (error: IamFetchError) => void
    const discarded = new Promise<never>((_, reject) => {
      discard = (error) => {
        controller.abort(error)
        reject(error)
      }
    })
    const run = async (): Promise<T> => {
      try {
        const loaded = await load({ signal: controller.signal, guard })
        // The commit guard: after clear() the result belongs to nobody.
        if (underWay !== mine) return await discarded
        underWay = undefined
        failures = 0
        retryAt = 0
        hold(loaded)
        publish('ready')
        return loaded.value
      } catch (error) {
        if (underWay !== mine) throw error
        underWay = undefined
        remember(shown, error)
        retryAt = clock.now() + backoffMs(failures++, { random })
        publish(held ? 'stale' : 'failed', error)
        throw error
      }
    }
    const mine = { promise: Promise.race([Promise.resolve().then(run), discarded]), discard }
    underWay = mine
    // Perhaps nobody waits: a background failure is told through the status.
    mine.promise.catch(() => {})
    publish(held ? 'refreshing' : 'loading', status.error)
    return mine.promise
  }

  /** The held value if it still works, else what the failed load said. */
  const orStillValid = (promise: Promise<T>, before: Held<T>): Promise<T> =>
    promise.catch((error: unknown) => {
      if (held === before && clock.now() < before.expiresAt) return before.value
      throw error
    })

  const read = (forceRefresh: boolean): Promise<T> => {
    const now = clock.now()
    if (!held) return start()
    if (forceRefresh) return start()
    if (now < held.refreshAt) return held.answer
    if (now >= held.expiresAt) return start()
    const mayTry = underWay !== undefined || now >= retryAt
    if (now < held.waitFrom) {
      if (mayTry) void start()
      return held.answer
    }
    return mayTry ? orStillValid(start(), held) : held.answer
  }

  return {
    get({ signal, forceRefresh = false } = {}) {
      return signal ? abandonable(() => read(forceRefresh), signal) : read(forceRefresh)
    },
    peek: () => held?.value,
    status: () => status,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    invalidate(value) {
      if (!held || !Object.is(held.value, value)) return false
      held = undefined
      retryAt = 0
      publish(underWay ? 'loading' : 'empty')
      return true
    },
    clear() {
      const abandoned = underWay
      held = undefined
      underWay = undefined
      failures = 0
      retryAt = 0
      refusals.clear()
      publish('empty')
      abandoned?.discard(cleared())
    },
  }
}

const cleared = (): IamFetchError =>
  new IamFetchError('CLEARED', 'The value was thrown away while it was being loaded.', {
    remedy:
      'Somebody signed out or switched user meanwhile. Repeat the call if it is still wanted.',
    retryable: true,
  })

/** Waits for a promise until the signal aborts; the promise itself goes on for the others. */
export function abandonable<T>(begin: () => Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    begin()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
