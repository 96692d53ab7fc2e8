import { context, propagation, SpanStatusCode } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import { cognitoCredentials, createIamFetch, createTokenFetch, type FetchEvent } from 'iamfetch'
import { createTelemetry, type Telemetry } from 'iamfetch/opentelemetry'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { failure, MINUTE, settle, statuses, times, type Laptop, type Person } from './scene.ts'
import { sceneOfFile } from './scene-of-file.ts'

const scene = await sceneOfFile()
const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer('test')
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({
  exporter: metricExporter,
  exportIntervalMillis: 3_600_000,
})
const meters = new MeterProvider({ readers: [reader] })
const meter = meters.getMeter('test')

let alice: Person
let telemetry: Telemetry
/** The requests to the API as they left. */
let sent: Request[]

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
})
afterAll(async () => {
  context.disable()
  propagation.disable()
  await provider.shutdown()
  await meters.shutdown()
})
beforeEach(async () => {
  alice = await scene.person('alice')
  telemetry = createTelemetry({ tracer, meter })
  sent = []
  exporter.reset()
})

const rememberingFetch: typeof globalThis.fetch = (input, init) => {
  sent.push(new Request(input, init))
  return fetch(input, init)
}

/** A page whose calls are traced. */
function tracedPage(
  laptop: Laptop = scene.laptop(),
  onEvent: (event: FetchEvent) => void = () => {},
) {
  const { identityPoolId, endpoints, region, apis } = scene.stack.config
  const credentials = cognitoCredentials(
    telemetry.traceCognito({
      identityPoolId,
      endpoint: endpoints.cognitoIdentity,
      idToken: alice.token,
      clock: laptop,
      random: () => 0.5,
    }),
  )
  const call = telemetry.traceFetch(createIamFetch, {
    baseUrl: apis['rest']!.url,
    region,
    credentials,
    clock: laptop,
    fetch: rememberingFetch,
    onEvent,
  })
  return { credentials, call }
}

const spans = (): ReadableSpan[] => exporter.getFinishedSpans()
const named = (name: string): ReadableSpan[] => spans().filter((span) => span.name === name)
const only = (name: string): ReadableSpan => {
  const [span, ...others] = named(name)
  if (!span || others.length > 0) throw new Error(`${others.length + 1} spans named ${name}`)
  return span
}
const idOf = (span: ReadableSpan): string => span.spanContext().spanId

/** Calls within a span of an app. */
async function withinApp<T>(work: () => Promise<T>): Promise<{ app: ReadableSpan; result: T }> {
  const result = await tracer.startActiveSpan('app', async (span) => {
    try {
      return await work()
    } finally {
      span.end()
    }
  })
  await settle()
  return { app: only('app'), result }
}

describe('a call with a refresh, a clock correction and a retry', () => {
  async function eventfulCall() {
    const laptop = scene.laptop()
    let mayJump = false
    const { call, credentials } = tracedPage(laptop, ({ type }) => {
      // After the exchange, which would correct the clock as well.
      if (mayJump && type === 'retry') laptop.jump(-12 * MINUTE)
      mayJump &&= type !== 'retry'
    })
    await call('/test')
    credentials.invalidate(await credentials())
    exporter.reset()
    sent = []
    mayJump = true
    scene.faults.next('rest ANY /test', { fault: 'fail', times: 1 })
    const made = await withinApp(() => call('/test?secret=query'))
    expect(made.result.status).toBe(200)
    return made
  }

  test('is one span below the caller’s, with each attempt, signature and exchange below it', async () => {
    const { app } = await eventfulCall()
    const call = only('iamfetch GET')
    expect(call.parentSpanContext?.spanId).toBe(idOf(app))
    const attempts = named('GET')
    expect(attempts.length).toBeGreaterThanOrEqual(2)
    expect(call.attributes['iamfetch.requests']).toBe(attempts.length)
    // The refresh, and the exchange in which Cognito confirms the time that the gateway reported.
    const exchanges = named('CognitoIdentity/GetCredentialsForIdentity')
    expect(exchanges).toHaveLength(2)
    for (const span of [...attempts, ...named('iamfetch sign'), ...exchanges]) {
      expect(span.parentSpanContext?.spanId).toBe(idOf(call))
    }
    expect(named('iamfetch sign')).toHaveLength(attempts.length)
    expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1)
    const reasons = call.events.map(
      ({ name, attributes }) => attributes?.['iamfetch.retry.reason'] ?? name,
    )
    expect(reasons).toEqual(['server-error', 'clock-corrected', 'clock'])
  })

  test('has the attributes of the conventions, and no query', async () => {
    await eventfulCall()
    const attempts = named('GET')
    expect(attempts.map(({ attributes }) => attributes['http.response.status_code'])).toEqual(
      expect.arrayContaining([500, 200]),
    )
    expect(attempts.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual(
      attempts.map((_, index) => (index > 0 ? index : undefined)),
    )
    const { hostname, port } = new URL(scene.stack.config.apis['rest']!.url)
    for (const { attributes } of attempts) {
      expect(attributes).toMatchObject({
        'http.request.method': 'GET',
        'server.address': hostname,
        'server.port': Number(port),
        'url.full': `${scene.stack.config.apis['rest']!.url}/test`,
      })
    }
    expect(
      JSON.stringify(spans().map(({ name, attributes, events }) => [name, attributes, events])),
    ).not.toContain('query')
  })

  test('sends the trace of each attempt in "traceparent", and signs it in none', async () => {
    await eventfulCall()
    expect(sent.map(({ headers }) => headers.get('traceparent'))).toEqual(
      named('GET').map((span) => `00-${span.spanContext().traceId}-${idOf(span)}-01`),
    )
    for (const { headers } of sent) {
      expect(headers.get('authorization')).toContain('SignedHeaders=')
      expect(headers.get('authorization')).not.toContain('traceparent')
    }
  })
})

test('a clock that is corrected after a refusal is an event of the call', async () => {
  const laptop = scene.laptop()
  const { call } = tracedPage(laptop)
  await call('/test')
  exporter.reset()
  laptop.jump(-12 * MINUTE)
  await withinApp(() => call('/test', { method: 'POST', body: 'text' }))
  const { events } = only('iamfetch POST')
  expect(events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['clock-corrected', { 'iamfetch.clock.offset_ms': expect.any(Number) }],
    ['retry', { 'iamfetch.retry.reason': 'clock', 'iamfetch.retry.wait_ms': 0 }],
  ])
})

test('a call that is rejected is an error with its code, without the text of the error', async () => {
  const { call } = tracedPage()
  await withinApp(() => failure(call('https://other.example/?token=secret')))
  const { attributes, status } = only('iamfetch')
  expect(attributes).toEqual({ 'iamfetch.requests': 0, 'error.type': 'ORIGIN_NOT_ALLOWED' })
  expect(status).toEqual({ code: SpanStatusCode.ERROR })
  expect(named('GET')).toEqual([])
})

test('no span and no metric has a token, a key or a signature', async () => {
  const { call, credentials } = tracedPage()
  await withinApp(() => call('/test'))
  const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
  await reader.forceFlush()
  const everything = JSON.stringify([
    spans().map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    metricExporter.getMetrics(),
  ])
  for (const secret of [alice.idToken, accessKeyId, secretAccessKey, sessionToken, 'Signature=']) {
    expect(everything).not.toContain(secret)
  }
})

test('concurrent calls have one exchange, and each its own attempt', async () => {
  const { call } = tracedPage()
  await withinApp(() => statuses(times(5, () => call('/test'))))
  expect(named('CognitoIdentity/GetId')).toHaveLength(1)
  const calls = new Set(named('iamfetch GET').map(idOf))
  for (const name of ['GET', 'iamfetch sign']) {
    const parents = named(name).map((span) => span.parentSpanContext?.spanId)
    expect(parents).toHaveLength(5)
    expect(new Set(parents)).toEqual(calls)
  }
})

test('a bearer token fetch is traced in the same way, and passes events on', async () => {
  const events: FetchEvent[] = []
  const tokenFetch = telemetry.traceFetch(createTokenFetch, {
    baseUrl: 'https://api.example.com',
    token: async () => 'a.b.c',
    fetch: async (input, init) => {
      sent.push(new Request(input, init))
      return new Response(null, { status: 403 })
    },
    onEvent: (event) => void events.push(event),
  })
  await withinApp(() => tokenFetch('/notes'))
  expect(only('GET').attributes).toMatchObject({
    'error.type': '403',
    'url.full': 'https://api.example.com/notes',
    'server.port': 443,
  })
  expect(events.map(({ type }) => type)).toEqual(['signed', 'response'])
  expect(sent[0]!.headers.get('traceparent')).toMatch(/^00-/)
})

test('nothing is propagated if "propagate" is false, and headers of the caller stay', async () => {
  const of = (propagate: boolean) =>
    createTelemetry({ tracer, meter, propagate }).traceFetch(createTokenFetch, {
      baseUrl: 'https://api.example.com',
      token: async () => 'a.b.c',
      fetch: async (input, init) => {
        sent.push(new Request(input, init))
        return new Response()
      },
    })
  await of(false)('/notes')
  await of(true)('/notes', { headers: { traceparent: 'of-the-caller' } })
  expect(sent.map(({ headers }) => headers.get('traceparent'))).toEqual([null, 'of-the-caller'])
})

test('exchanges, retries, refusals and durations are measured', async () => {
  const { call } = tracedPage()
  const bob = await scene.person('bob')
  scene.faults.next('rest ANY /test', { fault: 'fail', times: 1 })
  await call('/test')
  alice = bob
  const ofBob = tracedPage()
  expect((await ofBob.call('/test', { method: 'POST' })).status).toBe(403)
  metricExporter.reset()
  await reader.forceFlush()
  const metrics = metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const points = (name: string): unknown[] =>
    metrics
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes))
  expect(points('iamfetch.refusals')).toContainEqual({ 'http.response.status_code': 403 })
  expect(points('iamfetch.retries')).toContainEqual({ 'iamfetch.retry.reason': 'server-error' })
  expect(points('iamfetch.exchange.duration')).toContainEqual({
    'rpc.method': 'GetId',
    'http.response.status_code': 200,
  })
  expect(points('http.client.request.duration')).toContainEqual(
    expect.objectContaining({ 'http.request.method': 'POST', 'error.type': '403' }),
  )
  const duration = metrics.find(
    ({ descriptor }) => descriptor.name === 'http.client.request.duration',
  )
  expect(duration?.descriptor.unit).toBe('s')
})

test('a wrong option is refused', () => {
  expect(() => createTelemetry({ propagate: 'yes' as never })).toThrow(
    'createTelemetry: "propagate" must be true or false, got "yes"',
  )
  expect(() => createTelemetry()).not.toThrow()
  for (const wrong of [{ tracer: {} }, { tracer: null }, { meter: {} }, { meter: null }]) {
    expect(() => createTelemetry(wrong as never)).toThrow(
      /"(tracer|meter)" must be a (Trac|Met)er of/,
    )
  }
})
