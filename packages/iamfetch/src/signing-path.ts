import { IamFetchError } from '@iamfetch/core'
import type { UrlReader, WireUrl } from '@iamfetch/sigv4/native'

/**
 * The path that the gateway sees.
 *
 * @param url  The URL that is called.
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` if `signingPath` does not return a path.
 */
export function signedPathOf(
  { href, pathname }: WireUrl,
  signingPath: ((path: string) => string) | undefined,
  Url: UrlReader,
): string {
  if (!signingPath) return pathname
  // In the path, as in every signed one, `//` is `/`.
  const path: unknown = signingPath(pathname.replace(/\/+/g, '/'))
  if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
    throw new IamFetchError('URL_NOT_SIGNABLE', '"signingPath" did not return a path.', {
      remedy:
        'Return what follows the host, from the first slash to the query, without "?" and "#".',
    })
  }
  const signedUrl = new Url(href)
  signedUrl.pathname = path
  return signedUrl.pathname
}

/** The URL that is called, with the query in the form in which it was signed. */
export function urlWithQueryOf(Url: UrlReader, called: string, signed: string): string {
  const url = new Url(called)
  url.pathname = url.pathname.replace(/\/+/g, '/')
  url.search = new Url(signed).search
  return url.href
}
