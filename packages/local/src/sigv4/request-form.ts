import type { SignatureClaim } from './signature-claim.ts'
import { headerText } from './expected-signature.ts'
import { headerOf, readQuery, type RawRequest, type Target } from '../http/raw-request.ts'

/**
 * Says what in a signed request the canonical form would fold onto another request, or leaves unsigned
 * although it has to be signed. Each of them could be altered without harm to the signature.
 *
 * @param port  The API's own. A request that was signed for another port of this machine does not belong here.
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
  if (port !== undefined && LOOPBACK.test(name) && Number(at ?? 80) !== port) {
    return 'the request was signed for another port of this machine'
  }
  return undefined
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|(.+\.)?localhost)$/i
