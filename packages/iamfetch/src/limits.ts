import { IamFetchError } from '@iamfetch/core'
import type { AuthorizedRequest } from './outgoing.ts'

/**
 * Refuses what API Gateway would not take, before it leaves: an answer from its front carries no CORS headers, so that a
 * browser would show a network failure.
 *
 * @throws {@link IamFetchError} `REQUEST_INVALID`.
 * @see [AWS: quotas of API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)
 */
export function withinLimits({ url, headers }: AuthorizedRequest): void {
  const size = Math.max(url.length, headers.join().length)
  // For the URL (8,192 at edge-optimized APIs), and for all headers together.
  if (size > 10_240) {
    throw new IamFetchError('REQUEST_INVALID', `URL or headers: ${size} of 10240 bytes.`, {
      remedy: 'Use the body.',
    })
  }
}
