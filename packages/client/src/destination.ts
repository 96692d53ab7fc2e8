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
  const base = baseUrl === undefined ? undefined : httpUrl('baseUrl', baseUrl)
  const allowed = new Map<string, string>()
  if (base) allowed.set(base.origin, base.host)
  for (const entry of origins) {
    const url = httpUrl('origins', entry)
    if (url.pathname !== '/') throw wrong('origins', 'origins without a path')
    allowed.set(url.origin, url.host)
  }
  if (!allowed.size) throw new TypeError('baseUrl or origins is missing: nothing could be sent')
  const root = base && base.origin + base.pathname.replace(/\/+$/, '')

  const parse = (text: string): URL | undefined => {
    try {
      if (/^[a-z][a-z\d+.-]*:/i.test(text)) return new URL(text)
      if (!base) return undefined
      if (/^[/\\]{2}/.test(text)) return new URL(text, base)
      const url = new URL(
        /^([?#]|$)/.test(text) ? root + text : `${root}/${text.replace(/^[/\\]/, '')}`,
      )
      // Dot segments must not climb out of the stage that paths were joined to.
      return `${url.origin}${url.pathname}/`.startsWith(`${root}/`) ? url : undefined
    } catch {
      return undefined
    }
  }

  return {
    hosts: [...allowed.values()],
    resolve(input) {
      const text = isRequest(input) ? input.url : String(input)
      // What the URL parser strips, so that `java\nscript:` and ` //host` are seen for what they are.
      // eslint-disable-next-line no-control-regex
      const url = parse(text.replace(/^[\0- ]+|[\t\n\r]/g, ''))
      // `blob:https://api.example.com/…` has that origin too, hence the look at the protocol.
      if (
        url &&
        /^https?:$/.test(url.protocol) &&
        allowed.has(url.origin) &&
        !url.username &&
        !url.password
      )
        return url
      throw new IamFetchError(
        'ORIGIN_NOT_ALLOWED',
        `Not signed: ${url ? url.origin : 'the URL'} is not what this fetch was made for (${[...allowed.keys()].join(', ')}).`,
        {
          remedy:
            'Add the origin to `origins`, or use the plain fetch; URLs carry no user info, paths stay below baseUrl.',
        },
      )
    },
  }
}

/** By its shape: a `Request` of another realm or a polyfill is one as well. */
export const isRequest = (input: RequestInfo | URL): input is Request =>
  typeof input === 'object' && 'url' in input

function httpUrl(option: string, value: string | URL): URL {
  let url: URL
  try {
    url = new URL(value)
  } catch {
    throw wrong(option, 'absolute URLs')
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw wrong(option, 'http(s) URLs without user info, query and fragment')
  }
  return url
}

const wrong = (option: string, wanted: string): TypeError =>
  new TypeError(`${option} takes ${wanted}`)
