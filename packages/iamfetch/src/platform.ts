import { hashSoon, readRequest, type Buffered } from '@iamfetch/sigv4'
import type { UrlReader } from '@iamfetch/sigv4/native'

/** What differs between the web's platforms and React Native. */
export interface Platform {
  /** Reads URLs. */
  readonly URL: UrlReader
  /** Reads a request with its body. */
  readonly read: (input: RequestInfo | URL, init?: RequestInit) => Promise<Buffered>
  /** Hashes what is signed, if there is no `signer` in the options. */
  readonly hash: (data: Uint8Array | string) => string | Promise<string>
  /** Returns a signal that follows the first of several. */
  readonly any: (signals: AbortSignal[]) => AbortSignal
}

/** Browsers, Node, Deno, Bun and Workers. */
export const WEB: Platform = {
  // Looked up when it is used: a test or a polyfill may have put another one in its place.
  get URL() {
    return URL
  },
  read: readRequest,
  hash: hashSoon,
  any: (signals) => AbortSignal.any(signals),
}
