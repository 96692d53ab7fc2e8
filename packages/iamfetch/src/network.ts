import { IamFetchError, isOffline } from '@iamfetch/core'

/**
 * Describes why a `fetch` failed, so that a person can act on it; anything that is not a network failure is thrown as it is, unless
 * the signature was in the URL.
 *
 * A browser tells a page neither that a host is down nor that a gateway refused without CORS headers: both are a
 * `TypeError`. Node says what it was in the error's `cause`.
 *
 * @param call  Method and URL.
 * @param sent  The URL with its query.
 */
export function networkError(error: unknown, call: string, sent: string): IamFetchError {
  // Deno, Bun and polyfills write the URL into their errors, and with it a signature and a session token.
  const cause = sent.includes('X-Amz-Signature=') ? withoutQueries(error) : error
  // By its name: the `TypeError` of another realm is one, too.
  if (!(cause instanceof Error) || cause.name !== 'TypeError') throw cause
  if (isOffline()) {
    return new IamFetchError('OFFLINE', `${call}: the device is offline.`, {
      remedy: 'Repeat the call when the device is online.',
      retryable: true,
      cause,
    })
  }
  const reason = codeOf(cause.cause) ?? 'no readable response'
  return new IamFetchError('NETWORK_OR_CORS', `${call}: ${reason}`, {
    remedy:
      'Check that the host is reachable, that the Content Security Policy allows it (connect-src), and that refusals have CORS headers; explain() of iamfetch/explain tells these apart.',
    retryable: true,
    cause,
  })
}

/** The same failure, without the queries of URLs and with Node's code in place of what caused it. */
function withoutQueries(given: unknown): Error {
  const { name, message, cause } = given instanceof Error ? given : new Error(String(given))
  const error = new TypeError(message.replace(/\?\S*/g, ''), { cause: { code: codeOf(cause) } })
  return Object.assign(error, { name })
}

/** Node's code, such as `ECONNREFUSED`. */
function codeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined
  return typeof cause.code === 'string' ? cause.code : undefined
}

const REDIRECT_STATUSES = [301, 302, 303, 307, 308]

/**
 * Refuses a response that leads to another address, also if the platform followed it unasked: a signature is for one address.
 *
 * @throws {@link IamFetchError} `REDIRECT_REFUSED`.
 */
export function refuseRedirect(response: Response, url: string): void {
  const { type, redirected, status, headers } = response
  const leadsElsewhere = REDIRECT_STATUSES.includes(status) && headers.has('location')
  if (type !== 'opaqueredirect' && !redirected && !leadsElsewhere) return
  throw new IamFetchError(
    'REDIRECT_REFUSED',
    `${url} responded with a redirect, but a signature is valid for one URL only.`,
    { remedy: "Call the final URL, or pass redirect: 'manual' to read the redirect.", status },
  )
}
