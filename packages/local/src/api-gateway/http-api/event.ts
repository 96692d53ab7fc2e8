import {
  addedHeaders,
  domainOf,
  isSignature,
  logTime,
  stringClaims,
  type Admitted,
  type Place,
} from '../event.ts'
import { headerOf, splitTarget, type RawRequest } from '../../http/raw-request.ts'
import type { Match } from '../routes.ts'
import { sessionArn, sessionUserId } from '../../iam/session-names.ts'

/**
 * Creates the event of payload format 2.0, as an HTTP API sends it to Lambda.
 *
 * Paths are decoded, `?` and `#` included. Cookies are in `cookies` and not among the headers (seen on AWS:
 * Kludex/mangum#153, nuxt/framework#3136).
 *
 * @see [AWS: Lambda integrations of HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html)
 */
export function eventOfHttpApi(
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
): Record<string, unknown> {
  const { accountId, apiId, stage, requestId, now, path } = place
  const { query = '' } = splitTarget(request.target) ?? {}
  const { cookie, ...headers } = headersOf(request, place)
  const parameters = new URLSearchParams(query)
  const cookies = cookie?.split(/;\s*/)
  const isText = TEXT.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey: match.key,
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers,
    ...(query !== '' && {
      queryStringParameters: joined(parameters),
    }),
    ...(Object.keys(match.parameters).length > 0 && { pathParameters: match.parameters }),
    requestContext: {
      accountId,
      apiId,
      ...authorizerOf(admitted, accountId),
      domainName: domainOf(request),
      domainPrefix: apiId,
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, 'user-agent') ?? '',
      },
      requestId,
      routeKey: match.key,
      stage,
      time: logTime(now),
      timeEpoch: now,
    },
    ...(request.body.length > 0 && {
      body: Buffer.from(request.body).toString(isText ? 'utf8' : 'base64'),
    }),
    isBase64Encoded: request.body.length > 0 && !isText,
  }
}

/**
 * What is text in an event; anything else, forms and a body without a content type included, is base64.
 *
 * @see Measured: ministackorg/ministack#766. That `+json` and `+xml` are text is unverified.
 */
const TEXT = /^(text\/|application\/([^;]+\+)?(json|xml|javascript)\s*(;|$))/i

/** Header names in lower case, several values joined by commas; `content-length` is there without a body, too. */
function headersOf(request: RawRequest, place: Place): Record<string, string> {
  const headers = new Map<string, string>([['content-length', String(request.body.length)]])
  for (const [name, values] of request.headers) {
    // RFC 6265, section 5.4: cookies are one list, whatever number of headers they came in.
    const value = values.join(name === 'cookie' ? '; ' : ',')
    if (!isSignature(name, value) && name !== 'transfer-encoding') headers.set(name, value)
  }
  for (const [name, value] of addedHeaders(request, place)) headers.set(name.toLowerCase(), value)
  return Object.fromEntries(headers)
}

function authorizerOf({ session, claims, scopes, lambda }: Admitted, accountId: string): object {
  // unverified: `null` without a context.
  if (lambda) return { authorizer: { lambda: lambda.context } }
  if (claims)
    return { authorizer: { jwt: { claims: stringClaims(claims), scopes: scopes ?? null } } }
  if (!session) return {}
  const { accessKeyId, identity } = session
  const iam = {
    accessKey: accessKeyId,
    accountId,
    callerId: sessionUserId(session),
    cognitoIdentity: identity
      ? {
          amr: identity.amr,
          identityId: identity.identityId,
          identityPoolId: identity.identityPoolId,
        }
      : null,
    principalOrgId: null,
    userArn: sessionArn(accountId, session),
    userId: sessionUserId(session),
  }
  return { authorizer: { iam } }
}

const joined = (parameters: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  )
