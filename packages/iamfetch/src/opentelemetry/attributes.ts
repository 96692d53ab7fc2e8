import { hideSecrets } from '@iamfetch/core'
import type { Attributes } from '@opentelemetry/api'

/**
 * The attributes of a request, by OpenTelemetry's conventions for HTTP clients. The URL is without user, query and fragment: a query
 * may contain a signature.
 *
 * @see [OpenTelemetry: HTTP spans](https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span)
 */
export function requestAttributes(method: string, url: string): Attributes {
  const { origin, pathname } = new URL(url)
  return { ...serverAttributes(method, url), 'url.full': `${origin}${pathname}` }
}

/** The attributes of a request that metrics may have: few enough values, so that each can be a time series. */
export function serverAttributes(method: string, url: string): Attributes {
  const { hostname, port, protocol } = new URL(url)
  const standardPort = protocol === 'http:' ? 80 : 443
  return {
    'http.request.method': KNOWN_METHODS.includes(method) ? method : '_OTHER',
    'server.address': hostname,
    'server.port': port === '' ? standardPort : Number(port),
  }
}

const KNOWN_METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]

/** The attributes of a response. From 400 on it is an error, also for a client that expected it. */
export const responseAttributes = (status: number): Attributes => ({
  'http.response.status_code': status,
  ...(status >= 400 && { 'error.type': String(status) }),
})

/** Whether a text is a short name. What another library puts into `code` may be a secret. */
const isName = (text: unknown): text is string =>
  typeof text === 'string' && /^[\w-]{1,60}$/.test(text) && hideSecrets(text) === text

/** The attributes of something that threw: the code or the class of the error, never its text. */
export function errorAttributes(error: unknown): Attributes {
  if (typeof error !== 'object' || error === null) return { 'error.type': '_OTHER' }
  const code = 'code' in error ? error.code : undefined
  const name = 'name' in error ? error.name : undefined
  const known = [code, name].find(isName)
  return { 'error.type': known ?? '_OTHER' }
}
