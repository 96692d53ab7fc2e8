import { hideSecrets, IamFetchError, isIamFetchError } from '@iamfetch/core'
import { readRefusal } from '../refusal.ts'
import { readContent } from '../refusal/response-text.ts'

/** Whether another connection may succeed where this one failed. Nothing is opened again for another user. */
export const isTransient = (error: unknown): boolean =>
  isIamFetchError(error) &&
  error.retryable &&
  error.code !== 'CLEARED' &&
  error.code !== 'CALLER_CHANGED'

/** The error of a connection that broke in the middle. */
const brokenOff = (cause: unknown): IamFetchError =>
  new IamFetchError('NETWORK_OR_CORS', 'The connection broke while events were read.', {
    remedy: 'Call signedEvents again, with the ID of the last event as "lastEventId".',
    retryable: true,
    cause,
  })

/**
 * Checks that a response is a stream of events.
 *
 * @throws {@link IamFetchError} `FORBIDDEN` for a 401 or 403, `THROTTLED`, `SERVICE_UNAVAILABLE`, and `UNEXPECTED_ANSWER` for
 *   anything else that is not a 200 with the content type `text/event-stream`.
 */
export async function checkStream(response: Response): Promise<void> {
  const { status, headers } = response
  const type = headers.get('content-type') ?? ''
  if (status === 200 && /^text\/event-stream(;|$)/i.test(type.trim())) return
  const error = await refusalOf(response, type)
  response.body?.cancel().catch(() => {})
  throw error
}

async function refusalOf(response: Response, type: string): Promise<IamFetchError> {
  const { status } = response
  if (status === 401 || status === 403) {
    const { message } = readRefusal(response, await readContent(response)).refusal
    return new IamFetchError(
      'FORBIDDEN',
      `The API refused the stream with a ${status}. ${message}`,
      {
        remedy: 'Grant the permission that the message names, or open the stream as another user.',
      },
    )
  }
  if (status === 429) {
    return new IamFetchError('THROTTLED', 'The API refused the stream with a 429.', {
      remedy: 'Open the stream again later.',
      retryable: true,
    })
  }
  if (status >= 500) {
    return new IamFetchError(
      'SERVICE_UNAVAILABLE',
      `The API refused the stream with a ${status}.`,
      {
        remedy: 'Open the stream again later, and read the log of the API.',
        retryable: true,
      },
    )
  }
  const shownType = hideSecrets(type.slice(0, 200))
  return new IamFetchError(
    'UNEXPECTED_ANSWER',
    `The API responded with the status ${status} and the content type "${shownType}", which is not a stream of events.`,
    { remedy: 'Respond with the status 200 and the content type "text/event-stream".' },
  )
}

/** The text of a body, piece by piece. A byte order mark at its start is left out. */
export async function* textOf(
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<string, void, void> {
  const reader = response.body?.getReader()
  if (!reader) {
    // React Native has no streams: the whole response is in memory already.
    yield (await response.text()).replace(/^\uFEFF/, '')
    return
  }
  const cancel = (): void => void reader.cancel().catch(() => {})
  // Not left to the `fetch` alone: a polyfill may not end the body.
  signal.addEventListener('abort', cancel)
  const decoder = new TextDecoder()
  try {
    for (;;) {
      const { done, value } = await readFrom(reader)
      if (done) return
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}

async function readFrom(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read()
  } catch (cause) {
    throw brokenOff(cause)
  }
}
