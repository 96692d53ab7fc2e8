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
    `${method} ${url}: no readable answer${code ? ` (${code})` : ''}.`,
    {
      remedy: offline
        ? 'Repeat it online.'
        : 'In a browser, likeliest first: a refusal (credentials, clock, policy) without CORS headers; a preflight that allows' +
          ' less; host, network, CSP. Give DEFAULT_4XX and DEFAULT_5XX of the gateway Access-Control-Allow-Origin and' +
          ' Access-Control-Expose-Headers: Date,X-Amzn-ErrorType to see it.',
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
    ([301, 302, 303, 307, 308].includes(status) && headers.has('location'))
  )
}

/** A signature is made for one address and is not carried to another. */
export function redirectError(response: Response, url: string): IamFetchError {
  return new IamFetchError('REDIRECT_REFUSED', `${url} redirects.`, {
    remedy: "Call the final address; redirect: 'manual' gives the answer as it is.",
    status: response.status,
  })
}
