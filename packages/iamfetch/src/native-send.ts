import { NativeUrl } from '@iamfetch/sigv4/native'

/**
 * Sends as React Native can, and makes its responses show what those of a browser show.
 *
 * Expo's `fetch` obeys `redirect`; React Native's follows every redirect and shows only where it ended. A failure of the network is a
 * `TypeError` on the web and in React Native, and another `Error` in Expo.
 *
 * @param send  Defaults to the platform's `fetch`.
 */
export function sendNatively(send?: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    let response: Response
    try {
      response = await (send ?? fetch)(input, init)
    } catch (cause) {
      const isExpos = cause instanceof Error && cause.name === 'Error'
      if (init?.signal?.aborted || !isExpos) throw cause
      throw new TypeError('Network request failed', { cause })
    }
    // oxlint-disable-next-line typescript/no-base-to-string -- the address, as text
    if (response && !response.redirected && elsewhere(response.url, String(input))) {
      Object.defineProperty(response, 'redirected', { value: true })
    }
    return response
  }
}

/** Whether a response came from another address. The query is ignored, because platforms write it in several ways. */
function elsewhere(responded: string, called: string): boolean {
  if (!responded) return false
  try {
    const [actual, expected] = [new NativeUrl(responded), new NativeUrl(called)]
    return actual.origin + actual.pathname !== expected.origin + expected.pathname
  } catch {
    return true
  }
}
