import { IamFetchError, invalidOption, tokenSourceError } from '@iamfetch/core'
import { createSigner, type Signer } from '@iamfetch/sigv4'
import { IDENTITY_HEADER, noteCompanion } from './companion.ts'
import type { SignerContext } from './iam-fetch.ts'

/**
 * Creates the `signer` of a `createIamFetch` that sends the user's ID token along, in `x-amz-iamfetch-identity`.
 *
 * A signature tells an API only the user's `sub`; the token tells email and groups. It is read when a call starts and again before
 * each attempt, only for a request to an allowed origin, and is signed with the request. It replaces such a header of the call. A
 * token of another user than the one who made the call ends the call with `CALLER_CHANGED`.
 *
 * ```ts
 * createIamFetch({ baseUrl, credentials, signer: withIdToken(idToken) })
 * ```
 *
 * @param idToken  What it throws ends the call; nothing is sent then. A value that is not a JSON Web Token is `TOKEN_INVALID`.
 * @param signer   What signs. Defaults to `createSigner` of `@iamfetch/sigv4`.
 * @see `identityHeader` of `@iamfetch/server`, which checks it
 */
export function withIdToken(
  idToken: () => Promise<string>,
  signer: (context: SignerContext) => Signer = createSigner,
): (context: SignerContext) => Signer {
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
  const factory = (context: SignerContext): Signer => {
    const inner = signer(context)
    return {
      presign: (url, options) => inner.presign(url, options),
      async sign(input, init) {
        const headers = new Headers(
          init?.headers ?? (input instanceof Request ? input.headers : {}),
        )
        headers.set(IDENTITY_HEADER, await read())
        return inner.sign(input, { ...init, headers })
      },
    }
  }
  // `createIamFetch` reads the token itself, when a call starts.
  return noteCompanion(factory, { read, signer })
}

const noToken = (): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', '"idToken" of withIdToken did not return a JSON Web Token.', {
    remedy:
      'Sign in first, and return the ID token exactly as it was issued: three parts, without "Bearer".',
  })
