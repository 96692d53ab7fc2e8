import type { AnyRouteDefinition, ApiDefinition, RouteDefinition } from '../definition/api.ts'

/** A route that a request goes to. */
export interface Match {
  /** As in the definition: `GET /pets/{id}`, `$default`. */
  key: string
  route: AnyRouteDefinition
  /** Decoded for an HTTP API; as they were sent for a REST API. */
  parameters: Readonly<Record<string, string>>
}

/** Finds the route of a request. */
export type Router = (method: string, path: string) => Match | undefined

/**
 * Creates the router of an API.
 *
 * The path decides first: per segment a literal beats `{name}` and that beats `{name+}`; for an HTTP API any path
 * without `{name+}` beats any with it. Then a method beats `ANY`.
 *
 * If no route of the best path takes the method, an HTTP API goes on to the next best path, and at last to `$default`. A REST
 * API goes on to the most specific `{name+}` that takes the method, so that an open `{proxy+}` also serves an unsigned `GET`
 * of a resource that has only a signed `POST` (recorded: LocalStack `test_proxy_routing_with_hardcoded_resource_sibling`,
 * 2024-07-23; ministackorg/ministack 79929fc1). That it does not go on to `{name}` is unverified. If `ANY` on a better path
 * meets a method on a worse one, AWS's pages do not say which wins.
 *
 * `ANY` of a REST API stands for the seven methods that API Gateway supports, so that `TRACE` has no route. Whether that of an HTTP
 * API takes others is unverified.
 *
 * A slash at the end makes another path of an HTTP API, which `{name+}` alone takes (one recording suggests that a route
 * takes it too, unverified). A REST API ignores it, and takes several slashes after the stage as one (recorded: LocalStack
 * `test_lambda_aws_proxy_integration`, 2024-08-02). That `{name+}` does not take the root of an HTTP API is unverified.
 *
 * @see [AWS: routes of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html),
 *   [`ANY` of REST APIs, step 5 of the tutorial](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-api-as-simple-proxy-for-lambda.html)
 */
export function createRouter(api: Pick<ApiDefinition, 'type' | 'routes' | 'cors'>): Router {
  const { type, routes } = api
  const patterns = [...Object.entries(routes), ...mockPreflights(api)]
    .filter(([key]) => key !== '$default')
    .map(([key, route]) => ({ key, route, ...parseRouteKey(key) }))
    .toSorted(
      (a, b) =>
        (type === 'http' ? Number(isGreedy(a)) - Number(isGreedy(b)) : 0) ||
        compareText(a.rank, b.rank) ||
        Number(a.method === 'ANY') - Number(b.method === 'ANY'),
    )
  return (method, path) => {
    const segments = decodePath(path)
    if (!segments) return undefined
    const values = type === 'http' ? segments : path.slice(1).split('/')
    if (type === 'rest' && segments.length > 1 && segments.at(-1) === '') {
      segments.pop()
      values.pop()
    }
    let best: string | undefined
    for (const pattern of patterns) {
      const { key, route, rank } = pattern
      if (type === 'rest' && best !== undefined && rank !== best && !isGreedy(pattern)) continue
      const parameters = fit(type, pattern.segments, segments, values)
      if (!parameters) continue
      const isTaken = pattern.method === 'ANY' ? anyTakes(type, method) : pattern.method === method
      if (isTaken) return { key, route, parameters }
      best ??= rank
    }
    const fallback = routes['$default']
    return fallback && { key: '$default', route: fallback, parameters: {} }
  }
}

const anyTakes = (type: 'http' | 'rest', method: string): boolean =>
  type === 'http' || (method !== 'ANY' && METHODS.includes(method))

/** The `OPTIONS` method that a REST API with CORS has for each resource: it needs no signature and calls no handler. */
export const MOCK_PREFLIGHT: RouteDefinition = { auth: 'none', handler: () => undefined }

/** A resource whose definition has an `OPTIONS` method keeps that one. */
function mockPreflights({
  type,
  routes,
  cors,
}: Pick<ApiDefinition, 'type' | 'routes' | 'cors'>): [key: string, route: RouteDefinition][] {
  if (type !== 'rest' || !cors) return []
  const paths = new Set(Object.keys(routes).map((key) => key.slice(key.indexOf(' ') + 1)))
  return [...paths]
    .map((path) => `OPTIONS ${path}`)
    .filter((key) => !Object.hasOwn(routes, key))
    .map((key) => [key, MOCK_PREFLIGHT])
}

/**
 * Decodes a path segment by segment.
 *
 * @returns Nothing when an escape is broken.
 */
export function decodePath(path: string): string[] | undefined {
  try {
    return path.slice(1).split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
}

/** One route key, taken apart. */
export interface RouteKey {
  method: string
  segments: readonly string[]
  /** Sorts better paths first; the same for two paths that match the same requests. */
  rank: string
}

/** The methods that a route key may name. */
export const METHODS: readonly string[] = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'ANY',
]
const LITERAL = /^[A-Za-z0-9._~!$&'()*+,;=:@-]+$/
const PARAMETER = /^\{[A-Za-z0-9._-]+\+?\}$/

/**
 * Reads `METHOD /path/{name}` or `ANY /path/{proxy+}`.
 *
 * @throws Error that says what is wrong.
 */
export function parseRouteKey(key: string): RouteKey {
  const [method = '', path = '', ...more] = key.split(' ')
  if (!METHODS.includes(method))
    throw new Error(`begins with none of the methods ${METHODS.join(', ')}`)
  if (!path.startsWith('/') || more.length > 0)
    throw new Error('does not have one space and a path after the method')
  const segments = path.slice(1).split('/')
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1
    if (segment.endsWith('+}') && !last) throw new Error(`has something after "${segment}"`)
    // Parameters in the syntax of other routers would be plain text here, and match no request.
    if (/^[:<]/.test(segment))
      throw new Error(`has "${segment}", which is not how a parameter is written`)
    if (segment === '' && last && i > 0) throw new Error('ends with a slash, which AWS refuses')
    if (segment === '' && !last) throw new Error('has two slashes in a row')
    // "/" alone is one empty segment.
    if (!LITERAL.test(segment) && !PARAMETER.test(segment) && !(last && segment === '')) {
      throw new Error(`has characters that are not allowed in "${segment}"`)
    }
  })
  const names = segments.filter((segment) => PARAMETER.test(segment))
  if (new Set(names).size < names.length) throw new Error('has the same parameter twice')
  const rank = segments.map((segment) => {
    if (segment.endsWith('+}')) return '3'
    return PARAMETER.test(segment) ? '2' : `1${segment}`
  })
  return { method, segments, rank: rank.join('/') }
}

/** @returns The parameters, taken from `values`; nothing when the segments do not fit. */
function fit(
  type: 'http' | 'rest',
  pattern: readonly string[],
  segments: readonly string[],
  values: readonly string[],
): Record<string, string> | undefined {
  const parameters: [string, string][] = []
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i]
    if (segment === undefined) return undefined
    if (part.endsWith('+}') && PARAMETER.test(part)) {
      const rest = values.slice(i).join('/')
      if (rest === '' && (i === 0 || type === 'rest')) return undefined
      parameters.push([part.slice(1, -2), rest])
      return Object.fromEntries(parameters)
    }
    if (!PARAMETER.test(part)) {
      if (part !== segment) return undefined
    } else if (segment === '') return undefined
    else parameters.push([part.slice(1, -1), values[i] ?? ''])
  }
  return pattern.length === segments.length ? Object.fromEntries(parameters) : undefined
}

const isGreedy = ({ segments }: RouteKey): boolean => segments.at(-1)?.endsWith('+}') ?? false

const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** @returns The path in the stage; `undefined` if it is not in this stage. */
export function withoutStage(
  path: string,
  stage: string,
  type: 'http' | 'rest',
): string | undefined {
  if (stage === '$default') return path
  if (path === `/${stage}`) return '/'
  if (!path.startsWith(`/${stage}/`)) return undefined
  const inStage = path.slice(stage.length + 1)
  // Recorded for REST APIs; of HTTP APIs nothing is known.
  return type === 'rest' ? inStage.replace(/^\/+/, '/') : inStage
}
