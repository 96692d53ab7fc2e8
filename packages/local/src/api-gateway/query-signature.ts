import { readQuery, splitTarget, type RawRequest } from '../http/raw-request.ts'

/** In place of a value that works as a credential. */
const REMOVED = 'removed-by-iamfetch-local'

/**
 * Removes the signature from a request before it is passed on, if its query is signed for the gateway, as that of a presigned URL is.
 *
 * The signature makes a URL that works until it expires, and the session token is part of the caller's credentials: a backend
 * receives neither. All names stay in the query, so that a backend that refuses unknown parameters does so here as well. What AWS
 * passes on is unverified: its pages do not say it for signatures in the query, and no recorded event was found.
 *
 * @param service  For which the gateway takes signatures: `execute-api` or `lambda`. A query that is signed for another service is
 *   for the backend, and stays.
 */
export function withoutQuerySignature(
  request: RawRequest,
  service: 'execute-api' | 'lambda',
): RawRequest {
  const { target } = request
  const parameters = (splitTarget(target)?.query ?? '').split('&').map((text) => {
    const [[name, value] = ['', '']] = readQuery(text) ?? []
    return { text, name: name.toLowerCase(), value }
  })
  const isForGateway = parameters.some(
    ({ name, value }) => name === 'x-amz-credential' && value.endsWith(`/${service}/aws4_request`),
  )
  if (!isForGateway) return request
  const query = parameters.map(({ text, name }) =>
    isSecret(name) ? `${text.split('=', 1)[0]}=${REMOVED}` : text,
  )
  return { ...request, target: `${target.slice(0, target.indexOf('?'))}?${query.join('&')}` }
}

const isSecret = (name: string): boolean =>
  name === 'x-amz-signature' || name === 'x-amz-security-token'
