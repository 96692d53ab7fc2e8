import type { ErrorCode } from '@iamfetch/core'
import type { StoreOperation } from './fleet.ts'

/** Something that a machine token did. Holds no token and no secret. */
export type MachineTokenEvent =
  /** A token came from the endpoint and will be on the bill. */
  | { type: 'minted'; durationMs: number }
  /** A call got a token. */
  | { type: 'served' }
  /** A token that somebody else minted came from the store. */
  | { type: 'shared' }
  /** A request brought no token. */
  | { type: 'refused'; code: ErrorCode; status?: number | undefined; retryable: boolean }
  /** A token was dropped because an API rejected it. */
  | { type: 'invalidated' }
  /** The store failed or was too slow; the call went on without it. */
  | { type: 'store-failed'; operation: StoreOperation; cause: unknown }

/** What a machine token did so far, in this process. */
export interface MachineTokenStats {
  /** Tokens that came from the endpoint. */
  readonly minted: number
  /** Calls that got a token. */
  readonly served: number
  /** Tokens that others minted, taken from the store. */
  readonly shared: number
  /** Calls that got a token without one being minted for them. */
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

/** Counts events. */
export interface Meters {
  readonly count: (event: MachineTokenEvent) => void
  readonly stats: (dollarsPerToken?: number) => MachineTokenStats
}

/** Makes the counters of one machine token, and passes each event on. */
export function meters(onEvent?: (event: MachineTokenEvent) => void): Meters {
  const counted = { minted: 0, served: 0, shared: 0, refused: 0, invalidated: 0, 'store-failed': 0 }
  return {
    count(event) {
      counted[event.type]++
      // A listener's fault is its own: it surfaces as unhandled and harms no call.
      if (onEvent) void Promise.resolve().then(() => onEvent(event))
    },
    stats(dollarsPerToken = DOLLARS_PER_TOKEN) {
      const { minted, served, shared, refused } = counted
      const saved = Math.max(0, served - minted)
      return {
        minted,
        served,
        shared,
        saved,
        refused,
        storeFailures: counted['store-failed'],
        dollarsSpent: minted * dollarsPerToken,
        dollarsSaved: saved * dollarsPerToken,
      }
    },
  }
}

/** The part of an OpenTelemetry `Meter` that is needed. */
export interface CounterMeter {
  createCounter(
    name: string,
    options?: { description?: string; unit?: string },
  ): { add(value: number, attributes?: Record<string, string | number | boolean>): void }
}

/**
 * Makes an `onEvent` that counts with OpenTelemetry, or anything with its `createCounter`.
 *
 * One counter, `iamfetch.machine_token.events`, with the attribute `type`, and `code` for refusals.
 *
 * @param meter       For example `metrics.getMeter('my-service')` of `@opentelemetry/api`.
 * @param attributes  Go with every count, for example the name of the API.
 */
export function countEvents(
  meter: CounterMeter,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
): (event: MachineTokenEvent) => void {
  const counter = meter.createCounter('iamfetch.machine_token.events', {
    description:
      'What machine tokens did: minted, served, shared, refused, invalidated, store-failed',
    unit: '{event}',
  })
  return (event) =>
    counter.add(1, {
      ...attributes,
      type: event.type,
      ...(event.type === 'refused' && { code: event.code }),
      ...(event.type === 'store-failed' && { operation: event.operation }),
    })
}
