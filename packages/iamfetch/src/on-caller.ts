import type { Owner } from '@iamfetch/core'

/** A symbol of the whole process: a fetch of another copy of this package is understood. */
const ON_CALLER: unique symbol = Symbol.for('@iamfetch/on-caller')

/** Receives who makes a call, before anything is sent. What it throws ends the call. */
export type OnCaller = (owner: Owner) => void

type WithOnCaller = RequestInit & { readonly [ON_CALLER]?: OnCaller }

/**
 * Adds to the arguments of a `fetch` of ours that it shall report who is calling. A `fetch` that is not ours does not read it.
 *
 * For what consists of several calls and belongs to one user all the same: a stream of events that connects again.
 */
export const withOnCaller = (init: RequestInit, onCaller: OnCaller): RequestInit =>
  Object.assign<RequestInit, WithOnCaller>(init, { [ON_CALLER]: onCaller })

/** Reads what {@link withOnCaller} added. */
export const onCallerOf = (init: WithOnCaller | undefined): OnCaller | undefined =>
  init?.[ON_CALLER]
