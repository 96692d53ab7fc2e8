import { NativeUrl } from '@iamfetch/sigv4/native'

/** What sends a request. */
export type Send = (request: Request, init?: RequestInit) => Promise<Response>

/**
 * Sends as React Native can, and makes its responses show what those of a browser show.
 *
 * Its `Request` has no `redirect`, so `fetch` gets it as a second argument, also one in the options: Expo's obeys it, React
 * Native's follows every redirect and shows only where it ended. A failure of the network is a `TypeError` on the web and in
 * React Native, and an `Error` of its own in Expo.
 *
 * @param send  Defaults to the platform's `fetch`.
 */
export function sendNatively(send?: Send): Send {
  return async (request) => {
    let response: Response
    try {
      response = await (send ?? fetch)(request, { redirect: 'manual' })
    } catch (cause) {
      const isExpos = cause instanceof Error && cause.name === 'Error'
      if (request.signal?.aborted || !isExpos) throw cause
      throw new TypeError('Network request failed', { cause })
    }
    if (response && !response.redirected && elsewhere(response.url, request.url)) {
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
