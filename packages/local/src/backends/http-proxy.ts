import { request as sendHttp, type IncomingMessage } from 'node:http'
import { request as sendHttps } from 'node:https'
import { addedHeaders, isSignature, type Admitted, type Place } from '../api-gateway/event.ts'
import type { HandlerResult } from '../api-gateway/handler-result.ts'
import type { Refusal } from '../api-gateway/refusal.ts'
import { remappedName } from '../api-gateway/remapped-headers.ts'
import { eventOfRestApi } from '../api-gateway/rest-api/event.ts'
import type { Match } from '../api-gateway/routes.ts'
import { INTEGRATION_TIMEOUT_MS, startTimeout, TIMED_OUT } from '../api-gateway/timeout.ts'
import type { HttpProxy } from '../definition/backend.ts'
import type { Clock } from '../faults/faults.ts'
import { headerOf, splitTarget, type RawRequest } from '../http/raw-request.ts'
import { accepted, refused, type Result } from '../result.ts'
import { applyMapping, type MappedRequest } from './parameter-mapping.ts'

/** One request for the server behind a route. */
export interface ProxyCall {
  type: 'http' | 'rest'
  request: RawRequest
  match: Match
  place: Place
  admitted: Admitted
  clock: Clock
  /** Aborts when the client goes away. */
  signal: AbortSignal
}

/** API Gateway's limit for the body of a response. */
const LARGEST_BODY = 10_485_760

/**
 * Headers of one connection, which are not passed on in either direction.
 *
 * @see [RFC 9110 §7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * More headers that a REST API does not pass on to a server.
 *
 * @see Recorded: LocalStack `test_apigateway_header_remapping_http`, 2024-12-11
 */
const DROPPED_BY_REST: ReadonlySet<string> = new Set([
  'content-md5',
  'max-forwards',
  'server',
  'via',
  'www-authenticate',
])

/**
 * Sends a request on to the HTTP server behind a route and returns its response: an `HTTP_PROXY` integration.
 *
 * Bodies are bytes in both directions, redirects and compressed bodies are passed on as they are.
 *
 * @see [AWS: HTTP proxy integrations](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html)
 */
export async function callProxy(
  proxy: HttpProxy,
  call: ProxyCall,
): Promise<Result<HandlerResult, Refusal>> {
  const { type, clock, request, match } = call
  const { url, timeoutMs = INTEGRATION_TIMEOUT_MS[type], requestParameters = {} } = proxy
  const target = new URL(url)
  const isPathOfClient = isOriginAlone(target) && requestParameters['overwrite:path'] === undefined
  const mapped = applyMapping(requestParameters, requestFor(target, url, call), {
    request,
    context: contextOf(call),
    parameters: match.parameters,
    path: call.place.sent.resourcePath,
  })
  if (!isPathOfClient && hasDotSegment(mapped.path)) {
    const reason =
      'a path parameter is a segment of dots, which would lead out of the path of the address'
    return refused({ kind: 'BadRequest', reason })
  }
  const disconnected = new AbortController()
  const signal = AbortSignal.any([disconnected.signal, call.signal])
  const timeout = startTimeout(clock, timeoutMs)
  try {
    const outcome = await Promise.race([send(target, mapped, call, signal), timeout.over])
    if (outcome !== TIMED_OUT) return outcome
    return refused({
      kind: 'TimedOut',
      reason: `${target.origin} took over ${timeoutMs / 1_000} s`,
    })
  } finally {
    disconnected.abort()
    timeout.end()
  }
}

/** The request before its mapping. */
function requestFor(target: URL, url: string, call: ProxyCall): MappedRequest {
  const { type, request, match, place } = call
  const { query = '' } = splitTarget(request.target) ?? {}
  const isPathOfClient = isOriginAlone(target)
  const path = isPathOfClient
    ? place.sent.resourcePath
    : url.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/, '')
  const filled = isPathOfClient ? path : fillPath(path, match, type)
  const own = target.search.slice(1)
  return {
    headers: headersFor(target, call),
    path: filled || '/',
    query: [own, query].filter(Boolean).join('&'),
  }
}

/** Whether an address has neither path nor query: then the path of the request is sent on. */
const isOriginAlone = ({ pathname, search }: URL): boolean => pathname === '/' && search === ''

/**
 * Whether a path has a segment that servers resolve: `..`, also with escaped dots, which WHATWG's URL parser reads as dots, with
 * the parameters that servlets remove, and next to an escaped slash, which some servers decode before they resolve.
 *
 * @see [WHATWG: double-dot URL path segment](https://url.spec.whatwg.org/#double-dot-path-segment)
 */
const hasDotSegment = (path: string): boolean =>
  path.split(/[/\\]|%2f|%5c/i).some((segment) => /^(?:\.|%2e){1,2}(?:;.*)?$/i.test(segment))

/**
 * Path parameters of an HTTP API are decoded; those of a REST API are as they were sent. What was one segment of the request
 * stays one, so that no client leaves the path of the address; a segment of dots is refused (both unverified on AWS).
 */
const fillPath = (path: string, { key, parameters }: Match, type: 'http' | 'rest'): string =>
  path.replace(/\{([\w.-]+)\+?\}/g, (whole, name: string) => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (value === undefined) return whole
    if (type === 'rest') return value
    const segments = key.includes(`{${name}+}`) ? value.split('/') : [value]
    return segments.map(encodeURIComponent).join('/')
  })

function headersFor(
  target: URL,
  { type, request, place, admitted }: ProxyCall,
): Map<string, string[]> {
  const named = namedByConnection(request.headers.get('connection') ?? [])
  const headers = new Map<string, string[]>()
  for (const [name, values] of request.headers) {
    if (HOP_BY_HOP.has(name) || named.has(name) || isSignature(name, values.join(','))) continue
    if (type === 'rest' && DROPPED_BY_REST.has(name)) continue
    headers.set(name, [...values])
  }
  // The credentials of the caller's session are for the gateway alone.
  const authorizations = request.headers.get('authorization') ?? []
  if (
    admitted.session ||
    authorizations.some((authorization) => authorization.startsWith('AWS4-'))
  ) {
    headers.delete('x-amz-security-token')
  }
  for (const [name, value] of addedHeaders(request, place)) headers.set(name.toLowerCase(), [value])
  // Recorded with the headers above; of HTTP APIs nothing is known.
  if (type === 'rest') headers.set('x-amzn-apigateway-api-id', [place.apiId])
  headers.set('x-forwarded-host', [headerOf(request, 'host') ?? ''])
  headers.set('host', [target.host])
  headers.delete('content-length')
  if (request.body.length > 0) headers.set('content-length', [String(request.body.length)])
  return headers
}

const namedByConnection = (values: readonly string[]): ReadonlySet<string> =>
  new Set(values.flatMap((value) => value.split(',')).map((name) => name.trim().toLowerCase()))

/**
 * The variables of `$context`. They have the names of the request context of a REST API's event; an HTTP API has `routeKey`
 * in addition.
 */
function contextOf({ request, match, place, admitted }: ProxyCall): unknown {
  const { requestContext } = {
    requestContext: {},
    ...eventOfRestApi(request, match, place, admitted),
  }
  return { ...requestContext, routeKey: match.key, path: place.path }
}

function send(
  target: URL,
  { headers, path, query }: MappedRequest,
  { type, request: { method, body } }: ProxyCall,
  signal: AbortSignal,
): Promise<Result<HandlerResult, Refusal>> {
  const sendRequest = target.protocol === 'https:' ? sendHttps : sendHttp
  return new Promise((resolve) => {
    const outgoing = sendRequest(
      {
        host: target.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: target.port === '' ? undefined : Number(target.port),
        method,
        path: query === '' ? path : `${path}?${query}`,
        headers: headersOfNode(headers),
        // A separate connection: one that is kept alive may end at the moment of the next call.
        agent: false,
        signal,
      },
      (incoming) => {
        readResponse(incoming, type).then(resolve, (error: unknown) =>
          resolve(unreachable(target, error)),
        )
      },
    )
    outgoing.on('error', (error) => resolve(unreachable(target, error)))
    outgoing.end(body)
  })
}

/** Node takes one value as a text and several as a list. */
const headersOfNode = (
  headers: ReadonlyMap<string, readonly string[]>,
): Record<string, string | string[]> =>
  Object.fromEntries(
    [...headers].map(([name, [first = '', ...more]]) => [
      name,
      more.length > 0 ? [first, ...more] : first,
    ]),
  )

const unreachable = (target: URL, error: unknown): Result<never, Refusal> => {
  const code = error instanceof Error && 'code' in error ? `${String(error.code)}: ` : ''
  const reason = `${target.origin} did not answer (${code}${String(error)}); is the server running?`
  return refused({ kind: 'BackendUnreachable', reason })
}

async function readResponse(
  incoming: IncomingMessage,
  type: 'http' | 'rest',
): Promise<Result<HandlerResult, Refusal>> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of incoming) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > LARGEST_BODY) {
      incoming.destroy()
      return refused({ kind: 'HandlerFailed', reason: 'the server sent a body over 10 MB' })
    }
    chunks.push(chunk)
  }
  const { rawHeaders, statusCode = 502 } = incoming
  const named = namedByConnection([incoming.headers.connection ?? ''])
  const headers: [string, string][] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const key = name.toLowerCase()
    if (HOP_BY_HOP.has(key) || named.has(key)) continue
    if (type === 'rest') headers.push([remappedName(name), rawHeaders[i + 1] ?? ''])
    else if (key !== 'content-length') headers.push([name, rawHeaders[i + 1] ?? ''])
  }
  const isStatus = statusCode >= 200 && statusCode <= 599
  if (isStatus)
    return accepted({ status: statusCode, headers, body: new Uint8Array(Buffer.concat(chunks)) })
  return refused({ kind: 'HandlerFailed', reason: `the server answered the status ${statusCode}` })
}
