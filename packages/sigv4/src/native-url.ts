import { escapeText } from './sha256.ts'

/**
 * A URL as React Native's network layers read it, for what is signed and sent.
 *
 * React Native's own `URL` (0.86) does not resolve dot segments, does not lower the case of the host, takes `@` in a path for user
 * info, and has a path that cannot be set. This one accepts only what every parser reads alike, and refuses the rest: user info,
 * backslashes, white space at the ends, control characters, hosts that are not ASCII. The result is written as RFC 3986 has it, which
 * neither `NSURL` nor OkHttp changes on the way. A fragment, which is never sent, is dropped.
 *
 * @see [RFC 3986 §2, §3, §5.2.4](https://www.rfc-editor.org/rfc/rfc3986)
 */
export class NativeUrl {
  readonly protocol: string
  readonly hostname: string
  readonly host: string
  pathname: string
  #search: string

  /** @throws `TypeError` for everything that is not an absolute http(s) or ws(s) URL of the kind above. */
  constructor(address: string | { href: string }) {
    const text = typeof address === 'string' ? address : address.href
    const [, scheme, name, port, path = '', query = ''] = FORM.exec(text) ?? []
    if (!scheme || !name || Number(port) > 65_535) throw new TypeError('not an absolute URL')
    this.protocol = `${scheme.toLowerCase()}:`
    this.hostname = name.toLowerCase()
    const usual = /[ps]s:/.test(this.protocol) ? 443 : 80
    this.host = this.hostname + (port && Number(port) !== usual ? `:${Number(port)}` : '')
    this.pathname = withoutDots(escaped(path))
    this.#search = escaped(query).replace(/'/g, '%27')
  }

  get origin(): string {
    return `${this.protocol}//${this.host}`
  }

  get search(): string {
    return this.#search && `?${this.#search}`
  }

  set search(query: string) {
    this.#search = query
  }

  get href(): string {
    return this.origin + this.pathname + this.search
  }

  toString(): string {
    return this.href
  }
}

// Control characters, white space at the end and backslashes are what no two parsers take alike.
const FORM =
  // oxlint-disable-next-line no-control-regex
  /^(https?|wss?):\/\/([\w.-]+|\[[\da-f:.]+\])(?::(\d+))?(\/[^\0-\x1f\x7f\\?#]*)?(?:\?([^\0-\x1f\x7f\\#]*))?(?:#.*)?(?<! )$/i

/** Escapes what RFC 3986 has in neither path nor query; an escape stays what it is. */
const escaped = (part: string): string =>
  part.replace(/%(?![\da-f]{2})/gi, '%25').replace(/[^\w.~!$&'()*+,;=:@/?%-]+/g, escapeText)

/** Resolves `.` and `..`, also where they are escaped. */
function withoutDots(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  segments.forEach((segment, index) => {
    const plain = segment.replace(/%2e/gi, '.')
    const dots = plain === '.' || plain === '..'
    if (plain === '..') kept.pop()
    if (!dots) kept.push(segment)
    else if (index === segments.length - 1) kept.push('')
  })
  return `/${kept.join('/')}`
}
