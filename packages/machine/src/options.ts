import type { Clock } from '@iamfetch/core'
import type { MachineTokenEvent } from './meters.ts'
import type { Fetch } from './mint.ts'
import type { ClientSecret } from './secret.ts'
import type { TokenSource } from './source.ts'
import type { TokenStore } from './store.ts'

/** Which token, and how it is kept. */
export interface MachineTokenOptions {
  /** Where tokens come from: `oauthTokenEndpoint(…)` or `cognitoClientToken(…)`. */
  source: TokenSource
  /** A text, `{ current, previous }` during a rotation, or a function that gives either, asked before a token is minted. */
  clientSecret: ClientSecret
  /** As `resource server/scope`. Left out, Cognito grants all that the client may have. */
  scopes?: readonly string[] | undefined
  /**
   * Shares tokens. Left out, all machine tokens of this process share one in memory; one that was given a
   * `fetch` or a `clock` keeps to itself.
   */
  store?: TokenStore | undefined
  /** Sends the requests for tokens. @default the platform's */
  fetch?: Fetch | undefined
  /** Corrected by the `Date` of the endpoint's answers; a `ServerClock` is shared as it is. @default Date */
  clock?: Clock | undefined
  /** Told about each thing that happens, without tokens and secrets. */
  onEvent?: ((event: MachineTokenEvent) => void) | undefined
}

/** @throws TypeError for options that cannot work. */
export function checkOptions({
  source,
  scopes = [],
  store,
  fetch,
  onEvent,
}: MachineTokenOptions): void {
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw new TypeError(what)
  }
  check(
    typeof source?.request === 'function' &&
      typeof source.read === 'function' &&
      Array.isArray(source.identity) &&
      source.identity.length > 0,
    'source: oauthTokenEndpoint(…) or cognitoClientToken(…) is needed',
  )
  check(
    Array.isArray(scopes) && scopes.every((one) => typeof one === 'string' && SCOPE.test(one)),
    'scopes: an array of scopes, each without spaces',
  )
  check(!store || typeof store.get === 'function', 'store: a TokenStore is needed')
  check(
    !store || (!store.tryLease === !store.release && typeof store.set === 'function'),
    'store: tryLease and release belong together',
  )
  check(!fetch || typeof fetch === 'function', 'fetch: a function is needed')
  check(!onEvent || typeof onEvent === 'function', 'onEvent: a function is needed')
  check(!!globalThis.crypto?.subtle, 'crypto.subtle is needed, which a browser has on https only')
}

/** @see [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/
