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
  const text = await readTextWhile(response, (_, bytes) => bytes <= limitBytes)
  if (text === undefined) throw tooLarge(limitBytes)
  return text
}

/**
 * Reads the text of a response for as long as it may be one that is wanted.
 *
 * @param response  Its body is consumed.
 * @param accepts   Receives what has been read so far and its size in bytes, after decompression.
 * @param signal    Ends the reading.
 * @returns `undefined` as soon as `accepts` returns `false`. The rest of the body is not downloaded then.
 */
export async function readTextWhile(
  response: Response,
  accepts: (text: string, bytes: number) => boolean,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const reader = response.body?.getReader()
  // React Native has no streams: the whole response is in memory already.
  if (!reader) {
    const text = await response.text()
    return accepts(text, text.length) ? text : undefined
  }
  const cancel = (): void => void reader.cancel().catch(() => {})
  signal?.addEventListener('abort', cancel)
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value, { stream: true })
    bytes += value.byteLength
    if (accepts(text, bytes)) continue
    cancel()
    return undefined
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
