import type { Gateway, Connection, GatewayOptions } from '../api-gateway/gateway.ts'
import { createCors, STOCK_HEADERS, type Cors } from '../api-gateway/cors.ts'
import { traceId, type Place } from '../api-gateway/event.ts'
import { hasNoBody, readHandlerResult, type HandlerResult } from '../api-gateway/handler-result.ts'
import { callHandler, LARGEST_EVENT, thrown } from '../api-gateway/invoke.ts'
import { invokeStreamed, LONGEST_FUNCTION_MS } from '../api-gateway/invoke-streamed.ts'
import { withoutQuerySignature } from '../api-gateway/query-signature.ts'
import { newRequestId, type Refusal } from '../api-gateway/refusal.ts'
import { decodePath } from '../api-gateway/routes.ts'
import { asStreamed } from '../api-gateway/streamed-response.ts'
import { functionOf, streamedFunctionOf } from '../backends/function-of.ts'
import type { FunctionUrlDefinition } from '../definition/function-url.ts'
import { applyFault } from '../faults/apply-fault.ts'
import { logError } from '../http/printable.ts'
import { splitTarget, type RawRequest, type Target } from '../http/raw-request.ts'
import type { Session } from '../iam/sessions.ts'
import { writesToStream } from '../lambda-runtime/awslambda.ts'
import { accepted, refused, type Result } from '../result.ts'
import { verifySignature } from '../sigv4/verify-signature.ts'
import { calledFunction, functionDenialOf, type CalledFunction } from './access.ts'
import { eventOfFunctionUrl, urlIdOf } from './event.ts'
import { refuseCall, refuseCallAs } from './refusal.ts'

/** The parts that one function URL of the stack is created from. */
export interface FunctionUrlOptions extends Omit<
  GatewayOptions,
  'api' | 'apiId' | 'tokens' | 'usagePlans'
> {
  definition: FunctionUrlDefinition
}

/** The operation that faults and counts name: `faults.next('chat InvokeFunctionUrl', 'throttle')`. */
const OPERATION = 'InvokeFunctionUrl'

/**
 * Creates a function URL: it responds to preflights, verifies the signature for the service `lambda`, evaluates the policies, calls the
 * function and responds as AWS does.
 *
 * The payload hash is the one of the body, whether `x-amz-content-sha256` says it or not; `UNSIGNED-PAYLOAD` is refused.
 *
 * @see [AWS: invoking function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html)
 */
export function createFunctionUrl(options: FunctionUrlOptions): Gateway {
  const { definition, name, region, accountId, clock, log = logError } = options
  const called = calledFunction(name, definition, { region, accountId })
  const parts: Parts = {
    ...options,
    log,
    called,
    urlId: urlIdOf(called.arn),
    cors: corsOf(definition),
    stamp: (headers) => headers.set('date', new Date(clock.now()).toUTCString()),
  }
  return {
    stage: '$default',
    async handle(request, connection) {
      const call: Call = { request, connection, requestId: newRequestId('rest') }
      try {
        return await respond(parts, call)
      } catch (error) {
        log(error)
        const reason = 'the local function URL itself failed'
        return refusalOf(parts, call, { kind: 'Failed', reason })
      }
    },
    tooLarge(request) {
      const connection = { signal: new AbortController().signal }
      const call: Call = { request, connection, requestId: newRequestId('rest') }
      return refusalOf(parts, call, { kind: 'BodyTooLarge', reason: 'the body is over 10 MB' })
    },
  }
}

/** A function URL with everything that its requests need. */
interface Parts extends FunctionUrlOptions {
  log: (error: unknown) => void
  called: CalledFunction
  urlId: string
  cors: Cors
  /** Sets `Date` to the time of the stack. */
  stamp: (headers: Headers) => void
}

/** One request on its way. */
interface Call {
  request: RawRequest
  connection: Connection
  requestId: string
}

/** As an HTTP API: the configuration wins over the headers of the function. */
const corsOf = ({ cors }: FunctionUrlDefinition): Cors =>
  createCors({
    type: 'http',
    routes: {},
    ...(cors && {
      cors: {
        allowMethods: ['*'],
        allowHeaders: [...STOCK_HEADERS, 'X-Amz-Content-Sha256'],
        ...cors,
      },
    }),
  })

async function respond(parts: Parts, call: Call): Promise<Response> {
  const { request, connection } = call
  const target = splitTarget(request.target)
  const segments = target && decodePath(target.path)
  if (!target || !segments) {
    const reason = 'the request target is not a path and query in visible ASCII'
    return refusalOf(parts, call, { kind: 'BadRequest', reason })
  }
  const preflight = request.method === 'OPTIONS' ? parts.cors.preflight(request) : undefined
  if (preflight) {
    preflight.set('x-amzn-RequestId', call.requestId)
    parts.stamp(preflight)
    // unverified: the status
    return new Response(null, { status: 200, headers: preflight })
  }
  const fault = await faultOf(parts, call)
  if (fault) return fault
  const path = `/${segments.join('/')}`
  const place: Place = {
    accountId: parts.accountId,
    region: parts.region,
    apiId: parts.urlId,
    stage: '$default',
    requestId: call.requestId,
    extendedRequestId: '',
    now: parts.clock.now(),
    path,
    resourcePath: path,
    sent: { path: target.path, resourcePath: target.path },
  }
  const admitted = await authorize(parts, request, target, connection.port)
  if (!admitted.ok) return refusalOf(parts, call, admitted.refusal)
  const result = await invokeFunction(parts, request, place, admitted.value)
  if (!result.ok) return refusalOf(parts, call, result.refusal)
  return responseOf(parts, call, result.value, place)
}

/** @returns Who signed; `undefined` on a URL without authorization. */
async function authorize(
  { definition, called, sessions, region, accountId, clock }: Parts,
  request: RawRequest,
  target: Target,
  port: number | undefined,
): Promise<Result<Session | undefined, Refusal>> {
  const arrival = { region, accountId, now: clock.now() }
  if (definition.authType === 'NONE') {
    const denial = functionDenialOf(request, undefined, called, arrival)
    return denial ? refused(denial) : accepted(undefined)
  }
  const rules = { sessions, region, service: 'lambda', clock, port }
  const session = await verifySignature(request, target, rules)
  if (!session.ok) return session
  const denial = functionDenialOf(request, session.value, called, arrival)
  return denial ? refused(denial) : session
}

async function invokeFunction(
  { definition, name, clock, log }: Parts,
  request: RawRequest,
  place: Place,
  session: Session | undefined,
): Promise<Result<HandlerResult, Refusal>> {
  const passedOn = withoutQuerySignature(request, 'lambda')
  const text = JSON.stringify(eventOfFunctionUrl(passedOn, place, session))
  if (Buffer.byteLength(text) > LARGEST_EVENT) {
    const reason = `the event is larger than ${LARGEST_EVENT} bytes, the most that Lambda accepts`
    return refused({ kind: 'PayloadTooLarge', reason })
  }
  const event: unknown = JSON.parse(text)
  const { functionName = name } = definition
  const context = { awsRequestId: place.requestId, functionName }
  if (definition.invokeMode === 'RESPONSE_STREAM') {
    const handler = streamedFunctionOf(definition.handler)
    const call = { key: name, handler, event, context, needsMetadata: false }
    return invokeStreamed({ clock, log }, call)
  }
  const handler = functionOf(definition.handler)
  if (writesToStream(handler)) {
    const reason = `the handler of ${name} streams: the function URL needs invokeMode "RESPONSE_STREAM"`
    return refused({ kind: 'HandlerFailed', reason })
  }
  const timeoutMs = LONGEST_FUNCTION_MS
  const returned = await callHandler(handler, event, { clock, context, timeoutMs })
  if (returned.ok) {
    try {
      return readHandlerResult('function-url', returned.value)
    } catch (error) {
      return thrown(error, log)
    }
  }
  if (returned.refusal !== 'timed out') return thrown(returned.refusal.error, log)
  return refused({ kind: 'TimedOut', reason: `the handler of ${name} took over 15 minutes` })
}

function responseOf(
  { cors, stamp }: Parts,
  { request }: Call,
  { status, headers: given, body }: HandlerResult,
  { requestId, now }: Place,
): Response {
  const headers = new Headers({
    'x-amzn-RequestId': requestId,
    'X-Amzn-Trace-Id': traceId(requestId, now),
  })
  for (const [name, value] of given) headers.append(name, value)
  cors.onAnswer(request, headers)
  stamp(headers)
  const response = new Response(hasNoBody(status) ? null : body, { status, headers })
  return body instanceof ReadableStream ? asStreamed(response) : response
}

function refusalOf({ cors, stamp }: Parts, call: Call, refusal: Refusal): Response {
  const response = refuseCall(refusal, call.requestId)
  cors.onRefusal(call.request, response.headers)
  stamp(response.headers)
  return response
}

/** Applies an ordered fault. @returns The response instead of the real one, if the fault has one. */
async function faultOf(parts: Parts, call: Call): Promise<Response | undefined> {
  const { name, clock, faults, cors, stamp } = parts
  const { request, connection, requestId } = call
  const fault = faults?.take(OPERATION, name)
  if (!fault) return undefined
  const reason = 'a fault was ordered for this call'
  return applyFault(fault, {
    clock,
    signal: connection.signal,
    socket: connection.socket,
    throttled: () => refusalOf(parts, call, { kind: 'Throttled', reason }),
    failed: () => refusalOf(parts, call, { kind: 'Failed', reason }),
    refused(refusal) {
      const response = refuseCallAs(refusal, requestId)
      cors.onRefusal(request, response.headers)
      stamp(response.headers)
      return response
    },
  })
}
