'use client'

import { cleared } from '@iamfetch/core'
import { explainRole, type CognitoCredentials, type CredentialStatus } from '@iamfetch/cognito'
import {
  useQueryClient,
  type QueryClient,
  type QueryFunctionContext,
  type QueryKey,
  type UseQueryOptions,
} from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useIam } from './provider.ts'
import { useCredentialStatus } from './use-credential-status.ts'

/** Whose answer a query holds, and with which role it was asked for. The last part of its key. */
export interface Caller {
  /** Who made the user's token: another's `sub` may be the same. */
  readonly provider: string | undefined
  readonly sub: string | undefined
  /** The role asked for or foretold by the token. Nothing where the token leaves it open. */
  readonly role: string | undefined
}

/** A query's key with its caller at the end, so that `invalidateQueries({ queryKey: ['items'] })` goes on matching. */
export type IamQueryKey<K extends QueryKey = QueryKey> = readonly [
  ...K,
  { readonly caller: Caller },
]

/** What `useQuery` takes, with `fetch` in the hands of the query function. */
export interface IamQueryOptions<T, E, D, K extends QueryKey> extends Omit<
  UseQueryOptions<T, E, D, IamQueryKey<K>>,
  'queryKey' | 'queryFn'
> {
  /** Without user and role, which are put at its end. */
  queryKey: K
  /** Throws for an answer that is no success, as TanStack Query asks for. */
  queryFn: (
    context: QueryFunctionContext<IamQueryKey<K>> & { fetch: typeof globalThis.fetch },
  ) => T | Promise<T>
}

/** Makes the options of one query for whoever is signed in. Given by {@link useIamQuery}. */
export type IamQuery = <T, E = Error, D = T, const K extends QueryKey = QueryKey>(
  options: IamQueryOptions<T, E, D, K>,
) => UseQueryOptions<T, E, D, IamQueryKey<K>> & { queryKey: IamQueryKey<K> }

/**
 * Gives a function for the options of `useQuery`, `useQueries` and `prefetchQuery`.
 *
 * - The key holds user and role: another user or role never sees what was answered to the one before. What a call
 *   brings while the user or the role changes is thrown away (`CLEARED`).
 * - A query waits until somebody is signed in. The hook looks who is, and looks again after `credentials.clear()`.
 * - When the user goes, the queries of that user are removed from the cache, also where no view asks any more.
 * - What the signing `fetch` has tried three times is not tried again; other errors only where they are `retryable`.
 *
 * `useSuspenseQuery` knows no `enabled`: take it below a component that waits for `useCredentialStatus().sub`.
 *
 * @throws `TypeError` without an `IamProvider`.
 * @see [TanStack Query: query options](https://tanstack.com/query/latest/docs/framework/react/guides/query-options)
 */
export function useIamQuery(): IamQuery {
  const { fetch, credentials } = useIam()
  const client = useQueryClient()
  const status = useCredentialStatus()
  const { provider, sub, role } = callerOf(status)
  const { state } = status

  useEffect(() => {
    // It rejects when nobody is signed in; the status tells that.
    if (sub === undefined && state === 'empty') credentials().catch(() => {})
  }, [credentials, sub, state])

  useEffect(() => {
    if (sub !== undefined) removeAfter(nameOf({ provider, sub }), client, credentials)
  }, [client, credentials, provider, sub])

  return useMemo(
    () => queryFor(fetch, credentials, { provider, sub, role }),
    [fetch, credentials, provider, sub, role],
  )
}

/** Who asked with which credentials. It outlives the views, as the cache does. */
const seen = new WeakMap<CognitoCredentials, WeakMap<QueryClient, Set<string>>>()

/** Removes the queries of a user from the cache when that user goes, whatever is on the page then. */
function removeAfter(user: string, client: QueryClient, credentials: CognitoCredentials): void {
  const clients = seen.get(credentials) ?? new WeakMap<QueryClient, Set<string>>()
  seen.set(credentials, clients)
  const users = clients.get(client)
  if (users) return void users.add(user)
  const all = new Set([user])
  clients.set(client, all)
  credentials.subscribe(() => {
    const present = nameOf(credentials.status())
    const gone = ({ queryKey }: { queryKey: QueryKey }): boolean => {
      const caller = callerIn(queryKey)
      const name = caller?.sub !== undefined && nameOf(caller)
      return typeof name === 'string' && name !== present && all.has(name)
    }
    void client.cancelQueries({ predicate: gone })
    client.removeQueries({ predicate: gone })
  })
}

const queryFor =
  (fetch: typeof globalThis.fetch, credentials: CognitoCredentials, caller: Caller): IamQuery =>
  ({ queryKey, queryFn, enabled = true, ...options }) => ({
    retry: (failures, error) => failures < 2 && mayRetry(error),
    ...options,
    enabled: caller.sub === undefined ? false : enabled,
    queryKey: [...queryKey, { caller }],
    async queryFn(context) {
      let other = false
      const look = (): void => {
        const now = callerOf(credentials.status())
        other ||= nameOf(now) !== nameOf(caller) || now.role !== caller.role
      }
      look()
      const end = credentials.subscribe(look)
      try {
        if (!other) {
          const data = await queryFn(Object.assign(context, { fetch }))
          if (!other) return data
        }
        throw cleared()
      } finally {
        end()
      }
    },
  })

/** Names a user among those of all providers. */
const nameOf = ({ provider, sub }: Omit<Caller, 'role'>): string => JSON.stringify([provider, sub])

function callerOf({ provider, sub, role, roles, preferredRole }: CredentialStatus): Caller {
  if (sub === undefined) return { provider, sub, role: undefined }
  const claims = {
    ...(roles && { 'cognito:roles': roles }),
    ...(preferredRole && { 'cognito:preferred_role': preferredRole }),
  }
  return { provider, sub, role: explainRole(claims, { role }).role }
}

/** The caller in a key that was made here. */
const callerIn = (key: QueryKey): Caller | undefined => Object(key.at(-1)).caller

/** Sent three times before they came out; and what was thrown away for another caller. */
const FINAL = ['NETWORK_OR_CORS', 'THROTTLED', 'SERVICE_UNAVAILABLE', 'CLEARED']

function mayRetry(error: unknown): boolean {
  const { code, retryable }: { code?: unknown; retryable?: unknown } = Object(error)
  return retryable === true && !FINAL.includes(String(code))
}
