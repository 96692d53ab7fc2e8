import type { CognitoCredentials } from '@iamfetch/cognito'
import {
  hashKey,
  type MutationCacheNotifyEvent,
  type MutationKey,
  type Query,
  type QueryClient,
  type QueryKey,
} from '@tanstack/react-query'
import type { AnyMutation, AnyMutationObserver } from './cache-types.ts'
import { callerIn, callerName, callerOf, userName } from './caller.ts'
import { lastObserved } from './last-observed.ts'
import { EMPTY_STATE, guardLateWrites } from './late-writes.ts'
import { endIfPaused, allowEnding } from './paused-mutations.ts'

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
  const lateWrites = guardLateWrites(client, (caller) =>
    presentNames(watch).has(callerName(caller)),
  )
  // A store that is restored, a hydrated page or a stream may bring data of a user who is not there.
  client.getQueryCache().subscribe((event) => {
    lateWrites.onQuery(event)
    if (event.type === 'observerAdded') queryObservers.note(event.observer, event.query)
    // Other events of the first versions have no query.
    if (event.type !== 'added' && event.type !== 'updated') return
    const { type, query } = event
    if (!isGone(watch, query.queryKey)) return
    if (type === 'added') client.getQueryCache().remove(query)
    // A component may still observe it, and a call that is cancelled restores what was there before it.
    else if (query.state.data !== undefined) query.setState(EMPTY_STATE)
  })
  client.getMutationCache().subscribe((event) => {
    lateWrites.onMutation(event)
    followMutation(client, watch, event)
  })
  return watch
}

function followMutation(client: QueryClient, watch: Watch, event: MutationCacheNotifyEvent): void {
  const { type, mutation } = event
  if (!mutation) return
  const { mutationKey } = mutation.options
  const isOfGoneUser = isGone(watch, mutationKey)
  if (type === 'added') {
    if (callerIn(mutationKey)) allowEnding(mutation)
    // Also a mutation that waited in the store: it would be sent for the user who is there now.
    if (isOfGoneUser) client.getMutationCache().remove(mutation)
  }
  if (type === 'updated' && isOfGoneUser) endIfPaused(mutation)
  if (type === 'observerAdded') mutationObservers.note(event.observer, mutation)
  // The first versions of TanStack Query 5 would give the mutation the next caller's function with these options.
  if (type === 'observerOptionsUpdated' && callerIn(mutationKey)) {
    const { mutationKey: next } = event.observer.options
    if (!isSameKey(mutationKey, next)) forgetMutation(mutation, event.observer)
  }
}

function isSameKey(first: MutationKey | undefined, second: MutationKey | undefined): boolean {
  return first !== undefined && second !== undefined && hashKey(first) === hashKey(second)
}

/** Resets a component that observes a mutation. The first versions of TanStack Query 5 would still call it at the end. */
function forgetMutation(mutation: AnyMutation, observer: AnyMutationObserver): void {
  mutationObservers.forget(observer)
  observer.reset()
  mutation.removeObserver(observer)
}

const mutationObservers = lastObserved<AnyMutationObserver>()
const queryObservers = lastObserved<Query['observers'][number]>()

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
  return [...credentials].every((source) => userName(callerOf(source.status())) !== name)
}

const presentNames = ({ credentials }: Watch): Set<string> =>
  new Set([...credentials].map((source) => callerName(callerOf(source.status()))))

function forgetOthers(client: QueryClient, watch: Watch): void {
  const present = presentNames(watch)
  const isOther = (key: QueryKey | undefined): boolean => {
    const caller = callerIn(key)
    return caller !== undefined && !present.has(callerName(caller))
  }
  const queries = client.getQueryCache()
  for (const query of queries.getAll()) {
    if (!isOther(query.queryKey)) continue
    // A query from before the first sign-in has no data, and an error that is no longer true.
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
    for (const observer of mutationObservers.of(mutation)) forgetMutation(mutation, observer)
    if (!isGone(watch, mutationKey)) continue
    mutations.remove(mutation)
    endIfPaused(mutation)
  }
}

/**
 * Clears what the observers of a query keep as the last result of `select`. TanStack Query shows that result again when `select` throws for
 * the data of the next caller, and offers no other way to drop it than a `select` that succeeds.
 */
function forgetSelected(client: QueryClient, query: Query): void {
  // Those that were there before the client was watched are known to the query only.
  const before = 'observers' in query ? query.observers : []
  const observers = new Set([...before, ...queryObservers.of(query)])
  if (observers.size === 0) return
  const options = client.defaultQueryOptions({
    queryKey: ['iamfetch', 'forget'],
    queryHash: 'iamfetch: forget',
    initialData: null,
    enabled: false,
  })
  for (const observer of observers) {
    observer.getOptimisticResult({ ...options, select: () => undefined })
  }
  client.removeQueries({ predicate: ({ queryHash }) => queryHash === options.queryHash })
}
