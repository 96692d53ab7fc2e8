import { CommandError } from './command.ts'
import { givenUrl } from './given-url.ts'

/** What was pasted: a response, and the request if the text contains it. */
export interface Pasted {
  response: Response
  request: Request | undefined
}

const STATUS_LINE = /^HTTP\/[\d.]+ (\d{3})/

/** Whether a text has the first line of a response, as `curl -i` and `curl -v` print it. */
export const hasStatusLine = (text: string): boolean => /^(< )?HTTP\/[\d.]+ \d{3}/m.test(text)

/**
 * Reads a response as `curl -i` prints it: status line, headers, an empty line, the body. Of several, as after a
 * redirect or `100 Continue`, the last one. The output of `curl -v` is understood too; it contains the request.
 *
 * @param url     The URL of the request, if the text does not contain it.
 * @param method  @default GET
 * @throws CommandError for a text without a status line.
 */
export function readPasted(text: string, url?: string, method?: string): Pasted {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  return lines.some((line) => /^[<>] /.test(line)) ? verbose(lines, url) : plain(lines, url, method)
}

function plain(lines: readonly string[], url?: string, method = 'GET'): Pasted {
  if (!/^[\w-]+$/.test(method)) throw new CommandError(`${method} is not an HTTP method.`)
  let at = lines.findIndex((line) => STATUS_LINE.test(line))
  if (at < 0) {
    throw new CommandError(
      'There is no status line. Paste what `curl -i` prints (HTTP/1.1 403 Forbidden, the headers, an empty line, the body), or the body of a gateway as it is: {"message":"Forbidden"}. An error of iamfetch names the page that explains it in "docs".',
    )
  }
  let end = blankAfter(lines, at)
  // A response that is followed by another one was not the last.
  while (STATUS_LINE.test(lines[end + 1] ?? '')) {
    at = end + 1
    end = blankAfter(lines, at)
  }
  const body = lines.slice(end + 1).join('\n')
  const request = url === undefined ? undefined : requestOf(givenUrl(url), { method })
  return { response: answer(lines[at] ?? '', lines.slice(at + 1, end), body), request }
}

/** `<` before what came, `>` before what was sent, `*` and `{` before what curl did, nothing before the body. */
function verbose(lines: readonly string[], url?: string): Pasted {
  const received = lines.flatMap((line) => (line.startsWith('<') ? [line.slice(2)] : []))
  const sent = lines.flatMap((line) => (line.startsWith('>') ? [line.slice(2)] : []))
  const last = received.findLastIndex((line) => STATUS_LINE.test(line))
  if (last < 0) throw new CommandError('There is no line that begins with < HTTP/.')
  const body = lines
    .slice(lines.findLastIndex((line) => line.startsWith('<')) + 1)
    .filter((line) => !/^([*{}] |[*{}]$|\{ \[)/.test(line))
    .map((line) => line.replace(/\* Connection #\d+ to host .*$/, ''))
  const response = answer(
    received[last] ?? '',
    received.slice(last + 1).filter((line) => line !== ''),
    body.join('\n').trim(),
  )
  const first = sent.findLastIndex((line) => /^[A-Z]+ \S+ HTTP\//.test(line))
  if (first < 0) return { response, request: undefined }
  const [method = 'GET', path = '/'] = (sent[first] ?? '').split(' ')
  const headers = headersOf(sent.slice(first + 1))
  const host = headers.get('host') ?? ''
  const scheme = lines.some((line) => /^\* .*(TLS|SSL)/.test(line)) ? 'https' : 'http'
  const target = givenUrl(url ?? `${scheme}://${host}${path}`)
  const isWithoutBody = method === 'GET' || method === 'HEAD'
  if (isWithoutBody || !Number(headers.get('content-length') ?? 0)) {
    return { response, request: requestOf(target, { method, headers }) }
  }
  // The body that was sent is not in the text. A body that has been read cannot be hashed by mistake.
  const request = requestOf(target, { method, headers, body: '?' })
  void request.text()
  return { response, request }
}

function requestOf(
  url: string,
  init: { method: string; headers?: Headers; body?: string },
): Request {
  try {
    return new Request(url, init)
  } catch {
    throw new CommandError(`A request with the method ${init.method} cannot be sent with fetch.`)
  }
}

const blankAfter = (lines: readonly string[], at: number): number => {
  const end = lines.indexOf('', at)
  return end < 0 ? lines.length : end
}

function answer(statusLine: string, headerLines: readonly string[], body: string): Response {
  const status = Number(STATUS_LINE.exec(statusLine)?.[1])
  if (status < 200 || status > 599)
    throw new CommandError(`${status} is not the status of a final response.`)
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : body, { status, headers: headersOf(headerLines) })
}

function headersOf(lines: readonly string[]): Headers {
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':', 1)
    if (colon < 0) continue
    try {
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim())
    } catch {
      // A pseudo-header of HTTP/2, or a line that is not a header.
    }
  }
  return headers
}
