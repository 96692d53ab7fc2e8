import type { SignatureClaim } from './signature-claim.ts'
import { headerText } from './expected-signature.ts'
import { headerOf, readQuery, type RawRequest, type Target } from '../http/raw-request.ts'

/**
 * Describes what in a signed request the canonical form would fold onto another request, or leaves unsigned
 * although it has to be signed. Each of them could be altered without harm to the signature.
 *
 * Two headers may be unsigned, because their values are checked in another way, and common clients add them after signing:
 * `x-amz-security-token` is compared with the token of the session (in a presigned request the one in the query is, so there
 * the header has to be signed), and `x-amz-content-sha256` with the body.
 *
 * @param port  The API's own. A request that names another port of this machine was sent to the wrong API. A `Host`
 *   without a port is accepted: some clients leave it out, because API Gateway has only 443.
 */
export function formFault(
  request: RawRequest,
  { path, query }: Target,
  { signedHeaders, presigned }: Pick<SignatureClaim, 'signedHeaders' | 'presigned'>,
  port: number | undefined,
): string | undefined {
  if (/\/\/|\/\.{1,2}(\/|$)/.test(path)) {
    return 'the path has an empty or dot segment, which the canonical form does not keep'
  }
  const pairs = readQuery(query)
  if (!pairs) return 'the query has a broken percent-encoding'
  for (const [key] of pairs) {
    if (key === '' || key === '__proto__') return 'the query has a key that cannot be signed'
    if (/^x-amz-signature$/i.test(key) && !(presigned && key === 'X-Amz-Signature')) {
      return `${key} in the query is never part of the signature`
    }
  }
  for (const name of ['host', ...request.headers.keys()]) {
    if (CHECKED_BY_VALUE.includes(name) && !(presigned && name === SESSION_TOKEN)) continue
    if (/^(host$|x-amz-)/.test(name) && !signedHeaders.includes(name)) {
      return `the header ${name} is not signed`
    }
  }
  for (const name of signedHeaders) {
    const values = request.headers.get(name)
    if (!values) return `the signed header ${name} is missing`
    if (values.length > 1 && /^(host|content-.*|x-amz-.*)$/.test(name)) {
      return `the header ${name} came ${values.length} times`
    }
    if (values.some((value) => headerText(value) === undefined)) {
      return `the header ${name} is not UTF-8`
    }
  }
  const [, name = '', at] = /^(.*?)(?::(\d+))?$/.exec(headerOf(request, 'host') ?? '') ?? []
  if (port !== undefined && LOOPBACK.test(name) && at !== undefined && Number(at) !== port) {
    return 'the request was signed for another port of this machine'
  }
  return undefined
}

/**
 * Copies a request as the clients sign it that leave the port out of the host. A request to API Gateway has no port in
 * `Host`, so these clients are right there.
 *
 * @returns `undefined` unless `Host` has the API's own port.
 */
export function withoutOwnPort(
  request: RawRequest,
  port: number | undefined,
): RawRequest | undefined {
  const [, name = '', at] =
    /^([^:[\]]+|\[[^[\]]+\]):(\d+)$/.exec(headerOf(request, 'host') ?? '') ?? []
  if (port === undefined || at !== String(port)) return undefined
  return { ...request, headers: new Map([...request.headers, ['host', [name]]]) }
}

const SESSION_TOKEN = 'x-amz-security-token'
const CHECKED_BY_VALUE: readonly string[] = [SESSION_TOKEN, 'x-amz-content-sha256']

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|(.+\.)?localhost)$/i
