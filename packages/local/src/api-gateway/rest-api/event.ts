import { createHash } from 'node:crypto'
import type { Session } from '../../iam/sessions.ts'
import {
  addedHeaders,
  claimText,
  domainOf,
  isSignature,
  logTime,
  parametersOf,
  stringClaims,
  type Admitted,
  type Place,
} from '../event.ts'
import type { IsBinary } from '../binary-media-types.ts'
import { headerOf, splitTarget, type RawRequest } from '../../http/raw-request.ts'
import type { Match } from '../routes.ts'
import { sessionArn, sessionUserId } from '../../iam/session-names.ts'

/**
 * Creates the event of payload format 1.0, as a REST API sends it to Lambda.
 *
 * The body is text, or base64 if its type is one of the binary media types. Paths and path parameters keep their escapes, unlike those of
 * an HTTP API (seen on AWS: middleapi/standard-server#93, serverless/serverless#5037).
 *
 * @see [AWS: Lambda proxy integrations of REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html)
 */
export function eventOfRestApi(
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
  isBinary: IsBinary = () => false,
): Record<string, unknown> {
  const isBase64Encoded = request.body.length > 0 && isBinary(headerOf(request, 'content-type'))
  const { accountId, apiId, stage, requestId, extendedRequestId, now, sent } = place
  const { query = '' } = splitTarget(request.target) ?? {}
  const parameters = parametersOf('rest', request)
  const names = [...new Set(parameters.keys())]
  const multiValueHeaders = headersOf(request, place)
  const resource = match.key.slice(match.key.indexOf(' ') + 1)
  return {
    resource,
    path: sent.resourcePath,
    httpMethod: request.method,
    headers: Object.fromEntries(
      Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)]),
    ),
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
      ...authorizerOf(admitted),
      domainName: domainOf(request),
      domainPrefix: apiId,
      deploymentId: idFrom(apiId),
      extendedRequestId,
      httpMethod: request.method,
      identity: {
        ...identityOf(admitted.session, accountId),
        ...(admitted.apiKey && { apiKey: admitted.apiKey.value, apiKeyId: admitted.apiKey.id }),
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, 'user-agent') ?? null,
      },
      path: sent.path,
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: logTime(now),
      requestTimeEpoch: now,
      resourceId: idFrom(`${apiId} ${resource}`),
      resourcePath: resource,
      stage,
    },
    body:
      request.body.length > 0
        ? Buffer.from(request.body).toString(isBase64Encoded ? 'base64' : 'utf8')
        : null,
    isBase64Encoded,
  }
}

/**
 * The headers of an event, each with all its values. Names keep the client's spelling, well-known ones have the usual one.
 *
 * @see Recorded: LocalStack `test_lambda_aws_proxy_integration`, 2024-08-02; aws/aws-lambda-dotnet, snapshots `V1_*`
 */
export function headersOf(
  request: RawRequest,
  place: Pick<Place, 'requestId' | 'now'>,
): Record<string, string[]> {
  const headers = new Map<string, string[]>()
  for (const [name, values] of request.headers) {
    if (DROPPED.has(name) || isSignature(name, values.join(','))) continue
    const spelled = WELL_KNOWN.get(name) ?? request.spelling?.get(name) ?? name
    headers.set(spelled, [...values])
  }
  for (const [name, value] of addedHeaders(request, place)) headers.set(name, [value])
  return Object.fromEntries(headers)
}

const DROPPED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
])

/** unverified: which names are well-known to the gateway. */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map(
  [
    'Accept',
    'Accept-Encoding',
    'Accept-Language',
    'Authorization',
    'Cache-Control',
    'Content-Type',
    'Cookie',
    'Host',
    'Origin',
    'Referer',
    'User-Agent',
    'X-Amzn-Trace-Id',
    'X-Forwarded-For',
    'X-Forwarded-Port',
    'X-Forwarded-Proto',
  ].map((name) => [name.toLowerCase(), name]),
)

/** An ID in the form of API Gateway's deployments and resources, which is the same for the same text. */
const idFrom = (text: string): string =>
  BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
    .toString(36)
    .padStart(6, '0')
    .slice(-6)

/** What a Lambda authorizer returned in addition to its own name for the caller, and how long it ran. */
function authorizerOf({ claims, lambda }: Admitted): object {
  if (claims) return { authorizer: { claims: stringClaims(claims, restClaim) } }
  if (!lambda) return {}
  const { context, principalId, latencyMs } = lambda
  return { authorizer: { ...context, principalId, integrationLatency: latencyMs } }
}

function identityOf(session: Session | undefined, accountId: string): object {
  const { amr = [], identityId = null, identityPoolId = null } = session?.identity ?? {}
  return {
    accessKey: session?.accessKeyId ?? null,
    accountId: session ? accountId : null,
    caller: session ? sessionUserId(session) : null,
    cognitoAuthenticationProvider: amr.slice(1).join(',') || null,
    cognitoAuthenticationType: amr[0] ?? null,
    cognitoIdentityId: identityId,
    cognitoIdentityPoolId: identityPoolId,
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
