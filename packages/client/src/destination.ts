import { IamFetchError } from '@iamfetch/core'

/** Where a fetch may send its requests. */
export interface DestinationOptions {
  /** What a path is joined to: origin and stage, `https://abc.execute-api.eu-central-1.amazonaws.com/prod`. */
  baseUrl?: string | URL | undefined
  /** More origins that it may send to, `https://api.example.com`. @default [] */
  origins?: readonly string[] | undefined
}

/** Turns what a caller asked for into a URL of an allowed origin. Made by {@link destinationsOf}. */
export interface Destinations {
  /** The hosts that are allowed, each with its port. */
  readonly hosts: readonly string[]
  /** The URL to send to; throws before anything leaves. */
  readonly resolve: (input: RequestInfo | URL) => URL
}

/**
 * Reads `baseUrl` and `origins` once and answers for every URL whether it may be sent to.
 *
 * The URL parser of the platform decides, never a comparison of texts: case, default ports, punycode, backslashes,
 * user info and protocol-relative forms mean here what they mean to `fetch`.
 *
 * @throws `TypeError` when both are missing, or one of them is not an http(s) URL without user info and query.
 * @see [WHATWG: URL parsing](https://url.spec.whatwg.org/#url-parsing)
 */
export function destinationsOf({ baseUrl, origins = [] }: DestinationOptions): Destinations {
  const base = baseUrl && httpUrl('baseUrl', baseUrl)
  const others = origins.map((origin) => httpUrl('origins', origin))
  if (others.some(({ pathname }) => pathname !== '/')) throw wrong('origins', 'no paths')
  const urls = base ? [base, ...others] : others
  if (!urls[0]) throw wrong('baseUrl or origins', 'what may be called')
  const allowed = urls.map(({ origin }) => origin)
  const root = base && base.origin + base.pathname.replace(/\/+$/, '')

  const parse = (text: string): URL | undefined => {
    try {
      if (/^[a-z][a-z\d+.-]*:/i.test(text)) return new URL(text)
      if (/^[/\\]{2}/.test(text)) return new URL(text, base)
      const url = new URL(root + text.replace(/^(?![?#]|$)[/\\]?/, '/'))
      // Dot segments must not climb out of the stage that paths were joined to.
      return `${url.origin}${url.pathname}/`.startsWith(`${root}/`) ? url : undefined
    } catch {
      return undefined
    }
  }

  return {
    hosts: urls.map(({ host }) => host),
    resolve(input) {
      const text = isRequest(input) ? input.url : String(input)
      // What the URL parser strips, so that `java\nscript:` and ` //host` are seen for what they are.
      // eslint-disable-next-line no-control-regex
      const url = parse(text.replace(/^[\0- ]+|[\t\n\r]/g, ''))
      // `blob:https://api.example.com/…` has that origin too.
      if (url && isPlain(url) && allowed.includes(url.origin)) return url
      throw new IamFetchError(
        'ORIGIN_NOT_ALLOWED',
        `${url ? url.origin : 'This URL'} is not among ${allowed.join(', ')}.`,
        { remedy: 'Add it to origins, or call it with the plain fetch; paths stay below baseUrl.' },
      )
    },
  }
}

/** By its shape: a `Request` of another realm or a polyfill is one as well. */
export const isRequest = (input: RequestInfo | URL): input is Request =>
  typeof input === 'object' && 'url' in input

/** What a wrong argument is answered with, at construction. */
export const wrong = (option: string, wanted: string): TypeError =>
  new TypeError(`${option}: ${wanted}`)

/** Whether a URL is one that `fetch` sends over HTTP: with user info it refuses. */
const isPlain = ({ protocol, username, password }: URL): boolean =>
  /^https?:$/.test(protocol) && !username && !password

function httpUrl(option: string, value: string | URL): URL {
  try {
    const url = new URL(value)
    if (isPlain(url) && !url.search && !url.hash) return url
  } catch {
    // Said below.
  }
  throw wrong(option, 'absolute http(s) URLs without user info, query and fragment')
}
