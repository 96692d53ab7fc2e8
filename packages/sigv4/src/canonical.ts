/**
 * Gives the canonical path: the path as it goes over the wire, encoded once more, `/` kept.
 *
 * @param normalize  Whether `.` and `..` segments and repeated slashes are resolved first, as every service
 *   but S3 does.
 * @see [AWS: canonical request](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request)
 */
export function canonicalPath(path: string, normalize: boolean): string {
  if (normalize && /\/[./]|^[^/]/.test(path)) {
    const kept: string[] = []
    for (const segment of path.split('/')) {
      if (segment === '..') kept.pop()
      else if (segment && segment !== '.') kept.push(segment)
    }
    path = `/${kept.join('/')}${kept.length && path.endsWith('/') ? '/' : ''}`
  }
  return encode(path).replace(/%2F/g, '/') || '/'
}

/**
 * Gives the canonical query, which is also the one to send: no gateway, proxy or browser reads it in two ways.
 *
 * `+` is a space, a key without `=` has an empty value, every escape is written in one way; duplicates stay.
 * Bytes are kept: an escape that is no UTF-8 stays that escape.
 *
 * @param query  As on the wire, without the `?`.
 */
export function canonicalQuery(query: string): string {
  if (!query) return ''
  const pairs: string[] = []
  for (const pair of query.split('&')) {
    if (!pair) continue
    const end = pair.indexOf('=')
    // A space sorts before every character that a key may have left, so that whole pairs can be compared.
    pairs.push(
      end < 0
        ? reencode(pair) + ' '
        : `${reencode(pair.slice(0, end))} ${reencode(pair.slice(end + 1))}`,
    )
  }
  // oxlint-disable-next-line unicorn/no-array-sort -- an array of our own; not every engine has toSorted
  return pairs.sort().join('&').replace(/ /g, '=')
}

/**
 * Gives the canonical headers, one to a line with the line's end, and their names.
 *
 * @param headers  In the order of the wire; those of one name are joined in that order.
 */
export function canonicalHeaders(
  headers: readonly (readonly [name: string, value: string])[],
): [lines: string, names: string] {
  const sorted = headers
    .map(([name, value]): [string, string] => [
      name.toLowerCase(),
      value.trim().replace(/\s+/g, ' '),
    ])
    // oxlint-disable-next-line unicorn/no-array-sort -- as above
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  let lines = ''
  let names = ''
  let last
  for (const [name, value] of sorted) {
    if (name === last) lines += ',' + value
    else {
      lines += `${last ? '\n' : ''}${name}:${value}`
      names += `${last ? ';' : ''}${name}`
    }
    last = name
  }
  return [lines + '\n', names]
}

/** Encodes all but the unreserved characters of RFC 3986; a lone surrogate becomes U+FFFD, as in a URL. */
export function encode(text: string): string {
  return /[^\w.~-]/.test(text)
    ? encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(/[!'()*]/g, escape)
    : text
}

const escape = (char: string): string => '%' + char.charCodeAt(0).toString(16).toUpperCase()

const reencode = (text: string): string =>
  /[^\w.~-]/.test(text)
    ? text.replace(/%([\dA-Fa-f]{2})|[^\w.~-]/gu, (found, byte: string | undefined) => {
        if (!byte) return found === '+' ? '%20' : encode(found)
        const char = String.fromCharCode(parseInt(byte, 16))
        return /[\w.~-]/.test(char) ? char : found.toUpperCase()
      })
    : text
