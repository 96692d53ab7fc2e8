import { request as ask, type IncomingHttpHeaders } from 'node:http'

/** What React Native's JavaScript asks of the native side for `fetch`, `Blob` and `FileReader`, on Node. */
export interface NativeSide {
  readonly modules: Record<string, object>
  /** Set once the bundle runs: where the native side tells what happens. */
  emit: (event: string, args: readonly unknown[]) => void
}

interface BlobData {
  blobId: string
  offset?: number
  size?: number
  type?: string
}

type Body = Partial<{ string: string; base64: string; blob: BlobData; formData: unknown }>

interface Query {
  method: string
  url: string
  headers: Record<string, string>
  data: Body
  responseType: 'blob' | 'text' | 'base64'
}

/**
 * Plays `Networking`, `BlobModule` and `FileReaderModule` of iOS: requests go over loopback exactly as they were written,
 * redirects are followed, answers become blobs.
 *
 * @see [RCTNetworking.mm](https://github.com/facebook/react-native/blob/main/packages/react-native/Libraries/Network/RCTNetworking.mm)
 */
export function nativeSide(): NativeSide {
  const blobs = new Map<string, Buffer>()
  const running = new Map<number, AbortController>()
  let last = 0
  const read = ({ blobId, offset = 0, size }: BlobData): Buffer => {
    const bytes = blobs.get(blobId)
    if (!bytes) throw new Error(`no blob ${blobId}`)
    return bytes.subarray(offset, size === undefined ? undefined : offset + size)
  }
  const bytesOf = ({ string, base64, blob, formData }: Body): Buffer => {
    if (formData) throw new Error('a form reached the native side')
    if (string !== undefined) return Buffer.from(string)
    if (base64 !== undefined) return Buffer.from(base64, 'base64')
    return blob ? read(blob) : Buffer.alloc(0)
  }

  const side: NativeSide = {
    emit: () => {},
    modules: {
      Networking: {
        addListener() {},
        removeListeners() {},
        clearCookies() {},
        abortRequest: (id: number) => running.get(id)?.abort(),
        sendRequest(query: Query, callback: (id: number) => void) {
          const id = ++last
          const controller = new AbortController()
          running.set(id, controller)
          // The callback comes from the native side, after the call.
          setTimeout(() => {
            callback(id)
            send(query, bytesOf(query.data), controller.signal)
              .then(({ status, headers, url, body }) => {
                side.emit('didReceiveNetworkResponse', [id, status, flat(headers), url])
                side.emit('didReceiveNetworkData', [id, given(query, body, headers)])
                side.emit('didCompleteNetworkResponse', [id, null, false])
              })
              .catch((error: unknown) => {
                side.emit('didCompleteNetworkResponse', [id, String(error), false])
              })
              .finally(() => running.delete(id))
          }, 0)
        },
      },
      BlobModule: {
        getConstants: () => ({ BLOB_URI_SCHEME: 'blob', BLOB_URI_HOST: null }),
        addNetworkingHandler() {},
        createFromParts(parts: { type: string; data: string & BlobData }[], id: string) {
          const pieces = parts.map(({ type, data }) =>
            type === 'string' ? Buffer.from(data) : read(data),
          )
          blobs.set(id, Buffer.concat(pieces))
        },
        release: (id: string) => blobs.delete(id),
      },
      FileReaderModule: {
        readAsText: async (blob: BlobData) => read(blob).toString('utf8'),
        readAsDataURL: async (blob: BlobData) =>
          `data:${blob.type || 'application/octet-stream'};base64,${read(blob).toString('base64')}`,
      },
    },
  }
  const given = (
    { responseType }: Query,
    body: Buffer,
    headers: IncomingHttpHeaders,
  ): string | BlobData => {
    if (responseType !== 'blob') return body.toString(responseType === 'text' ? 'utf8' : 'base64')
    const blobId = `answer-${blobs.size}-${Math.random()}`
    blobs.set(blobId, body)
    return { blobId, offset: 0, size: body.length, type: headers['content-type'] ?? '' }
  }
  return side
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  url: string
  body: Buffer
}

/** The URL's text goes over the wire as it is: no parser of Node touches it. */
async function send(
  query: Query,
  body: Buffer,
  signal: AbortSignal,
  redirects = 0,
): Promise<Answer> {
  const { url, method, headers } = query
  const [, host, port, path = '/'] = /^http:\/\/([^/:]+):(\d+)(\/[^#]*)?$/.exec(url) ?? []
  if (!host || !port) throw new Error(`not for this test: ${url}`)
  const answer = await new Promise<Answer>((resolve, reject) => {
    const length = body.length || method === 'POST' ? { 'content-length': body.length } : {}
    const call = ask(
      { host, port, path, method, headers: { ...headers, ...length }, signal },
      (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0 } = response
          resolve({ status, headers: response.headers, url, body: Buffer.concat(pieces) })
        })
      },
    )
    call.on('error', reject)
    call.end(body)
  })
  const { location } = answer.headers
  if (answer.status < 300 || answer.status > 399 || !location || redirects > 5) return answer
  return send({ ...query, url: location }, body, signal, redirects + 1)
}

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
