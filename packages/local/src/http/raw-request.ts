/** One HTTP request as it came over the wire. Nothing in it is normalised: this is what was signed. */
export interface RawRequest {
  method: string
  /** The request target: path and query, still encoded. */
  target: string
  /** Lower-case names; every value that was sent, in order, its bytes as Latin-1. */
  headers: ReadonlyMap<string, readonly string[]>
  /** How the client spelled the names of the headers, by the lower-case name. Defaults to lower case. */
  spelling?: ReadonlyMap<string, string> | undefined
  body: Uint8Array
  sourceIp: string
}

/** The parts of a request target, still encoded. */
export interface Target {
  path: string
  /** Without the question mark. */
  query: string
}

/**
 * Takes a request target apart.
 *
 * @returns Nothing for a target that HTTP clients do not send: one that does not begin with a slash, has a
 *   fragment, or contains anything but visible ASCII.
 */
export function splitTarget(target: string): Target | undefined {
  if (!/^\/[!"$-~]*$/.test(target)) return undefined
  const mark = target.indexOf('?')
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** Reads the headers of `node:http`, which come as one flat list. */
export function readHeaders(rawHeaders: readonly string[]): Map<string, string[]> {
  const headers = new Map<string, string[]>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    const values = headers.get(name)
    if (values) values.push(rawHeaders[i + 1] ?? '')
    else headers.set(name, [rawHeaders[i + 1] ?? ''])
  }
  return headers
}

/** Reads how the names of the headers of `node:http` are spelled; of a header that came twice, the first spelling. */
export function readSpelling(rawHeaders: readonly string[]): Map<string, string> {
  const spelling = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (!spelling.has(name.toLowerCase())) spelling.set(name.toLowerCase(), name)
  }
  return spelling
}

/** The address of a client, an IPv4 address as such also if the server listens for both families. */
export const sourceIpOf = ({ remoteAddress = '127.0.0.1' }: RemoteSocket): string =>
  remoteAddress.replace(/^::ffff:/, '')

interface RemoteSocket {
  remoteAddress?: string | undefined
}

/** One header, its values joined by commas. */
export const headerOf = (request: RawRequest, name: string): string | undefined =>
  request.headers.get(name)?.join(',')

/**
 * Reads a query as forms are read: `+` is a space, a key without `=` has an empty value.
 *
 * @returns Nothing when an escape is broken or is not UTF-8, which a lenient reader would map onto
 *   another query.
 */
export function readQuery(query: string): [key: string, value: string][] | undefined {
  try {
    return query
      .split('&')
      .filter((piece) => piece !== '')
      .map((piece) => {
        const equals = piece.indexOf('=')
        const [key, value] =
          equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)]
        return [decode(key), decode(value)]
      })
  } catch {
    return undefined
  }
}

const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '))
