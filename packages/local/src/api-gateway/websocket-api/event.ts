import type { Session } from '../../iam/sessions.ts'
import { domainOf, logTime } from '../event.ts'
import { newRequestId } from '../refusal.ts'
import { headersOf } from '../rest-api/event.ts'
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

/** What a client sent, or how its connection ended. */
export type SocketInput =
  | { body: string }
  /** The code and the reason of the close frame. */
  | { statusCode: number; reason: string }

/**
 * Creates the event that a WebSocket API sends to Lambda.
 *
 * @param input  Nothing for `$connect`.
 * @see [AWS: WebSocket APIs, $context variables](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html)
 * @see Captured: the events of aws/aws-lambda-dotnet (`websocket-api-connect-request.json`, 2022-04-18) and aws/aws-lambda-go
 *   (`apigw-websocket-request-disconnect.json` and `…-send-message.json`, 2024-01-20)
 */
export function eventOfWebSocketApi(
  connection: SocketConnection,
  place: SocketPlace,
  input?: SocketInput,
): Record<string, unknown> {
  const isMessage = input !== undefined && 'body' in input
  const isEnd = input !== undefined && 'statusCode' in input
  const eventType = typeOf(input)
  return {
    ...(eventType === 'CONNECT' && handshakeOf(connection.request, place)),
    ...(eventType === 'DISCONNECT' && headersIn(headersAtTheEnd(connection.request))),
    requestContext: {
      ...contextOf(connection, place),
      eventType,
      ...(isMessage && { messageId: newRequestId('http') }),
      ...(isEnd && { disconnectStatusCode: input.statusCode, disconnectReason: input.reason }),
    },
    ...(isMessage && { body: input.body }),
    isBase64Encoded: false,
  }
}

function typeOf(input: SocketInput | undefined): 'CONNECT' | 'MESSAGE' | 'DISCONNECT' {
  if (input === undefined) return 'CONNECT'
  return 'body' in input ? 'MESSAGE' : 'DISCONNECT'
}

function handshakeOf(request: RawRequest, place: SocketPlace): object {
  const query = readQuery(splitTarget(request.target)?.query ?? '') ?? []
  // Handlers do not receive the parts of the signature (unverified: what AWS passes on).
  const unsignedQuery = query.filter(([name]) => !/^x-amz-/i.test(name))
  const valuesOf = (parameter: string): string[] =>
    unsignedQuery.flatMap(([name, value]) => (name === parameter ? [value] : []))
  return {
    ...headersIn(headersOf(request, place)),
    ...(unsignedQuery.length > 0 && {
      queryStringParameters: Object.fromEntries(unsignedQuery),
      multiValueQueryStringParameters: Object.fromEntries(
        unsignedQuery.map(([name]) => [name, valuesOf(name)]),
      ),
    }),
  }
}

/** As captured; the purpose of the empty ones is unknown. */
const headersAtTheEnd = (request: RawRequest): Record<string, string[]> => ({
  Host: [headerOf(request, 'host') ?? ''],
  'x-api-key': [''],
  'X-Forwarded-For': [''],
  'x-restapi': [''],
})

const headersIn = (multiValueHeaders: Record<string, string[]>): object => ({
  headers: Object.fromEntries(
    Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)]),
  ),
  multiValueHeaders,
})

function contextOf(
  { connectionId, connectedAt, request, session }: SocketConnection,
  { accountId, apiId, stage, requestId, now, routeKey }: SocketPlace,
): object {
  return {
    routeKey,
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
  }
}
