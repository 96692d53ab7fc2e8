import { escapeText } from './sha256.ts'

/**
 * Returns the canonical path: the path as it goes over the wire, encoded once more, `/` kept.
 *
 * @param normalize  Whether `.` and `..` segments and repeated slashes are resolved first, as every service
 *   but S3 does.
 * @see [AWS: canonical request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request)
 */
export function canonicalPath(path: string, normalize: boolean): string {
  const kept: string[] = []
  for (const segment of path.replace(/%/g, '%25').split('/')) {
    if (normalize && segment === '..') kept.pop()
    else if (!normalize || (segment && segment !== '.')) {
      kept.push(encode(segment))
    }
  }
  const joined = kept.join('/')
  return normalize ? '/' + joined + (joined && path.endsWith('/') ? '/' : '') : joined
}

/**
 * Returns the canonical query, which is also the one to send: no gateway, proxy or browser reads it in two ways.
 *
 * `+` is a space, a key without `=` has an empty value, every escape is written in one way; duplicates stay.
 * Bytes are kept: an escape that is not UTF-8 stays that escape.
 *
 * @param query  As on the wire, without the `?`.
 */
export function canonicalQuery(query: string): string {
  if (!query) return ''
  const pairs = query
    .replace(/\+/g, ' ')
    .split('&')
    .filter(Boolean)
    .map((pair): readonly [name: string, value: string] => {
      const [name = '', ...value] = pair.split('=')
      return [encode(name), encode(value.join('='))]
    })
  // oxlint-disable-next-line unicorn/no-array-sort -- an array of our own; not every engine has toSorted
  pairs.sort(([name, value], [other, otherValue]) =>
    name === other ? inCodeOrder(value, otherValue) : inCodeOrder(name, other),
  )
  return pairs.map((pair) => pair.join('=')).join('&')
}

/** By code units, as AWS sorts; what is encoded is ASCII. */
function inCodeOrder(first: string, second: string): number {
  if (first === second) return 0
  return first < second ? -1 : 1
}

/**
 * Returns the canonical headers, one line each, and their names.
 *
 * @param headers  In the order of the wire; the values of one name are joined in that order.
 */
export function canonicalHeaders(
  headers: readonly (readonly [name: string, value: string])[],
): [lines: string, names: string] {
  const values = new Map<string, string>()
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    const before = values.get(key)
    const text = withSingleSpaces(value)
    values.set(key, before === undefined ? text : `${before},${text}`)
  }
  // oxlint-disable-next-line unicorn/no-array-sort -- as above
  const names = [...values.keys()].sort()
  let lines = ''
  for (const name of names) lines += `${name}:${values.get(name)}\n`
  return [lines, names.join(';')]
}

/** Trims a value and writes one space for each run of HTTP's white space: a no-break space is a character like any other. */
const withSingleSpaces = (value: string): string =>
  // A session token has a thousand characters and none of them.
  /[\t-\r ]/.test(value)
    ? value
        .split(/[\t-\r ]+/)
        .filter(Boolean)
        .join(' ')
    : value

/** Encodes all but the unreserved characters of RFC 3986; an escape stays one, in the one way to write it. */
function encode(text: string): string {
  if (!/[^\w.~-]/.test(text)) return text
  // `escapeText` writes `%41` as `%2541`: the second form is an escape of the text itself.
  return escapeText(text).replace(
    /%(?:25)?([\dA-Fa-f]{2})|[!'()*]/g,
    (found, escaped: string | undefined) => {
      const hex = escaped ?? found.charCodeAt(0).toString(16)
      const character = String.fromCharCode(parseInt(hex, 16))
      return /[\w.~-]/.test(character) ? character : `%${hex.toUpperCase()}`
    },
  )
}
