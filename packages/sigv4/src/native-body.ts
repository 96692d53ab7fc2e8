import { IamFetchError } from '@iamfetch/core'
import { FIELDS, type Buffered } from './body.ts'
import { utf8 } from './sha256.ts'

/**
 * Reads the body of a request once, as {@link bufferRequest} of the portable entry does, with what React Native has: no
 * streams, `Blob` without `arrayBuffer`, a `FormData` of its own, no `TextEncoder`.
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
  init: RequestInit = {},
  { limitBytes = 10_485_760 }: { limitBytes?: number | undefined } = {},
): Promise<Buffered> {
  const request: Partial<Request> = Object(input)
  const sent: RequestInit = { ...init }
  for (const name of FIELDS) {
    if (name in request) Object.assign(sent, { [name]: init[name] ?? request[name] })
  }
  delete sent.cache
  const headers = new Headers(sent.headers)
  const method = (sent.method ?? 'GET').toUpperCase()
  const all = Object.assign(sent, { method, headers })
  const url = request.url ?? String(Object(input))
  if (['GET', 'HEAD'].includes(method)) {
    if (init.body == null) return { url, init: all }
    throw new IamFetchError('BODY_NOT_ALLOWED', 'GET and HEAD have no body.', {
      remedy: 'Use the query, or POST.',
    })
  }
  let read: Read
  try {
    read = await readBody(init.body ?? (await request.arrayBuffer?.()), limitBytes)
  } catch (cause) {
    if (cause instanceof IamFetchError) throw cause
    throw unreadable(
      'The body cannot be read.',
      'Pass text, bytes, a Blob or a form of texts.',
      cause,
    )
  }
  const { bytes, type } = read
  if (bytes.length > limitBytes) throw tooLarge(limitBytes)
  if (type && !headers.has('content-type')) headers.set('content-type', type)
  all.body = bytes
  return { url, init: all }
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
  const { getReader, type }: { getReader?: unknown; type?: string } = Object(body)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what has a getReader is a stream
  if (getReader) return { bytes: await readStream(body as ReadableStream<Uint8Array>, limitBytes) }
  return { bytes: await readBlob(body), type: type || undefined }
}

/** Reads a blob or a file; those of React Native itself cannot do it on their own. */
async function readBlob(blob: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const { arrayBuffer, size }: Partial<Blob> = Object(blob)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what has an arrayBuffer, or is a Blob, is one
  const one = blob as Blob
  if (arrayBuffer) return new Uint8Array(await one.arrayBuffer())
  if (!(blob instanceof Blob)) throw new TypeError('no body')
  if (!size) return new Uint8Array()
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was asked for
    reader.addEventListener('load', () => resolve(new Uint8Array(reader.result as ArrayBuffer)))
    reader.addEventListener('error', () => reject(reader.error ?? new TypeError('unreadable')))
    reader.readAsArrayBuffer(one)
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
      throw tooLarge(limitBytes)
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
    if ((size += bytes.length) > limitBytes) throw tooLarge(limitBytes)
    pieces.push(bytes)
  }
  for (const [field, value] of entriesOf(form)) {
    add(`--${boundary}\r\ncontent-disposition: form-data; name="${quoted(field)}"`)
    if (typeof value === 'string') {
      add(`\r\n\r\n${value.replace(/\r?\n|\r/g, '\r\n')}\r\n`)
      continue
    }
    const { uri, name, type }: { uri?: unknown; name?: unknown; type?: unknown } = Object(value)
    if (uri !== undefined && !Object(value).arrayBuffer) {
      throw unreadable(
        'A form with a part { uri } cannot be signed: only the native side sees its bytes.',
        'Append a file that can be read (expo-file-system: new File(uri)), or send its bytes as the body.',
      )
    }
    const bytes = await readBlob(value)
    add(`; filename="${quoted(typeof name === 'string' ? name : 'blob')}"\r\n`)
    // As `Blob` takes it: a line break would begin another header.
    const plain = typeof type === 'string' && /^[ -~]+$/.test(type)
    add(`content-type: ${plain ? type : 'application/octet-stream'}\r\n\r\n`)
    add(bytes)
    add('\r\n')
  }
  add(`--${boundary}--\r\n`)
  return { bytes: joined(pieces), type: `multipart/form-data; boundary=${boundary}` }
}

/** The entries of a form. React Native's own has no iterator (Expo adds one) and keeps the value in what it sends. */
function entriesOf(form: FormData): Iterable<[string, unknown]> {
  const { entries, getParts }: Partial<FormData> & { getParts?: () => NativePart[] } = Object(form)
  if (entries) return form.entries()
  return (getParts?.call(form) ?? []).map((part) => [part.fieldName, part.string ?? part])
}

/** What React Native's `FormData.getParts()` gives. */
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

const unreadable = (message: string, remedy: string, cause?: unknown): IamFetchError =>
  new IamFetchError('BODY_UNREADABLE', message, { remedy, ...(cause !== undefined && { cause }) })

const tooLarge = (limitBytes: number): IamFetchError =>
  new IamFetchError('BODY_TOO_LARGE', `The body exceeds ${limitBytes} bytes.`, {
    remedy: 'Upload it to S3.',
  })
