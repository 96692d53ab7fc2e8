import type { Clock } from '../faults/faults.ts'
import { functionOf } from '../backends/function-of.ts'
import { writesToStream } from '../lambda-runtime/awslambda.ts'
import { runHandler } from './handler-context.ts'
import { readHandlerResult, type HandlerResult } from './handler-result.ts'
import { invokeStreamed } from './invoke-streamed.ts'
import { eventOfHttpApi } from './http-api/event.ts'
import { eventOfRestApi } from './rest-api/event.ts'
import type { Admitted, Place } from './event.ts'
import type { RawRequest } from '../http/raw-request.ts'
import { refused, type Result } from '../result.ts'
import type { Refusal } from './refusal.ts'
import type { Match } from './routes.ts'
import { INTEGRATION_TIMEOUT_MS, startTimeout, TIMED_OUT } from './timeout.ts'

/** For which API, in which time, and where a crash is told. */
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
const LARGEST_EVENT = 6_291_456

/**
 * Calls the handler of a route with the event of the API's kind. What goes in and what comes out has been
 * JSON, as with Lambda.
 *
 * @returns The response, or a refusal if the handler throws, takes too long or returns anything else.
 */
export async function invoke(
  { type, name, clock, log }: Invoker,
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
): Promise<Result<HandlerResult, Refusal>> {
  const toEvent = type === 'http' ? eventOfHttpApi : eventOfRestApi
  const text = JSON.stringify(toEvent(request, match, place, admitted))
  if (Buffer.byteLength(text) > LARGEST_EVENT) {
    const reason = `the event is over ${LARGEST_EVENT} bytes, which Lambda does not take`
    return refused({ kind: 'PayloadTooLarge', reason })
  }
  const event: unknown = JSON.parse(text)
  const context = { awsRequestId: place.requestId, functionName: `${name} ${match.key}` }
  const { route } = match
  if (route.responseTransferMode === 'stream') {
    return invokeStreamed({ clock, log }, match.key, route.handler, event, context)
  }
  const handler = functionOf(route.handler)
  if (writesToStream(handler)) {
    const reason = `the handler of ${match.key} streams: the route needs responseTransferMode "stream", which REST APIs have`
    return refused({ kind: 'HandlerFailed', reason })
  }
  const timeout = startTimeout(clock, INTEGRATION_TIMEOUT_MS[type])
  try {
    const work = runHandler(context.functionName, async () => handler(event, context))
    const returned = await Promise.race([work, timeout.over])
    if (returned !== TIMED_OUT) return readHandlerResult(type, returned)
    const reason = `the handler of ${match.key} took over ${INTEGRATION_TIMEOUT_MS[type] / 1_000} s`
    return refused({ kind: 'TimedOut', reason })
  } catch (error) {
    log(error)
    const reason = `the handler threw ${error instanceof Error ? String(error) : 'no Error'}`
    return refused({ kind: 'HandlerFailed', reason })
  } finally {
    timeout.end()
  }
}
