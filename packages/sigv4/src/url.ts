import { IamFetchError, urlProblem } from '@iamfetch/core'
import { canonicalQuery } from './canonical.ts'

/** What reads URLs: the platform's `URL`, or a replacement for it. */
export type UrlReader = new (address: string | URL, base?: string) => WireUrl

/** The part of a URL that signing needs. */
export type WireUrl = Pick<
  URL,
  'href' | 'origin' | 'protocol' | 'host' | 'hostname' | 'pathname' | 'search'
>

/**
 * Reads a URL that can be signed. Its path and query are for {@link checkPathAndQuery}.
 *
 * @param address  Relative to the page if there is one.
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for anything but an http(s) or ws(s) URL, for a user or a password, for
 *   http and ws on an AWS host.
 */
export function wireUrl(address: string | URL, Url: UrlReader): WireUrl {
  const url = parsed(address, Url)
  const problem = urlProblem(url, SCHEMES)
  if (url && !problem) return url
  throw notSignable(
    `The URL ${problem}.`,
    'Pass the absolute https: or wss: URL of the API, without a user and a password.',
  )
}

/**
 * Checks the names of the query's parameters as a server decodes them: `X-Amz-Signatur%65` is `X-Amz-Signature`. In the path `//`
 * becomes `/`. The query gets its canonical form with the signature.
 *
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE` for a parameter without a name, or with the name of a signature.
 */
export function checkPathAndQuery(url: WireUrl): void {
  // Setting a part serializes the whole URL again.
  if (url.pathname.includes('//')) url.pathname = url.pathname.replace(/\/+/g, '/')
  for (const name of namesIn(url)) {
    if (!name) {
      throw notSignable(
        'The query has a parameter without a name.',
        'Give the parameter a name, or remove it.',
      )
    }
    if (name === 'x-amz-signature') {
      throw notSignable('The URL is signed already.', 'Pass the URL without its X-Amz-* parameters.')
    }
  }
}

/**
 * Checks the path and the query of a URL to which a signature is added: no other parameter may begin with `X-Amz-`, because which of two
 * would count is the service's choice.
 *
 * @throws {@link IamFetchError} `URL_NOT_SIGNABLE`, also as {@link checkPathAndQuery}.
 */
export function checkBeforePresign(url: WireUrl): void {
  checkPathAndQuery(url)
  const reserved = namesIn(url).find((name) => name.startsWith('x-amz-'))
  if (reserved === undefined) return
  throw notSignable(
    `The query has the parameter "${reserved}", which a presigned URL may only get from its signature.`,
    'Remove all X-Amz-* parameters, and set the lifetime with "expiresInSeconds".',
  )
}

/** The names of the parameters, decoded and in lower case. */
const namesIn = ({ search }: WireUrl): string[] =>
  canonicalQuery(search.slice(1))
    .split('&')
    .filter(Boolean)
    .map((pair) => pair.slice(0, pair.indexOf('=')).toLowerCase())

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
