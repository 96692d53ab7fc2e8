import { IamFetchError } from './error.ts'

/** The most that a response may hold which a package reads for itself: token endpoints, Cognito, Secrets Manager, JWKS. */
export const MAX_RESPONSE_BYTES = 1_048_576

/**
 * Reads the text of a response, but not more than a limit: a few hundred kilobytes of gzip can become gigabytes.
 *
 * The wait for the body has no limit of its own; give the request a signal that ends it.
 *
 * @param response    Its body is consumed.
 * @param limitBytes  The most bytes to read, after decompression. @default 1048576
 * @throws {@link IamFetchError} `UNEXPECTED_ANSWER` if the body is larger. The rest of the body is not downloaded.
 */
export async function readText(
  response: Response,
  limitBytes: number = MAX_RESPONSE_BYTES,
): Promise<string> {
  const reader = response.body?.getReader()
  // React Native has no streams: the whole response is in memory already.
  if (!reader) {
    const text = await response.text()
    if (text.length > limitBytes) throw tooLarge(limitBytes)
    return text
  }
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > limitBytes) {
      reader.cancel().catch(() => {})
      throw tooLarge(limitBytes)
    }
    text += decoder.decode(value, { stream: true })
  }
}

const tooLarge = (limitBytes: number): IamFetchError =>
  new IamFetchError(
    'UNEXPECTED_ANSWER',
    `The response is larger than ${limitBytes} bytes, so it was not read to its end.`,
    {
      remedy: 'Check the endpoint: a proxy, a captive portal or another server may have responded.',
      retryable: true,
    },
  )
