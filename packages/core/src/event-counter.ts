/** The part of an OpenTelemetry `Meter` that counting needs. */
export interface CounterMeter {
  createCounter(
    name: string,
    options?: { description?: string; unit?: string },
  ): { add(value: number, attributes?: EventAttributes): void }
}

/** What tells events of one counter apart. */
export type EventAttributes = Record<string, string | number | boolean>

/**
 * Creates a counter of events with OpenTelemetry, or anything with its `createCounter`.
 *
 * @param name  What is counted. The counter is `iamfetch.` and this name.
 * @returns A function that counts one event.
 * @see [OpenTelemetry: metrics](https://opentelemetry.io/docs/specs/otel/metrics/api/#counter)
 */
export function eventCounter(
  meter: CounterMeter,
  name: string,
  description: string,
): (attributes: EventAttributes) => void {
  const counter = meter.createCounter(`iamfetch.${name}`, { description, unit: '{event}' })
  return (attributes) => counter.add(1, attributes)
}
