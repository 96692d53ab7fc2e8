import { IamFetchError, invalidOption, tokenSourceError } from '@iamfetch/core'
import { IDENTITY_HEADER, noteCompanion } from './companion.ts'
import type { BeforeSignRequest } from './iam-fetch.ts'

/**
 * Creates the `beforeSign` of a `createIamFetch` that sends the user's ID token along, in `x-amz-iamfetch-identity`.
 *
 * From a signature an API learns only the user's `sub`; the token contains email and groups. It is read when a call starts and again before
 * each further attempt, only for a request to an allowed origin, and is signed with the request. It replaces such a header of the
 * call. A token of another user than the one who made the call ends the call with `CALLER_CHANGED`.
 *
 * @param idToken  What it throws ends the call; nothing is sent then. A value that is not a JSON Web Token is `TOKEN_INVALID`.
 * @throws `TypeError` with the code `INVALID_OPTION` if `idToken` is not a function.
 * @see `identityHeader` of `@iamfetch/server`, which checks it
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl, credentials, beforeSign: withIdToken(idToken) })
 * ```
 */
export function withIdToken(
  idToken: () => Promise<string>,
): (request: BeforeSignRequest) => Promise<void> {
  if (typeof idToken !== 'function') {
    // Not the value: it may be a token.
    throw invalidOption('withIdToken', '"idToken" must be a function that returns the ID token')
  }
  const read = async (): Promise<string> => {
    let token: unknown
    try {
      token = await idToken()
    } catch (cause) {
      throw tokenSourceError('idToken', cause)
    }
    // The platform's error for a value that cannot be in a header would quote it.
    if (typeof token === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token
    throw noToken()
  }
  const beforeSign = async ({ headers }: BeforeSignRequest): Promise<void> => {
    headers.set(IDENTITY_HEADER, await read())
  }
  // `createIamFetch` reads the token itself, when a call starts.
  return noteCompanion(beforeSign, { read })
}

const noToken = (): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', '"idToken" of withIdToken did not return a JSON Web Token.', {
    remedy:
      'Sign in first, and return the ID token exactly as it was issued: three parts, without "Bearer".',
  })
