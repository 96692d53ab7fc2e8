import { functionOf } from '../../backends/function-of.ts'
import type { LambdaAuthorizerDefinition } from '../../definition/api.ts'
import type { RawRequest } from '../../http/raw-request.ts'
import { accepted, refused, type Result } from '../../result.ts'
import { methodArn } from '../access.ts'
import type { Place } from '../event.ts'
import { callHandler, type Invoker } from '../invoke.ts'
import type { Refusal } from '../refusal.ts'
import type { Match } from '../routes.ts'
import { httpRequestEvent, restRequestEvent, tokenEvent, type AuthorizerCall } from './events.ts'
import { identityOf, readIdentitySource } from './identity-source.ts'
import { readPolicyResult, readSimpleResult, type AuthorizerResult } from './result.ts'

/** The decision of an authorizer about a request. */
export interface AuthorizerAnswer extends AuthorizerResult {
  /** How long the function took, in milliseconds; 0 for a result from the cache. */
  latencyMs: number
}

/** The authorizer of an API. */
export type LambdaAuthorizer = (
  request: RawRequest,
  match: Match,
  place: Place,
) => Promise<Result<AuthorizerAnswer, Refusal>>

/** The longest that an authorizer may take. @see [AWS: quotas of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html); unverified for REST APIs. */
const TIMEOUT_MS = { http: 10_000, rest: 29_000 }

/** Enough for a laptop; the oldest result is dropped first. */
const LARGEST_CACHE = 1_000

/**
 * Creates an authorizer.
 *
 * A request without one of the identity sources is refused and the function is not called. What the function returned is used
 * again for the same values of the identity sources, on every route and method that has the authorizer: a policy for one
 * method alone then refuses the others. A result that is malformed and an error are not cached.
 *
 * @param name  Its name in the definition.
 */
export function createLambdaAuthorizer(
  name: string,
  definition: LambdaAuthorizerDefinition,
  invoker: Invoker,
): LambdaAuthorizer {
  const { type, clock } = invoker
  const { kind, sources, tokenPattern, ttlMs } = settingsOf(definition, type)
  const cache = new Map<string, { until: number; result: AuthorizerResult }>()
  const eventOf = eventMaker(kind, definition, type)
  const isSimple = type === 'http' && definition.simpleResponses === true
  return async (request, match, place) => {
    const routeKey = match.key
    const { values, missing } = identityOf(sources, request, place, { type, routeKey })
    if (missing !== undefined) {
      return unauthenticated(`the request has no value for the identity source ${missing}`)
    }
    if (tokenPattern && !tokenPattern.test(values[0] ?? '')) {
      return unauthenticated(
        `the token does not match the "tokenPattern" of the authorizer ${name}`,
      )
    }
    const key = JSON.stringify(values)
    const known = ttlMs > 0 ? cache.get(key) : undefined
    if (known && clock.now() < known.until) return accepted({ ...known.result, latencyMs: 0 })
    const arn = methodArn(request.method, place)
    const event = eventOf({ request, match, place, arn, identity: values })
    const startedAt = clock.now()
    const called = await callHandler(functionOf(definition.handler), event, {
      clock,
      context: { awsRequestId: place.requestId, functionName: `${invoker.name} ${name}` },
      timeoutMs: TIMEOUT_MS[type],
    })
    if (!called.ok) return refused(failureOf(name, called.refusal, invoker.log))
    const returned = asJson(called.value)
    const read = isSimple ? readSimpleResult(returned) : readPolicyResult(returned, type)
    if (!read.ok) return refused(failed(name, read.refusal))
    if (ttlMs > 0) {
      // The newest are last, those that expired or are too many are first.
      cache.delete(key)
      cache.set(key, { until: clock.now() + ttlMs, result: read.value })
      const [oldest] = cache.keys()
      if (cache.size > LARGEST_CACHE && oldest !== undefined) cache.delete(oldest)
    }
    return accepted({ ...read.value, latencyMs: clock.now() - startedAt })
  }
}

/** Converts the result of a function to JSON and back, as Lambda does. @returns `undefined` for a value that JSON cannot represent. */
function asJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value ?? null))
  } catch {
    return undefined
  }
}

/** The settings of an authorizer with AWS's defaults. */
function settingsOf(definition: LambdaAuthorizerDefinition, type: 'http' | 'rest') {
  const kind = type === 'http' ? 'request' : (definition.type ?? 'token')
  const byDefault = kind === 'token' ? ['method.request.header.Authorization'] : []
  const { identitySources = byDefault, tokenPattern, resultTtlSeconds } = definition
  return {
    kind,
    sources: identitySources.map((source) => readIdentitySource(source, type)),
    tokenPattern: tokenPattern === undefined ? undefined : new RegExp(`^(?:${tokenPattern})$`),
    ttlMs: (resultTtlSeconds ?? DEFAULT_TTL_SECONDS[type]) * 1_000,
  }
}

/** REST: AWS's default. HTTP: AWS's page has caching for authorizers that set a time. */
export const DEFAULT_TTL_SECONDS = { rest: 300, http: 0 }

function eventMaker(
  kind: 'token' | 'request',
  { payloadVersion = '2.0' }: LambdaAuthorizerDefinition,
  type: 'http' | 'rest',
): (call: AuthorizerCall) => Record<string, unknown> {
  if (kind === 'token') return tokenEvent
  if (type === 'rest') return restRequestEvent
  return (call) => httpRequestEvent(payloadVersion, call)
}

const unauthenticated = (reason: string): Result<never, Refusal> =>
  refused({ kind: 'Unauthenticated', label: 'Unauthorized', reason })

const failed = (name: string, problem: string): Refusal => ({
  kind: 'AuthorizerFailed',
  reason: `the authorizer ${name} failed: ${problem}`,
})

/** The one error that is a 401 (auth0-samples/jwt-rsa-aws-custom-authorizer#6); unverified for HTTP APIs. */
function failureOf(
  name: string,
  failure: { error: unknown } | 'timed out',
  log: (error: unknown) => void,
): Refusal {
  if (failure === 'timed out') return failed(name, 'it took too long')
  const { error } = failure
  const message = error instanceof Error ? error.message : error
  if (message === 'Unauthorized') {
    const reason = `the authorizer ${name} threw "Unauthorized"`
    return { kind: 'Unauthenticated', label: 'Unauthorized', reason }
  }
  log(error)
  return failed(name, `it threw ${error instanceof Error ? String(error) : 'no Error'}`)
}
