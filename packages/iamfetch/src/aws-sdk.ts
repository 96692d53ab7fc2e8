import { Sha256 } from '@aws-crypto/sha256-js'
import {
  checkOptions,
  IamFetchError,
  isAwsHost,
  type Credentials,
  type OptionNames,
} from '@iamfetch/core'
import {
  bufferRequest,
  checkMode,
  checkPresign,
  checkPresignOptions,
  checkSignedHeader,
  checkValues,
  credentialsNow,
  scopeFor,
  throwIfSignedOut,
  type Payload,
  type Signer,
} from '@iamfetch/sigv4'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { SignerContext } from './iam-fetch.ts'

const CONTEXT_NAMES: OptionNames<SignerContext> = {
  credentials: 'function',
  region: 'string',
  service: 'string',
  payload: 'string',
  clock: 'clock',
  signingHost: 'string',
}

/**
 * The other engine: signs with AWS-authored code alone, `SignatureV4` with `Sha256` over `HttpRequest`.
 *
 * Hand it to `createIamFetch` as `signer`; origins, replays and errors stay the same. It signs what `createSigner` signs:
 * `host`, `x-amz-date`, `x-amz-security-token` and every `x-amz-*` that the caller set. The URL is sent in the form that is
 * signed (`//` is `/`, a space in the query `%20`).
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong option. The signer throws {@link IamFetchError} as that of
 *   `createSigner`: `CREDENTIALS_INCOMPLETE`, `CREDENTIALS_EXPIRED`, `REGION_UNKNOWN`,
 *   `URL_NOT_SIGNABLE`, `HEADER_NOT_SIGNABLE`, `EXPIRES_TOO_LATE`, those of bodies.
 * @see [@smithy/signature-v4](https://www.npmjs.com/package/@smithy/signature-v4)
 * @example
 * ```ts
 * const iamFetch = createIamFetch({ baseUrl, credentials, signer: awsSdkSigner })
 * ```
 */
// oxlint-disable-next-line max-lines-per-function -- the two methods of a signer, each as steps in their order
export function awsSdkSigner(context: SignerContext): Signer {
  checkOptions('awsSdkSigner', context, CONTEXT_NAMES)
  checkValues('awsSdkSigner', context)
  const { credentials, clock, signingHost } = context
  /** Called before the body is read: a request belongs to the user who is signed in when `sign` is called. */
  const validCredentials = async (): Promise<Credentials> =>
    (await credentialsNow({ credentials, clock })).credentials
  const createSignature = (given: Credentials, applyChecksum: boolean): SignatureV4 =>
    new SignatureV4({
      // Both are given with each request: they may depend on the host.
      service: '',
      region: '',
      // It adds x-amz-content-sha256, which is in no stock CORS allow-list of API Gateway.
      applyChecksum,
      sha256: Sha256,
      credentials: complete(given),
    })

  return {
    async sign(input, given) {
      const reading = validCredentials()
      // If the request is refused first, nothing waits for them.
      reading.catch(() => {})
      const sent = await bufferRequest(input, given)
      checkMode(sent.init)
      const { url, query } = readUrl(sent.url, false)
      const request = new Request(url, sent.init)
      const { body } = sent.init
      const { payload, ...options } = optionsFor(context, url)
      const toSign = new HttpRequest({
        method: request.method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query,
        headers: {
          ...amzHeaders(request.headers),
          ...(payload === 'unsigned' && { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }),
          host: signingHost ?? url.host,
        },
        ...(body != null && { body }),
      })
      const signedWith = await reading
      const engine = createSignature(signedWith, payload === 'header')
      const { headers } = await engine.sign(toSign, options)
      // The body and the signature may have taken a while.
      throwIfSignedOut(signedWith)
      request.headers.delete('x-amz-security-token')
      try {
        for (const [name, value] of Object.entries(headers)) {
          if (name !== 'host') request.headers.set(name, value)
        }
      } catch {
        // The platform's message would show the session token.
      }
      // `mode: 'no-cors'` drops headers silently: nothing leaves unsigned.
      if (request.headers.get('authorization') !== headers['authorization']) {
        throw notSignable(
          'A request with the mode "no-cors" cannot be signed, because browsers remove its headers.',
          'Remove "mode", or set it to "cors".',
        )
      }
      return request
    },

    async presign(address, given = {}) {
      checkPresignOptions(given)
      const { expiresInSeconds = 300, method = 'GET' } = given
      const reading = validCredentials()
      reading.catch(() => {})
      const { url, query } = readUrl(String(address), true)
      const toSign = new HttpRequest({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query,
        headers: { host: signingHost ?? url.host },
      })
      const options = { ...optionsFor(context, url), expiresIn: expiresInSeconds }
      checkPresign('presign', options.signingService, expiresInSeconds)
      const signedWith = await reading
      const signed = await createSignature(signedWith, false).presign(toSign, options)
      throwIfSignedOut(signedWith)
      url.search = searchOf(signed.query ?? {})
      return url
    },
  }
}

interface EngineOptions {
  readonly signingDate: Date
  readonly signingRegion: string
  readonly signingService: string
  readonly payload: Payload
}

/** When a request to a URL is signed, and what for. */
function optionsFor(context: SignerContext, url: URL): EngineOptions {
  const host = context.signingHost ?? url.host
  const { region, service, payload } = scopeFor('awsSdkSigner', context, {
    host,
    protocol: url.protocol,
  })
  if (region === undefined) {
    throw new IamFetchError('REGION_UNKNOWN', `The host ${host} does not contain an AWS region.`, {
      remedy: 'Pass the region of the API as "region"; custom domains always need it.',
    })
  }
  return {
    signingDate: new Date(context.clock.now()),
    signingRegion: region,
    signingService: service,
    payload,
  }
}

type Query = Record<string, string | string[] | null>

/** The URL in the one form that is signed and sent, its query also in the form that `SignatureV4` takes. */
function readUrl(address: string, forPresign: boolean): { url: URL; query: Query } {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^(http|ws)s?:$/.test(url.protocol)) {
    throw notSignableUrl(
      'The URL is not an absolute http, https, ws or wss URL.',
      'Pass the whole URL, from "https://" on.',
    )
  }
  if (url.username || url.password) {
    throw notSignableUrl(
      'The URL contains a user or a password.',
      'Remove them: the signature takes their place.',
    )
  }
  if (/^(http|ws):$/.test(url.protocol) && isAwsHost(url.host)) {
    throw notSignableUrl(
      `The URL of ${url.host} begins with ${url.protocol}//, so its tokens would be readable on the way.`,
      'Use https:// or wss:// for AWS hosts.',
    )
  }
  const query: Record<string, string[]> = Object.create(null)
  for (const [name, value] of url.searchParams) {
    const isReserved = /^x-amz-signature$/i.test(name) || (forPresign && /^x-amz-/i.test(name))
    if (name === '' || name === '__proto__' || isReserved) {
      throw notSignableUrl(
        `The query has a parameter that cannot be signed: ${name === '' ? 'one without a name' : `"${name}"`}.`,
        'Remove the parameter; X-Amz-* parameters come from the signature alone.',
      )
    }
    ;(query[name] ??= []).push(value)
  }
  url.pathname = url.pathname.replace(/\/\/+/g, '/')
  url.search = searchOf(query)
  return { url, query }
}

const notSignableUrl = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('URL_NOT_SIGNABLE', message, { remedy })

const searchOf = (query: Query): string =>
  Object.entries(query)
    .flatMap(([name, values]) => [values ?? ''].flat().map((value) => [name, value] as const))
    .map((pair) => pair.map(encode).join('='))
    .join('&')

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** The caller's headers that have to be signed. */
function amzHeaders(headers: Headers): Record<string, string> {
  const signed: Record<string, string> = {}
  for (const [name, value] of headers) {
    if (name === 'authorization' && !value.startsWith('AWS4-')) {
      throw notSignable(
        'The request already has an Authorization header, which the signature would replace.',
        'Remove the Authorization header.',
      )
    }
    if (!name.startsWith('x-amz-') || name === 'x-amz-security-token') continue
    // Its value would be taken for the hash as it stands, UNSIGNED-PAYLOAD included.
    if (name === 'x-amz-content-sha256') {
      throw notSignable(
        'The request already has an "x-amz-content-sha256" header, which may not match the body.',
        'Remove the header: the signature contains the hash of the body.',
      )
    }
    checkSignedHeader(name, value)
    signed[name] = value
  }
  return signed
}

const notSignable = (message: string, remedy: string): IamFetchError =>
  new IamFetchError('HEADER_NOT_SIGNABLE', message, { remedy })

/** `SignatureV4` signs with an `ASIA…` key without its token; here that is an error. */
function complete(given: Credentials): {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
} {
  const { accessKeyId, secretAccessKey, sessionToken } = given
  const tokenMissing = sessionToken
    ? /^(undefined|null)$|[^!-~]/.test(sessionToken)
    : accessKeyId?.startsWith('ASIA')
  if (!accessKeyId || !/^[\w.-]+$/.test(accessKeyId) || !secretAccessKey || tokenMissing) {
    throw new IamFetchError(
      'CREDENTIALS_INCOMPLETE',
      '"accessKeyId", "secretAccessKey" or "sessionToken" of the credentials is missing or malformed.',
      {
        remedy:
          'Pass "accessKeyId", "secretAccessKey" and "sessionToken" together, as they were issued.',
      },
    )
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}
