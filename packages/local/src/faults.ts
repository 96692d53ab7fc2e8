/** The time of the stack. `Date` is one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Waits; rejects with the signal's reason when it aborts first. Left out, `setTimeout` waits. */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>
}

/**
 * What goes wrong with a call.
 *
 * - `throttle`: refused as AWS refuses above a quota.
 * - `fail`: answered with HTTP 500.
 * - `hang`: not answered until the order is released or the client goes away; then answered normally.
 * - `slow`: answered normally after `delayMs`.
 * - `garbage`: HTTP 200 with a body that is no answer.
 * - `drop`: the connection is closed without an answer.
 */
export type FaultKind = 'throttle' | 'fail' | 'hang' | 'slow' | 'garbage' | 'drop'

/** A fault to come. */
export interface FaultOrder {
  fault: FaultKind
  /** How many calls it hits. @default 1 */
  times?: number
  /** For `slow`, in milliseconds. @default 1000 */
  delayMs?: number
}

/** An order that was placed with {@link Faults.next}. */
export interface OrderedFault {
  /** How many more calls it will hit. */
  readonly left: number
  /** Resolves when the first call meets it. */
  readonly met: Promise<void>
  /** Withdraws what is left of it and lets every call that hangs in it go on. */
  release(): void
}

/** A fault that a call has to suffer now. */
export interface Fault {
  readonly kind: FaultKind
  readonly delayMs: number
  /** Resolves when a call that hangs may go on. */
  readonly released: Promise<void>
}

/** What a fault can be done to: identities and sessions. The identity pool is one. */
export interface FaultTarget {
  /** @returns Whether there was such an identity. */
  setIdentity(identityId: string, state: 'deleted' | 'disabled'): boolean
  /** @returns Whether there was such a session. */
  setSession(accessKeyId: string, state: 'expired' | 'revoked'): boolean
}

/**
 * Makes a local stack misbehave, and counts what it is asked. Made with {@link createFaults}.
 *
 * An operation is named as AWS names it (`GetId`, `InitiateAuth`), a route as its definition does
 * (`POST /test`; `name POST /test` where several APIs have it), a document by its path
 * (`GET /.well-known/jwks.json`).
 */
export interface Faults {
  /** Makes the next calls of an operation go wrong. Orders for the same operation are met one after the other. */
  next(operation: string, order: FaultOrder | FaultKind): OrderedFault
  /** How often an operation was called, faults included. */
  calls(operation: string): number
  /** Every operation that was called, and how often. */
  calls(): Readonly<Record<string, number>>
  /** Moves the stack's clock, on top of earlier moves. */
  shiftClock(ms: number): void
  /** Deletes an identity: its next exchange is refused, its login gets a new one. */
  deleteIdentity(identityId: string): void
  /** Disables an identity, as a merge does: its next exchange is refused, its login gets a new one. */
  disableIdentity(identityId: string): void
  /** Ends session credentials as if their time were over. */
  expireSession(accessKeyId: string): void
  /** Makes session credentials unknown. */
  revokeSession(accessKeyId: string): void
  /** Withdraws all orders, lets hanging calls go on, sets the counts to 0. The clock stays where it is. */
  reset(): void

  /** For the stack: its clock, with all shifts. */
  readonly clock: Clock
  /**
   * For the stack: counts a call and gives the fault that it has to suffer.
   *
   * @param operation  The operation or route.
   * @param api        The API's name, so that `name POST /test` counts and is hit as well.
   */
  take(operation: string, api?: string): Fault | undefined
  /** For the stack: says where identities and sessions are. */
  bind(target: FaultTarget): void
}

interface Pending extends OrderedFault {
  take(): Fault
}

const SLOW_MS = 1_000

/**
 * Makes the faults port of one stack: hand it to `startLocalStack`, keep it for the test.
 *
 * @param options.clock  What the stack's clock is shifted against. Defaults to `Date`.
 */
export function createFaults({ clock = Date }: { clock?: Clock } = {}): Faults {
  const orders = new Map<string, Pending[]>()
  const hanging = new Set<Pending>()
  let counts: Record<string, number> = {}
  let shiftMs = 0
  let target: FaultTarget | undefined

  const on = (what: keyof FaultTarget): FaultTarget => {
    if (!target) throw new TypeError(`${what}: no stack runs with these faults yet`)
    return target
  }
  const identity = (id: string, state: 'deleted' | 'disabled'): void => {
    if (!on('setIdentity').setIdentity(id, state)) throw new TypeError(`no identity ${id}`)
  }
  const session = (key: string, state: 'expired' | 'revoked'): void => {
    if (!on('setSession').setSession(key, state)) throw new TypeError(`no session ${key}`)
  }

  function calls(operation: string): number
  function calls(): Record<string, number>
  function calls(operation?: string): number | Record<string, number> {
    return operation === undefined ? { ...counts } : (counts[operation] ?? 0)
  }

  const sleep = clock.sleep?.bind(clock)
  return {
    clock: { now: () => clock.now() + shiftMs, ...(sleep && { sleep }) },
    calls,
    next(operation, order) {
      const pending = placed(typeof order === 'string' ? { fault: order } : order)
      orders.set(operation, [...(orders.get(operation) ?? []), pending])
      hanging.add(pending)
      return pending
    },
    take(operation, api) {
      const names = api === undefined ? [operation] : [operation, `${api} ${operation}`]
      let fault: Fault | undefined
      for (const name of names) {
        counts[name] = (counts[name] ?? 0) + 1
        fault ??= orders
          .get(name)
          ?.find(({ left }) => left > 0)
          ?.take()
      }
      return fault
    },
    shiftClock(ms) {
      if (!Number.isFinite(ms))
        throw new TypeError(`shiftClock: ${ms} is no number of milliseconds`)
      shiftMs += ms
    },
    deleteIdentity: (id) => identity(id, 'deleted'),
    disableIdentity: (id) => identity(id, 'disabled'),
    expireSession: (key) => session(key, 'expired'),
    revokeSession: (key) => session(key, 'revoked'),
    reset() {
      for (const pending of hanging) pending.release()
      hanging.clear()
      orders.clear()
      counts = {}
    },
    bind(to) {
      target = to
    },
  }
}

function placed({ fault: kind, times = 1, delayMs = SLOW_MS }: FaultOrder): Pending {
  if (!(times >= 1)) throw new TypeError(`faults: times has to be 1 or more, not ${times}`)
  let left = times
  let meet!: () => void
  let release!: () => void
  const met = new Promise<void>((resolve) => (meet = resolve))
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    get left() {
      return left
    },
    met,
    take() {
      left--
      meet()
      return { kind, delayMs, released }
    },
    release() {
      left = 0
      release()
    },
  }
}
