import { checkOptions, IamFetchError } from '@iamfetch/core'

/** The largest payload of API Gateway, in bytes. */
export const MAX_BODY_BYTES = 10_485_760

/**
 * Reads the body of a request once, so that the bytes that are hashed are the bytes that are sent, in any number of
 * attempts.
 *
 * Takes every kind of body that `fetch` takes, and sets the content type that `fetch` would have set (with a form's
 * boundary). Text stays text, everything else becomes bytes. A `Request` is used up, as by `fetch`; its other fields
 * are kept, those of `init` win. Views and buffers are copied.
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
  options: { limitBytes?: number | undefined } = {},
): Promise<Buffered> {
  checkOptions('bufferRequest', options, { limitBytes: 'number' })
  return readRequest(input, init, options.limitBytes)
}

/** {@link bufferRequest} for callers whose options have been checked. */
export async function readRequest(
  input: RequestInfo | URL,
  given?: RequestInit | null,
  limitBytes: number = MAX_BODY_BYTES,
): Promise<Buffered> {
  const request = isRequest(input) ? input : undefined
  const init = given ?? {}
  const sent = fieldsOf(request, init)
  // oxlint-disable-next-line typescript/no-base-to-string -- a URL or text
  const url = request?.url ?? String(input)
  const { body } = init
  if (sent.method === 'GET' || sent.method === 'HEAD') {
    if ((body ?? request?.body) != null) throw bodyNotAllowed()
    return { url, init: sent }
  }
  // A character takes three bytes at most.
  if (typeof body === 'string' && body.length * 3 <= limitBytes) return { url, init: sent }
  const { bytes, type } = await readBody(body, request, limitBytes, sent.signal)
  sent.body = bytes
  if (type && !sent.headers.has('content-type')) sent.headers.set('content-type', type)
  return { url, init: sent }
}

/** Arguments for `fetch` whose body has been read. */
export interface Buffered {
  url: string
  /** The method is in capitals, the body text or bytes. */
  init: RequestInit & { method: string; headers: Headers }
}

/** By its shape: a `Request` of another realm or of a polyfill is one, too. */
export const isRequest = (input: RequestInfo | URL): input is Request =>
  typeof input === 'object' && 'url' in input

/** The fields of a `Request`, those of `init` in front, and the method in capitals as `fetch` writes most of them. */
export function fieldsOf(request: Request | undefined, init: RequestInit): Buffered['init'] {
  const fields: RequestInit = { ...init }
  for (const name of FIELDS) {
    // Also what is inherited, as by `fetch`: a `Request` in place of the options has everything in its prototype.
    const value = init[name] ?? request?.[name]
    if (value !== undefined && fields[name] !== value) Object.assign(fields, { [name]: value })
  }
  // By the rules of `fetch`: it takes the signal of a `Request` away.
  if (init.signal === null) fields.signal = null
  return Object.assign(fields, {
    // Methods are case-sensitive, and `fetch` leaves `patch` as it is, which no server knows.
    method: (fields.method ?? 'GET').toUpperCase(),
    // Read now, as by `fetch`: the caller may change them afterwards, and a hash takes time.
    headers: new Headers(fields.headers),
  })
}

/** What a `Request` passes on in addition to its body. */
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

export const bodyNotAllowed = (): IamFetchError =>
  new IamFetchError('BODY_NOT_ALLOWED', 'GET and HEAD requests cannot have a body.', {
    remedy: 'Put the data into the query, or use POST.',
  })

export const bodyTooLarge = (limitBytes: number): IamFetchError =>
  new IamFetchError('BODY_TOO_LARGE', `The request body is larger than ${limitBytes} bytes.`, {
    remedy: 'Upload large data to S3 with a presigned URL, and send its key.',
  })

export const bodyUnreadable = (
  message: string,
  cause?: unknown,
  remedy = 'Pass text (JSON.stringify for objects), bytes, a Blob, a form, or a stream that has not been read.',
): IamFetchError =>
  new IamFetchError('BODY_UNREADABLE', message, {
    remedy,
    ...(cause !== undefined && { cause }),
  })

interface Bytes {
  bytes: Uint8Array<ArrayBuffer>
  /** The content type that `fetch` would have set. */
  type?: string | null
}

async function readBody(
  body: BodyInit | null | undefined,
  request: Request | undefined,
  limitBytes: number,
  signal: AbortSignal | null | undefined,
): Promise<Bytes> {
  if (ArrayBuffer.isView(body)) {
    if (body.byteLength > limitBytes) throw bodyTooLarge(limitBytes)
    return { bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice() }
  }
  const counted = { bytes: 0 }
  try {
    // Firefox has no `Request.body`.
    const whole = new Response(body ?? request?.body ?? (await request?.arrayBuffer()))
    const stream = whole.body?.pipeThrough(
      byteLimit(limitBytes, counted),
      signal ? { signal } : undefined,
    )
    // Read after the body: before that, the `Response` of @hono/node-server reports another type.
    const type = whole.headers.get('content-type')
    if (type === 'text/plain;charset=UTF-8' && typeof body !== 'string') {
      // `fetch` would send "[object Object]".
      throw bodyUnreadable(`A body of the type "${typeof body}" cannot be sent.`)
    }
    const bytes = new Uint8Array(await (stream ? new Response(stream) : whole).arrayBuffer())
    counted.bytes = bytes.length
    if (bytes.length > limitBytes) throw bodyTooLarge(limitBytes)
    return { bytes, type }
  } catch (cause) {
    signal?.throwIfAborted()
    // Chromium replaces the error of a stream by one of its own.
    if (counted.bytes > limitBytes) throw bodyTooLarge(limitBytes)
    if (cause instanceof IamFetchError) throw cause
    throw bodyUnreadable('The request body cannot be read.', cause)
  }
}

/** Ends a stream that is longer than the limit, before the rest is in memory. */
function byteLimit(
  limitBytes: number,
  counted: { bytes: number },
): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      counted.bytes += chunk.length
      if (counted.bytes > limitBytes) controller.error(bodyTooLarge(limitBytes))
      else controller.enqueue(chunk)
    },
  })
}
