import { request as httpRequest } from 'node:http'
import type { ServedApi } from './serve-api.ts'

/** What came back. */
export interface RawAnswer {
  status: number
  headers: Headers
  body: Record<string, string>
  reason: string
}

/** Sends exactly these headers and this target; `fetch` would tidy them up. */
export function send(
  api: ServedApi,
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[] = [],
  body?: string,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const options = { port: api.port, host: '127.0.0.1', method, path: target, setHost: false }
    const request = httpRequest({ ...options, headers: headers.flat() }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const got = new Headers()
        for (const [name, value] of Object.entries(response.headersDistinct)) {
          got.set(name, String(value))
        }
        resolve({
          status: response.statusCode ?? 0,
          headers: got,
          body: JSON.parse(Buffer.concat(chunks).toString() || '{}'),
          reason: got.get('x-local-reason') ?? '',
        })
      })
    })
    request.on('error', reject).end(body)
  })
}
