import { IamFetchError } from '@iamfetch/core'
import type { AuthorizedRequest } from './outgoing.ts'

/** For the URL (8,192 at edge-optimized APIs), and for all headers together. */
const MAX_BYTES = 10_240

/**
 * Refuses a request that API Gateway would not accept, before it is sent: the gateway's front responds without CORS headers, so
 * that a browser would show a network failure.
 *
 * @throws {@link IamFetchError} `REQUEST_INVALID`.
 * @see [AWS: quotas of API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)
 */
export function withinLimits({ url, headers }: AuthorizedRequest): void {
  if (url.length > MAX_BYTES) {
    throw new IamFetchError(
      'REQUEST_INVALID',
      `The URL is ${url.length} bytes long; API Gateway accepts ${MAX_BYTES}.`,
      { remedy: 'Move parameters into the body.' },
    )
  }
  let size = 0
  for (const [name, value] of headers) size += name.length + value.length + 2
  if (size > MAX_BYTES) {
    throw new IamFetchError(
      'REQUEST_INVALID',
      `The headers are ${size} bytes long together; API Gateway accepts ${MAX_BYTES}.`,
      { remedy: 'Move data from the headers into the body.' },
    )
  }
}
