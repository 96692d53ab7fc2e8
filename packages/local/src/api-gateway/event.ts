import type { Session } from '../iam/sessions.ts'
import type { AuthorizerAnswer } from './lambda-authorizer/authorizer.ts'
import type { GivenApiKey } from './usage-plans.ts'
import { headerOf, splitTarget, type RawRequest } from '../http/raw-request.ts'

/** Where a request arrived. */
export interface Place {
  accountId: string
  apiId: string
  stage: string
  requestId: string
  /** `x-amz-apigw-id` of a REST API. */
  extendedRequestId: string
  region: string
  /** Milliseconds since the epoch. */
  now: number
  /** Decoded, with the stage if the path contains it. */
  path: string
  /** Decoded, without the stage. */
  resourcePath: string
  /** Both as they were sent, escapes and all. */
  sent: { path: string; resourcePath: string }
}

/** Who was let in. */
export interface Admitted {
  /** What a Lambda authorizer returned. */
  lambda?: AuthorizerAnswer | undefined
  /** The API key, on a route that needs one. */
  apiKey?: GivenApiKey | undefined
  session?: Session | undefined
  claims?: Readonly<Record<string, unknown>> | undefined
  /** The token's own scopes, on a route that requires scopes. */
  scopes?: readonly string[] | null
}

/** Claims reach a handler as strings: nothing as nothing, a list as `[a b]` unless the API's kind has another way. */
export const stringClaims = (
  claims: Readonly<Record<string, unknown>>,
  textOf: (value: unknown, name: string) => string = claimText,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, textOf(value, name)]),
  )

/** A claim as an HTTP API writes it. */
export const claimText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.join(' ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The query as functions see it. In a REST API a semicolon splits it as an ampersand does ("results in the data being split").
 *
 * @see [AWS: important notes](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html)
 */
export function parametersOf(type: 'http' | 'rest', { target }: RawRequest): URLSearchParams {
  const { query = '' } = splitTarget(target) ?? {}
  return new URLSearchParams(type === 'rest' ? query.replaceAll(';', '&') : query)
}

/** Headers that the gateway adds to what the integration receives. */
export function addedHeaders(
  request: RawRequest,
  { requestId, now }: Pick<Place, 'requestId' | 'now'>,
): [string, string][] {
  const forwarded = headerOf(request, 'x-forwarded-for')
  return [
    ['X-Amzn-Trace-Id', traceId(requestId, now)],
    ['X-Forwarded-For', [forwarded, request.sourceIp].filter(Boolean).join(', ')],
    // As on AWS, where nothing else is possible; the port of the local API is in Host.
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  ]
}

/** A SigV4 `Authorization` does not reach the integration. */
export const isSignature = (name: string, value: string): boolean =>
  name === 'authorization' && value.startsWith('AWS4-')

/** The ID of a request in X-Ray's form, the same for the event and the response. */
export function traceId(requestId: string, now: number): string {
  const seconds = Math.floor(now / 1_000).toString(16)
  const unique = Buffer.from(requestId).toString('hex').slice(0, 24)
  return `Root=1-${seconds}-${unique}`
}

/** The host that was called, without its port. */
export const domainOf = (request: RawRequest): string =>
  (headerOf(request, 'host') ?? '').replace(/:\d+$/, '')

/** `01/Jan/2026:00:00:00 +0000` */
export function logTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
