import type { ApiDefinition, CorsDefinition } from '../definition/api.ts'
import { headerOf, type RawRequest } from '../http/raw-request.ts'

/** What a signed request needs; the stock list of API Gateway's console. */
export const STOCK_HEADERS: readonly string[] = [
  'Content-Type',
  'X-Amz-Date',
  'Authorization',
  'X-Api-Key',
  'X-Amz-Security-Token',
  'X-Amz-User-Agent',
]

/** How an API responds to other origins. */
export interface Cors {
  /** The headers of the gateway's own response to a preflight; `undefined` if the API has no CORS configuration. */
  preflight(request: RawRequest): Headers | undefined
  /** Adds the headers to a response of a handler. A REST API leaves that to the handler. */
  onAnswer(request: RawRequest, headers: Headers): void
  /** Adds the headers to a response of the gateway itself, if `onErrors` is set. */
  onRefusal(request: RawRequest, headers: Headers): void
}

/**
 * Creates the CORS behaviour of an API; without a definition there is none.
 *
 * A preflight of another origin gets 204 without headers, which a browser takes as a refusal. Recorded is a bare 204 for an
 * `OPTIONS` that no route takes, without its request headers.
 *
 * @see [AWS: CORS for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html)
 */
export function createCors(api: ApiDefinition): Cors {
  const { type, cors } = api
  const allowed = preflightOf(api)
  const onErrors = cors?.onErrors ?? type === 'http'
  /** @returns Whether the origin may call. */
  const admit = (request: RawRequest, headers: Headers): boolean => {
    const origin = cors && allowedOrigin(cors, headerOf(request, 'origin'))
    if (origin === undefined) return false
    headers.set('access-control-allow-origin', origin)
    if (origin !== '*') headers.append('vary', 'origin')
    if (cors?.allowCredentials) headers.set('access-control-allow-credentials', 'true')
    return true
  }
  const share = (request: RawRequest, headers: Headers): void => {
    if (!admit(request, headers)) return
    const exposed = [...(cors?.exposeHeaders ?? []), 'x-local-reason']
    headers.set('access-control-expose-headers', exposed.join(','))
  }
  const addPreflightHeaders = (request: RawRequest, headers: Headers): void => {
    if (!admit(request, headers)) return
    headers.set('access-control-allow-methods', allowed.methods.join(','))
    headers.set('access-control-allow-headers', allowed.headers.join(','))
    if (cors?.maxAgeSeconds !== undefined) {
      headers.set('access-control-max-age', String(cors.maxAgeSeconds))
    }
  }
  return {
    preflight(request) {
      if (!cors) return undefined
      const headers = new Headers()
      addPreflightHeaders(request, headers)
      return headers
    },
    onAnswer(request, headers) {
      if (!cors || type === 'rest') return
      // An HTTP API with CORS ignores the CORS headers of the handler.
      for (const name of Array.from(headers.keys())) {
        if (name.startsWith('access-control-')) headers.delete(name)
      }
      if (isPreflight(request)) addPreflightHeaders(request, headers)
      else share(request, headers)
    },
    onRefusal(request, headers) {
      if (onErrors) share(request, headers)
    },
  }
}
/** Whether a request is a preflight. */
const isPreflight = (request: RawRequest): boolean =>
  request.method === 'OPTIONS' &&
  headerOf(request, 'origin') !== undefined &&
  headerOf(request, 'access-control-request-method') !== undefined

/** The methods and request headers that other origins may use: those of the definition, or its defaults. */
export function preflightOf({ cors, routes }: ApiDefinition): {
  methods: readonly string[]
  headers: readonly string[]
} {
  const used = Object.keys(routes).map((key) => key.split(' ')[0] ?? '')
  const methods = used.map((method) => (method === 'ANY' || method === '$default' ? '*' : method))
  return {
    methods: cors?.allowMethods ?? [...new Set(methods)],
    headers: cors?.allowHeaders ?? STOCK_HEADERS,
  }
}

function allowedOrigin(
  { allowOrigins }: CorsDefinition,
  origin: string | undefined,
): string | undefined {
  if (origin === undefined) return undefined
  if (allowOrigins.includes('*')) return '*'
  const scheme = `${origin.split('://')[0]}://*`
  return allowOrigins.includes(origin) || allowOrigins.includes(scheme) ? origin : undefined
}
