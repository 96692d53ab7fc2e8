import { useQueryClient, type MutationKey, type UseMutationOptions } from '@tanstack/react-query'
import { useMemo } from 'react'
import { runAs, type CallerKey } from './caller.ts'
import { useIam } from './provider.ts'
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
 *   So does one whose caller changes before its response arrives; it may have taken effect.
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
  const { fetch: signed, credentials } = useIam()
  const client = useQueryClient()
  const { issuer, sub, role } = useCaller()
  return useMemo(() => {
    const caller = { issuer, sub, role }
    return ({ mutationKey = [], mutationFn, retry, ...options }) => {
      const key = [...mutationKey, { caller }] as const
      const defaults = {
        ...client.getDefaultOptions().mutations,
        ...client.getMutationDefaults(key),
      }
      return {
        ...options,
        mutationKey: key,
        retry: retryUnlessChanged(retry ?? defaults.retry ?? 0),
        mutationFn: (variables) =>
          runAs(caller, { fetch: signed, credentials }, (fetch) =>
            mutationFn(variables, { fetch }),
          ),
      }
    }
  }, [signed, credentials, client, issuer, sub, role])
}
