'use client'

import {
  useQueryClient,
  type InfiniteData,
  type QueryFunction,
  type QueryFunctionContext,
  type QueryKey,
  type UseInfiniteQueryOptions,
  type UseQueryOptions,
} from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Caller, CallerKey } from './caller.ts'
import { useIam } from './provider.ts'
import { queryOptionsFor } from './query-options.ts'
import { useCaller } from './use-caller.ts'

export type { Caller } from './caller.ts'
export {
  useIamMutationOptions,
  type CreateIamMutationOptions,
  type IamMutationOptions,
} from './mutation.ts'

/** A query's key with its caller at the end, so that `invalidateQueries({ queryKey: ['notes'] })` still matches. */
export type IamQueryKey<K extends QueryKey = QueryKey> = readonly [...K, CallerKey]

/** The options that are different from TanStack Query's. */
interface OwnOptions<T, K extends QueryKey, P> {
  /** The key without the caller, who is appended. */
  queryKey: K
  /** Also receives the signed `fetch`. It has to throw if the response is not a success, as TanStack Query requires. */
  queryFn: (
    context: QueryFunctionContext<IamQueryKey<K>, P> & { fetch: typeof globalThis.fetch },
  ) => T | Promise<T>
}

/** Data for the first render. See {@link useIamQueryOptions} for which callers it is used. */
type InitialData<Q> =
  | Exclude<Q, (...parameters: never) => unknown>
  | ((caller: Caller) => Q | undefined)

/** `useQuery` options whose `queryFn` also receives the signed `fetch`. */
export interface IamQueryOptions<T, E, D, K extends QueryKey>
  extends
    Omit<UseQueryOptions<T, E, D, IamQueryKey<K>>, 'queryKey' | 'queryFn' | 'initialData'>,
    OwnOptions<T, K, never> {
  /** Defaults to none. */
  initialData?: InitialData<T> | undefined
}

/** `useInfiniteQuery` options whose `queryFn` also receives the signed `fetch`. */
export interface IamInfiniteQueryOptions<T, E, D, K extends QueryKey, P>
  extends
    Omit<
      UseInfiniteQueryOptions<T, E, D, IamQueryKey<K>, P>,
      'queryKey' | 'queryFn' | 'initialData'
    >,
    OwnOptions<T, K, P> {
  /** Defaults to none. */
  initialData?: InitialData<InfiniteData<T, P>> | undefined
}

/** Creates the options of one query for the signed-in user. Returned by {@link useIamQueryOptions}. */
export interface CreateIamQueryOptions {
  <T, E = Error, D = InfiniteData<T>, const K extends QueryKey = QueryKey, P = unknown>(
    options: IamInfiniteQueryOptions<T, E, D, K, P>,
  ): CompleteOptions<UseInfiniteQueryOptions<T, E, D, IamQueryKey<K>, P>, T, K, P>
  <T, E = Error, D = T, const K extends QueryKey = QueryKey>(
    options: IamQueryOptions<T, E, D, K>,
  ): CompleteOptions<UseQueryOptions<T, E, D, IamQueryKey<K>>, T, K, never>
}

/** Options with key and function, as the hooks for Suspense and `prefetchQuery` require them. */
type CompleteOptions<Options, T, K extends QueryKey, P> = Omit<Options, 'queryKey' | 'queryFn'> & {
  queryKey: IamQueryKey<K>
  queryFn: QueryFunction<T, IamQueryKey<K>, P>
}

/**
 * Returns a function that creates the options of `useQuery`, `useInfiniteQuery`, `useSuspenseQuery`, `useQueries`,
 * `prefetchQuery`, `fetchQuery` and `ensureQueryData`.
 *
 * **No data is shown to another user or role than the one it was fetched for, and none after the sign-out:**
 *
 * - The key ends with user and role. `queryHash` and `queryKeyHashFn` get them appended, so that they cannot be left out.
 * - What a call, a page of an infinite query or a `persister` brings while the user or the role changes is discarded
 *   (`CLEARED`), and never retried.
 * - `placeholderData`, also `keepPreviousData`, and a `structuralSharing` function receive previous data of the same caller
 *   only. This holds for those in the client's `defaultOptions`, too.
 * - A value of `initialData` is used for the first user and role that sign in, because it came with the page and nothing
 *   says for whom. A function receives the {@link Caller}: return data of this caller only. An object that one caller got is
 *   not used for another.
 * - When a user goes, the user's queries are removed from the cache, also if no component uses them; the same for data that
 *   a persisted or hydrated cache brings later. `getQueryData` needs the key that this function returns; `getQueriesData` with
 *   a part of the key matches all roles of the present user.
 * - What `select` returned last is dropped when the caller changes.
 * - As long as a query function of a caller who has gone is running, what is set in the queries of the next caller is put back and
 *   loaded again, because that function may have set it. End what would never end, for example a socket, when `signal` aborts.
 *
 * A store on disk is yours: a persisted cache follows the removal, but the entries of a `persister` stay until they expire.
 * Delete them on sign-out.
 *
 * A query waits until a user is signed in. The hook reads the token when it mounts and after `credentials.clear()`.
 * Errors are retried only if they are `retryable` and the signing `fetch` has not sent the request three times already.
 *
 * `useSuspenseQuery` ignores `enabled`: if no user is signed in, it throws `LOGIN_REQUIRED` to the error boundary.
 *
 * @throws `TypeError` if there is no `IamProvider` above.
 * @example
 * ```tsx
 * const iamQueryOptions = useIamQueryOptions()
 * const { data } = useQuery(
 *   iamQueryOptions({
 *     queryKey: ['notes'],
 *     queryFn: async ({ fetch, signal }): Promise<string[]> => {
 *       const response = await fetch('/notes', { signal })
 *       if (!response.ok) throw new Error(`${response.status}`)
 *       return response.json()
 *     },
 *   }),
 * )
 * ```
 * @see [TanStack Query: query options](https://tanstack.com/query/latest/docs/framework/react/guides/query-options)
 */
export function useIamQueryOptions(): CreateIamQueryOptions {
  const { fetch, credentials } = useIam()
  const client = useQueryClient()
  const { issuer, sub, role } = useCaller()
  return useMemo(() => {
    const build = queryOptionsFor({
      fetch,
      credentials,
      client,
      caller: { issuer, sub, role },
    })
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the built options are those that were given, each of its type
    return build as unknown as CreateIamQueryOptions
  }, [fetch, credentials, client, issuer, sub, role])
}
