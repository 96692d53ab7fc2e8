import { domainOf, logTime, stringClaims, toHandler, type Admitted, type Place } from '../event.ts'
import { headerOf, splitTarget, type RawRequest } from '../../http/raw-request.ts'
import type { Match } from '../routes.ts'
import { sessionArn, sessionUserId } from '../../iam/session-names.ts'

/**
 * Makes the event of payload format 2.0, as an HTTP API sends it to Lambda.
 *
 * Paths are decoded, `?` and `#` included. Cookies stand in `cookies` and not among the headers (seen on AWS:
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
  const { cookie, ...headers } = toHandler(request)
  const parameters = new URLSearchParams(query)
  const cookies = cookie?.split(/;\s*/)
  const text = /^(text\/|application\/(.+\+)?(json|xml|javascript|x-www-form-urlencoded)\b)/i
  const isText = text.test(headers['content-type'] ?? 'text/plain')
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

function authorizerOf({ session, claims, scopes }: Admitted, accountId: string): object {
  if (claims)
    return { authorizer: { jwt: { claims: stringClaims(claims), scopes: scopes ?? null } } }
  if (!session) return {}
  const { accessKeyId, amr, identityId, identityPoolId } = session
  const iam = {
    accessKey: accessKeyId,
    accountId,
    callerId: sessionUserId(session),
    cognitoIdentity: { amr, identityId, identityPoolId },
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
