import type { Owner } from '@iamfetch/core'

/** A symbol of the whole process: a fetch of another copy of this package is understood. */
const ON_CALLER: unique symbol = Symbol.for('@iamfetch/on-caller')

/**
 * Receives who makes a call, before anything is sent. What it throws ends the call.
 *
 * @param by  The function that was called, so that it can be distinguished from a function of the page around it.
 */
export type OnCaller = (owner: Owner, by: typeof globalThis.fetch) => void

type WithOnCaller = RequestInit & { readonly [ON_CALLER]?: OnCaller }

/**
 * Adds to the options of a `fetch` of ours that it shall report who is calling, in addition to what is added already. A `fetch` that
 * is not ours does not read it.
 *
 * For what belongs to one user and consists of several calls, or waits before it calls: a stream of events that connects again, a
 * mutation.
 */
export function withOnCaller(init: RequestInit | undefined, onCaller: OnCaller): WithOnCaller {
  const given = onCallerOf(init)
  return {
    ...init,
    [ON_CALLER](owner, by) {
      given?.(owner, by)
      onCaller(owner, by)
    },
  }
}

/**
 * Lets a function that passes the options of every call on to `inner` be reported in its place. If another function reports, a
 * function of the page is between them, which may not pass the options on with every call.
 */
export function reportedAs(
  outer: typeof globalThis.fetch,
  inner: typeof globalThis.fetch,
  init: RequestInit | undefined,
): WithOnCaller | undefined {
  const onCaller = onCallerOf(init)
  if (!onCaller) return init
  return {
    ...init,
    [ON_CALLER](owner, by) {
      onCaller(owner, by === inner ? outer : by)
    },
  }
}

/** Reads what {@link withOnCaller} added. */
export const onCallerOf = (init: WithOnCaller | undefined): OnCaller | undefined =>
  init?.[ON_CALLER]
