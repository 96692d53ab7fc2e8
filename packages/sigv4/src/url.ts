import { IamFetchError, isAwsHost } from '@iamfetch/core'
import { canonicalQuery } from './canonical.ts'

/** What reads URLs: the platform's `URL`, or a replacement for it. */
export type UrlReader = new (address: string | URL, base?: string) => WireUrl

/** The part of a URL that signing needs. */
export type WireUrl = Pick<
  URL,
  'href' | 'origin' | 'protocol' | 'host' | 'hostname' | 'pathname' | 'search'
>

/**
 * Reads a URL that can be signed. Its query is for {@link queryToSign}.
 *
 * @param address  Relative to the page if there is one.
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for anything but an http(s) or ws(s) URL, for a user or a password, for
 *   http and ws on an AWS host.
 */
export function wireUrl(address: string | URL, Url: UrlReader): WireUrl {
  const url = parsed(address, Url)
  const { protocol = '', host = '' } = url ?? {}
  if (!url || !SCHEMES.includes(protocol)) {
    throw notSignable(
      'The URL is not an absolute http, https, ws or wss URL.',
      'Pass the whole URL, from "https://" on.',
    )
  }
  if (!url.href.startsWith(`${protocol}//${host}/`)) {
    throw notSignable(
      'The URL contains a user or a password.',
      'Remove them: the signature takes their place.',
    )
  }
  const isClear = protocol === 'http:' || protocol === 'ws:'
  if (isClear && isAwsHost(host)) {
    throw notSignable(
      `The URL of ${host} begins with ${protocol}//, so its tokens would be readable on the way.`,
      'Use https:// or wss:// for AWS hosts.',
    )
  }
  return url
}

/** In the path of every signed URL, `//` is `/`. */
export const mergeSlashes = (path: string): string => path.replace(/\/+/g, '/')

/**
 * Returns the canonical form of a query to which a signature can be added, which is also the one to send. Names are checked as a
 * server decodes them: `X-Amz-Signatur%65` is `X-Amz-Signature`.
 *
 * @param search  The query with its `?`.
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for a parameter without a name, or with the name of a signature.
 */
export function queryToSign(search: string): string {
  const query = canonicalQuery(search.slice(1))
  if (/(?:^|&)=/.test(query)) {
    throw notSignable(
      'The query has a parameter without a name.',
      'Give the parameter a name, or remove it.',
    )
  }
  if (/(?:^|&)x-amz-signature=/i.test(query)) {
    throw notSignable('The URL is signed already.', 'Pass the URL without its X-Amz-* parameters.')
  }
  return query
}

/**
 * As {@link queryToSign}, for a query that gets the signature itself: no other parameter may begin with `X-Amz-`, because which of
 * two would count is the service's choice.
 */
export function queryToPresign(search: string): string {
  const query = queryToSign(search)
  const reserved = /(?:^|&)(x-amz-[^=]*)=/i.exec(query)?.[1]?.toLowerCase()
  if (reserved === undefined) return query
  throw notSignable(
    `The query has the parameter "${reserved}", which a presigned URL may only get from its signature.`,
    'Remove all X-Amz-* parameters, and set the lifetime with "expiresInSeconds".',
  )
}

const SCHEMES = ['https:', 'http:', 'wss:', 'ws:']

function parsed(address: string | URL, Url: UrlReader): WireUrl | undefined {
  try {
    // A base takes longer to read than the address, so only a relative one gets it.
    return new Url(address, /^\w+:/.test(String(address)) ? undefined : globalThis.location?.href)
  } catch {
    // The platform's message quotes the URL, which may contain a password.
    return undefined
  }
}

const notSignable = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('URL_NOT_SIGNABLE', message, { remedy })
