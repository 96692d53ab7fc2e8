import type { Session } from '../../iam/sessions.ts'
import { domainOf, isSignature, logTime } from '../event.ts'
import { headerOf, readQuery, splitTarget, type RawRequest } from '../../http/raw-request.ts'
import { sessionArn, sessionUserId } from '../../iam/session-names.ts'

/** One connection of a WebSocket API. */
export interface SocketConnection {
  connectionId: string
  connectedAt: number
  /** The request that opened it. */
  request: RawRequest
  session: Session | undefined
}

/** Which API, which route, when. */
export interface SocketPlace {
  accountId: string
  apiId: string
  stage: string
  requestId: string
  now: number
  routeKey: string
}

/**
 * Creates the event that a WebSocket API sends to Lambda.
 *
 * @param body  The message; `undefined` for `$connect` and `$disconnect`.
 * @see [AWS: WebSocket APIs, $context variables](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html)
 */
export function eventOfWebSocketApi(
  { connectionId, connectedAt, request, session }: SocketConnection,
  { accountId, apiId, stage, requestId, now, routeKey }: SocketPlace,
  body?: string,
): Record<string, unknown> {
  const eventType = { $connect: 'CONNECT', $disconnect: 'DISCONNECT' }[routeKey] ?? 'MESSAGE'
  const query = readQuery(splitTarget(request.target)?.query ?? '') ?? []
  // What signed the request is not for handlers (unverified: what AWS passes on).
  const own = query.filter(([name]) => !/^x-amz-/i.test(name))
  const headers = [...request.headers]
    .map(([name, all]) => [name, all.join(',')] as const)
    .filter(([name, value]) => !isSignature(name, value))
  return {
    ...(eventType === 'CONNECT' && {
      headers: Object.fromEntries(headers),
      ...(own.length > 0 && { queryStringParameters: Object.fromEntries(own) }),
    }),
    requestContext: {
      routeKey,
      eventType,
      connectionId,
      connectedAt,
      requestId,
      extendedRequestId: requestId,
      requestTime: logTime(now),
      requestTimeEpoch: now,
      messageDirection: 'IN',
      stage,
      apiId,
      domainName: domainOf(request),
      identity: {
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, 'user-agent') ?? null,
        ...(session && {
          accountId,
          accessKey: session.accessKeyId,
          caller: sessionUserId(session),
          user: sessionUserId(session),
          userArn: sessionArn(accountId, session),
          cognitoIdentityId: session.identity?.identityId ?? null,
          cognitoIdentityPoolId: session.identity?.identityPoolId ?? null,
          cognitoAuthenticationType: session.identity?.amr[0] ?? null,
          cognitoAuthenticationProvider: session.identity?.amr.slice(1).join(',') || null,
        }),
      },
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  }
}
