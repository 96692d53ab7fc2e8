import type { Session } from '../../iam/sessions.ts'
import {
  claimText,
  domainOf,
  logTime,
  stringClaims,
  toHandler,
  type Admitted,
  type Place,
} from '../event.ts'
import { headerOf, splitTarget, type RawRequest } from '../../http/raw-request.ts'
import type { Match } from '../routes.ts'
import { sessionArn, sessionUserId } from '../../iam/session-names.ts'

/**
 * Makes the event of payload format 1.0, as a REST API sends it to Lambda.
 *
 * The body is always text, as without binary media types. Paths and path parameters keep their escapes, unlike those of
 * an HTTP API (seen on AWS: middleapi/standard-server#93, serverless/serverless#5037). Header names are in lower case,
 * as clients send them over HTTP/2; AWS keeps the spelling of a client that speaks HTTP/1.1.
 *
 * @see [AWS: Lambda proxy integrations of REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html)
 */
export function eventOfRestApi(
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
): Record<string, unknown> {
  const { accountId, apiId, stage, requestId, now, sent } = place
  const { query = '' } = splitTarget(request.target) ?? {}
  const parameters = new URLSearchParams(query)
  const names = [...new Set(parameters.keys())]
  const headers = toHandler(request)
  const multiValueHeaders = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      [...(request.headers.get(name) ?? [value])],
    ]),
  )
  const resource = match.key.slice(match.key.indexOf(' ') + 1)
  return {
    resource,
    path: sent.resourcePath,
    httpMethod: request.method,
    headers,
    multiValueHeaders,
    queryStringParameters: query ? Object.fromEntries(parameters) : null,
    multiValueQueryStringParameters: query
      ? Object.fromEntries(names.map((name) => [name, parameters.getAll(name)]))
      : null,
    pathParameters: Object.keys(match.parameters).length > 0 ? match.parameters : null,
    stageVariables: null,
    requestContext: {
      accountId,
      apiId,
      ...(admitted.claims && { authorizer: { claims: stringClaims(admitted.claims, restClaim) } }),
      domainName: domainOf(request),
      domainPrefix: apiId,
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: {
        ...identityOf(admitted.session, accountId),
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, 'user-agent') ?? null,
      },
      path: sent.path,
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: logTime(now),
      requestTimeEpoch: now,
      resourcePath: resource,
      stage,
    },
    body: request.body.length > 0 ? Buffer.from(request.body).toString('utf8') : null,
    isBase64Encoded: false,
  }
}

function identityOf(session: Session | undefined, accountId: string): object {
  return {
    accessKey: session?.accessKeyId ?? null,
    accountId: session ? accountId : null,
    caller: session ? sessionUserId(session) : null,
    cognitoAuthenticationProvider: session?.amr.slice(1).join(',') || null,
    cognitoAuthenticationType: session?.amr[0] ?? null,
    cognitoIdentityId: session?.identityId ?? null,
    cognitoIdentityPoolId: session?.identityPoolId ?? null,
    principalOrgId: null,
    user: session ? sessionUserId(session) : null,
    userArn: session ? sessionArn(accountId, session) : null,
  }
}

/** A REST API writes `exp` and `iat` as dates, and a list with commas (unverified). */
function restClaim(value: unknown, name: string): string {
  if (Array.isArray(value)) return value.join(',')
  if ((name !== 'exp' && name !== 'iat') || typeof value !== 'number') return claimText(value)
  const [week, day, month, year, time] = new Date(value * 1_000).toUTCString().split(/,? /)
  return `${week} ${month} ${day} ${time} UTC ${year}`
}
