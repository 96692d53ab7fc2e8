import { cleared } from '@iamfetch/core'
import { useQueryClient, type MutationKey, type UseMutationOptions } from '@tanstack/react-query'
import { useMemo } from 'react'
import { checkKey, isPresent, runAs, type CallerKey } from './caller.ts'
import { useIam } from './provider.ts'
import type { QueryOwner } from './query-options.ts'
import { retryUnlessChanged } from './retry-option.ts'
import { useCaller } from './use-caller.ts'

/** `useMutation` options whose `mutationFn` also receives the signed `fetch`. */
export interface IamMutationOptions<T, E, V, R> extends Omit<
  UseMutationOptions<T, E, V, R>,
  'mutationFn' | 'mutationKey'
> {
  /** The key without the caller, who is appended. Defaults to an empty key. */
  mutationKey?: MutationKey | undefined
  /** Also receives the signed `fetch`. It has to throw if the response is not a success. */
  mutationFn: (variables: V, context: { fetch: typeof globalThis.fetch }) => Promise<T>
}

/** Creates the options of one mutation for the signed-in user. Returned by {@link useIamMutationOptions}. */
export type CreateIamMutationOptions = <T = unknown, E = Error, V = void, R = unknown>(
  options: IamMutationOptions<T, E, V, R>,
) => UseMutationOptions<T, E, V, R> & { mutationKey: readonly [...MutationKey, CallerKey] }

/**
 * Returns a function that creates the options of `useMutation`.
 *
 * A mutation belongs to the user and role that it was called by:
 *
 * - Its result, variables and error are reset when the user or the role changes, and a user's mutations are removed from the
 *   cache when the user goes.
 * - A mutation that waits (offline, for a retry, for its `scope`) is not sent for another user or role: it fails with `CLEARED`.
 *   So does one whose caller changes before its response arrives; it may have taken effect. If the user goes while it is paused, its
 *   promise rejects at once, and none of its callbacks is called.
 * - None of its callbacks begins after the user or the role changed, also not a default: nothing is left to roll back. Those of the
 *   `MutationCache` are called for every mutation, with `CLEARED`.
 * - As long as its function or a callback is still running, what is set in the queries of another user, or of the next role, is put back,
 *   so that `setQueriesData` with a filter does not write into the next user's list. Those queries are loaded again afterwards.
 *   What your page does later, for example after an `await` behind `mutateAsync`, cannot be recognized: use complete keys there.
 * - The `fetch` that it gets sends nothing for another user or role, also if the mutation waits for something else first.
 *
 * @throws `TypeError` if there is no `IamProvider` above.
 * @example
 * ```tsx
 * const iamMutationOptions = useIamMutationOptions()
 * const { mutate } = useMutation(
 *   iamMutationOptions({
 *     mutationFn: async (text: string, { fetch }) => {
 *       const response = await fetch('/notes', { method: 'POST', body: text })
 *       if (!response.ok) throw new Error(`${response.status}`)
 *     },
 *   }),
 * )
 * ```
 * @see [TanStack Query: useMutation](https://tanstack.com/query/latest/docs/framework/react/reference/useMutation)
 */
export function useIamMutationOptions(): CreateIamMutationOptions {
  const { fetch, credentials } = useIam()
  const client = useQueryClient()
  const { issuer, sub, role } = useCaller()
  return useMemo(
    () => mutationOptionsFor({ fetch, credentials, client, caller: { issuer, sub, role } }),
    [fetch, credentials, client, issuer, sub, role],
  )
}

/** Creates a function that makes a mutation's options safe for one caller. */
export function mutationOptionsFor(owner: QueryOwner): CreateIamMutationOptions {
  const { client, caller, credentials } = owner
  // The caller may change between two steps of a mutation, for example while a callback of the MutationCache waits.
  const isHere = (): boolean => isPresent(caller, credentials)
  const throwIfGone = (): void => {
    if (!isHere()) throw cleared()
  }
  return ({ mutationKey = [], mutationFn, retry, ...options }) => {
    const key = [...mutationKey, { caller }] as const
    const defaults = {
      ...client.getDefaultOptions().mutations,
      ...client.getMutationDefaults(key),
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the defaults are made for mutations of all types
    const given = { ...defaults, ...options } as typeof options
    const { onMutate, onSuccess, onError, onSettled } = given
    return {
      ...options,
      ...(onMutate && {
        onMutate(...parameters) {
          throwIfGone()
          return onMutate(...parameters)
        },
      }),
      ...(onSuccess && {
        onSuccess(...parameters) {
          throwIfGone()
          return onSuccess(...parameters)
        },
      }),
      // These two are not called: they would roll back or load again the data of a user who has signed out.
      ...(onError && {
        onError: (...parameters) => (isHere() ? onError(...parameters) : undefined),
      }),
      ...(onSettled && {
        onSettled: (...parameters) => (isHere() ? onSettled(...parameters) : undefined),
      }),
      mutationKey: key,
      retry: retryUnlessChanged(retry ?? defaults.retry ?? 0),
      async mutationFn(this: unknown, variables, context?: { mutationKey?: MutationKey }) {
        // If the page made these options its defaults, a mutation of another user that comes back from a store finds them.
        const keyInUse = context?.mutationKey ?? keyOfOptions(this)
        checkKey('useIamMutationOptions', 'mutationKey', keyInUse, caller)
        return runAs(caller, owner, (fetch) => mutationFn(variables, { fetch }))
      },
    }
  }
}

/** The key in the options of a mutation: TanStack Query before 5.89 passes no context, but calls the function of these options. */
function keyOfOptions(options: unknown): unknown {
  return typeof options === 'object' && options !== null && 'mutationKey' in options
    ? options.mutationKey
    : undefined
}
