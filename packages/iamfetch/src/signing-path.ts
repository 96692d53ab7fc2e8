import { IamFetchError, invalidOption } from '@iamfetch/core'
import { bufferRequest, createSigner, type Signer } from '@iamfetch/sigv4'
import { companionOf, noteCompanion } from './companion.ts'
import type { SignerContext } from './iam-fetch.ts'

/**
 * Makes the `signer` of a `createIamFetch` that calls an API through a proxy which changes the path, a CloudFront distribution
 * with an origin path say: it signs the path that the gateway sees and sends the one that was called.
 *
 * The host that the gateway sees is `signingHost`, as without this. The query is the same on both sides; so must be the
 * method, the body and every `x-amz-*` header.
 *
 * ```ts
 * createIamFetch({
 *   baseUrl: 'https://app.example.com/api',
 *   signingHost: 'abc.execute-api.eu-central-1.amazonaws.com',
 *   credentials,
 *   signer: withSigningPath((path) => path.replace('/api', '/prod')),
 * })
 * ```
 *
 * @param pathOf  Turns a path that was called into the one that the gateway sees, both as they go over the wire: stage
 *   included, escapes kept.
 * @param signer  What signs. @default createSigner of `@iamfetch/sigv4`
 * @returns A signer that throws {@link IamFetchError} `URL_NOT_SIGNABLE`, before anything leaves, where `pathOf` gives no path.
 * @see [CloudFront: origin path](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html#DownloadDistValuesOriginPath)
 */
export function withSigningPath(
  pathOf: (path: string) => string,
  signer: (context: SignerContext) => Signer = createSigner,
): (context: SignerContext) => Signer {
  if (typeof pathOf !== 'function') {
    throw invalidOption('withSigningPath', '"pathOf" must be a function from path to path', pathOf)
  }
  const factory = (context: SignerContext): Signer => {
    const made = signer(context)
    return {
      async sign(input, init) {
        const { url, init: sent } = await bufferRequest(input, init)
        const called = new URL(url)
        const signed = await made.sign(seenAs(called, pathOf), sent)
        called.search = new URL(signed.url).search
        return new Request(called, { ...sent, headers: signed.headers })
      },
      async presign(url, options) {
        const called = new URL(url)
        const { search } = await made.presign(seenAs(called, pathOf), options)
        called.search = search
        return called
      },
    }
  }
  const companion = companionOf(signer)
  if (!companion) return factory
  return noteCompanion(factory, {
    ...companion,
    signer: withSigningPath(pathOf, companion.signer),
  })
}

/** The URL that the gateway sees. */
function seenAs(called: URL, pathOf: (path: string) => string): URL {
  // In its path, as in every signed one, `//` is `/`.
  called.pathname = called.pathname.replace(/\/+/g, '/')
  const path: unknown = pathOf(called.pathname)
  if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
    throw new IamFetchError('URL_NOT_SIGNABLE', '"pathOf" did not return a path.', {
      remedy: 'Return what follows the host, from the first slash up to the query.',
    })
  }
  const seen = new URL(called)
  seen.pathname = path
  return seen
}
