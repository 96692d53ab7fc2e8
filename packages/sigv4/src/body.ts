import { utf8 } from '#edge'
import { IamFetchError } from '@iamfetch/core'

/**
 * Reads the body of a request once, so that the bytes that are hashed are the bytes that are sent, as often
 * as it takes.
 *
 * Every kind that `fetch` takes; the content type that `fetch` would have set (a form's boundary) is set
 * in the headers. A `Request` is used up by it, as by `fetch`; its other fields are kept, those of `init`
 * win. Views and buffers are copied.
 *
 * @param options.limitBytes  The largest body, in bytes. API Gateway takes 10 MB. @default 10485760
 * @returns Arguments for `fetch` or {@link Signer.sign}, to be used any number of times.
 * @throws {@link IamFetchError} `BODY_NOT_ALLOWED` (GET, HEAD), `BODY_TOO_LARGE`, `BODY_UNREADABLE`; the
 *   reason of an abort.
 * @see [Quotas of API Gateway](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)
 */
export async function bufferRequest(
  input: RequestInfo | URL,
  init: RequestInit = {},
  { limitBytes = 10_485_760 }: { limitBytes?: number | undefined } = {},
): Promise<{ url: string; init: RequestInit }> {
  const request = typeof input === 'object' && 'url' in input ? input : undefined
  const merged: RequestInit = { ...init }
  if (request) {
    for (const name of FIELDS) {
      if (init[name] === undefined) Object.assign(merged, { [name]: request[name] })
    }
    // What a service worker is handed; no request can be made in this mode.
    if (request.mode === 'navigate' && !init.mode) merged.mode = 'same-origin'
  }
  const url = typeof input === 'string' ? input : 'url' in input ? input.url : input.href
  const { method = 'GET', signal } = merged
  const bodiless = /^(get|head)$/i.test(method)
  if (bodiless && init.body != null) {
    throw new IamFetchError('BODY_NOT_ALLOWED', `A ${method} request cannot have a body.`, {
      remedy: 'Put it into the query, or use POST.',
    })
  }
  signal?.throwIfAborted()
  const headers = new Headers(merged.headers)
  merged.headers = headers
  const { body } = init
  let bytes: Uint8Array<ArrayBuffer> | undefined
  let type: string | null = null
  if (typeof body === 'string') {
    bytes = utf8(body)
    type = TEXT
  } else if (body instanceof ArrayBuffer) bytes = new Uint8Array(body).slice()
  else if (ArrayBuffer.isView(body)) {
    bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
  } else if (body != null || (request && !bodiless && request.body !== null)) {
    try {
      const source = body == null ? request! : new Response(body)
      type = source.headers.get('content-type')
      // An object that is no body would be sent as "[object Object]".
      if (source.bodyUsed || (body != null && type === TEXT))
        throw new TypeError('no body, or one already read')
      bytes = source.body
        ? await drain(source.body, limitBytes, signal)
        : new Uint8Array(await source.arrayBuffer())
    } catch (cause) {
      signal?.throwIfAborted()
      throw new IamFetchError('BODY_UNREADABLE', 'The body cannot be read.', {
        remedy:
          'Give text, bytes, a form or a stream that nobody has read; an object as JSON.stringify(object).',
        cause,
      })
    }
  }
  if (bytes) {
    if (bytes.length > limitBytes) {
      throw new IamFetchError('BODY_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`, {
        remedy: 'Upload it to S3 by a presigned URL and send its name.',
      })
    }
    if (type && !headers.has('content-type')) headers.set('content-type', type)
    merged.body = bytes
  }
  return { url, init: merged }
}

/** What a `Request` passes on; its headers and body are taken care of apart. */
const FIELDS = [
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

const TEXT = 'text/plain;charset=UTF-8'

/** Reads a stream to its end, or until it is larger than `limit`. */
async function drain(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  signal?: AbortSignal | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  const stop = (): void => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', stop)
  try {
    const chunks: Uint8Array[] = []
    let length = 0
    for (let part; !(part = await reader.read()).done && length <= limit;) {
      if (!(part.value instanceof Uint8Array)) throw new TypeError('a chunk is not a Uint8Array')
      chunks.push(part.value)
      length += part.value.length
    }
    signal?.throwIfAborted()
    if (length > limit) stop()
    const bytes = new Uint8Array(length)
    length = 0
    for (const chunk of chunks) {
      bytes.set(chunk, length)
      length += chunk.length
    }
    return bytes
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
