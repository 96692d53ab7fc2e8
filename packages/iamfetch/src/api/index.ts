import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import { requestOf, type QueryValue } from './request.ts'
import { readResult, refusalError } from './result.ts'
import type {
  ApiOf,
  CallableRoute,
  ParamOf,
  ResultOf,
  StandardSchema,
  TypedDefinition,
} from './types.ts'

export type { QueryValue } from './request.ts'
export type {
  ApiOf,
  AsJson,
  CallableRoute,
  ParamOf,
  ResultOf,
  StandardSchema,
  TypedDefinition,
} from './types.ts'

/** What happens to a response that is not a success: the call rejects with an `IamFetchError`, or resolves to the `Response`. */
export type Refusals = 'throw' | 'response'

/** The options of {@link createApi}. */
export interface ApiOptions<Choice extends Refusals = Refusals> {
  /**
   * What happens to a response that is not a success (300 and above).
   *
   * - `throw`: the call rejects with an `IamFetchError`: `FORBIDDEN` for 401 and 403, `THROTTLED` for 429, `SERVICE_UNAVAILABLE` from
   *   500, else `REQUEST_INVALID`.
   * - `response`: the call resolves to the `Response`, whose body is not read.
   */
  readonly refusals: Choice
}

/** The parts of a call that every route has. */
interface SharedCallOptions {
  /** The query. A list is several values of one name; `undefined` and `null` are left out. */
  readonly query?: Readonly<Record<string, QueryValue>> | undefined
  /**
   * The body. Objects, lists, numbers, booleans and `null` are sent as JSON with its content type. Texts, `Blob`, `FormData`,
   * `URLSearchParams`, streams and bytes are passed on as they are.
   */
  readonly body?: unknown
  /** More headers. A content type that is given is kept. */
  readonly headers?: HeadersInit | undefined
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined
  /** Checks the result and gives it its type: a Standard Schema, for example of Zod. */
  readonly schema?: StandardSchema | undefined
  /** `response`: resolves to the `Response` of a success, for streams and files. @default 'value' */
  readonly as?: 'value' | 'response' | undefined
}

/** The parts of a call. */
export interface CallOptions extends SharedCallOptions {
  /** Values of the route's parameters. Each is one segment and is encoded; that of `{name+}` keeps its slashes. */
  readonly params?: Readonly<Record<string, string | number>> | undefined
  /** For a route with `ANY`: the method. */
  readonly method?: string | undefined
}

const OPTIONS: OptionNames<ApiOptions> = { refusals: true }
const CALL_OPTIONS: OptionNames<CallOptions> = {
  params: true,
  query: true,
  body: true,
  headers: true,
  signal: true,
  method: 'string',
  schema: true,
  as: 'string',
}

type ParamsOf<Route> = [ParamOf<Route>] extends [never]
  ? { readonly params?: undefined }
  : { readonly params: { readonly [Name in ParamOf<Route>]: string | number } }

type MethodOf<Route> = Route extends `ANY ${string}`
  ? { readonly method: string }
  : { readonly method?: undefined }

type OptionsOf<Route> = SharedCallOptions & ParamsOf<Route> & MethodOf<Route>

/** The second argument of a call: needed if the route has parameters or takes any method. */
type Arguments<Route, Given> = Route extends `ANY ${string}` | `${string}{${string}}${string}`
  ? [options: Given]
  : [options?: Given]

type Value<Definition, Api extends ApiOf<Definition>, Route, Given> = Given extends {
  readonly as: 'response'
}
  ? Response
  : Given extends { readonly schema: StandardSchema<infer Output> }
    ? Output
    : ResultOf<Definition, Api, Route>

/** Calls routes of a definition. Created by {@link createApi}. */
export type TypedApi<
  Definition extends TypedDefinition,
  Api extends ApiOf<Definition>,
  Choice extends Refusals,
> = <
  Route extends CallableRoute<Definition, Api>,
  const Given extends OptionsOf<Route> = OptionsOf<Route>,
>(
  route: Route,
  ...options: Arguments<Route, Given>
) => Promise<Value<Definition, Api, Route, Given> | (Choice extends 'response' ? Response : never)>

/**
 * Creates a function that calls the routes of a definition by name. Routes, path parameters and results are checked by the compiler;
 * nothing of the definition is in the bundle.
 *
 * The result has the type that the handler returns, which nothing checks when the program runs: give a `schema` for that.
 *
 * @param fetch    What `createIamFetch` returned, with the `baseUrl` of the API.
 * @param options  `refusals` decides what a refusal is, and is part of the type.
 * @throws `TypeError` with the code `INVALID_OPTION`, also for a call with a wrong option.
 * @example
 * ```ts
 * import type definition from '../stack.ts'
 *
 * const api = createApi<typeof definition>(iamFetch, { refusals: 'throw' })
 * const notes = await api('GET /notes', { query: { page: 2 } })
 * const note = await api('GET /notes/{id}', { params: { id: '42' } })
 * ```
 */
export function createApi<
  Definition extends TypedDefinition,
  Api extends ApiOf<Definition> = ApiOf<Definition>,
>(fetch: typeof globalThis.fetch, options: ApiOptions<'throw'>): TypedApi<Definition, Api, 'throw'>
export function createApi<
  Definition extends TypedDefinition,
  Api extends ApiOf<Definition> = ApiOf<Definition>,
>(
  fetch: typeof globalThis.fetch,
  options: ApiOptions<'response'>,
): TypedApi<Definition, Api, 'response'>
export function createApi(fetch: typeof globalThis.fetch, options: ApiOptions): unknown {
  if (typeof fetch !== 'function') {
    throw invalidOption('createApi', '"fetch" must be what createIamFetch returned', fetch)
  }
  checkOptions('createApi', options, OPTIONS)
  const { refusals } = options
  if (refusals !== 'throw' && refusals !== 'response') {
    throw invalidOption('createApi', '"refusals" must be "throw" or "response"', refusals)
  }
  return async (route: string, given: CallOptions = {}): Promise<unknown> => {
    checkOptions('api', given, CALL_OPTIONS)
    const { signal, schema, as = 'value' } = given
    // Before anything is sent.
    if (as !== 'value' && as !== 'response') {
      throw invalidOption('api', '"as" must be "value" or "response"', as)
    }
    if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
      throw invalidOption('api', '"schema" must be a Standard Schema, such as one of Zod', schema)
    }
    const { path, init } = requestOf(route, given)
    const response = await fetch(path, signal ? { ...init, signal } : init)
    if (!response.ok) {
      if (refusals === 'response') return response
      throw await refusalError(route, response)
    }
    return as === 'response' ? response : readResult(response, schema)
  }
}
