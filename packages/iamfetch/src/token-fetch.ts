import {
  callerChanged,
  checkOptions,
  ending,
  IamFetchError,
  invalidOption,
  isSameOwner,
  ownerOfToken,
  serverClock,
  tokenSourceError,
  type Clock,
  type OptionNames,
  type Owner,
} from '@iamfetch/core'
import { attemptsWith, type AttemptOptions } from './attempts.ts'
import type { CallAuthorization } from './authorization.ts'
import { destinationsOf } from './destination.ts'
import { ATTEMPT_OPTION_NAMES } from './iam-fetch.ts'
import { headerOf, withHeader } from './outgoing.ts'
import { WEB, type Platform } from './platform.ts'

/** A function that returns a token that works now: a machine token, or the user's ID token. */
export interface TokenSource {
  (options?: { forceRefresh?: boolean }): Promise<string>
  /** Reports that an API refused this very token; a newer one is left alone. */
  invalidate?(token: string): void
  /**
   * `true` if every token of this source is of one configured client, whatever the tokens say: a service, not a user who may sign
   * out. `machineToken` sets it. @default false
   */
  readonly isOneClient?: boolean
}

/** Where {@link createTokenFetch} sends, with which token, and how often it tries. */
export interface TokenFetchOptions extends AttemptOptions {
  /**
   * Called when a call starts, and again before each further attempt. A source without `invalidate` is called with `forceRefresh`
   * after a refusal.
   */
  token: TokenSource
  /** The local time. @default Date */
  clock?: Clock | undefined
}

export const TOKEN_FETCH_OPTION_NAMES: OptionNames<TokenFetchOptions> = {
  ...ATTEMPT_OPTION_NAMES,
  token: true,
  clock: 'clock',
}

/**
 * Creates a `fetch` that sends `Authorization: Bearer` with the token of the user who makes the call.
 *
 * Origins, redirects, replays, deadline and errors are those of `createIamFetch`. A token that an API refuses with a 401 is
 * invalidated once and the request sent once more with the next one. That next one is not invalidated when it is refused as
 * well: an API that refuses every token costs one new token, not one for each call.
 *
 * A call belongs to the user whose token was read when it started, by `iss` and `sub`, or by `iss` and the client ID. A token of
 * another user is never sent in a later attempt (`CALLER_CHANGED`). Whose an opaque token is cannot be checked.
 *
 * @returns A function to use in place of `fetch`. It throws {@link IamFetchError}: `TOKEN_INVALID` if the source returned
 *   something else than a token, `HEADER_NOT_SIGNABLE` for a request that already has an `Authorization` header,
 *   `CALLER_CHANGED`, and those of `createIamFetch`. An error of the source is `NETWORK_OR_CORS`,
 *   `OFFLINE`, `LOGIN_REQUIRED` or `SERVICE_UNAVAILABLE`, with the error as its cause; an `IamFetchError` stays as it is.
 * @throws `TypeError` for a wrong option.
 * @see [RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
 * @example
 * ```ts
 * const tokenFetch = createTokenFetch({
 *   baseUrl: 'https://api.example.com',
 *   token: async ({ forceRefresh = false } = {}) => readToken({ forceRefresh }),
 * })
 * const response = await tokenFetch('/content')
 * ```
 */
export function createTokenFetch(options: TokenFetchOptions): typeof globalThis.fetch {
  checkOptions('createTokenFetch', options, TOKEN_FETCH_OPTION_NAMES)
  return tokenFetchOn(WEB, options)
}

/** {@link createTokenFetch} on a platform. */
export function tokenFetchOn(
  platform: Platform,
  options: TokenFetchOptions,
): typeof globalThis.fetch {
  const name = 'createTokenFetch'
  const { token: source } = options
  if (typeof source !== 'function') {
    // Not the value: it may be a token.
    throw invalidOption(name, '"token" must be a function that returns a token')
  }
  const destinations = destinationsOf({ ...options, URL: platform.URL }, name)
  const clock = serverClock(options.clock)
  const tokens = tokensOf(source)
  return attemptsWith({ name, options, platform, destinations, clock }, () => startCall(tokens))
}

/** The tokens of a source, and what is known of them. */
interface Tokens {
  readonly read: () => Promise<string>
  readonly ownerOf: (token: string) => Owner
  /** Notes that an API has accepted a token. */
  readonly accepted: (token: string) => void
  /** The token that takes the place of a refused one; `undefined` if another attempt is not worth it. */
  readonly replace: (token: string) => Promise<string | undefined>
}

function tokensOf(source: TokenSource): Tokens {
  /** The token that followed a refused one, until it has worked once. */
  let unproven: string | undefined
  let forced: Promise<string> | undefined
  /** Reading a token takes longer than comparing it, and most calls have the same one. */
  let known: { token: string; owner: Owner } | undefined

  const read = async (options?: { forceRefresh: boolean }): Promise<string> => {
    let token: unknown
    try {
      token = await source(options)
    } catch (cause) {
      throw tokenSourceError('token', cause)
    }
    if (typeof token === 'string' && /^[\w.~+/-]+=*$/.test(token)) return token
    throw token == null || token === '' ? noToken() : invalidToken()
  }
  const replacementOf = async (token: string): Promise<string> => {
    source.invalidate?.(token)
    const next = await read()
    if (next !== token || source.invalidate) return next
    forced ??= read({ forceRefresh: true }).finally(() => (forced = undefined))
    return forced
  }
  return {
    read: () => read(),
    ownerOf(token) {
      if (source.isOneClient) return {}
      if (known?.token !== token) known = { token, owner: ownerOfToken(token) }
      return known.owner
    },
    accepted(token) {
      if (token === unproven) unproven = undefined
    },
    async replace(token) {
      if (token === unproven) return undefined
      const next = await replacementOf(token)
      if (next === token) return undefined
      unproven = next
      return next
    },
  }
}

function startCall(tokens: Tokens): CallAuthorization {
  const ended = ending()
  // Begun here, so that it is the token of the user who is signed in when the call starts.
  const first = tokens.read()
  const owner = first.then(tokens.ownerOf)
  owner.catch(() => {})
  let caller: Owner = {}
  let token = ''

  const checkOwner = (): void => {
    if (!isSameOwner(caller, tokens.ownerOf(token))) throw callerChanged()
  }
  return {
    caller: owner,
    ended,
    close() {},
    async authorize(request, readAgain) {
      caller = await owner
      token = await (readAgain ? tokens.read() : first)
      checkOwner()
      if (headerOf(request, 'authorization') !== undefined) throw ownAuthorization()
      const startedAt = performance.now()
      const headers = withHeader(request.headers, 'authorization', `Bearer ${token}`)
      const authorized = { url: request.url, headers }
      return { authorized, signMs: performance.now() - startedAt }
    },
    check: checkOwner,
    onResponse(status) {
      if (status !== 401) tokens.accepted(token)
    },
    async recover({ response, corrected }) {
      if (response.status !== 401 || corrected.has('token')) return undefined
      const next = await tokens.replace(token)
      if (next === undefined) return undefined
      if (!isSameOwner(caller, tokens.ownerOf(next))) throw callerChanged()
      return 'token'
    },
  }
}

const noToken = (): IamFetchError =>
  new IamFetchError('LOGIN_REQUIRED', '"token" returned no token: no user is signed in.', {
    remedy: 'Sign in, then repeat the call.',
  })

const ownAuthorization = (): IamFetchError =>
  new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    'The request already has an Authorization header, which the token would replace.',
    { remedy: 'Remove the Authorization header, or send the request with the plain fetch.' },
  )

const invalidToken = (): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', '"token" did not return a bearer token.', {
    remedy: 'Return the token alone, without "Bearer": letters, digits and -._~+/=.',
  })
