import { IamFetchError } from '@iamfetch/core'

/** What reads URLs: the platform's `URL`, or what stands in for it. */
export type UrlReader = new (address: string | URL, base?: string) => WireUrl

/** The part of a URL that signing needs. */
export type WireUrl = Pick<
  URL,
  'href' | 'origin' | 'protocol' | 'host' | 'hostname' | 'pathname' | 'search'
>

/**
 * Takes a URL that can be signed; in its path `//` is `/`. The query gets its one form with the signature.
 *
 * @param address  Relative to the page where there is one.
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for what is no http(s) or ws(s) URL, has a password or a
 *   parameter without a name, or carries a signature already.
 */
export function wireUrl(address: string | URL, Url: UrlReader): WireUrl {
  let url: WireUrl | undefined
  try {
    // A base takes longer to read than the address, so only what needs one gets it.
    url = new Url(address, /^\w+:/.test(String(address)) ? undefined : globalThis.location?.href)
  } catch {
    // The platform's message would show a password in the URL.
  }
  if (!url || !SIGNABLE.test(url.href)) {
    throw new IamFetchError('URL_NOT_SIGNABLE', 'The URL cannot be signed.', {
      remedy: 'Pass a full URL without password, empty key or signature.',
    })
  }
  // To set a part writes the whole URL anew.
  if (url.pathname.includes('//')) url.pathname = url.pathname.replace(/\/+/g, '/')
  return url
}

// A scheme, no "@" before the path, and in the query neither "=" nor a signature at the start of a parameter.
const SIGNABLE = /^(http|ws)s?:\/\/[^/@]+\/(?![^?#]*\?([^#]*&)?(=|x-amz-signature=))/i
