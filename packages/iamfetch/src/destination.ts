import { IamFetchError, invalidOption, isAwsHost } from '@iamfetch/core'
import type { UrlReader, WireUrl } from '@iamfetch/sigv4/native'
import type { Platform } from './platform.ts'

/** Where a fetch may send its requests. */
export interface DestinationOptions {
  /** What a path is joined to: origin and stage, `https://abc.execute-api.eu-central-1.amazonaws.com/prod`. */
  baseUrl?: string | URL | undefined
  /** More origins that it may send to, for example `https://api.example.com`. @default [] */
  origins?: readonly string[] | undefined
}

/** Turns the address of a call into a URL of an allowed origin. Created by {@link destinationsOf}. */
export interface Destinations {
  /** The URLs of the options. */
  readonly urls: readonly WireUrl[]
  /** Returns the URL to send to; throws `ORIGIN_NOT_ALLOWED` before anything is sent. */
  readonly resolve: (input: RequestInfo | URL) => WireUrl
}

/**
 * Reads `baseUrl` and `origins` once, and decides for every URL whether it may be sent to.
 *
 * The URL parser of the platform decides, never a comparison of texts: case, default ports, punycode, backslashes,
 * user info and protocol-relative forms mean here what they mean to `fetch`. The serialized URL is compared from the
 * scheme on, so that `blob:` and user info never match.
 *
 * @param owner  The function that was given the options, for messages.
 * @throws `TypeError` if both options are missing, if one of them is not an http(s) URL without user info, query and
 *   fragment, or if it is http on an AWS host: a session token or a bearer token would be readable on the way.
 * @see [WHATWG: URL parsing](https://url.spec.whatwg.org/#url-parsing)
 */
export function destinationsOf(
  { baseUrl, origins = [], URL: Url = URL }: DestinationOptions & Partial<Platform>,
  owner = 'createIamFetch',
): Destinations {
  const base = baseUrl === undefined ? undefined : optionUrl(Url, owner, 'baseUrl', String(baseUrl))
  const urls = origins.map((origin) => {
    const url = optionUrl(Url, owner, 'origins', origin)
    if (url.pathname === '/') return url
    throw invalidOption(owner, '"origins" must be origins without a path', origin)
  })
  if (base) urls.push(base)
  if (urls.length === 0) throw invalidOption(owner, 'pass "baseUrl" or "origins"')
  const root = base && base.origin + base.pathname.replace(/\/+$/, '')
  const allowed = urls.map(({ origin }) => origin)

  return {
    urls,
    resolve(input) {
      const text = addressIn(input, base?.protocol)
      if (/^[a-z][a-z\d+.-]*:/i.test(text)) {
        const url = parsed(Url, text)
        if (url && allowed.some((origin) => url.href.startsWith(`${origin}/`))) return url
        throw foreign(url, allowed)
      }
      if (root === undefined) {
        throw notAllowed(
          'The URL is relative, and there is no "baseUrl" to join it to.',
          'Set "baseUrl", or call with an absolute URL.',
        )
      }
      const url = parsed(Url, root + text.replace(/^(?![?#]|$)[/\\]?/, '/'))
      // Dot segments must not lead out of the stage that paths are joined to.
      if (url && `${url.origin}${url.pathname}/`.startsWith(`${root}/`)) return url
      throw notAllowed(
        `The path leaves the base URL ${root}.`,
        'Remove the ".." segments from the path, or call with an absolute URL.',
      )
    },
  }
}

/** The address as text, without what the URL parser removes: `java\nscript:` and ` //host` show what they are. */
function addressIn(input: RequestInfo | URL, protocol: string | undefined): string {
  // oxlint-disable-next-line typescript/no-base-to-string -- anything without a `url` is a text or a URL
  const address = typeof input === 'object' && 'url' in input ? input.url : String(input)
  return (
    address
      // oxlint-disable-next-line no-control-regex
      .replace(/^[\0- ]+|[\t\n\r]/g, '')
      .replace(/^[/\\]{2}/, `${protocol ?? ''}//`)
  )
}

function parsed(Url: UrlReader, text: string): WireUrl | undefined {
  try {
    return new Url(text)
  } catch {
    // The platform's message quotes the URL, which may contain a password.
    return undefined
  }
}

function optionUrl(Url: UrlReader, owner: string, option: string, text: string): WireUrl {
  const url = parsed(Url, text)
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isHttp) {
    const rule = `"${option}" must be an absolute https: URL, or http: for a host that is not AWS's`
    throw text.includes('@') ? invalidOption(owner, rule) : invalidOption(owner, rule, text)
  }
  if (!url.href.startsWith(`${url.origin}/`)) {
    throw invalidOption(owner, `"${option}" must not contain a user or a password`)
  }
  if (/[?#]/.test(url.href)) {
    throw invalidOption(owner, `"${option}" must not contain a query or a fragment`)
  }
  if (url.protocol === 'http:' && isAwsHost(url.host)) {
    throw invalidOption(
      owner,
      `"${option}" must begin with https: for an AWS host, because tokens would be readable on the way`,
      text,
    )
  }
  return url
}

/** An absolute URL that is not of an allowed origin. Only its origin is named: the rest may be secret. */
function foreign(url: WireUrl | undefined, allowed: readonly string[]): IamFetchError {
  if (url && allowed.includes(url.origin)) {
    return notAllowed(
      `The URL of ${url.origin} contains a user or a password, or it has another scheme than http and https.`,
      'Call with a URL that begins with the origin.',
    )
  }
  const origin = url && url.origin !== 'null' ? url.origin : 'this URL'
  return notAllowed(
    `Requests to ${origin} are not allowed.`,
    'Add its origin to "origins" if it is an API of yours; call other servers with the plain fetch.',
  )
}

const notAllowed = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('ORIGIN_NOT_ALLOWED', message, { remedy })
