import {
  placed,
  type Fault,
  type FaultKind,
  type FaultOrder,
  type OrderedFault,
  type Pending,
} from './fault-order.ts'

import type { StackDefinition } from '../definition/definition.ts'
import type { ApiName, RouteName } from '../definition/names.ts'
import { checkOptions, invalidOption, show } from '../invalid-option.ts'

/** The time of the stack. `Date` is one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Waits; rejects with the signal's reason if it aborts first. Defaults to `setTimeout`. */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>
}

/** What a fault can be done to: users, identities and sessions. */
export interface FaultTarget {
  /** @returns Whether there was such an identity. */
  setIdentity(identityId: string, state: 'deleted' | 'disabled'): boolean
  /** @returns Whether there was such a user. */
  setGroups(username: string, groups: readonly string[]): boolean
  /** @returns Whether there was such a session. */
  setSession(accessKeyId: string, state: 'expired' | 'revoked'): boolean
}

/**
 * Injects failures into a local stack and counts its requests. Created with {@link createFaults}.
 *
 * An operation is named as AWS names it (`GetId`, `InitiateAuth`), a route as its definition does
 * (`POST /test`; `name POST /test` where several APIs have it), a document by its path
 * (`GET /.well-known/jwks.json`).
 *
 * The faults of a stack know the routes of its definition: a route that it does not have is a compile error.
 */
export interface Faults<Definition = StackDefinition> {
  /** Lets the next calls of an operation fail. Several orders for one operation are used one after the other. */
  next(operation: FaultRoute<Definition>, order: FaultOrder | FaultKind): OrderedFault
  next<Name extends string>(
    operation: KnownOperation<Name, Definition>,
    order: FaultOrder | FaultKind,
  ): OrderedFault
  /** How often an operation was called, faults included. */
  calls(operation: FaultRoute<Definition>): number
  calls<Name extends string>(operation: KnownOperation<Name, Definition>): number
  /** Every operation that was called, and how often. */
  calls(): Readonly<Record<string, number>>
  /** Moves the stack's clock, on top of earlier moves. */
  shiftClock(ms: number): void
  /** Deletes an identity: its next exchange is refused, its login gets a new one. */
  deleteIdentity(identityId: string): void
  /** Disables an identity, as a merge does: its next exchange is refused, its login gets a new one. */
  disableIdentity(identityId: string): void
  /** Moves a user to other groups, as an administrator does: the next token has them. */
  setGroups(username: string, groups: readonly string[]): void
  /** Ends session credentials as if their time were over. */
  expireSession(accessKeyId: string): void
  /** Removes session credentials, so that the stack does not know them any more. */
  revokeSession(accessKeyId: string): void
  /** Withdraws all orders, continues hanging calls, and sets the counts to 0. The clock is not changed. */
  reset(): void

  /** For the stack: its clock, with all shifts. */
  readonly clock: Clock
  /**
   * For the stack: counts a call and returns its fault for applyFault.
   *
   * @param operation  The operation or route.
   * @param api        The API's name, so that `name POST /test` counts and is hit as well.
   */
  take(operation: string, api?: string): Fault | undefined
  /** For the stack: says where users, identities and sessions are. */
  bind(target: FaultTarget): void
}

/** The routes of a definition, alone and with the name of their API. */
export type FaultRoute<Definition> =
  | RouteName<Definition>
  | {
      [Api in ApiName<Definition>]: `${Api} ${RouteName<Definition, Api>}`
    }[ApiName<Definition>]

/** A text that is not a route of the definition is an operation of a service (`GetId`), a document or a sentence for the compiler. */
export type KnownOperation<Name extends string, Definition> = Name extends
  | FaultRoute<Definition>
  | `${string} /oauth2/${string}`
  | `${string}/.well-known/${string}`
  ? Name
  : Name extends `${string} /${string}`
    ? `There is no route "${Name}" in the definition.`
    : Name

/**
 * Creates the faults of one stack: pass them to `startLocalStack` and keep them for the test.
 *
 * @param options.clock  The clock that `shiftClock` shifts. Defaults to `Date`.
 * @example
 * ```ts
 * const faults = createFaults()
 * const stack = await startLocalStack(definition, { faults })
 * faults.next('GetId', { fault: 'throttle', times: 2 })
 * faults.shiftClock(2 * 3_600_000)
 * ```
 */
// oxlint-disable-next-line max-lines-per-function -- short methods that share the state of the closure
export function createFaults(options: { clock?: Clock } = {}): Faults {
  checkOptions('createFaults', options, { clock: true })
  const clock: Clock = options.clock ?? Date
  const orders = new Map<string, Pending[]>()
  const hanging = new Set<Pending>()
  let counts: Record<string, number> = {}
  let shiftMs = 0
  let target: FaultTarget | undefined

  const bound = (): FaultTarget => {
    if (target) return target
    throw new TypeError(
      'faults: no stack runs with these faults; give them to startLocalStack first',
    )
  }
  const identity = (id: string, state: 'deleted' | 'disabled'): void => {
    if (!bound().setIdentity(id, state))
      throw invalidOption('faults', `there is no identity ${show(id)}`)
  }
  const session = (key: string, state: 'expired' | 'revoked'): void => {
    if (!bound().setSession(key, state))
      throw invalidOption('faults', `there is no session ${show(key)}`)
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
    next(operation: string, order: FaultOrder | FaultKind) {
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
        throw invalidOption('faults.shiftClock', `"ms" must be a number, got ${String(ms)}`)
      shiftMs += ms
    },
    setGroups(username, groups) {
      if (!bound().setGroups(username, groups))
        throw invalidOption('faults.setGroups', `there is no user ${show(username)}`)
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
