import { checkOptions, isIamFetchError } from '@iamfetch/core'
import {
  bodyNotAllowed,
  bodyTooLarge,
  bodyUnreadable,
  fieldsOf,
  isRequest,
  MAX_BODY_BYTES,
  type Buffered,
} from './body.ts'
import { utf8 } from './sha256.ts'

/**
 * Reads the body of a request once, as {@link bufferRequest} of the portable entry does, with what React Native has: no
 * streams, `Blob` without `arrayBuffer`, a different `FormData`, no `TextEncoder`.
 *
 * Text, views, buffers, `URLSearchParams`, blobs and files (through `FileReader` where they cannot be read themselves),
 * a form of texts and of blobs that can be read, and streams where Expo brings them. `cache` is left out: React Native's
 * `Request` would add a parameter to the signed URL for it.
 *
 * @param options.limitBytes  The largest body, in bytes. @default 10485760
 * @throws {@link IamFetchError} `BODY_NOT_ALLOWED` (GET, HEAD), `BODY_TOO_LARGE`, `BODY_UNREADABLE`, also for a form with a
 *   part `{ uri, name, type }`, whose bytes only the native side sees.
 */
export async function bufferRequest(
  input: RequestInfo | URL,
  given?: RequestInit | null,
  options: { limitBytes?: number | undefined } = {},
): Promise<Buffered> {
  checkOptions('bufferRequest', options, { limitBytes: 'number' })
  const { limitBytes = MAX_BODY_BYTES } = options
  const request = isRequest(input) ? input : undefined
  const init = given ?? {}
  const sent = fieldsOf(request, init)
  delete sent.cache
  // oxlint-disable-next-line typescript/no-base-to-string -- a URL or text
  const url = request?.url ?? String(input)
  if (sent.method === 'GET' || sent.method === 'HEAD') {
    if ((init.body ?? request?.body) == null) return { url, init: sent }
    throw bodyNotAllowed()
  }
  const { bytes, type } = await readWhole(init.body, request, limitBytes)
  if (type && !sent.headers.has('content-type')) sent.headers.set('content-type', type)
  return { url, init: { ...sent, body: bytes } }
}

async function readWhole(
  body: unknown,
  request: Request | undefined,
  limitBytes: number,
): Promise<Read> {
  let read: Read
  try {
    read = await readBody(body ?? (await request?.arrayBuffer?.()), limitBytes)
  } catch (cause) {
    if (isIamFetchError(cause)) throw cause
    throw bodyUnreadable('The request body cannot be read.', cause)
  }
  if (read.bytes.length > limitBytes) throw bodyTooLarge(limitBytes)
  return read
}

/** Bytes, and the content type that `fetch` would have set. */
interface Read {
  bytes: Uint8Array<ArrayBuffer>
  type?: string | undefined
}

async function readBody(body: unknown, limitBytes: number): Promise<Read> {
  if (body == null) return { bytes: new Uint8Array() }
  if (typeof body === 'string') return { bytes: utf8(body), type: 'text/plain;charset=UTF-8' }
  if (ArrayBuffer.isView(body)) {
    return { bytes: Uint8Array.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)) }
  }
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body.slice(0)) }
  if (body instanceof URLSearchParams) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8'
    return { bytes: utf8(body.toString()), type }
  }
  if (body instanceof FormData) return readForm(body, limitBytes)
  if (isStream(body)) return { bytes: await readStream(body, limitBytes) }
  return { bytes: await readBlob(body), type: typeOf(body) || undefined }
}

const isStream = (body: unknown): body is ReadableStream<Uint8Array> =>
  typeof body === 'object' && body !== null && 'getReader' in body

/** Whether JavaScript can read the bytes of this object, as those of Expo's files. */
const isReadable = (body: unknown): body is Blob =>
  typeof body === 'object' && body !== null && 'arrayBuffer' in body

const typeOf = (body: unknown): string =>
  typeof body === 'object' && body !== null && 'type' in body && typeof body.type === 'string'
    ? body.type
    : ''

/** Reads a blob or a file. Those of React Native have no `arrayBuffer`. */
async function readBlob(blob: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (isReadable(blob)) return new Uint8Array(await blob.arrayBuffer())
  if (!(blob instanceof Blob)) throw new TypeError('This object is not a request body.')
  if (blob.size === 0) return new Uint8Array()
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- readAsArrayBuffer gives one
    reader.addEventListener('load', () => resolve(new Uint8Array(reader.result as ArrayBuffer)))
    reader.addEventListener('error', () =>
      reject(reader.error ?? new TypeError('The Blob could not be read.')),
    )
    reader.readAsArrayBuffer(blob)
  })
}

async function readStream(
  stream: ReadableStream<Uint8Array>,
  limitBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader()
  const pieces: Uint8Array[] = []
  for (let size = 0; ;) {
    const { done, value } = await reader.read()
    if (done) return joined(pieces)
    size += value.length
    if (size > limitBytes) {
      reader.cancel().catch(() => {})
      throw bodyTooLarge(limitBytes)
    }
    pieces.push(value)
  }
}

/**
 * Writes a form as `multipart/form-data`.
 *
 * @see [RFC 7578 §4](https://www.rfc-editor.org/rfc/rfc7578#section-4), escapes as in
 *   [HTML: multipart/form-data](https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data)
 */
async function readForm(form: FormData, limitBytes: number): Promise<Read> {
  const boundary = `----iamfetch${Array.from({ length: 3 }, () => Math.random().toString(36).slice(2)).join('')}`
  const pieces: Uint8Array[] = []
  let size = 0
  const add = (piece: string | Uint8Array): void => {
    const bytes = utf8(piece)
    if ((size += bytes.length) > limitBytes) throw bodyTooLarge(limitBytes)
    pieces.push(bytes)
  }
  for (const [field, value] of entriesOf(form)) {
    add(`--${boundary}\r\ncontent-disposition: form-data; name="${quoted(field)}"`)
    if (typeof value === 'string') {
      add(`\r\n\r\n${value.replace(/\r?\n|\r/g, '\r\n')}\r\n`)
      continue
    }
    if (isOnlyReference(value)) {
      throw bodyUnreadable(
        'A form with a part { uri } cannot be signed, because only the native side sees its bytes.',
        undefined,
        'Append a file that JavaScript can read (expo-file-system: new File(uri)), or send its bytes as the body.',
      )
    }
    const bytes = await readBlob(value)
    add(`; filename="${quoted(nameOf(value))}"\r\n`)
    // As `Blob` takes it: a line break would begin another header.
    const type = typeOf(value)
    add(`content-type: ${/^[ -~]+$/.test(type) ? type : 'application/octet-stream'}\r\n\r\n`)
    add(bytes)
    add('\r\n')
  }
  add(`--${boundary}--\r\n`)
  return { bytes: joined(pieces), type: `multipart/form-data; boundary=${boundary}` }
}

/** Whether a part names a file that only the native side can read. */
const isOnlyReference = (part: unknown): boolean =>
  typeof part === 'object' &&
  part !== null &&
  'uri' in part &&
  part.uri !== undefined &&
  !isReadable(part)

const nameOf = (part: unknown): string =>
  typeof part === 'object' && part !== null && 'name' in part && typeof part.name === 'string'
    ? part.name
    : 'blob'

/** The entries of a form. React Native's own has no iterator (Expo adds one) and keeps the value in what it sends. */
function entriesOf(form: FormData): Iterable<[string, unknown]> {
  if ('entries' in form) return form.entries()
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- React Native's form has this method
  const parts = (form as { getParts?: () => NativePart[] }).getParts?.() ?? []
  return parts.map((part) => [part.fieldName, part.string ?? part])
}

/** What React Native's `FormData.getParts()` returns. */
interface NativePart {
  fieldName: string
  string?: string
}

const quoted = (name: string): string => name.replace(/\r?\n|\r/g, '%0D%0A').replace(/"/g, '%22')

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
