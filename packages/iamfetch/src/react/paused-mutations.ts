import { cleared, ending, unlessEnded, type Ending } from '@iamfetch/core'
import type { AnyMutation } from './cache-types.ts'

const endings = new WeakMap<AnyMutation, Ending>()

/**
 * Lets {@link endIfPaused} end a mutation.
 *
 * TanStack Query cannot end a mutation that waits for the network, for the focus or for its `scope`: without this, the promise of
 * `mutateAsync` stays pending.
 */
export function allowEnding(mutation: AnyMutation): void {
  const ended = ending()
  const execute = mutation.execute.bind(mutation)
  endings.set(mutation, ended)
  mutation.execute = (variables) => unlessEnded(ended, execute(variables))
}

/** Rejects a mutation of a user who has gone with `CLEARED` if it is paused, and makes sure that it is never sent. */
export function endIfPaused(mutation: AnyMutation): void {
  if (!mutation.state.isPaused) return
  const reject = async (): Promise<never> => {
    throw cleared()
  }
  mutation.setOptions({ ...mutation.options, mutationFn: reject })
  endings.get(mutation)?.end(cleared())
}
