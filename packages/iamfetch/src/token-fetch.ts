import { IamFetchError, serverClock, type Clock } from '@iamfetch/core'
import { attemptsWith, type AttemptOptions } from './attempts.ts'
import { destinationsOf } from './destination.ts'
import type { Platform } from './platform.ts'

/** A function that gives a token that works now: a machine token, or the user's ID token. */
export interface TokenSource {
  (options?: { forceRefresh?: boolean }): Promise<string>
  /** Says that an API refused this very token; a newer one is left alone. */
  invalidate?(token: string): void
}

/** Where {@link createTokenFetch} sends, with which token, and how often it tries. */
export interface TokenFetchOptions extends AttemptOptions {
  /** Asked before each attempt. A source without `invalidate` is asked with `forceRefresh` after a refusal. */
  token: TokenSource
  /** The local time. @default Date */
  clock?: Clock | undefined
}

/**
 * Makes a `fetch` that sends `Authorization: Bearer` with the token of the moment.
 *
 * Origins, redirects, replays, deadline and errors are those of `createIamFetch`. A token that an API refuses with a 401 is
 * invalidated once and the request sent once more with the next one. That next one is not doubted when it is refused as
 * well: an API that refuses every token costs one new token, not one for each call.
 *
 * @returns A function to put in place of `fetch`. Beside what the token source throws it throws {@link IamFetchError}:
 *   `TOKEN_INVALID` for something that is no token, and those of `createIamFetch`.
 * @throws `TypeError` for a wrong option.
 * @see [RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)
 */
export function createTokenFetch(options: TokenFetchOptions): typeof globalThis.fetch
export function createTokenFetch(
  options: TokenFetchOptions & Partial<Platform>,
): typeof globalThis.fetch {
  const { token: source, fetch = (request) => globalThis.fetch(request) } = options
  if (typeof source !== 'function') throw TypeError('token: a function that gives one')
  /** The token that followed a refused one, until it has worked once. */
  let unproven: string | undefined
  let forced: Promise<string> | undefined

  const replacementOf = async (token: string): Promise<string> => {
    source.invalidate?.(token)
    const next = await source()
    if (next !== token || source.invalidate) return next
    forced ??= source({ forceRefresh: true }).finally(() => (forced = undefined))
    return forced
  }

  const watched = async (request: Request): Promise<Response> => {
    const response = await fetch(request)
    if (response.status !== 401 && request.headers.get('authorization') === `Bearer ${unproven}`)
      unproven = undefined
    return response
  }

  return attemptsWith<string>(
    { ...options, fetch: watched },
    destinationsOf(options, 'createTokenFetch'),
    serverClock(options.clock),
    {
      get: () => source(),
      async authorize(token, url, init) {
        if (typeof token !== 'string' || !/^[\w.~+/-]+=*$/.test(token)) throw noToken()
        const headers = new Headers(init.headers)
        headers.set('authorization', `Bearer ${token}`)
        return new Request(url, { ...init, headers })
      },
      async heal(token, { response, healed }) {
        if (response.status !== 401 || healed.has('token') || token === unproven) return undefined
        const next = await replacementOf(token)
        if (next === token) return undefined
        unproven = next
        return 'token'
      },
    },
  )
}

const noToken = (): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', 'The token source gave something that is no bearer token.', {
    remedy: 'Sign in first; `token` has to give a non-empty text of letters, digits and -._~+/=.',
  })
