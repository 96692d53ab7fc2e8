import { Readable } from 'node:stream'
import { DELIMITER, WITH_PRELUDE, type ResponseStream } from '../lambda-runtime/response-stream.ts'
import { accepted, refused, type Result } from '../result.ts'
import { readHandlerResult, type HandlerResult } from './handler-result.ts'
import type { Refusal } from './refusal.ts'

/** Where the delimiter has to be, in bytes. */
const LARGEST_PRELUDE = 16_384

/**
 * Reads status and headers of a streamed response as soon as they are there; the body follows.
 *
 * They come first, in JSON, and eight null characters, within the first 16 KB: what `awslambda.HttpResponseStream.from` writes.
 * A REST API needs them (that it responds with a 502 to everything else is unverified). From a function URL a response without them
 * is a 200 with the content type of the stream.
 *
 * @param needsMetadata  Whether the response has to begin with status and headers.
 * @see [AWS: Lambda proxy integration with response streaming](https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html)
 */
export async function readStreamedResult(
  stream: ResponseStream,
  needsMetadata: boolean,
): Promise<Result<HandlerResult, Refusal>> {
  const pieces = stream.iterator({ destroyOnReturn: false })
  if (needsMetadata) return readWithMetadata('rest', stream, Buffer.alloc(0), pieces)
  const { done, value } = await pieces.next()
  const first = done ? Buffer.alloc(0) : Buffer.from(value)
  // The content type is decided when the first piece is written.
  if (stream.contentType !== WITH_PRELUDE) return plainResponse(stream, first, pieces)
  return readWithMetadata('function-url', stream, first, pieces)
}

async function readWithMetadata(
  type: 'rest' | 'function-url',
  stream: ResponseStream,
  first: Uint8Array,
  pieces: AsyncIterator<Uint8Array>,
): Promise<Result<HandlerResult, Refusal>> {
  let begun = Buffer.from(first)
  for (;;) {
    const end = begun.indexOf(DELIMITER)
    if (end >= 0 && end <= LARGEST_PRELUDE) {
      const body = webStreamOf(stream, begun.subarray(end + 8), pieces)
      return readMetadata(type, begun.subarray(0, end), body)
    }
    if (begun.length > LARGEST_PRELUDE) {
      return failed(`the first ${LARGEST_PRELUDE} bytes have no delimiter of eight null characters`)
    }
    const { done, value } = await pieces.next()
    if (done) return failed(reasonOf(stream.contentType, begun.length))
    begun = Buffer.concat([begun, Buffer.from(value)])
  }
}

function reasonOf(contentType: string, length: number): string {
  if (contentType === WITH_PRELUDE && length === 0) {
    return 'the handler ended the stream without writing to it, so that its status and headers were not sent; write "" first'
  }
  return 'the handler wrote a body without status and headers; use awslambda.HttpResponseStream.from'
}

/** The response of a function URL whose handler set no status and no headers. */
const plainResponse = (
  stream: ResponseStream,
  first: Uint8Array,
  rest: AsyncIterator<unknown>,
): Result<HandlerResult, Refusal> =>
  accepted({
    status: 200,
    headers: [['content-type', stream.contentType]],
    body: webStreamOf(stream, first, rest),
  })

const webStreamOf = (
  stream: ResponseStream,
  first: Uint8Array,
  rest: AsyncIterator<unknown>,
): ReadableStream<Uint8Array> =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node types its own streams apart
  Readable.toWeb(Readable.from(bodyOf(stream, first, rest))) as ReadableStream<Uint8Array>

async function* bodyOf(
  stream: ResponseStream,
  first: Uint8Array,
  rest: AsyncIterator<unknown>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    if (first.length > 0) yield first
    for (;;) {
      const { done, value } = await rest.next()
      if (done) return
      if (value instanceof Uint8Array) yield value
    }
  } finally {
    // A client that disconnects does not end the function: what the function writes afterwards is dropped.
    stream.resume()
  }
}

function readMetadata(
  type: 'rest' | 'function-url',
  text: Uint8Array,
  body: ReadableStream<Uint8Array>,
): Result<HandlerResult, Refusal> {
  const metadata = jsonOf(text)
  if (!isObject(metadata)) return failed('what comes before the delimiter is not a JSON object')
  const { cookies, headers, ...others } = metadata
  const result = readHandlerResult(type, {
    statusCode: 200,
    ...others,
    headers: hasContentType(metadata)
      ? headers
      : { ...(isObject(headers) && headers), 'content-type': 'application/octet-stream' },
  })
  if (!result.ok) return result
  const setCookies = Array.isArray(cookies) ? cookies : []
  const all = [
    ...result.value.headers,
    ...setCookies.map((cookie): [string, string] => ['set-cookie', String(cookie)]),
  ]
  return accepted({ ...result.value, headers: all, body })
}

function jsonOf(text: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(text).toString())
  } catch {
    return undefined
  }
}

const hasContentType = ({ headers, multiValueHeaders }: Record<string, unknown>): boolean =>
  [headers, multiValueHeaders].some(
    (all) =>
      isObject(all) && Object.keys(all).some((name) => name.toLowerCase() === 'content-type'),
  )

const failed = (reason: string): Result<never, Refusal> =>
  refused({ kind: 'HandlerFailed', reason })

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
