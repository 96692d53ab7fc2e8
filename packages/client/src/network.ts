import { IamFetchError } from '@iamfetch/core'

/**
 * Gives a failed `fetch` a reason that a person can act on; whatever is not a network failure passes as it is.
 *
 * A browser tells a page neither that a host is down nor that a gateway refused without CORS headers: both are a
 * `TypeError`. Node says what it was in the error's `cause`.
 */
export function networkError(error: unknown, method: string, url: string): unknown {
  if (!(error instanceof Error) || error.name !== 'TypeError') return error
  const { code } = Object(error.cause)
  const navigator: { onLine?: boolean } | undefined = globalThis.navigator
  const offline = navigator?.onLine === false
  return new IamFetchError(
    offline ? 'OFFLINE' : 'NETWORK_OR_CORS',
    `${method} ${url} brought no readable answer${code ? ` (${code})` : ''}.`,
    {
      remedy: offline
        ? 'Repeat the call when the device is online.'
        : 'In a browser, in this order: the gateway refused (credentials, clock, policy) and its 4XX carries no CORS headers;' +
          ' the preflight does not allow this origin or a header; host, network, CSP.' +
          ' To see refusals give the gateway responses DEFAULT_4XX and DEFAULT_5XX Access-Control-Allow-Origin' +
          ' and Access-Control-Expose-Headers: Date,X-Amzn-ErrorType,X-Amzn-RequestId.',
      retryable: true,
      cause: error,
    },
  )
}

/** Whether an answer leads elsewhere, also where a platform followed it unasked. */
export function isRedirect({ type, redirected, status, headers }: Response): boolean {
  return (
    type === 'opaqueredirect' ||
    redirected ||
    (/^30[12378]$/.test(`${status}`) && headers.has('location'))
  )
}

/** A signature is made for one address and is not carried to another. */
export function redirectError(response: Response, url: string): IamFetchError {
  return new IamFetchError('REDIRECT_REFUSED', `${url} answered with a redirect.`, {
    remedy: "Call the final address itself; to get the answer as it is pass redirect: 'manual'.",
    status: response.status,
  })
}
