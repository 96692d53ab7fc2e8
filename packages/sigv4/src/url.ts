import { IamFetchError } from '@iamfetch/core'
import { canonicalQuery } from './canonical.ts'

/** What reads URLs: the platform's `URL`, or what stands in for it. */
export type UrlReader = new (address: string | URL, base?: string) => WireUrl

/** The part of a URL that signing needs. */
export type WireUrl = Pick<
  URL,
  'href' | 'origin' | 'protocol' | 'host' | 'hostname' | 'pathname' | 'search'
>

/**
 * Brings a URL into the one form that is signed and sent: `//` is `/`, a space in the query `%20`, `?flag` is
 * `?flag=`, the parameters sorted.
 *
 * @param address  Relative to the page where there is one.
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for what is no http(s) or ws(s) URL, has a password or a
 *   parameter without a name, or carries a signature already.
 */
export function wireUrl(address: string | URL, Url: UrlReader): WireUrl {
  let url: WireUrl | undefined
  try {
    url = new Url(address, globalThis.location?.href)
  } catch {
    // The platform's message would show a password in the URL.
  }
  if (!url || !SIGNABLE.test(url.href)) {
    throw new IamFetchError('URL_NOT_SIGNABLE', 'The URL cannot be signed.', {
      remedy: 'Pass an absolute URL without password, empty key or signature.',
    })
  }
  url.pathname = url.pathname.replace(/\/+/g, '/')
  url.search = canonicalQuery(url.search.slice(1))
  return url
}

// A scheme, no "@" before the path, and in the query neither "=" nor a signature at the start of a parameter.
const SIGNABLE = /^(http|ws)s?:\/\/[^/@]+\/(?![^?#]*\?([^#]*&)?(=|x-amz-signature=))/i
