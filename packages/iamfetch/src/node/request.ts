import { abandonable, isIamFetchError, readText, sleep, type Clock } from '@iamfetch/core'
import { unavailable } from './provider.ts'

/** How a source of credentials is reached. */
export interface RequestContext {
  /** Names the source in errors: `The container credentials endpoint`. */
  readonly source: string
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A response that was read to its end. */
export interface TextResponse {
  readonly status: number
  readonly text: string
}

/** The largest document with credentials, in bytes. */
const MAX_BYTES = 65_536

/**
 * Sends a request and reads its response. One time limit covers both; a redirect is not followed.
 *
 * @throws {@link IamFetchError} `CREDENTIALS_UNAVAILABLE` if the source cannot be called or does not respond completely and in time,
 *   `UNEXPECTED_ANSWER` if the response is larger than 64 kB.
 */
export async function requestText(
  context: RequestContext,
  url: URL | Request,
  init: RequestInit = {},
): Promise<TextResponse> {
  checkCall(context, url, init)
  const finished = new AbortController()
  const limit = AbortSignal.any([context.signal, timeLimit(context, finished.signal)])
  try {
    return await abandonable(
      () => reach(context, url, { ...init, redirect: 'manual', signal: limit }),
      limit,
    )
  } finally {
    finished.abort()
  }
}

/** Refuses what the platform would refuse with an error that quotes a token or a password. */
function checkCall({ source }: RequestContext, url: URL | Request, { headers }: RequestInit): void {
  if (url instanceof URL && (url.username || url.password)) {
    throw unavailable(
      `${source} was not called, because its address contains a user or a password.`,
      'Remove them from the address.',
    )
  }
  try {
    void new Headers(headers)
  } catch {
    throw unavailable(
      `${source} was not called, because the token for it has characters that a header cannot contain.`,
      'Check the token: it is one line of printable ASCII.',
    )
  }
}

async function reach(
  { source, fetch }: RequestContext,
  url: URL | Request,
  init: RequestInit,
): Promise<TextResponse> {
  try {
    const response = await fetch(url, init)
    return { status: response.status, text: await readText(response, MAX_BYTES) }
  } catch (cause) {
    if (init.signal?.aborted) throw init.signal.reason
    if (isIamFetchError(cause)) throw cause
    throw unavailable(
      `${source} could not be reached, or its response broke off.`,
      'Check that this program runs where the credentials service is, and that no proxy is between them.',
      { cause, retryable: true },
    )
  }
}

/** A signal that aborts when the time is up, unless the work was done before. */
function timeLimit(
  { source, clock, timeoutMs }: RequestContext,
  finished: AbortSignal,
): AbortSignal {
  const limit = new AbortController()
  const late = unavailable(
    `${source} did not respond within ${timeoutMs} ms.`,
    'Check that this program runs where the credentials service is, or raise "timeoutMs".',
    { retryable: true },
  )
  sleep(clock, timeoutMs, finished).then(
    () => limit.abort(late),
    () => {},
  )
  return limit.signal
}
