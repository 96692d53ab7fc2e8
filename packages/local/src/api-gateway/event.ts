import type { Session } from '../iam/sessions.ts'
import { headerOf, type RawRequest } from '../http/raw-request.ts'

/** Where a request arrived. */
export interface Place {
  accountId: string
  apiId: string
  stage: string
  requestId: string
  /** Milliseconds since the epoch. */
  now: number
  /** Decoded, with the stage where it stands in the path. */
  path: string
  /** Decoded, without the stage. */
  resourcePath: string
  /** Both as they were sent, escapes and all. */
  sent: { path: string; resourcePath: string }
}

/** Who was let in, by an IAM or a JWT route. */
export interface Admitted {
  session?: Session | undefined
  claims?: Readonly<Record<string, unknown>> | undefined
  /** The token's own scopes, on a route that asks for some. */
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

/** What the integration sees: a SigV4 `Authorization` is taken away, the gateway's own headers are added. */
export function toHandler(request: RawRequest): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [name, values] of request.headers) headers.set(name, values.join(','))
  if (headers.get('authorization')?.startsWith('AWS4-')) headers.delete('authorization')
  const forwarded = headers.get('x-forwarded-for')
  headers.set('x-forwarded-for', [forwarded, request.sourceIp].filter(Boolean).join(', '))
  headers.set('x-forwarded-proto', 'http')
  return Object.fromEntries(headers)
}

/** The host that was called, without its port. */
export const domainOf = (request: RawRequest): string =>
  (headerOf(request, 'host') ?? '').replace(/:\d+$/, '')

/** `01/Jan/2026:00:00:00 +0000` */
export function logTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
