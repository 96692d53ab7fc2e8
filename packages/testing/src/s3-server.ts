import { createServer, type IncomingMessage, type Server } from 'node:http'
import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { startHttp, type RunningServer } from './running-server.ts'

/** An object that was uploaded. */
export interface StoredObject {
  contentType: string | undefined
  bytes: number
}

/** A server in the form of S3, for uploads to presigned URLs. */
export interface S3Server extends RunningServer {
  /** Returns a URL that AWS's signer presigned for a PUT, as `getSignedUrl` of `@aws-sdk/s3-request-presigner` does. */
  readonly presign: (key: string, expiresInSeconds: number) => Promise<string>
  readonly objects: ReadonlyMap<string, StoredObject>
}

const signer = new SignatureV4({
  service: 's3',
  region: 'eu-central-1',
  sha256: Sha256,
  uriEscapePath: false,
  applyChecksum: false,
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'of the function' },
})

/** The parameters of a presigned PUT of this host and path. */
async function presigned(
  host: string,
  path: string,
  signingDate: Date,
  expiresIn: number,
): Promise<URLSearchParams> {
  const [hostname = '', port] = host.split(':')
  const request = new HttpRequest({
    method: 'PUT',
    protocol: 'http:',
    hostname,
    ...(port !== undefined && { port: Number(port) }),
    path,
    headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  })
  const { query } = await signer.presign(request, { signingDate, expiresIn })
  return new URLSearchParams(
    Object.entries(query ?? {}).map(([name, value]) => [name, String(value)]),
  )
}

/** @returns Why S3 would refuse an upload; `undefined` if it would not. */
async function refusalOf(incoming: IncomingMessage, now: number): Promise<string | undefined> {
  const url = new URL(incoming.url ?? '/', 'http://s3')
  const given = url.searchParams
  // Anything else than what `presign` takes over is not a signature of this server.
  if (incoming.headers.authorization !== undefined) return 'InvalidArgument'
  const stamp = given.get('X-Amz-Date') ?? ''
  const iso = stamp.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')
  const [signedAt, seconds] = [Date.parse(iso), Number(given.get('X-Amz-Expires'))]
  if (!(incoming.method === 'PUT' && signedAt >= 0 && seconds > 0)) return 'AccessDenied'
  if (now > signedAt + seconds * 1_000) return 'AccessDenied'
  const host = incoming.headers.host ?? ''
  const expected = await presigned(host, url.pathname, new Date(iso), seconds)
  expected.sort()
  given.sort()
  return expected.toString() === given.toString() ? undefined : 'SignatureDoesNotMatch'
}

/**
 * Starts a server that takes uploads to URLs that AWS's own signer presigned, for this key and until they expire. It answers
 * preflights as a bucket with a CORS rule for `PUT`.
 *
 * @param now  The time of the server. Defaults to that of the machine.
 */
export async function startS3(now: () => number = Date.now): Promise<S3Server> {
  const objects = new Map<string, StoredObject>()
  const running = await startHttp(s3(objects, now))
  return {
    ...running,
    objects,
    async presign(key, expiresInSeconds) {
      const { host } = new URL(running.url)
      const path = `/uploads/${key}`
      const query = await presigned(host, path, new Date(now()), expiresInSeconds)
      return `${running.url}${path}?${query}`
    },
  }
}

function s3(objects: Map<string, StoredObject>, now: () => number): Server {
  const answer = async (incoming: IncomingMessage): Promise<[status: number, text: string]> => {
    if (incoming.method === 'OPTIONS') return [200, '']
    const refusal = await refusalOf(incoming, now())
    let bytes = 0
    for await (const chunk of incoming) if (chunk instanceof Uint8Array) bytes += chunk.length
    if (refusal !== undefined) return [403, `<Error><Code>${refusal}</Code></Error>`]
    const { pathname } = new URL(incoming.url ?? '/', 'http://s3')
    objects.set(pathname.slice('/uploads/'.length), {
      contentType: incoming.headers['content-type'],
      bytes,
    })
    return [200, '']
  }
  return createServer((incoming, outgoing) => {
    outgoing.setHeader('access-control-allow-origin', '*')
    outgoing.setHeader('access-control-allow-methods', 'PUT')
    outgoing.setHeader('access-control-allow-headers', 'content-type')
    answer(incoming).then(
      ([status, text]) => outgoing.writeHead(status).end(text),
      () => outgoing.destroy(),
    )
  })
}
