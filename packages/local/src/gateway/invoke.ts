import type { Clock } from '../faults.ts'
import { runHandler } from '../handler-context.ts'
import { readAnswer, type Answer } from './answer.ts'
import { eventOfHttpApi } from './event-http.ts'
import { eventOfRestApi } from './event-rest.ts'
import type { Admitted, Place } from './event.ts'
import type { RawRequest } from './raw-request.ts'
import type { Refusal } from './refusal.ts'
import type { Match } from './routes.ts'

/** For which API, in which time, and where a crash is told. */
export interface Invoker {
  type: 'http' | 'rest'
  name: string
  clock: Clock
  log: (error: unknown) => void
}

/** The integration timeouts of API Gateway. */
const TIMEOUT_MS = { http: 30_000, rest: 29_000 }

/**
 * Calls the handler of a route with the event of the API's kind. What goes in and what comes out has been
 * JSON, as with Lambda.
 *
 * @returns What to answer, or a refusal when it crashes, takes too long or returns what is no answer.
 */
export async function invoke(
  { type, name, clock, log }: Invoker,
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
): Promise<Answer | Refusal> {
  const toEvent = type === 'http' ? eventOfHttpApi : eventOfRestApi
  const event: unknown = JSON.parse(JSON.stringify(toEvent(request, match, place, admitted)))
  const context = { awsRequestId: place.requestId, functionName: `${name} ${match.key}` }
  const timeout = startTimeout(clock, TIMEOUT_MS[type])
  try {
    const work = runHandler(context.functionName, async () => match.route.handler(event, context))
    const returned = await Promise.race([work, timeout.over])
    if (returned !== TIMED_OUT) return readAnswer(type, returned)
    const reason = `the handler of ${match.key} took over ${TIMEOUT_MS[type] / 1_000} s`
    return { kind: 'TimedOut', reason }
  } catch (error) {
    log(error)
    const reason = `the handler threw ${error instanceof Error ? String(error) : 'no Error'}`
    return { kind: 'HandlerFailed', reason }
  } finally {
    timeout.end()
  }
}

const TIMED_OUT = Symbol('timed out')

/** Waits by the stack's clock, or by the platform's timer, which costs less. */
function startTimeout(clock: Clock, ms: number): { over: Promise<symbol>; end(): void } {
  if (clock.sleep) {
    const ended = new AbortController()
    const never = new Promise<never>(() => {})
    const over = clock.sleep(ms, ended.signal).then(
      () => TIMED_OUT,
      () => never,
    )
    return { over, end: () => ended.abort() }
  }
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<symbol>((resolve) => {
    timer = setTimeout(() => resolve(TIMED_OUT), ms)
  })
  return { over, end: () => clearTimeout(timer) }
}
