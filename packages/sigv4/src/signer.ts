import { hashBody, sha256Hex } from '#edge'
import { IamFetchError, type Clock, type CredentialsSource } from '@iamfetch/core'
import { bufferRequest } from './body.ts'
import { canonicalQuery } from './canonical.ts'
import { regionOf } from './host.ts'
import { presignParts, signParts, type SigningContext } from './sign.ts'

/** How a {@link Signer} signs. */
export interface SignerOptions {
  /** Credentials, or a function that is asked for them before each signature. */
  credentials: CredentialsSource
  /** The API's region. Read from an AWS host name when left out; a custom domain needs it. */
  region?: string | undefined
  /** @default 'execute-api' */
  service?: string | undefined
  /** @default the clock of `credentials` where it has one, else Date */
  clock?: Clock | undefined
  /** The host that the API sees, where a proxy such as CloudFront stands in front and changes it. */
  signingHost?: string | undefined
  /** Headers to sign beside `host` and every `x-amz-*`, when a request has them. @default [] */
  signHeaders?: readonly string[] | undefined
}

/** Signs requests with the credentials and for the API that it was made with. */
export interface Signer {
  /**
   * Signs a request. Takes what `fetch` takes, does not send it.
   *
   * The URL is signed and sent in one form: `//` is `/`, a space in the query `%20`, `?flag` is `?flag=`.
   *
   * @returns A request to hand to `fetch` within five minutes, once.
   * @throws {@link IamFetchError} before anything leaves; the codes are in the README.
   */
  sign(input: RequestInfo | URL, init?: RequestInit): Promise<Request>
  /**
   * Signs a URL for a link or a WebSocket; whoever has it may use it.
   *
   * @param options.expiresInSeconds  At most 300 for API Gateway. @default 300
   * @param options.method            @default 'GET'
   */
  presign(
    url: string | URL,
    options?: { expiresInSeconds?: number | undefined; method?: string | undefined },
  ): Promise<URL>
}

/**
 * Makes a signer for one API.
 *
 * Signs `host`, `x-amz-date`, `x-amz-security-token`, every `x-amz-*` that the caller set and what
 * `signHeaders` names; nothing that a browser or a proxy may change under way.
 *
 * @throws TypeError for a missing `credentials`, a `signingHost` that is not a host, a header in
 *   `signHeaders` that cannot be signed.
 */
export function createSigner({
  credentials: source,
  region,
  service = 'execute-api',
  clock,
  signingHost,
  signHeaders = [],
}: SignerOptions): Signer {
  if (!source) throw new TypeError('createSigner needs credentials')
  if (/[^\w.:[\]-]/.test(signingHost ?? ''))
    throw new TypeError('signingHost must be a host, without a scheme')
  const signable = new Set(signHeaders.map((name) => name.toLowerCase()))
  for (const name of signable) {
    if (UNSIGNABLE.test(name))
      throw new TypeError(`${name} cannot be signed: it may change under way`)
  }

  const contextFor = async (host: string, payloadHash: string): Promise<SigningContext> => {
    const at = region ?? regionOf(host)
    if (!at) {
      throw new IamFetchError('REGION_UNKNOWN', `The host ${host} does not tell its AWS region.`, {
        remedy: 'Give the region of the API as region.',
      })
    }
    const [credentials, itsClock] =
      typeof source === 'function' ? [await source(), source.clock] : [source]
    const time = (clock ?? itsClock ?? Date).now()
    return { credentials, region: at, service, at: new Date(time), payloadHash }
  }

  return {
    async sign(input, init) {
      const sent = await bufferRequest(input, init)
      const url = wireUrl(sent.url)
      const { body } = sent.init
      const payloadHash = body instanceof Uint8Array ? await hashBody(body) : EMPTY
      const host = signingHost ?? url.host
      const context = await contextFor(host, payloadHash)
      const request = new Request(url, sent.init)
      const { headers } = request
      headers.delete('host')
      headers.delete('x-amz-security-token')
      const toSign: [string, string][] = [['host', host]]
      for (const [name, value] of headers) {
        if (
          name === 'authorization'
            ? !value.startsWith('AWS4-')
            : name === 'x-amz-content-sha256' && value !== payloadHash
        ) {
          throw unsignable(name)
        }
        if (name.startsWith('x-amz-') || signable.has(name)) {
          if (/[^ -~]/.test(value)) throw unsignable(name)
          toSign.push([name, value])
        }
      }
      const { pathname, search } = url
      const signed = signParts(
        { method: request.method, path: pathname, query: search.slice(1), headers: toSign },
        context,
      )
      try {
        for (const [name, value] of signed.headers) if (name !== 'host') headers.set(name, value)
      } catch {
        // The platform's message would show the session token.
      }
      // `mode: 'no-cors'` drops headers silently: nothing leaves unsigned.
      if (headers.get('authorization') !== signed.authorization) throw unsignable('authorization')
      return request
    },

    async presign(address, { expiresInSeconds, method = 'GET' } = {}) {
      const url = wireUrl(String(address))
      const host = signingHost ?? url.host
      const context = await contextFor(host, EMPTY)
      url.search = presignParts(
        { method, path: url.pathname, query: url.search.slice(1), headers: [['host', host]] },
        { ...context, expiresInSeconds },
      ).query
      return url
    },
  }
}

const EMPTY = sha256Hex('')

const UNSIGNABLE =
  /^(authorization|connection|content-length|expect|proxy-.*|sec-.*|te|trailer|transfer-encoding|upgrade|user-agent|via|x-amzn-trace-id|x-forwarded-.*)$/

const unsignable = (name: string): IamFetchError =>
  new IamFetchError(
    'HEADER_NOT_SIGNABLE',
    `The ${name} header cannot be sent with this signature.`,
    {
      remedy:
        'Leave out authorization, mode no-cors and UNSIGNED-PAYLOAD; signed values are printable ASCII.',
    },
  )

/** Brings a URL into the one form that is signed and sent. */
function wireUrl(address: string): URL {
  let url: URL | undefined
  try {
    url = new URL(address, globalThis.location?.href)
  } catch {
    // The platform's message would show a password in the URL.
  }
  if (
    !url ||
    !/^(http|ws)s?:$/.test(url.protocol) ||
    url.username ||
    url.password ||
    /[?&](=|x-amz-signature=)/i.test(url.search)
  ) {
    throw new IamFetchError('URL_NOT_SIGNABLE', 'This URL cannot be signed.', {
      remedy:
        'Give an absolute http(s) or ws(s) URL without a password, without a query key that is empty, not signed already.',
    })
  }
  const { pathname, search } = url
  const path = pathname.replace(/\/\/+/g, '/')
  const query = canonicalQuery(search.slice(1))
  if (path !== pathname) url.pathname = path
  if (query !== search.slice(1)) url.search = query
  return url
}
