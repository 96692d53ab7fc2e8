import type { bufferRequest } from '@iamfetch/sigv4'
import type { UrlReader } from '@iamfetch/sigv4/native'

/** What differs between the web's platforms, whose own is the default, and React Native. */
export interface Platform {
  /** Reads URLs. */
  readonly URL: UrlReader
  /** Reads the body of a request. */
  readonly buffer: typeof bufferRequest
  /** Gives a signal that follows the first of several. */
  readonly any: (signals: AbortSignal[]) => AbortSignal
}
