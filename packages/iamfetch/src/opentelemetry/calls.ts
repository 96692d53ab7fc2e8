import {
  context,
  createContextKey,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import type { FetchEvent } from '../event.ts'
import { onlyCallOf } from '../observed-fetch.ts'
import { errorAttributes, requestAttributes, responseAttributes } from './attributes.ts'
import type { Meters } from './meters.ts'

/** A call under way. */
export interface TracedCall {
  /** The context of the call's span, for what happens below it. */
  readonly context: Context
  readonly span: Span
  /** How many requests were sent. */
  requests: number
  /** What was sent last; `undefined` before the first request. */
  url: string | undefined
  method: string | undefined
}

/** Finds the call of an event where the platform keeps the context during a call, as Node does. */
const CALL = createContextKey('iamfetch call')

/** Starts the span of a call below the caller's span. */
export function startCall(tracer: Tracer): TracedCall {
  const parent = context.active()
  const span = tracer.startSpan('iamfetch', { kind: SpanKind.INTERNAL }, parent)
  const call: TracedCall = {
    context: parent,
    span,
    requests: 0,
    url: undefined,
    method: undefined,
  }
  return Object.assign(call, { context: trace.setSpan(parent, span).setValue(CALL, call) })
}

/** Ends the span of a call with its response. */
export function endWithResponse(call: TracedCall, { status }: Response): void {
  end(call, responseAttributes(status))
}

/** Ends the span of a call with the error that it rejected with. */
export function endWithError(call: TracedCall, error: unknown): void {
  call.span.setStatus({ code: SpanStatusCode.ERROR })
  end(call, errorAttributes(error))
}

function end({ span, requests, url, method }: TracedCall, attributes: object): void {
  if (url !== undefined && method !== undefined) {
    span.updateName(`iamfetch ${method}`)
    span.setAttributes(requestAttributes(method, url))
  }
  span.setAttributes({ 'iamfetch.requests': requests, ...attributes })
  span.end()
}

/**
 * Adds an event to the span of its call, and counts it.
 *
 * @param open  The calls under way: without a context, an event belongs to the only one that it can belong to, or to none.
 */
export function recordEvent(
  event: FetchEvent,
  open: ReadonlySet<TracedCall>,
  tracer: Tracer,
  meters: Meters,
): void {
  const call = callOf(event, open)
  if (event.type === 'signed' && call) {
    const endTime = performance.timeOrigin + performance.now()
    const startTime = endTime - event.signMs
    tracer.startSpan('iamfetch sign', { startTime }, call.context).end(endTime)
  } else if (event.type === 'retry') {
    meters.retry({ 'iamfetch.retry.reason': event.reason })
    call?.span.addEvent('retry', {
      'iamfetch.retry.reason': event.reason,
      'iamfetch.retry.wait_ms': event.waitMs,
    })
  } else if (event.type === 'clock-corrected') {
    call?.span.addEvent('clock-corrected', { 'iamfetch.clock.offset_ms': event.offsetMs })
  }
}

function callOf(event: FetchEvent, open: ReadonlySet<TracedCall>): TracedCall | undefined {
  const active = context.active().getValue(CALL)
  return [...open].find((call) => call === active) ?? onlyCallOf(event, open)
}
