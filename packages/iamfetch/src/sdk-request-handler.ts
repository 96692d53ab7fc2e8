import { readText } from '@iamfetch/core'

/** The parts of an SDK's request that are needed. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: BodyInit | null
}

/** The parts of a response that the SDK reads. */
interface SdkResponse {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

/** A `requestHandler` for clients of the AWS SDK v3. */
export interface SdkRequestHandler {
  handle(
    request: SdkRequest,
    options?: { abortSignal?: unknown },
  ): Promise<{ response: SdkResponse }>
}

/**
 * Creates the `requestHandler` of a client of the AWS SDK that sends with `fetch`. Requests have no query here.
 *
 * @see [AWS: request handlers](https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/migrate-client-constructors.html)
 */
export function sdkRequestHandler(fetch: typeof globalThis.fetch): SdkRequestHandler {
  return {
    async handle({ protocol, hostname, port, path, method, headers, body }, options) {
      const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`
      // `fetch` sets these itself and does not accept them.
      const { host: _host, 'content-length': _length, ...sent } = headers
      const response = await fetch(origin + path, {
        method,
        headers: sent,
        ...(body !== undefined && { body }),
        credentials: 'omit',
        cache: 'no-store',
        // A redirect that keeps the method would carry the ID token to another host.
        redirect: 'manual',
        ...(options?.abortSignal instanceof AbortSignal && { signal: options.abortSignal }),
      })
      return {
        response: {
          statusCode: response.status,
          headers: Object.fromEntries(response.headers),
          // Not more than a megabyte: a few hundred kilobytes of gzip can become gigabytes.
          body: new TextEncoder().encode(await readText(response)),
        },
      }
    },
  }
}
