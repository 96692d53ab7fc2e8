import { IamFetchError } from '@iamfetch/core'
import { createSigner, type Signer } from '@iamfetch/sigv4'
import type { SignerContext } from './iam-fetch.ts'

/**
 * Makes the `signer` of a `createIamFetch` that sends the user's ID token along, in `x-amz-iamfetch-identity`.
 *
 * A signature tells an API the user's `sub` alone; the token tells email and groups. It is asked for before each
 * attempt, after it is certain that the request goes to an allowed origin, and is signed with the request. It takes
 * the place of such a header that a call brings.
 *
 * ```ts
 * createIamFetch({ baseUrl, credentials, signer: withIdToken(idToken) })
 * ```
 *
 * @param idToken  What it throws ends the call; nothing is sent then. What is no JSON Web Token is `TOKEN_INVALID`.
 * @param signer   What signs. @default createSigner of `@iamfetch/sigv4`
 * @see `identityHeader` of `@iamfetch/server`, which checks it
 */
export function withIdToken(
  idToken: () => Promise<string>,
  signer: (context: SignerContext) => Signer = createSigner,
): (context: SignerContext) => Signer {
  if (typeof idToken !== 'function') throw TypeError('idToken: a function that gives one')
  return (context) => {
    const made = signer(context)
    return {
      presign: (...asked) => made.presign(...asked),
      async sign(input, init) {
        const { headers: given }: RequestInit = init?.headers ? init : Object(input)
        const headers = new Headers(given)
        const token: unknown = await idToken()
        // The platform's error for a value that is no header's would quote it.
        if (typeof token !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw noToken()
        headers.set('x-amz-iamfetch-identity', token)
        return made.sign(input, { ...init, headers })
      },
    }
  }
}

const noToken = (): IamFetchError =>
  new IamFetchError('TOKEN_INVALID', 'idToken gave something that is no ID token.', {
    remedy: 'Sign in first; it has to give the three parts of a JSON Web Token, without "Bearer".',
  })
