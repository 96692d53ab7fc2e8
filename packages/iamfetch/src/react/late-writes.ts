import type {
  MutationCacheNotifyEvent,
  QueryCacheNotifyEvent,
  QueryClient,
  QueryState,
} from '@tanstack/react-query'
import type { AnyMutation, AnyQuery } from './cache-types.ts'
import { callerIn, callerName, userName, type Caller } from './caller.ts'

/** The functions of queries and mutations that may be running, and whose they are. */
const running = new WeakMap<QueryClient, Map<object, Caller>>()

function runningOf(client: QueryClient): Map<object, Caller> {
  const known = running.get(client) ?? new Map<object, Caller>()
  running.set(client, known)
  return known
}

/** Notes that a query's function is running until the promise settles. */
export async function asWorkOf<T>(
  client: QueryClient,
  caller: Caller,
  work: () => Promise<T>,
): Promise<T> {
  const id = {}
  const known = runningOf(client)
  known.set(id, caller)
  try {
    return await work()
  } finally {
    known.delete(id)
  }
}

/** How long data that was put back waits, at most, until it is loaded again, in milliseconds. */
const LOAD_AGAIN_MS = 1_000

/** Follows the events of a client's caches. Created by {@link guardLateWrites}. */
export interface LateWrites {
  readonly onQuery: (event: QueryCacheNotifyEvent) => void
  readonly onMutation: (event: MutationCacheNotifyEvent) => void
}

/**
 * Keeps what a mutation or a query function of one user writes out of the queries of another, and what it writes for a role that has
 * changed out of those of the next role.
 *
 * A callback that waits, for example for `cancelQueries`, continues after another user signed in, and `setQueriesData(['notes'], …)`
 * or a rollback then matches the next user's list. TanStack Query does not say who set data. Therefore, as long as such work is
 * running, no data that is set by hand stays in the queries of other callers. It is put back, and loaded again, because it may have
 * been set by the present user.
 *
 * @param isPresent  Whether a user is signed in with this role.
 * @see [TanStack Query: optimistic updates](https://tanstack.com/query/latest/docs/framework/react/guides/optimistic-updates)
 */
// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
export function guardLateWrites(
  client: QueryClient,
  isPresent: (caller: Caller) => boolean,
): LateWrites {
  const works = runningOf(client)
  /** The last state of each query that was not put back. */
  const states = new WeakMap<AnyQuery, QueryState>()
  const mutations = new WeakSet<object>()
  const written = new Set<AnyQuery>()
  let isPuttingBack = false

  const mayWrite = ([work, caller]: [object, Caller], owner: Caller): boolean => {
    if (callerName(caller) === callerName(owner)) return true
    // Two users may be present at once: each with other credentials, on one page. A query may be a stream without an end.
    const isMutation = mutations.has(work)
    return isPresent(caller) && (!isMutation || userName(caller) === userName(owner))
  }
  const isOfOthers = (owner: Caller): boolean => [...works].some((work) => !mayWrite(work, owner))

  const loadAgain = (): void => {
    if (written.size === 0) return
    const again = new Set(written)
    written.clear()
    void client.invalidateQueries({ predicate: (query) => again.has(query) })
  }

  const putBack = (query: AnyQuery): void => {
    // That work may never end.
    if (written.size === 0) setTimeout(loadAgain, LOAD_AGAIN_MS)
    written.add(query)
    isPuttingBack = true
    query.setState(states.get(query) ?? EMPTY_STATE)
    isPuttingBack = false
  }

  const begin = (mutation: AnyMutation): void => {
    const caller = works.get(mutation) ?? callerIn(mutation.options.mutationKey)
    if (!caller) return
    mutations.add(mutation)
    works.set(mutation, caller)
  }

  const end = (mutation: AnyMutation): void => {
    works.delete(mutation)
    loadAgain()
  }

  for (const query of client.getQueryCache().getAll()) states.set(query, query.state)
  for (const mutation of client.getMutationCache().getAll()) {
    const { status, isPaused } = mutation.state
    if (status === 'pending' && !isPaused) begin(mutation)
  }

  return {
    onQuery(event) {
      if (event.type !== 'added' && event.type !== 'updated') return
      const { query } = event
      const owner = callerIn(query.queryKey)
      if (!owner) return
      const isNewData = query.state.data !== states.get(query)?.data
      if (isByHand(event) && isNewData && !isPuttingBack && isOfOthers(owner)) putBack(query)
      else states.set(query, query.state)
    },
    onMutation(event) {
      if (event.type !== 'updated') return
      const { mutation, action } = event
      const { status } = mutation.state
      // It waits, and none of its functions runs.
      if (action.type === 'pause') return end(mutation)
      if (status === 'pending') begin(mutation)
      else if (works.has(mutation)) {
        // Not at once: what waits for the promise of `mutateAsync` runs after this event.
        setTimeout(() => {
          if (mutation.state.status !== 'pending') end(mutation)
        })
      }
    },
  }
}

/** Whether data was set, not fetched. */
function isByHand(event: QueryCacheNotifyEvent): boolean {
  if (event.type !== 'updated') return false
  const { action } = event
  return action.type === 'setState' || (action.type === 'success' && action.manual === true)
}

/** A query that has never fetched. */
export const EMPTY_STATE: Partial<QueryState> = {
  data: undefined,
  dataUpdatedAt: 0,
  error: null,
  fetchFailureReason: null,
  fetchStatus: 'idle',
  status: 'pending',
}
