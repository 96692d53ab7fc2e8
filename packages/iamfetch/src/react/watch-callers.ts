import type { CognitoCredentials } from '@iamfetch/cognito'
import type { Query, QueryClient, QueryKey } from '@tanstack/react-query'
import { callerIn, callerName, callerOf, userName } from './caller.ts'

/** What is watched for one client: the credentials in use, and the issuers whose users were seen. */
interface Watch {
  readonly credentials: Set<CognitoCredentials>
  readonly issuers: Set<string | undefined>
}

/** It outlives the views, as the cache does. */
const watches = new WeakMap<QueryClient, Watch>()

/**
 * Removes the data of a user from a client's caches when that user goes, whatever is on the page then, and makes what is on
 * the page forget it. The data of another role of the same user stays cached, under the key of that role.
 */
export function watchCallers(client: QueryClient, credentials: CognitoCredentials): void {
  const watch = watches.get(client) ?? watchClient(client)
  note(watch, credentials)
  if (watch.credentials.has(credentials)) return
  watch.credentials.add(credentials)
  forgetOthers(client, watch)
  credentials.subscribe(() => {
    note(watch, credentials)
    forgetOthers(client, watch)
  })
}

function watchClient(client: QueryClient): Watch {
  const watch: Watch = { credentials: new Set(), issuers: new Set() }
  watches.set(client, watch)
  // A store that is restored, a hydrated page or a stream may bring data of a user who is not there.
  client.getQueryCache().subscribe(({ type, query }) => {
    if (!isGone(watch, query.queryKey)) return
    if (type === 'added') client.getQueryCache().remove(query)
    // A component may still observe it, and a call that is cancelled restores what was there before it.
    if (type === 'updated' && query.state.data !== undefined) query.setState(EMPTY_STATE)
  })
  client.getMutationCache().subscribe((event) => {
    // Also a mutation that waited in the store: it would be sent for the user who is there now.
    if (event.type === 'added' && isGone(watch, event.mutation.options.mutationKey)) {
      client.getMutationCache().remove(event.mutation)
    }
    if (event.type === 'observerAdded') observersOf(event.mutation).add(event.observer)
    if (event.type === 'observerRemoved') observersOf(event.mutation).delete(event.observer)
  })
  return watch
}

/** A mutation does not tell who observes it, a query does. */
const mutationObservers = new WeakMap<object, Set<{ reset(): void }>>()

function observersOf(mutation: object): Set<{ reset(): void }> {
  const observers = mutationObservers.get(mutation) ?? new Set()
  mutationObservers.set(mutation, observers)
  return observers
}

function note({ issuers }: Watch, credentials: CognitoCredentials): void {
  const { issuer, sub } = callerOf(credentials.status())
  if (sub !== undefined) issuers.add(issuer)
}

/**
 * Whether a key belongs to a user who is not signed in. Users of an issuer that was never seen here may belong to credentials
 * that are not watched.
 */
function isGone({ credentials, issuers }: Watch, key: QueryKey | undefined): boolean {
  const caller = callerIn(key)
  if (caller?.sub === undefined || !issuers.has(caller.issuer)) return false
  const name = userName(caller)
  return [...credentials].every((one) => userName(callerOf(one.status())) !== name)
}

function forgetOthers(client: QueryClient, watch: Watch): void {
  const present = new Set([...watch.credentials].map((one) => callerName(callerOf(one.status()))))
  const isOther = (key: QueryKey | undefined): boolean => {
    const caller = callerIn(key)
    return caller !== undefined && !present.has(callerName(caller))
  }
  const queries = client.getQueryCache()
  for (const query of queries.getAll()) {
    if (!isOther(query.queryKey)) continue
    // What was asked before anybody was known has no data, and an error that no longer holds.
    const isOfNobody = callerIn(query.queryKey)?.sub === undefined
    const isOver = isOfNobody || isGone(watch, query.queryKey)
    // First, because it notifies: a component that holds on to old options is rendered without data.
    if (isOver) query.setState(EMPTY_STATE)
    forgetSelected(client, query)
    if (isOver) queries.remove(query)
  }
  const mutations = client.getMutationCache()
  for (const mutation of mutations.getAll()) {
    const { mutationKey } = mutation.options
    if (!isOther(mutationKey)) continue
    observersOf(mutation).forEach((observer) => observer.reset())
    if (isGone(watch, mutationKey)) mutations.remove(mutation)
  }
}

/** A query that has never fetched. */
const EMPTY_STATE: Partial<Query['state']> = {
  data: undefined,
  dataUpdatedAt: 0,
  error: null,
  fetchFailureReason: null,
  fetchStatus: 'idle',
  status: 'pending',
}

/**
 * Clears what the observers of a query keep as the last result of `select`. TanStack Query shows that result again when `select` throws for
 * the data of the next caller, and offers no other way to drop it than a `select` that succeeds.
 */
function forgetSelected(client: QueryClient, query: Query): void {
  if (query.observers.length === 0) return
  const options = client.defaultQueryOptions({
    queryKey: ['iamfetch', 'forget'],
    queryHash: 'iamfetch: forget',
    initialData: null,
    enabled: false,
  })
  for (const observer of query.observers) {
    observer.getOptimisticResult({ ...options, select: () => undefined })
  }
  client.removeQueries({ predicate: ({ queryHash }) => queryHash === options.queryHash })
}
