import type { CognitoCredentials } from '@iamfetch/cognito'
import {
  hashKey,
  type QueryClient,
  type QueryFunctionContext,
  type QueryKey,
} from '@tanstack/react-query'
import {
  callerIn,
  callerName,
  checkKey,
  isForAnotherCaller,
  isPresent,
  runAs,
  type Caller,
} from './caller.ts'
import { isFirstCaller, noteCaller } from './first-callers.ts'
import { asWorkOf } from './late-writes.ts'
import { isOwn, markOwn, withoutForeign } from './own-data.ts'
import { retryByDefault, retryUnlessChanged } from './retry-option.ts'

/** For whom options are made, and with what. */
export interface QueryOwner {
  readonly fetch: typeof globalThis.fetch
  readonly credentials: CognitoCredentials
  readonly client: QueryClient
  readonly caller: Caller
}

/** The options that are read here, of all kinds of queries. Everything else is passed on as it is. */
interface AnyQueryOptions {
  queryKey: QueryKey
  queryFn: (context: object) => unknown
  enabled?: unknown
  retry?: unknown
  queryHash?: string | undefined
  queryKeyHashFn?: ((key: QueryKey) => string) | undefined
  initialData?: unknown
  placeholderData?: unknown
  structuralSharing?: unknown
  persister?: unknown
}

type Persister = (
  queryFn: (context: QueryFunctionContext) => unknown,
  context: QueryFunctionContext,
  query: unknown,
) => unknown
type AnyFunction = (...parameters: unknown[]) => unknown

/** Creates the options of one query. */
export type BuildQueryOptions = (options: AnyQueryOptions) => Record<string, unknown>

/**
 * Creates a function that makes a query's options safe for one caller.
 *
 * The key alone is not enough, because TanStack Query keeps data outside of the cache: an observer remembers what it showed
 * last, whatever its key was. Every option through which the data of another key could come is wrapped or replaced here, also
 * where the client's `defaultOptions` set it.
 *
 * @see [TanStack Query: useQuery](https://tanstack.com/query/latest/docs/framework/react/reference/useQuery)
 */
export function queryOptionsFor(owner: QueryOwner): BuildQueryOptions {
  const { credentials, client, caller } = owner
  // Noted for each user who is seen, not only where there is data: what came with the page was made for the first one.
  noteCaller(credentials, caller)
  noteCaller(client, caller)
  const placeholders = stableWrappers((given) => placeholderFor(given, caller))
  return (options) => {
    const queryKey = [...options.queryKey, { caller }]
    const defaults: Partial<Omit<AnyQueryOptions, 'queryFn' | 'queryKey'>> = {
      ...client.getDefaultOptions().queries,
      ...client.getQueryDefaults(queryKey),
    }
    const given = { ...defaults, ...options }
    return {
      ...options,
      queryKey,
      queryFn: queryFnFor(options.queryFn, owner),
      enabled: caller.sub === undefined ? false : (given.enabled ?? true),
      retry: options.retry === undefined ? retryByDefault : retryUnlessChanged(options.retry),
      queryHash: given.queryHash && given.queryHash + callerName(caller),
      queryKeyHashFn: hashFor(given.queryKeyHashFn),
      initialData: initialDataFor(given.initialData, owner),
      placeholderData: placeholders(given.placeholderData),
      structuralSharing: sharingFor(given.structuralSharing, queryKey, owner),
      persister: persisterFor(given.persister, owner),
    }
  }
}

function queryFnFor(
  queryFn: AnyQueryOptions['queryFn'],
  owner: QueryOwner,
): (context: object) => Promise<unknown> {
  const { credentials, caller, client } = owner
  const run = (context: object): Promise<unknown> =>
    runAs(caller, owner, async (fetch) => {
      checkQueryKey(context, caller)
      // Not by spreading: `signal` is a getter, and reading it tells TanStack Query that the query can be cancelled.
      const ownContext = Object.assign(context, { fetch })
      const data = await asWorkOf(client, caller, async () => queryFn(ownContext))
      return markOwn(data, caller)
    })
  return async (context) => {
    try {
      return await run(context)
    } catch (error) {
      // The role changed and is the same again: no other key would load the data.
      if (isForAnotherCaller(error) && isPresent(caller, credentials)) return run(context)
      throw error
    }
  }
}

/** A hash without the caller would be one cache entry for all users. */
function hashFor(given: AnyQueryOptions['queryKeyHashFn']): AnyQueryOptions['queryKeyHashFn'] {
  if (!given) return undefined
  return (key: QueryKey) => given(key) + hashKey(key.slice(-1))
}

/**
 * Data that came with the page was made for one user, and nothing says for which. A value is used for the first caller only.
 * A function is called with the caller and decides for itself, but one object is never given to two callers.
 */
function initialDataFor(
  given: unknown,
  { credentials, client, caller }: QueryOwner,
): (() => unknown) | undefined {
  if (given === undefined || caller.sub === undefined) return undefined
  if (isFunction(given)) return () => markOwn(withoutForeign(given(caller), caller), caller)
  // Of the client, too: other credentials on the same page, for example those of a role, have another first caller.
  const isFirst = isFirstCaller(credentials, caller) && isFirstCaller(client, caller)
  return isFirst ? () => markOwn(withoutForeign(given, caller), caller) : undefined
}

/**
 * An observer passes its last data even if it belongs to another caller, and keeps the result of a placeholder as long as the
 * option is the same. Therefore a value becomes a function, too: a different one for each caller.
 */
function placeholderFor(given: unknown, caller: Caller): AnyFunction {
  if (!isFunction(given)) return () => withoutForeign(given, caller)
  return (data, query) => {
    const from = hasKey(query) ? callerIn(query.queryKey) : undefined
    const own = from !== undefined && callerName(from) === callerName(caller)
    return withoutForeign(own ? given(data, query) : given(undefined, undefined), caller)
  }
}

/** The same wrapper for the same value, as TanStack Query compares options by identity. */
function stableWrappers(wrap: (given: unknown) => AnyFunction): (given: unknown) => unknown {
  const ofObjects = new WeakMap<object, AnyFunction>()
  const ofPrimitives = new Map<unknown, AnyFunction>()
  return (given) => {
    if (given === undefined) return undefined
    const isObject = isFunction(given) || (typeof given === 'object' && given !== null)
    const known = isObject ? ofObjects.get(given) : ofPrimitives.get(given)
    if (known) return known
    const wrapper = wrap(given)
    if (isObject) ofObjects.set(given, wrapper)
    else ofPrimitives.set(given, wrapper)
    return wrapper
  }
}

/** A function gets the previous data only if that is the caller's own. The built-in comparison takes over equal parts only. */
function sharingFor(given: unknown, queryKey: QueryKey, { client, caller }: QueryOwner): unknown {
  if (!isFunction(given)) return given
  return (previous: unknown, next: unknown) => {
    const cached = client.getQueryCache().find({ queryKey, exact: true })?.state.data
    const own = isOwn(previous, caller) || (previous !== undefined && previous === cached)
    return markOwn(given(own ? previous : undefined, next), caller)
  }
}

/** What a persister restores is treated like a response: discarded after a change, and never another caller's. */
function persisterFor(given: unknown, owner: QueryOwner): Persister | undefined {
  if (!isFunction(given)) return undefined
  const { caller } = owner
  // `load` is the function of these options, or one that calls it for each page of an infinite query.
  return (load, context, query) =>
    runAs(caller, owner, async () => {
      checkQueryKey(context, caller)
      const data = withoutForeign(await given(load, context, query), caller)
      return data === undefined ? load(context) : markOwn(data, caller)
    })
}

function checkQueryKey(context: object, caller: Caller): void {
  if (hasKey(context)) checkKey('useIamQueryOptions', 'queryKey', context.queryKey, caller)
}

const hasKey = (query: unknown): query is { queryKey: QueryKey } =>
  typeof query === 'object' &&
  query !== null &&
  'queryKey' in query &&
  Array.isArray(query.queryKey)

const isFunction = (value: unknown): value is AnyFunction => typeof value === 'function'
