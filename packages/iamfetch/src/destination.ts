import { IamFetchError } from '@iamfetch/core'
import type { UrlReader, WireUrl } from '@iamfetch/sigv4/native'
import type { Platform } from './platform.ts'

/** Where a fetch may send its requests. */
export interface DestinationOptions {
  /** What a path is joined to: origin and stage, `https://abc.execute-api.eu-central-1.amazonaws.com/prod`. */
  baseUrl?: string | URL | undefined
  /** More origins that it may send to, `https://api.example.com`. @default [] */
  origins?: readonly string[] | undefined
}

/** Turns what a caller asked for into a URL of an allowed origin. Made by {@link destinationsOf}. */
export interface Destinations {
  /** Those of the options. */
  readonly urls: readonly WireUrl[]
  /** The URL to send to; throws before anything leaves. */
  readonly resolve: (input: RequestInfo | URL) => WireUrl
}

/**
 * Reads `baseUrl` and `origins` once and answers for every URL whether it may be sent to.
 *
 * The URL parser of the platform decides, never a comparison of texts: case, default ports, punycode, backslashes,
 * user info and protocol-relative forms mean here what they mean to `fetch`. What it serialized is compared from the
 * scheme on, so that `blob:` and user info never fit.
 *
 * @throws `TypeError` when both are missing, or one of them is not an http(s) URL without user info and query, or is
 *   http on a host of AWS: a session token or a bearer token would go over the network in clear.
 * @see [WHATWG: URL parsing](https://url.spec.whatwg.org/#url-parsing)
 */
export function destinationsOf({
  baseUrl,
  origins = [],
  URL: Url = URL,
}: DestinationOptions & Partial<Platform>): Destinations {
  // http where it is no host of AWS: a proxy or a stack of this machine.
  const base =
    baseUrl &&
    httpUrl(Url, 'baseUrl', baseUrl, /^http(?!:..[^/]+\.amazonaws)s?:\/\/[^/@]+\/[^?#]*$/)
  const urls = origins.map((origin) =>
    httpUrl(Url, 'origins', origin, /^http(?!:..[^/]+\.amazonaws)s?:\/\/[^/@]+\/$/),
  )
  if (base) urls.push(base)
  if (!urls[0]) throw TypeError('baseUrl or origins: missing')
  const root = base && base.origin + base.pathname.replace(/\/+$/, '')

  return {
    urls,
    resolve(input) {
      // oxlint-disable-next-line typescript/no-base-to-string -- what has no `url` is a text or a URL
      const { url: address = String(input) }: Partial<Request> = Object(input)
      const text = address
        // What the URL parser strips, so that `java\nscript:` and ` //host` are seen for what they are.
        // eslint-disable-next-line no-control-regex
        .replace(/^[\0- ]+|[\t\n\r]/g, '')
        .replace(/^[/\\]{2}/, `${base && base.protocol}//`)
      const absolute = /^[a-z][a-z\d+.-]*:/i.test(text)
      let url: WireUrl | undefined
      try {
        url = new Url(absolute ? text : root + text.replace(/^(?![?#]|$)[/\\]?/, '/'))
      } catch {
        // It is nowhere.
      }
      const place = url?.href.replace(/[?#].*|$/, '/')
      // Dot segments must not climb out of the stage that paths were joined to.
      const allowed = absolute ? urls.map(({ origin }) => origin) : [root]
      if (url && allowed.some((start) => place?.startsWith(`${start}/`))) return url
      throw new IamFetchError('ORIGIN_NOT_ALLOWED', `${url?.origin} is not to be called.`, {
        remedy: 'Add it to origins.',
      })
    },
  }
}

function httpUrl(Url: UrlReader, option: string, value: string | URL, form: RegExp): WireUrl {
  try {
    const url = new Url(value)
    if (form.test(url.href)) return url
  } catch {
    // Said below.
  }
  throw TypeError(`${option}: plain http(s), AWS: https`)
}
