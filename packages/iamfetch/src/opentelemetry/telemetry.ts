import { checkOptions, invalidOption, type OptionNames } from '@iamfetch/core'
import type { CognitoOptions } from '@iamfetch/cognito'
import { context, metrics, trace, type Meter, type Tracer } from '@opentelemetry/api'
import type { AttemptOptions } from '../attempts.ts'
import { observedFetch, withoutQuery, type CallObserver } from '../observed-fetch.ts'
import { requestAttributes, serverAttributes } from './attributes.ts'
import { endWithError, endWithResponse, recordEvent, startCall, type TracedCall } from './calls.ts'
import { createMeters, type Meters } from './meters.ts'
import { sendTraced, withTraceHeaders } from './requests.ts'

/** Where {@link createTelemetry} reports to. */
export interface TelemetryOptions {
  /** Creates the spans. @default trace.getTracer('iamfetch') */
  tracer?: Tracer | undefined
  /** Creates the metrics. @default metrics.getMeter('iamfetch') */
  meter?: Meter | undefined
  /**
   * Whether requests to the API carry the headers of the trace (`traceparent`), which are sent unsigned. Requests to Cognito never do.
   * In a page, the CORS settings of the API have to allow these headers.
   *
   * @default `true`, and `false` in a page
   */
  propagate?: boolean | undefined
}

const OPTION_NAMES: OptionNames<TelemetryOptions> = { tracer: true, meter: true, propagate: true }

/** What {@link createTelemetry} returns. */
export interface Telemetry {
  /**
   * Creates a `fetch` whose calls are spans.
   *
   * Each call is a span below the caller's one, with one span for each signature and each attempt below it.
   *
   * @param create   `createIamFetch` or `createTokenFetch`.
   * @param options  Its options. `fetch` and `onEvent` still work as they do without spans.
   * @example
   * ```ts
   * const iamFetch = telemetry.traceFetch(createIamFetch, { baseUrl, credentials })
   * ```
   */
  readonly traceFetch: <Options extends AttemptOptions>(
    create: (options: Options) => typeof globalThis.fetch,
    options: Options,
  ) => typeof globalThis.fetch
  /**
   * Returns options of `cognitoCredentials` with which each request to Cognito Identity is a span.
   *
   * @example
   * ```ts
   * const credentials = cognitoCredentials(telemetry.traceCognito({ identityPoolId, idToken }))
   * ```
   */
  readonly traceCognito: (options: CognitoOptions) => CognitoOptions
}

/**
 * Creates spans and metrics with OpenTelemetry.
 *
 * Spans: `iamfetch GET` for a call, `iamfetch sign`, `GET` for each attempt, and `CognitoIdentity/GetId` and the like for the
 * exchange. Metrics: `http.client.request.duration` and `iamfetch.exchange.duration` in seconds, `iamfetch.refusals`,
 * `iamfetch.retries` and `iamfetch.credentials.events`. Neither contains a query, a header, a body, a token or the text of an error.
 *
 * Spans of exchanges and signatures need a context manager that follows promises (Node's `AsyncLocalStorageContextManager`, or zones)
 * to be below the call that waited for them. Without one, an exchange has no parent, and a signature is left out where several
 * calls to one URL are under way.
 *
 * @throws `TypeError` with the code `INVALID_OPTION`.
 * @see [OpenTelemetry: HTTP spans](https://opentelemetry.io/docs/specs/semconv/http/http-spans/)
 * @example
 * ```ts
 * import { cognitoCredentials, createIamFetch } from 'iamfetch'
 * import { createTelemetry } from 'iamfetch/opentelemetry'
 *
 * const telemetry = createTelemetry()
 * const credentials = cognitoCredentials(telemetry.traceCognito({ identityPoolId, idToken }))
 * const iamFetch = telemetry.traceFetch(createIamFetch, { baseUrl, credentials })
 * ```
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  checkOptions('createTelemetry', options, OPTION_NAMES)
  const {
    tracer = trace.getTracer('iamfetch'),
    meter = metrics.getMeter('iamfetch'),
    propagate = globalThis.location === undefined,
  } = options
  if (typeof propagate !== 'boolean') {
    throw invalidOption('createTelemetry', '"propagate" must be true or false', propagate)
  }
  if (typeof tracer?.startSpan !== 'function') {
    throw invalidOption('createTelemetry', '"tracer" must be a Tracer of OpenTelemetry', tracer)
  }
  if (typeof meter?.createHistogram !== 'function') {
    throw invalidOption('createTelemetry', '"meter" must be a Meter of OpenTelemetry', meter)
  }
  const meters = createMeters(meter)
  return {
    traceFetch: (create, of) => traceFetch(create, of, { tracer, meters, propagate }),
    traceCognito: (of) => traceCognito(of, { tracer, meters }),
  }
}

/** What creates spans and metrics. */
interface Instruments {
  readonly tracer: Tracer
  readonly meters: Meters
}

function traceFetch<Options extends AttemptOptions>(
  create: (options: Options) => typeof globalThis.fetch,
  options: Options,
  { tracer, meters, propagate }: Instruments & { propagate: boolean },
): typeof globalThis.fetch {
  const open = new Set<TracedCall>()
  const start = (): CallObserver => {
    const call = startCall(tracer)
    open.add(call)
    return {
      run: (work) => context.with(call.context, work),
      attempt({ url, method, resent, init }, send) {
        Object.assign(call, { url: withoutQuery(url), method })
        call.requests = resent + 1
        const attributes = {
          ...requestAttributes(method, url),
          ...(resent > 0 && { 'http.request.resend_count': resent }),
        }
        return sendTraced(
          tracer,
          { name: method, parent: call.context, attributes },
          (within) => send(propagate ? withTraceHeaders(init, within) : init),
          (durationMs, outcome) =>
            meters.request(durationMs, { ...serverAttributes(method, url), ...outcome }),
        )
      },
      end(outcome) {
        open.delete(call)
        if ('error' in outcome) return endWithError(call, outcome.error)
        const { status } = outcome.response
        if (status === 401 || status === 403) {
          meters.refusal({ 'http.response.status_code': status })
        }
        endWithResponse(call, outcome.response)
      },
    }
  }
  return observedFetch(create, options, start, (event) => recordEvent(event, open, tracer, meters))
}

function traceCognito(options: CognitoOptions, { tracer, meters }: Instruments): CognitoOptions {
  return {
    ...options,
    fetch(input, init) {
      const { fetch = globalThis.fetch } = options
      const target = new Headers(init?.headers).get('x-amz-target') ?? ''
      const operation = target.slice(target.lastIndexOf('.') + 1)
      const attributes = {
        'rpc.system': 'aws-api',
        'rpc.service': 'CognitoIdentity',
        'rpc.method': operation,
      }
      return sendTraced(
        tracer,
        { name: `CognitoIdentity/${operation}`, parent: context.active(), attributes },
        () => fetch(input, init),
        (durationMs, outcome) =>
          meters.exchange(durationMs, { 'rpc.method': operation, ...outcome }),
      )
    },
    onEvent(event) {
      meters.credentials({ type: event.type })
      options.onEvent?.(event)
    },
  }
}
