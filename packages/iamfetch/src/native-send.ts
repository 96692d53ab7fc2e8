import { NativeUrl } from '@iamfetch/sigv4/native'

/** What sends a request. */
export type Send = (request: Request, init?: RequestInit) => Promise<Response>

/**
 * Sends as React Native can, and makes its answers tell what those of a browser tell.
 *
 * Its `Request` knows no `redirect`, so that `fetch` is told beside it, a caller's own too: Expo's listens, React Native's
 * follows every redirect and tells only where it ended. What fails on the network is a `TypeError` on the web and in
 * React Native, and an `Error` of its own in Expo.
 *
 * @param send  Left out, the platform's `fetch`.
 */
export function sendNatively(
  send: Send = (request, init) => globalThis.fetch(request, init),
): Send {
  return async (request) => {
    let response: Response
    try {
      response = await send(request, { redirect: 'manual' })
    } catch (cause) {
      if (request.signal?.aborted || Object(cause).name !== 'Error') throw cause
      throw new TypeError('Network request failed', { cause })
    }
    if (!response.redirected && elsewhere(response.url, request.url)) {
      Object.defineProperty(response, 'redirected', { value: true })
    }
    return response
  }
}

/** Whether an answer came from another address; the query is left out, as platforms write it in several ways. */
function elsewhere(answered: string, asked: string): boolean {
  if (!answered) return false
  try {
    const [one, other] = [new NativeUrl(answered), new NativeUrl(asked)]
    return one.origin + one.pathname !== other.origin + other.pathname
  } catch {
    return true
  }
}
