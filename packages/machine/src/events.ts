import {
  eventCounter,
  invalidOption,
  later,
  type CounterMeter,
  type ErrorCode,
  type EventAttributes,
} from '@iamfetch/core'
import type { StoreOperation } from './fleet.ts'

/** Something that happened in a machine token. Contains no token and no secret. */
export type MachineTokenEvent =
  /** The endpoint granted a token, which it charges for. */
  | { type: 'minted'; durationMs: number }
  /** A call got a token. */
  | { type: 'served' }
  /** A token that another process requested came from the store. */
  | { type: 'shared' }
  /** A request brought no token. */
  | { type: 'refused'; code: ErrorCode; status?: number | undefined; retryable: boolean }
  /** A token was dropped because an API rejected it. */
  | { type: 'invalidated' }
  /** The store failed or was too slow. The call went on without it. */
  | { type: 'store-failed'; operation: StoreOperation; cause: unknown }

/** What happened so far in this process. */
export interface MachineTokenStats {
  /** Tokens that came from the endpoint. */
  readonly minted: number
  /** Calls that got a token. */
  readonly served: number
  /** Tokens that other processes requested, taken from the store. */
  readonly shared: number
  /** Calls that got a token without a request for one. */
  readonly saved: number
  /** Requests that brought no token. */
  readonly refused: number
  /** Operations of the store that failed or were too slow. */
  readonly storeFailures: number
  /** `minted` at the given price, in dollars. */
  readonly dollarsSpent: number
  /** `saved` at the given price, in dollars. */
  readonly dollarsSaved: number
}

/**
 * $2.25 for 1,000 tokens: Cognito's first tier (up to 250,000 a month). Read from public price pages; AWS changes it.
 */
const DOLLARS_PER_TOKEN = 0.00225

/** Counts events. Created by {@link eventCounts}. */
export interface EventCounts {
  readonly count: (event: MachineTokenEvent) => void
  readonly stats: (dollarsPerToken?: number) => MachineTokenStats
}

/**
 * Creates the counts of one machine token, and passes each event on.
 *
 * @param onEvent       Receives the events.
 * @param isStoreShared  Whether the store was configured. Without `onEvent` its first failure is then a warning.
 */
export function eventCounts(
  onEvent: ((event: MachineTokenEvent) => void) | undefined,
  isStoreShared: boolean,
): EventCounts {
  const counts = { minted: 0, served: 0, shared: 0, refused: 0, invalidated: 0, 'store-failed': 0 }
  return {
    count(event) {
      counts[event.type]++
      // A listener that throws is reported as unhandled and harms no call.
      if (onEvent) later(() => onEvent(event))
      else if (isStoreShared && event.type === 'store-failed' && counts['store-failed'] === 1) {
        warnAboutStore(event)
      }
    },
    stats(dollarsPerToken = DOLLARS_PER_TOKEN) {
      const { minted, served, shared, refused } = counts
      const saved = Math.max(0, served - minted)
      return {
        minted,
        served,
        shared,
        saved,
        refused,
        storeFailures: counts['store-failed'],
        dollarsSpent: minted * dollarsPerToken,
        dollarsSaved: saved * dollarsPerToken,
      }
    },
  }
}

function warnAboutStore({ operation, cause }: { operation: StoreOperation; cause: unknown }): void {
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  console.warn(
    `machineToken: the token store failed (${operation}: ${reason}). Calls continue, but each process requests its own tokens. ` +
      'Check the connection to the store. This is reported once; pass "onEvent" to receive each failure.',
  )
}

/**
 * Creates an `onEvent` that counts with OpenTelemetry, or anything with its `createCounter`.
 *
 * One counter, `iamfetch.machine_token.events`, with the attribute `type`, and `code` for refusals.
 *
 * @param meter       For example `metrics.getMeter('my-service')` of `@opentelemetry/api`.
 * @param attributes  Are part of every count, for example the name of the API.
 * @throws `TypeError` with the code `INVALID_OPTION` for a `meter` without `createCounter`.
 * @example
 * ```ts
 * const onEvent = countEvents(metrics.getMeter('my-service'), { api: 'premium' })
 * ```
 */
export function countEvents(
  meter: CounterMeter,
  attributes: Readonly<EventAttributes> = {},
): (event: MachineTokenEvent) => void {
  if (typeof meter?.createCounter !== 'function') {
    throw invalidOption('countEvents', '"meter" must have a "createCounter" function', meter)
  }
  const count = eventCounter(
    meter,
    'machine_token.events',
    'Machine tokens that were minted, served, shared, refused, invalidated, store-failed',
  )
  return (event) =>
    count({
      ...attributes,
      type: event.type,
      ...(event.type === 'refused' && { code: event.code }),
      ...(event.type === 'store-failed' && { operation: event.operation }),
    })
}
