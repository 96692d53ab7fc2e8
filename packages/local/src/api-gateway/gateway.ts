import { callProxy } from '../backends/http-proxy.ts'
import type { ApiDefinition } from '../definition/api.ts'
import { applyFault } from '../faults/apply-fault.ts'
import type { Clock, Faults } from '../faults/faults.ts'
import { logError } from '../http/printable.ts'
import { headerOf, splitTarget, type RawRequest } from '../http/raw-request.ts'
import type { Sessions } from '../iam/sessions.ts'
import type { Result } from '../result.ts'
import { notSigned } from '../sigv4/signature-claim.ts'
import { authorizationOf, authorize, type Authorization } from './authorize.ts'
import { binaryMediaTypes, type IsBinary } from './binary-media-types.ts'
import { createCors, type Cors } from './cors.ts'
import { traceId, type Admitted, type Place } from './event.ts'
import { hasNoBody, type HandlerResult } from './handler-result.ts'
import { oversizeOf } from './head-size.ts'
import { invoke } from './invoke.ts'
import type { TokenRules } from './jwt-authorizer.ts'
import { withoutQuerySignature } from './query-signature.ts'
import {
  newRequestId,
  outsideOf,
  refuse,
  refuseAs,
  requestHeaders,
  type Refusal,
} from './refusal.ts'
import { asStreamed } from './streamed-response.ts'
import { withWholeBody } from './whole-body.ts'
import {
  createRouter,
  decodePath,
  MOCK_PREFLIGHT,
  withoutStage,
  type Match,
  type Router,
} from './routes.ts'
import type { UsagePlans } from './usage-plans.ts'

/** The parts that one API of the stack is created from. */
export interface GatewayOptions {
  /** Its name in the definition. */
  name: string
  api: ApiDefinition
  apiId: string
  region: string
  accountId: string
  sessions: Sessions
  tokens: Omit<TokenRules, 'clock'>
  clock: Clock
  /** The API keys of the stack. Defaults to none. */
  usagePlans?: UsagePlans | undefined
  faults?: Pick<Faults, 'take'> | undefined
  /** Called with what a handler threw. Defaults to {@link logError}. */
  log?: ((error: unknown) => void) | undefined
}

/** A client's connection. */
export interface Connection {
  /** Aborts when the client goes away. */
  signal: AbortSignal
  socket?: { destroy(): unknown } | undefined
  /** The port that the request arrived at. */
  port?: number | undefined
}

/** One API. */
export interface Gateway {
  /** `$default` is not in the path. */
  readonly stage: string
  /** Responds to one request. It never rejects. */
  handle(request: RawRequest, connection: Connection): Promise<Response>
  /** Responds to a request whose body is over 10 MB and was not read to its end. */
  tooLarge(request: RawRequest): Response
}

/**
 * Creates the gateway of one API: it routes a request, authorizes it, calls the handler and responds as AWS does.
 *
 * In this order: stage, route, CORS preflight (after the resource policy, if there is one), faults, authorization, API key, handler.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { api, clock, log = logError } = options
  const stage = api.stage ?? (api.type === 'http' ? '$default' : 'prod')
  const parts: Parts = {
    ...options,
    type: api.type,
    stage,
    log,
    route: createRouter(api),
    cors: createCors(api),
    authorization: authorizationOf(options, log),
    isBinary: binaryMediaTypes(api.binaryMediaTypes),
    stamp: (headers) => headers.set('date', new Date(clock.now()).toUTCString()),
  }
  const callOf = (request: RawRequest, connection: Connection): Call => ({
    request,
    connection,
    requestId: newRequestId(api.type),
  })
  return {
    stage,
    async handle(request, connection) {
      const call = callOf(request, connection)
      try {
        return await respond(parts, call)
      } catch (error) {
        log(error)
        return refusalOf(parts, call, { kind: 'Failed', reason: 'the local gateway itself failed' })
      }
    },
    tooLarge(request) {
      const call = callOf(request, { signal: new AbortController().signal })
      const refusal: Refusal = { kind: 'BodyTooLarge', reason: 'the body is over 10 MB' }
      if (api.type === 'http') return refusalOf(parts, call, refusal)
      // A REST API refuses it before CORS.
      const response = refuse('rest', refusal, call.requestId)
      parts.stamp(response.headers)
      return response
    },
  }
}

/** An API with everything that its requests need. */
interface Parts extends GatewayOptions {
  type: 'http' | 'rest'
  stage: string
  log: (error: unknown) => void
  route: Router
  cors: Cors
  authorization: Authorization
  isBinary: IsBinary
  /** Sets `Date` to the time of the stack. */
  stamp: (headers: Headers) => void
}

/** One request on its way. */
interface Call {
  request: RawRequest
  connection: Connection
  requestId: string
}

async function respond(parts: Parts, call: Call): Promise<Response> {
  const { request } = call
  const oversize = oversizeOf(parts.type, request)
  if (oversize) return refusalOf(parts, call, oversize)
  const target = splitTarget(request.target)
  const segments = target && decodePath(target.path)
  if (!target || !segments) {
    const reason = 'the request target is not a path and query in visible ASCII'
    return refusalOf(parts, call, { kind: 'BadRequest', reason })
  }
  if (parts.type === 'rest' && /[|{}]/.test(target.query)) {
    const reason = 'the query has a "|", "{" or "}" that is not percent-encoded'
    return refusalOf(parts, call, { kind: 'BadRequest', reason })
  }
  const inStage = withoutStage(target.path, parts.stage, parts.type)
  if (inStage === undefined) {
    return refusalOf(parts, call, outsideOf(parts.stage))
  }
  const match = parts.route(request.method, inStage)
  const preflight = preflightResponse(parts, call, match)
  if (preflight && !parts.authorization.resourcePolicy) return preflight
  if (!match) return notFound(parts, call, `no route ${request.method} ${target.path}`)
  const fault = preflight ? undefined : await faultOf(parts, call, match)
  if (fault) return fault
  const place: Place = {
    accountId: parts.accountId,
    region: parts.region,
    apiId: parts.apiId,
    stage: parts.stage,
    requestId: call.requestId,
    // Of REST APIs alone: drawing one costs a system call.
    extendedRequestId: parts.type === 'rest' ? newRequestId('http') : call.requestId,
    now: parts.clock.now(),
    path: `/${segments.join('/')}`,
    resourcePath: `/${(decodePath(inStage) ?? []).join('/')}`,
    sent: { path: target.path, resourcePath: inStage },
  }
  const { port } = call.connection
  const admitted = await authorize(parts.authorization, { request, target, match, place, port })
  if (!admitted.ok) return refusalOf(parts, call, admitted.refusal)
  return preflight ?? handled(parts, call, match, place, admitted.value)
}

function refusalOf({ type, cors, stamp }: Parts, call: Call, refusal: Refusal): Response {
  const response = refuse(type, refusal, call.requestId)
  cors.onRefusal(call.request, response.headers)
  stamp(response.headers)
  return response
}

/** A REST API checks for a signature first, also if there is no route. */
function notFound(parts: Parts, call: Call, reason: string): Response {
  const authorization = headerOf(call.request, 'authorization')
  const looksForSignature =
    parts.type === 'rest' && authorization && !authorization.startsWith('AWS4-')
  const refusal = looksForSignature ? notSigned(call.request) : { kind: 'NoRoute' as const }
  return refusalOf(parts, call, { ...refusal, reason, label: 'NoRoute' })
}

/**
 * Responds to a preflight that the gateway takes itself.
 *
 * An HTTP API takes an `OPTIONS` that no route takes. If an `ANY`, `$default` or `OPTIONS` route has an authorizer, that
 * refuses the preflight, which a browser does not sign: an `OPTIONS` route without an authorizer has to be added. A REST API
 * has a mock `OPTIONS` method for every resource.
 *
 * @see [AWS: CORS for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html)
 */
function preflightResponse(
  { type, cors, stamp }: Parts,
  { request, requestId }: Call,
  match: Match | undefined,
): Response | undefined {
  const isOwn = type === 'http' ? match === undefined : match?.route === MOCK_PREFLIGHT
  const headers = request.method === 'OPTIONS' && isOwn ? cors.preflight(request) : undefined
  if (!headers) return undefined
  for (const [key, value] of requestHeaders(type, requestId)) headers.set(key, value)
  stamp(headers)
  return new Response(null, { status: 204, headers })
}

/** Applies an ordered fault. @returns The response instead of the real one, if the fault has one. */
async function faultOf(parts: Parts, call: Call, match: Match): Promise<Response | undefined> {
  const { type, name, clock, faults, cors, stamp } = parts
  const { request, connection, requestId } = call
  const fault = faults?.take(match.key, name)
  if (!fault) return undefined
  const reason = 'a fault was ordered for this call'
  return applyFault(fault, {
    clock,
    signal: connection.signal,
    socket: connection.socket,
    throttled: () => refusalOf(parts, call, { kind: 'Throttled', reason }),
    failed: () => refusalOf(parts, call, { kind: 'Failed', reason }),
    refused(refusal) {
      const response = refuseAs(type, refusal, requestId)
      cors.onRefusal(request, response.headers)
      stamp(response.headers)
      return response
    },
  })
}

async function handled(
  parts: Parts,
  call: Call,
  match: Match,
  place: Place,
  admitted: Admitted,
): Promise<Response> {
  const { type, cors, stamp } = parts
  const result = await integrate(parts, call, match, place, admitted)
  if (!result.ok) return refusalOf(parts, call, result.refusal)
  const { status, body } = result.value
  const { requestId, extendedRequestId, now } = place
  const headers = requestHeaders(type, requestId, extendedRequestId)
  // Recorded for functions. In front of a server the header is the server's (LocalStack `test_apigateway_header_remapping_http`).
  const isOfFunction = match.route.proxy === undefined
  if (type === 'rest' && isOfFunction) headers.set('X-Amzn-Trace-Id', traceId(requestId, now))
  for (const [key, value] of result.value.headers) headers.append(key, value)
  cors.onAnswer(call.request, headers)
  stamp(headers)
  const init = { status, headers }
  if (hasNoBody(status)) return new Response(null, init)
  if (body instanceof ReadableStream) return asStreamed(new Response(body, init))
  return withWholeBody(body, init)
}

/** Calls what is behind the route: an HTTP server, or a function. */
function integrate(
  parts: Parts,
  { request: arrived, connection }: Call,
  match: Match,
  place: Place,
  admitted: Admitted,
): Promise<Result<HandlerResult, Refusal>> {
  const request = withoutQuerySignature(arrived, 'execute-api')
  const { proxy } = match.route
  if (proxy === undefined) return invoke(parts, request, match, place, admitted)
  const { type, clock } = parts
  const target = typeof proxy === 'string' ? { url: proxy } : proxy
  return callProxy(target, {
    type,
    request,
    match,
    place,
    admitted,
    clock,
    signal: connection.signal,
  })
}
