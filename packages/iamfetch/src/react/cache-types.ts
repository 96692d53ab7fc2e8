import type { MutationCacheNotifyEvent, QueryCacheNotifyEvent } from '@tanstack/react-query'

/** A query of any type, as the events of the cache have it. */
export type AnyQuery = QueryCacheNotifyEvent['query']

type ObserverAdded = Extract<MutationCacheNotifyEvent, { type: 'observerAdded' }>

/** A mutation of any type, as the events of the cache have it. */
export type AnyMutation = ObserverAdded['mutation']

/** What observes a mutation of any type. */
export type AnyMutationObserver = ObserverAdded['observer']
