import { IamFetchError, invalidOption } from '@iamfetch/core'
import { hashSoon, readRequest } from '@iamfetch/sigv4'
import { allOptionsOf } from './call-copy.ts'
import { withOnCaller } from './on-caller.ts'

/**
 * Adds `x-amz-content-sha256`, the hash of the body, to requests that may have one: for CloudFront with origin access control in
 * front of a function URL, which signs requests itself and leaves the hash to the client.
 *
 * Takes every kind of body that `fetch` takes, up to 10 MB; it is read once, and the bytes that are hashed are sent. GET and HEAD
 * stay as they are. Use it alone, or as the `fetch` of `createTokenFetch`. `createIamFetch` has `payload: 'header'`, which also
 * signs the hash. A page needs the header in the `Access-Control-Allow-Headers` of the API.
 *
 * Origin access control replaces the header `Authorization` unless its signing behavior is "no-override".
 *
 * @param fetch  Sends the request. Not what `createIamFetch` or `createTokenFetch` returned: such a call would begin after the body was
 *   read, when another user may be signed in, and is refused. Defaults to the platform's `fetch`, looked up at each call.
 * @returns A function to use in place of `fetch`. It throws `BODY_NOT_ALLOWED`, `BODY_TOO_LARGE`, `BODY_UNREADABLE`,
 *   `HEADER_NOT_SIGNABLE` for the mode "no-cors", and what `fetch` throws.
 * @throws `TypeError` with the code `INVALID_OPTION` if `fetch` is not a function.
 * @see [AWS: origin access control for function URLs](https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html)
 * @example
 * ```ts
 * const hashingFetch = withContentHash()
 * await hashingFetch('https://d111111abcdef8.cloudfront.net/notes', { method: 'POST', body: new FormData(form) })
 * ```
 */
export function withContentHash(fetch?: typeof globalThis.fetch): typeof globalThis.fetch {
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw invalidOption('withContentHash', '"fetch" must be a function', fetch)
  }
  return async (input, init) => {
    const send = fetch ?? globalThis.fetch
    const { url, init: sent } = await readRequest(input, init)
    if (sent.method === 'GET' || sent.method === 'HEAD') {
      return send(input, withOnCaller(allOptionsOf(init), refuseCaller))
    }
    if (sent.mode === 'no-cors') throw noCors()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a body that was read is text, bytes or nothing
    const body = sent.body as Uint8Array | string | null | undefined
    sent.headers.set('x-amz-content-sha256', await hashSoon(body ?? ''))
    return send(url, withOnCaller(sent, refuseCaller))
  }
}

/** A function of ours that is called after the body was read would call as the user who is signed in by then. */
function refuseCaller(): never {
  throw invalidOption(
    'withContentHash',
    '"fetch" must not be what createIamFetch or createTokenFetch returned, which would call as the user who is signed in after the body was read; pass withContentHash() as "fetch" to createTokenFetch, or payload: "header" to createIamFetch',
  )
}

const noCors = (): IamFetchError =>
  new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    'A request with the mode "no-cors" cannot carry the hash of its body, because browsers remove the header.',
    { remedy: 'Remove "mode", or set it to "cors".' },
  )
