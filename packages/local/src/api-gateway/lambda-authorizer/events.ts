import type { RawRequest } from '../../http/raw-request.ts'
import type { Place } from '../event.ts'
import { eventOfHttpApi } from '../http-api/event.ts'
import { eventOfRestApi } from '../rest-api/event.ts'
import type { Match } from '../routes.ts'

/** The parts of an authorizer's event. */
export interface AuthorizerCall {
  request: RawRequest
  match: Match
  place: Place
  /** The ARN that the result is evaluated for. */
  arn: string
  /** The values of the identity sources. */
  identity: readonly string[]
}

/** The event of a `TOKEN` authorizer. */
export const tokenEvent = ({ arn, identity }: AuthorizerCall): Record<string, unknown> => ({
  type: 'TOKEN',
  methodArn: arn,
  authorizationToken: identity[0],
})

/**
 * The event of a `REQUEST` authorizer of a REST API. It has no body.
 *
 * @see [AWS: input to a Lambda authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html)
 */
export function restRequestEvent(call: AuthorizerCall): Record<string, unknown> {
  const event = eventOfRestApi(call.request, call.match, call.place, {})
  const { body: _, isBase64Encoded: __, ...rest } = event
  return {
    type: 'REQUEST',
    methodArn: call.arn,
    ...rest,
    // AWS's page has an empty object for the parameters; that the others are one is unverified.
    queryStringParameters: event['queryStringParameters'] ?? {},
    multiValueQueryStringParameters: event['multiValueQueryStringParameters'] ?? {},
    pathParameters: event['pathParameters'] ?? {},
    stageVariables: {},
  }
}

/**
 * The event of an authorizer of an HTTP API.
 *
 * @see [AWS: payload formats of authorizers](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.payload-format)
 */
export function httpRequestEvent(
  version: '1.0' | '2.0',
  call: AuthorizerCall,
): Record<string, unknown> {
  if (version === '1.0') return { version, ...httpEventOfFormat1(call) }
  const event = eventOfHttpApi(call.request, call.match, call.place, {})
  const { version: _, body: __, isBase64Encoded: ___, ...rest } = event
  const { identity } = call
  const identitySource = identity.length > 0 ? identity : null
  return { version, type: 'REQUEST', routeArn: call.arn, identitySource, ...rest }
}

/** unverified: the spelling of header names, and the members that AWS's page does not show. */
function httpEventOfFormat1(call: AuthorizerCall): Record<string, unknown> {
  const { request, match, place, arn, identity } = call
  const { path } = place
  const event = restRequestEvent({ ...call, match: withPath(match, path) })
  const source = identity.length > 0 ? identity.join(',') : null
  return {
    ...event,
    methodArn: arn,
    identitySource: source,
    authorizationToken: source,
    path,
    requestContext: {
      accountId: place.accountId,
      apiId: place.apiId,
      httpMethod: request.method,
      identity: { sourceIp: request.sourceIp },
      path,
      requestId: place.requestId,
      resourceId: match.key,
      resourcePath: event['resource'],
      stage: place.stage,
    },
  }
}

/** `$default` has no path. */
const withPath = (match: Match, path: string): Match =>
  match.key === '$default' ? { ...match, key: `ANY ${path}` } : match
