import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Tracer,
} from '@opentelemetry/api'
import { errorAttributes, responseAttributes } from './attributes.ts'

/** A request that becomes a span. */
export interface TracedRequest {
  readonly name: string
  readonly parent: Context
  readonly attributes: Attributes
}

/**
 * Sends a request as a separate span, which ends with the headers of the response.
 *
 * @param send  Called within the context of the new span.
 * @param record  Receives the duration in milliseconds, and the attributes of the outcome.
 */
export async function sendTraced(
  tracer: Tracer,
  { name, parent, attributes }: TracedRequest,
  send: (within: Context) => Promise<Response>,
  record: (durationMs: number, outcome: Attributes) => void,
): Promise<Response> {
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent)
  const within = trace.setSpan(parent, span)
  const startedAt = performance.now()
  const end = (outcome: Attributes): void => {
    if ('error.type' in outcome) span.setStatus({ code: SpanStatusCode.ERROR })
    span.setAttributes(outcome)
    record(performance.now() - startedAt, outcome)
    span.end()
  }
  let response: Response
  try {
    response = await context.with(within, () => send(within))
  } catch (error) {
    end(errorAttributes(error))
    throw error
  }
  end(responseAttributes(response.status))
  return response
}

/**
 * Adds the headers of the trace, `traceparent` for example, which are not signed. A header that the request has already stays as
 * it is: it may be part of the signature.
 */
export function withTraceHeaders(init: RequestInit, within: Context): RequestInit {
  const headers = new Headers(init.headers)
  propagation.inject(within, headers, {
    set(carrier, name, value) {
      if (!carrier.has(name) && !/^(authorization|host|cookie|x-amz-)/i.test(name)) {
        carrier.set(name, value)
      }
    },
  })
  return { ...init, headers }
}
