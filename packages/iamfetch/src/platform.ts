import { bufferRequest } from '@iamfetch/sigv4'
import type { UrlReader } from '@iamfetch/sigv4/native'

/** What differs between the web's platforms and React Native. */
export interface Platform {
  /** Reads URLs. */
  readonly URL: UrlReader
  /** Reads the body of a request. */
  readonly buffer: typeof bufferRequest
  /** Returns a signal that follows the first of several. */
  readonly any: (signals: AbortSignal[]) => AbortSignal
}

/** Browsers, Node, Deno, Bun and Workers. */
export const WEB: Platform = {
  // Looked up when it is used: a test or a polyfill may have put another one in its place.
  get URL() {
    return URL
  },
  buffer: bufferRequest,
  any: (signals) => AbortSignal.any(signals),
}
