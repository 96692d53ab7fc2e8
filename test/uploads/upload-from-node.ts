import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Uploads a file to a presigned URL from Node, without reading it into memory. S3 needs its length, which `fetch` does not send
 * with a stream.
 *
 * @param onProgress  Receives how many bytes have left, and how many there are.
 */
export async function uploadFileWithProgress(
  presignedUrl: string,
  path: string,
  contentType: string,
  onProgress: (sentBytes: number, totalBytes: number) => void,
): Promise<void> {
  const { size } = await stat(path)
  const open = presignedUrl.startsWith('https:') ? httpsRequest : httpRequest
  const headers = { 'content-type': contentType, 'content-length': size }
  const request = open(presignedUrl, { method: 'PUT', headers })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  let sentBytes = 0
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      sentBytes += chunk.length
      onProgress(sentBytes, size)
      done(null, chunk)
    },
  })
  const [answer] = await Promise.all([response, pipeline(createReadStream(path), counted, request)])
  answer.resume()
  // Not the URL: it is as good as a key until it expires.
  if (answer.statusCode !== 200) {
    throw new Error(`S3 refused the upload with a ${answer.statusCode}.`)
  }
}
