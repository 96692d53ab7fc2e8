import type { ApiDefinition, RouteDefinition } from '../definition/definition.ts'

/** A route that a request goes to. */
export interface Match {
  /** As in the definition: `GET /pets/{id}`, `$default`. */
  key: string
  route: RouteDefinition
  /** Decoded for an HTTP API; as they were sent for a REST API. */
  parameters: Readonly<Record<string, string>>
}

/** Finds the route of a request. */
export type Router = (method: string, path: string) => Match | undefined

/**
 * Makes the router of an API.
 *
 * The path decides first: per segment a literal beats `{name}` and that beats `{name+}`; for an HTTP API any path
 * without `{name+}` beats any with it. Then a method beats `ANY`. An HTTP API goes on to the next best path when the
 * method does not fit, and at last to `$default`; a REST API settles on the resource of the best path. Where `ANY` on a
 * better path meets a method on a worse one, AWS's pages do not say which wins.
 *
 * A slash at the end makes another path of an HTTP API, which `{name+}` alone takes. A REST API's resource takes it
 * too. (Seen on AWS: storacha/w3infra#166; aws-powertools/powertools-lambda-python#1609, aws/chalice#65. That
 * `{name+}` does not take the root of an HTTP API is unverified.)
 *
 * @see [AWS: routes of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html)
 */
export function createRouter({ type, routes }: Pick<ApiDefinition, 'type' | 'routes'>): Router {
  const patterns = Object.entries(routes)
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
    const ways = [{ segments, values }]
    if (type === 'rest' && segments.length > 1 && segments.at(-1) === '') {
      ways.push({ segments: segments.slice(0, -1), values: values.slice(0, -1) })
    }
    let settled: string | undefined
    for (const { key, route, method: own, segments: pattern, rank } of patterns) {
      if (type === 'rest' && settled !== undefined && rank !== settled) break
      const parameters = ways
        .map((way) => fit(type, pattern, way.segments, way.values))
        .find((one) => one !== undefined)
      if (!parameters) continue
      if (own === method || own === 'ANY') return { key, route, parameters }
      settled = rank
    }
    const fallback = routes['$default']
    return fallback && { key: '$default', route: fallback, parameters: {} }
  }
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
  if (!path.startsWith('/') || more.length > 0) throw new Error('has no path after one space')
  const segments = path.slice(1).split('/')
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1
    if (segment.endsWith('+}') && !last) throw new Error(`has something after ${segment}`)
    // What other routers call a parameter would be plain text here, and match nothing that anybody sends.
    if (/^[:<]/.test(segment)) throw new Error(`has ${segment} for a parameter`)
    if (segment === '' && last && i > 0) throw new Error('ends with a slash, which AWS refuses')
    // "/" alone is one empty segment.
    if (!LITERAL.test(segment) && !PARAMETER.test(segment) && !(last && segment === '')) {
      throw new Error(`has the segment ${JSON.stringify(segment)}`)
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
