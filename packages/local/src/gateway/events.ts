import type { Session } from '../identity/sessions.ts'
import { headerOf, splitTarget, type RawRequest } from './raw-request.ts'
import type { Match } from './routes.ts'

/** Where a request arrived. */
export interface Place {
  accountId: string
  apiId: string
  stage: string
  requestId: string
  /** Milliseconds since the epoch. */
  now: number
  /** Decoded, with the stage where it stands in the path. */
  path: string
  /** Decoded, without the stage. */
  resourcePath: string
}

/** Who was let in, by an IAM or a JWT route. */
export interface Admitted {
  session?: Session | undefined
  claims?: Readonly<Record<string, unknown>> | undefined
  /** The token's own scopes, on a route that asks for some. */
  scopes?: readonly string[] | null
}

/**
 * Makes the event of payload format 2.0, as an HTTP API sends it to Lambda.
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
  const headers = toHandler(request)
  const parameters = new URLSearchParams(query)
  const cookies = headers['cookie']?.split(/;\s*/)
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

/**
 * Makes the event of payload format 1.0, as a REST API sends it to Lambda.
 *
 * The body is always text, as without binary media types.
 *
 * @see [AWS: Lambda proxy integrations of REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html)
 */
export function eventOfRestApi(
  request: RawRequest,
  match: Match,
  place: Place,
  admitted: Admitted,
): Record<string, unknown> {
  const { accountId, apiId, stage, requestId, now, path, resourcePath } = place
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
    path: resourcePath,
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
      path,
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

/** The ARN of the session that STS makes for a Cognito identity. */
export const sessionArn = (accountId: string, { role }: Session): string =>
  `arn:aws:sts::${accountId}:assumed-role/${role.name}/${SESSION_NAME}`

/** `aws:userid` of a session. */
export const sessionUserId = ({ role }: Session): string => `${role.id}:${SESSION_NAME}`

const SESSION_NAME = 'CognitoIdentityCredentials'

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

/** Claims reach a handler as strings: nothing as nothing, a list as `[a b]` at an HTTP API. */
const stringClaims = (
  claims: Readonly<Record<string, unknown>>,
  textOf: (value: unknown, name: string) => string = claimText,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, textOf(value, name)]),
  )

const claimText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.join(' ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A REST API writes `exp` and `iat` as dates, and a list with commas (unverified). */
function restClaim(value: unknown, name: string): string {
  if (Array.isArray(value)) return value.join(',')
  if ((name !== 'exp' && name !== 'iat') || typeof value !== 'number') return claimText(value)
  const [week, day, month, year, time] = new Date(value * 1_000).toUTCString().split(/,? /)
  return `${week} ${month} ${day} ${time} UTC ${year}`
}

/** What the integration sees: a SigV4 `Authorization` is taken away, the gateway's own headers are added. */
function toHandler(request: RawRequest): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [name, values] of request.headers) headers.set(name, values.join(','))
  if (headers.get('authorization')?.startsWith('AWS4-')) headers.delete('authorization')
  const forwarded = headers.get('x-forwarded-for')
  headers.set('x-forwarded-for', [forwarded, request.sourceIp].filter(Boolean).join(', '))
  headers.set('x-forwarded-proto', 'http')
  return Object.fromEntries(headers)
}

const joined = (parameters: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  )

const domainOf = (request: RawRequest): string =>
  (headerOf(request, 'host') ?? '').replace(/:\d+$/, '')

/** `01/Jan/2026:00:00:00 +0000` */
function logTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}
