import { IamFetchError } from '@iamfetch/core'

/**
 * Reads the body of a request once, so that the bytes that are hashed are the bytes that are sent, as often
 * as it takes.
 *
 * Every kind that `fetch` takes; the content type that `fetch` would have set (a form's boundary) is set in
 * the headers. Text stays text, the rest becomes bytes. A `Request` is used up by it, as by `fetch`; its other
 * fields are kept, those of `init` win. Views and buffers are copied.
 *
 * @param options.limitBytes  The largest body, in bytes. API Gateway takes 10 MB. @default 10485760
 * @returns Arguments for `fetch` or {@link Signer.sign}, to be used any number of times.
 * @throws {@link IamFetchError} `BODY_NOT_ALLOWED` (GET, HEAD), `BODY_TOO_LARGE`,
 *   `BODY_UNREADABLE`; the reason of an abort.
 * @see [Quotas of API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)
 */
export async function bufferRequest(
  input: RequestInfo | URL,
  init?: RequestInit,
  { limitBytes }: { limitBytes?: number | undefined } = {},
): Promise<Buffered> {
  const { url, init: sent } = await readRequest(input, init, limitBytes)
  return { url, init: Object.assign(sent, { headers: new Headers(sent.headers) }) }
}

/** {@link bufferRequest}, the headers in whatever form they came: text and nothing need no change of theirs. */
export async function readRequest(
  input: RequestInfo | URL,
  init: RequestInit = {},
  limitBytes = 10_485_760,
): Promise<Read> {
  const request: Partial<Request> = Object(input)
  const sent: RequestInit = { ...init }
  if (request.url) {
    for (const name of FIELDS) Object.assign(sent, { [name]: init[name] ?? request[name] })
  }
  const { body } = init
  const { signal } = sent
  // Methods are case-sensitive. `fetch` writes some in capitals; `patch` is none of them, and nobody means it.
  const method = (sent.method ?? 'GET').toUpperCase()
  if (['GET', 'HEAD'].includes(method)) {
    if (body != null) {
      throw new IamFetchError('BODY_NOT_ALLOWED', 'GET and HEAD have no body.', {
        remedy: 'Use POST.',
      })
    }
  } else if (typeof body !== 'string' || body.length * 3 > limitBytes) {
    // Shorter text is within the limit: a character takes three bytes at most.
    let size = 0
    try {
      let bytes: Uint8Array<ArrayBuffer>
      if (ArrayBuffer.isView(body)) {
        bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
      } else {
        const whole = new Response(body ?? request.body ?? (await request.arrayBuffer?.()))
        // Where there is a stream it is counted as it is read; React Native has none.
        const counted = whole.body?.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform: (chunk, out) =>
              (size += chunk.length) > limitBytes ? out.error() : out.enqueue(chunk),
          }),
          { signal: signal ?? undefined! },
        )
        bytes = new Uint8Array(await (counted ? new Response(counted) : whole).arrayBuffer())
        const type = whole.headers.get('content-type')
        // An object that is no body has become the text "[object Object]".
        if (type === 'text/plain;charset=UTF-8' && typeof body !== 'string') throw TypeError()
        const headers = new Headers(sent.headers)
        if (type && !headers.has('content-type')) headers.set('content-type', type)
        sent.headers = headers
      }
      sent.body = bytes
      size = bytes.length
      if (size > limitBytes) throw TypeError()
    } catch (cause) {
      signal?.throwIfAborted()
      throw size > limitBytes
        ? new IamFetchError('BODY_TOO_LARGE', `The body exceeds ${limitBytes} bytes.`, {
            remedy: 'Upload it to S3.',
          })
        : new IamFetchError('BODY_UNREADABLE', 'The body cannot be read.', {
            remedy: 'Pass JSON, bytes, form, fresh stream.',
            cause,
          })
    }
  }
  // oxlint-disable-next-line typescript/no-base-to-string -- a URL or text
  return { url: request.url ?? String(request), init: Object.assign(sent, { method }) }
}

/** Arguments for `fetch`, their body read. */
export interface Buffered {
  url: string
  /** The method is in capitals, the body text or bytes. */
  init: RequestInit & { method: string; headers: Headers }
}

/** {@link Buffered} with any headers. */
export interface Read {
  url: string
  init: RequestInit & { method: string }
}

/** What a `Request` passes on beside its body. */
export const FIELDS = [
  'method',
  'headers',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
] as const
