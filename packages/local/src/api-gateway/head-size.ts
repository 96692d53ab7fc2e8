import type { RawRequest } from '../http/raw-request.ts'
import type { Refusal } from './refusal.ts'

const MOST_BYTES = 10_240

/**
 * Returns the refusal of a request whose headers are larger than API Gateway takes: with the ID token of a user of many groups next
 * to a signature, that limit is near.
 *
 * A REST API counts the values of the headers, an HTTP API the request line as well.
 *
 * @returns `undefined` for a request that is small enough.
 * @see [AWS: quotas of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html),
 *   [of REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
 *   unverified: the response.
 */
export function oversizeOf(type: 'http' | 'rest', request: RawRequest): Refusal | undefined {
  const { method, target, headers } = request
  let bytes = type === 'http' ? `${method} ${target} HTTP/1.1`.length : 0
  for (const values of headers.values()) for (const value of values) bytes += value.length
  if (bytes <= MOST_BYTES) return undefined
  const what = type === 'http' ? 'the request line and the headers have' : 'the headers have'
  return {
    kind: 'HeadersTooLarge',
    reason: `${what} ${bytes} bytes, and ${MOST_BYTES} are allowed`,
  }
}
