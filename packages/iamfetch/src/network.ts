import { IamFetchError } from '@iamfetch/core'

/**
 * Gives a failed `fetch` a reason that a person can act on; whatever is not a network failure is thrown as it is.
 *
 * A browser tells a page neither that a host is down nor that a gateway refused without CORS headers: both are a
 * `TypeError`. Node says what it was in the error's `cause`.
 *
 * @param call  Method and URL.
 */
export function networkError(cause: unknown, call: string): IamFetchError {
  if (Object(cause).name !== 'TypeError') throw cause
  const { code = 'no readable answer' } = Object(Object(cause).cause)
  const { onLine = true } = Object(globalThis.navigator)
  return new IamFetchError(onLine ? 'NETWORK_OR_CORS' : 'OFFLINE', `${call}: ${code}`, {
    remedy: onLine
      ? 'Check host, CSP and CORS, which hides refusals too (README).'
      : 'Repeat it online.',
    retryable: true,
    cause,
  })
}

/** Refuses an answer that leads elsewhere, also where a platform followed it unasked: a signature is for one address. */
export function refuseRedirect(response: Response, url: string): void {
  const { type, redirected, status, headers } = response
  if (
    type === 'opaqueredirect' ||
    redirected ||
    (/30[12378]/.test(`${status}`) && headers.has('location'))
  ) {
    throw new IamFetchError('REDIRECT_REFUSED', `${url} redirects.`, {
      remedy: 'Call the final address.',
      status,
    })
  }
}
