import { eventCounter, type EventAttributes } from '@iamfetch/core'
import type { Attributes, Meter } from '@opentelemetry/api'

/** What is measured. */
export interface Meters {
  /** A request to an API got a response or failed. */
  readonly request: (durationMs: number, attributes: Attributes) => void
  /** A request to Cognito Identity got a response or failed. */
  readonly exchange: (durationMs: number, attributes: Attributes) => void
  /** A call ended with 401 or 403. */
  readonly refusal: (attributes: EventAttributes) => void
  /** A request is sent again. */
  readonly retry: (attributes: EventAttributes) => void
  /** The credentials or the signed-in user changed, or renewing the credentials failed. */
  readonly credentials: (attributes: EventAttributes) => void
}

/** Creates the instruments, each once. */
export function createMeters(meter: Meter): Meters {
  const seconds = (name: string, description: string): Meters['request'] => {
    const histogram = meter.createHistogram(name, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: SECONDS },
    })
    return (durationMs, attributes) => histogram.record(durationMs / 1_000, attributes)
  }
  return {
    request: seconds('http.client.request.duration', 'Duration of HTTP client requests'),
    exchange: seconds('iamfetch.exchange.duration', 'Duration of requests to Cognito Identity'),
    refusal: eventCounter(meter, 'refusals', 'Calls that ended with 401 or 403'),
    retry: eventCounter(meter, 'retries', 'Requests that were sent again, by reason'),
    credentials: eventCounter(
      meter,
      'credentials.events',
      'Changes of the credentials and the user',
    ),
  }
}

/** The boundaries of OpenTelemetry's conventions. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
