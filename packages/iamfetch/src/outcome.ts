import { isIamFetchError, later, type ErrorCode } from '@iamfetch/core'
import type { FetchEvent } from './event.ts'

/** What is known about a call so far. The call keeps it up to date. */
export interface Progress {
  /** Without query and fragment; empty until the URL is known to be allowed. */
  url: string
  method: string
  requestsSent: number
}

/**
 * Reports the outcome of each call to `onEvent`, exactly once and after every other event of the call: also if the call was
 * aborted, if it was refused before anything was sent, and if the deadline passed while a request was under way.
 *
 * @param start  Starts a call, at once.
 */
export function withOutcome(
  onEvent: ((event: FetchEvent) => void) | undefined,
  start: (
    input: RequestInfo | URL,
    init: RequestInit | undefined,
    progress: Progress,
  ) => Promise<Response>,
): typeof globalThis.fetch {
  return async (input, init) => {
    const progress: Progress = { url: '', method: methodOf(input, init), requestsSent: 0 }
    if (!onEvent) return start(input, init, progress)
    const startedAt = performance.now()
    const report = (outcome: Outcome): void => {
      const { url, method, requestsSent: attempts } = progress
      const durationMs = performance.now() - startedAt
      later(() => onEvent({ url, method, attempts, durationMs, ...outcome }))
    }
    try {
      const response = await start(input, init, progress)
      report({ type: 'response', status: response.status })
      return response
    } catch (error) {
      report({ type: 'error', code: codeOf(error, signalOf(input, init)) })
      throw error
    }
  }
}

type Outcome =
  | { type: 'response'; status: number }
  | { type: 'error'; code: ErrorCode | 'ABORTED' | undefined }

/** Only codes of ours: what another error carries may be secret. */
function codeOf(
  error: unknown,
  signal: AbortSignal | undefined,
): ErrorCode | 'ABORTED' | undefined {
  if (isIamFetchError(error)) return error.code
  if (error instanceof TypeError && 'code' in error && error.code === 'INVALID_OPTION') {
    return 'INVALID_OPTION'
  }
  return signal?.aborted ? 'ABORTED' : undefined
}

/** The signal of a call, by the rules of `fetch`: `null` in `init` takes away the one of a `Request`. */
export function signalOf(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined
  return typeof input === 'object' && 'signal' in input ? input.signal : undefined
}

/** The method as it was given; it is known in capitals when the request has been read. */
function methodOf(input: RequestInfo | URL, init: RequestInit | undefined): string {
  if (init?.method !== undefined) return init.method
  return typeof input === 'object' && 'method' in input ? input.method : 'GET'
}
