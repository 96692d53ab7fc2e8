import type { LocalContext, LocalHandler } from '../definition/backend.ts'
import type { Clock } from '../faults/faults.ts'
import { functionOf, streamedFunctionOf } from '../backends/function-of.ts'
import { headerOf, type RawRequest } from '../http/raw-request.ts'
import { firstAccepted, type IsBinary } from './binary-media-types.ts'
import { writesToStream } from '../lambda-runtime/awslambda.ts'
import { runHandler } from './handler-context.ts'
import { readHandlerResult, type HandlerResult } from './handler-result.ts'
import { invokeStreamed } from './invoke-streamed.ts'
import { eventOfHttpApi } from './http-api/event.ts'
import { eventOfRestApi } from './rest-api/event.ts'
import type { Admitted, Place } from './event.ts'
import { accepted, refused, type Result } from '../result.ts'
import type { Refusal } from './refusal.ts'
import type { Match } from './routes.ts'
import { INTEGRATION_TIMEOUT_MS, startTimeout, TIMED_OUT } from './timeout.ts'

/** The API, its time limit, and the function that receives crashes. */
export interface Invoker {
  type: 'http' | 'rest'
  name: string
  clock: Clock
  log: (error: unknown) => void
}

/**
 * Lambda's limit for the event of a synchronous call, a base64 body included.
 *
 * @see [AWS: Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)
 */
export const LARGEST_EVENT = 6_291_456

/**
 * Calls the handler of a route with the event of the API's kind. What goes in and what comes out has been
 * JSON, as with Lambda.
 *
 * @returns The response, or a refusal if the handler throws, takes too long or returns anything else.
 */
export async function invoke(
  { type, name, clock, log, isBinary }: Invoker & { isBinary: IsBinary },
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
): Promise<Result<HandlerResult, Refusal>> {
  const event =
    type === 'http'
      ? eventOfHttpApi(request, match, place, admitted)
      : eventOfRestApi(request, match, place, admitted, isBinary)
  const text = JSON.stringify(event)
  if (Buffer.byteLength(text) > LARGEST_EVENT) {
    const reason = `the event is larger than ${LARGEST_EVENT} bytes, the most that Lambda accepts`
    return refused({ kind: 'PayloadTooLarge', reason })
  }
  const context = { awsRequestId: place.requestId, functionName: `${name} ${match.key}` }
  const { route } = match
  if (route.responseTransferMode === 'stream') {
    const handler = streamedFunctionOf(route.handler)
    const call = { key: match.key, handler, event: JSON.parse(text), context, needsMetadata: true }
    return invokeStreamed({ clock, log }, call)
  }
  const handler = functionOf(route.handler)
  if (writesToStream(handler)) {
    const reason = `the handler of ${match.key} streams: the route needs responseTransferMode "stream", which REST APIs have`
    return refused({ kind: 'HandlerFailed', reason })
  }
  const timeoutMs = INTEGRATION_TIMEOUT_MS[type]
  const called = await callHandler(handler, JSON.parse(text), {
    clock,
    context,
    timeoutMs,
  })
  if (called.ok) {
    const sendsBytes = type === 'http' || isBinary(firstAccepted(headerOf(request, 'accept')))
    try {
      return readHandlerResult(type, called.value, sendsBytes)
    } catch (error) {
      return thrown(error, log)
    }
  }
  if (called.refusal !== 'timed out') return thrown(called.refusal.error, log)
  const reason = `the handler of ${match.key} took over ${timeoutMs / 1_000} s`
  return refused({ kind: 'TimedOut', reason })
}

/** Logs what a handler threw. @returns The refusal that its caller gets. */
export function thrown(error: unknown, log: (error: unknown) => void): Result<never, Refusal> {
  log(error)
  const reason = `the handler threw ${error instanceof Error ? String(error) : 'no Error'}`
  return refused({ kind: 'HandlerFailed', reason })
}

/** Calls a function of the definition. @returns What it returned, or why it did not. */
export async function callHandler(
  handler: LocalHandler,
  event: unknown,
  { clock, context, timeoutMs }: { clock: Clock; context: LocalContext; timeoutMs: number },
): Promise<Result<unknown, { error: unknown } | 'timed out'>> {
  const timeout = startTimeout(clock, timeoutMs)
  try {
    const work = runHandler(context.functionName, async () => handler(event, context))
    const returned = await Promise.race([work, timeout.over])
    return returned === TIMED_OUT ? refused('timed out' as const) : accepted(returned)
  } catch (error) {
    return refused({ error })
  } finally {
    timeout.end()
  }
}
