/** A signed request as text. */
export interface SignedRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: string
}

/**
 * One command for a POSIX shell that sends the request: `sign … | sh`.
 *
 * @param between  What separates its options; the signing page of the docs breaks the line there.
 */
export function curlLine({ method, url, headers, body }: SignedRequest, between = ' '): string {
  const parts = ['curl -sS -i', method === 'HEAD' ? '--head' : `-X ${method}`]
  // curl has a URL language of its own, with braces and brackets.
  parts.push(`--globoff ${quoted(url)}`)
  for (const [name, value] of Object.entries(headers)) {
    parts.push(`-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`)
  }
  if (body !== undefined) {
    // Without a type of ours curl would say that it is a form.
    const typed = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
    if (!typed) parts.push(`-H 'content-type:'`)
    // Raw: of a body that begins with @ curl would read a file.
    parts.push(`--data-raw ${quoted(body)}`)
  }
  return parts.join(between)
}

/** In single quotes a shell leaves everything as it is, but for the quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
