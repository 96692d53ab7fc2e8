import { checkOptions, invalidOption, type Clock, type OptionNames } from '@iamfetch/core'
import type { MachineTokenEvent } from './events.ts'
import type { ClientSecret } from './secret.ts'
import type { TokenStore } from './store.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

/** Which token, and how it is kept. */
export interface MachineTokenOptions {
  /** Where tokens come from: `oauthTokenEndpoint(…)` or `cognitoClientToken(…)`. */
  source: TokenEndpoint
  /**
   * A text, `{ current, previous }` during a rotation, or a function that returns either and is called before a token is
   * requested. Required, unless the source authenticates without a secret (`private_key_jwt`).
   */
  clientSecret?: ClientSecret | undefined
  /** For Cognito, `<resource server>/<scope>`. Defaults to all that the client may have. */
  scopes?: readonly string[] | undefined
  /**
   * Shares tokens among processes. Defaults to one store in memory for all machine tokens of this process; one with its own
   * `fetch` or `clock` keeps its tokens to itself.
   */
  store?: TokenStore | undefined
  /**
   * Encrypts the entries of `store` if the source authenticates without a client secret: any secret text that all processes
   * share. Required then, and not allowed otherwise, because the client secret serves.
   */
  storeSecret?: string | undefined
  /** A token that is returned lives at least this long, in seconds: some gateways refuse tokens in their last minute. @default 0 */
  minLifeSeconds?: number | undefined
  /** Sends the requests for tokens. @default globalThis.fetch */
  fetch?: typeof globalThis.fetch | undefined
  /** Corrected by the `Date` of responses. A `ServerClock` is shared as it is. @default Date */
  clock?: Clock | undefined
  /**
   * Receives each event, without tokens and secrets. Without it, the first failure of a `store` is reported once with
   * `console.warn`.
   */
  onEvent?: ((event: MachineTokenEvent) => void) | undefined
}

const OWNER = 'machineToken'
const NAMES: OptionNames<MachineTokenOptions> = {
  source: true,
  clientSecret: true,
  scopes: true,
  store: true,
  storeSecret: true,
  minLifeSeconds: true,
  fetch: 'function',
  clock: true,
  onEvent: 'function',
}

/** @throws `TypeError` with the code `INVALID_OPTION` for options that cannot work. */
export function checkMachineTokenOptions(options: MachineTokenOptions): void {
  checkOptions(OWNER, options, NAMES)
  const { source, scopes = [], minLifeSeconds = 0, clock } = options
  if (!isEndpoint(source)) {
    throw invalidOption(OWNER, '"source" must be oauthTokenEndpoint(…) or cognitoClientToken(…)')
  }
  if (!Array.isArray(scopes)) {
    throw invalidOption(OWNER, '"scopes" must be an array of scopes', scopes)
  }
  const wrong = scopes.findIndex((scope) => !isScope(scope))
  if (wrong >= 0) {
    throw invalidOption(
      OWNER,
      `"scopes[${wrong}]" must be one scope, without spaces`,
      scopes[wrong],
    )
  }
  if (!(Number.isFinite(minLifeSeconds) && minLifeSeconds >= 0)) {
    throw invalidOption(OWNER, '"minLifeSeconds" must be a number of seconds', minLifeSeconds)
  }
  if (clock !== undefined && typeof clock?.now !== 'function') {
    throw invalidOption(OWNER, '"clock" must be an object with a "now" function', clock)
  }
  checkStore(options)
  if (!globalThis.crypto?.subtle) {
    throw invalidOption(OWNER, 'crypto.subtle is missing; a browser has it on https pages only')
  }
}

function checkStore({ source, clientSecret, store, storeSecret }: MachineTokenOptions): void {
  if (store !== undefined) {
    if (typeof store?.get !== 'function' || typeof store.set !== 'function') {
      throw invalidOption(OWNER, '"store" must be a TokenStore, such as redisStore(…)', store)
    }
    const { timeoutMs } = store
    if (timeoutMs !== undefined && !(timeoutMs > 0)) {
      throw invalidOption(OWNER, '"timeoutMs" of "store" must be above 0', timeoutMs)
    }
    if (!store.tryLease !== !store.release) {
      throw invalidOption(OWNER, '"store" must have both tryLease and release, or neither')
    }
  }
  if (!source.withoutSecret) {
    if (storeSecret === undefined) return
    throw invalidOption(
      OWNER,
      '"storeSecret" is only for a source without a client secret, because the client secret encrypts the store',
    )
  }
  if (clientSecret !== undefined) {
    throw invalidOption(OWNER, '"clientSecret" must not be set, because "source" has its own key')
  }
  if (store && (typeof storeSecret !== 'string' || storeSecret.length < MIN_SECRET_LENGTH)) {
    throw invalidOption(
      OWNER,
      `"storeSecret" must be a secret text of at least ${MIN_SECRET_LENGTH} characters, because "source" has no client secret to encrypt the store with`,
    )
  }
}

const isEndpoint = (source: TokenEndpoint): boolean =>
  typeof source?.request === 'function' &&
  typeof source.read === 'function' &&
  Array.isArray(source.identity) &&
  source.identity.length > 0

/** @see [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) */
const isScope = (scope: unknown): boolean =>
  typeof scope === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)

const MIN_SECRET_LENGTH = 16
