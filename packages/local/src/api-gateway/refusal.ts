import { randomBytes, randomUUID } from 'node:crypto'
import type { OrderedRefusal } from '../faults/fault-order.ts'
import { headerText } from '../http/printable.ts'

/** What the gateway can refuse or fail with. */
export type RefusalKind =
  | 'BadRequest'
  | 'NoRoute'
  | 'NoStage'
  | 'MissingAuthenticationToken'
  | 'IncompleteSignature'
  | 'InvalidSignature'
  | 'UnrecognizedClient'
  | 'ExpiredToken'
  | 'AccessDenied'
  | 'Unauthorized'
  | 'TokenExpired'
  | 'ScopeMissing'
  | 'Unauthenticated'
  | 'AuthorizerFailed'
  | 'ApiKeyRefused'
  | 'QuotaExceeded'
  | 'Throttled'
  | 'UriTooLong'
  | 'HeadersTooLarge'
  | 'BodyTooLarge'
  | 'PayloadTooLarge'
  | 'Failed'
  | 'HandlerFailed'
  | 'TimedOut'
  | 'BackendUnreachable'

/** A refusal before it is put into the words of an HTTP or a REST API. */
export interface Refusal {
  kind: RefusalKind
  /** What is really wrong; becomes `x-local-reason`. */
  reason: string
  /** Begins `x-local-reason` instead of the kind, such as `ImplicitDeny`. */
  label?: string
  /** The message of a REST API, if it depends on the case. */
  message?: string
}

/** The refusal of a path that is in no stage of an API. */
export const outsideOf = (stage: string): Refusal => ({
  kind: 'NoStage',
  label: 'NoRoute',
  reason: `the path does not begin with the stage /${stage}`,
})

/**
 * Writes a refusal in the words of AWS, and adds the true reason in `x-local-reason`.
 *
 * HTTP API: terse. REST API: `x-amzn-ErrorType` and a message, whose key has a capital M when a policy
 * denies. Rows without a source in AWS's documentation or in an observation are marked unverified.
 *
 * @param requestId  See {@link newRequestId}.
 */
export function refuse(
  type: 'http' | 'rest',
  { kind, reason, label = kind, message }: Refusal,
  requestId: string,
): Response {
  const row = RESPONSES[kind]
  const headers = requestHeaders(type, requestId)
  headers.set('content-type', 'application/json')
  headers.set('x-local-reason', headerText(`${label}: ${reason}`))
  if (type === 'http') {
    if (kind === 'Unauthorized') headers.set('www-authenticate', bearerChallenge(message))
    return new Response(JSON.stringify({ message: HTTP_TEXT[row.http] }), {
      status: row.http,
      headers,
    })
  }
  if (kind === 'BodyTooLarge') {
    headers.set('content-type', 'text/plain')
    return new Response(REST_BODY_TOO_LARGE, { status: 413, headers })
  }
  const [status, errorType, text = ''] = row.rest
  headers.set('x-amzn-ErrorType', errorType)
  const key = kind === 'AccessDenied' ? 'Message' : 'message'
  // The reason why a token was refused is only for `www-authenticate`.
  const words = kind === 'Unauthorized' ? text : (message ?? text)
  const sentence = kind === 'AuthorizerFailed' ? 'null' : JSON.stringify(words)
  const space = errorType === INTERNAL ? ' ' : ''
  return new Response(`{"${key}":${space}${sentence}}`, { status, headers })
}

/** Refuses with a message that a test chose. An HTTP API has no header for the error type. */
export function refuseAs(
  type: 'http' | 'rest',
  { type: errorType, message, status = 403 }: OrderedRefusal,
  requestId: string,
): Response {
  const headers = requestHeaders(type, requestId)
  headers.set('content-type', 'application/json')
  if (type === 'rest') headers.set('x-amzn-ErrorType', headerText(errorType))
  return new Response(JSON.stringify({ message }), { status, headers })
}

/** An ID as the API's kind makes them: `apigw-requestid` or a UUID. */
export const newRequestId = (type: 'http' | 'rest'): string =>
  type === 'http' ? `${nextRandomBytes().toString('base64url')}=` : randomUUID()

const ID_BYTES = 11
let randomPool = Buffer.alloc(0)

/** Random bytes for one ID. Many are drawn at a time: a separate draw for each ID takes 3 % of a request. */
function nextRandomBytes(): Buffer {
  if (randomPool.length === 0) randomPool = randomBytes(256 * ID_BYTES)
  const bytes = randomPool.subarray(0, ID_BYTES)
  randomPool = randomPool.subarray(ID_BYTES)
  return bytes
}

/** The headers of every response of an API. */
export function requestHeaders(
  type: 'http' | 'rest',
  requestId: string,
  extendedRequestId?: string,
): Headers {
  if (type === 'http') return new Headers({ 'apigw-requestid': requestId })
  return new Headers({
    'x-amzn-RequestId': requestId,
    'x-amz-apigw-id': extendedRequestId ?? newRequestId('http'),
  })
}

/** Status and text of an HTTP API; status, error type and text of a REST API. */
interface RefusalResponse {
  http: 400 | 401 | 403 | 404 | 413 | 414 | 429 | 431 | 500 | 503
  rest: readonly [status: number, errorType: string, text?: string]
}

/** Recorded: 401, 404, 413 of Lambda's limit, 500 and 503; 429 measured; 400, 414 and 431 unverified. HTTP APIs have no gateway responses. */
const HTTP_TEXT: Record<RefusalResponse['http'], string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Plain text, and without CORS headers (recorded 2026-10-03). */
const REST_BODY_TOO_LARGE = 'HTTP content length exceeded 10485760 bytes.'

/**
 * Its body has a space after the colon: recorded for 500 (LocalStack `TestApiGatewayHeaderRemapping`, 2024-12-11) and 502
 * (aws/aws-lambda-dotnet, the integration tests of Tools/LambdaTestTool-v2), unverified for 504.
 */
const INTERNAL = 'InternalServerErrorException'

const responseOf = (
  http: RefusalResponse['http'],
  ...rest: RefusalResponse['rest']
): RefusalResponse => ({ http, rest })
const UNSIGNED: RefusalResponse['rest'] = [
  403,
  'MissingAuthenticationTokenException',
  'Missing Authentication Token',
]

/** @see [AWS: gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html) */
const RESPONSES: Record<RefusalKind, RefusalResponse> = {
  BadRequest: responseOf(400, 400, 'BadRequestException', 'Bad Request'),
  NoRoute: responseOf(404, ...UNSIGNED),
  // Pasted for paths without the stage of a REST API: OWASP/Serverless-Goat#14, berislavlopac/plambdapi#6. The type is that of
  // aws/aws-sdk-js-v3#1830, a call to a WebSocket API without its stage.
  NoStage: responseOf(404, 403, 'ForbiddenException', 'Forbidden'),
  MissingAuthenticationToken: responseOf(403, ...UNSIGNED),
  IncompleteSignature: responseOf(403, 403, 'IncompleteSignatureException'),
  InvalidSignature: responseOf(403, 403, 'InvalidSignatureException'),
  // AWS's knowledge centre has this type for "The security token included in the request is invalid."
  UnrecognizedClient: responseOf(403, 403, 'AccessDeniedException'),
  // unverified: the error type
  ExpiredToken: responseOf(403, 403, 'ExpiredTokenException'),
  AccessDenied: responseOf(403, 403, 'AccessDeniedException'),
  Unauthorized: responseOf(401, 401, 'UnauthorizedException', 'Unauthorized'),
  // Of a Cognito authorizer of a REST API; how its clients know that they have to refresh (see the suite `recorded`).
  TokenExpired: responseOf(401, 401, 'UnauthorizedException', 'The incoming token has expired'),
  // Reported for REST APIs: amplify-flutter#1539
  ScopeMissing: responseOf(403, 401, 'UnauthorizedException', 'Unauthorized'),
  // Of a Lambda authorizer: no identity, or it threw "Unauthorized".
  Unauthenticated: responseOf(401, 401, 'UnauthorizedException', 'Unauthorized'),
  // The message is null: auth0-samples/jwt-rsa-aws-custom-authorizer#6; the type: serverless/examples#305.
  AuthorizerFailed: responseOf(500, 500, 'AuthorizerConfigurationException'),
  // REST APIs only, as the next row.
  ApiKeyRefused: responseOf(403, 403, 'ForbiddenException', 'Forbidden'),
  QuotaExceeded: responseOf(429, 429, 'LimitExceededException', 'Limit Exceeded'),
  Throttled: responseOf(429, 429, 'TooManyRequestsException', 'Too Many Requests'),
  // Of REST APIs. The status is that of AWS's page on quotas; the rest is unverified.
  UriTooLong: responseOf(414, 414, 'BadRequestException', 'Request URI too long'),
  // unverified
  HeadersTooLarge: responseOf(431, 431, 'BadRequestException', 'Request Header Fields Too Large'),
  // unverified for HTTP APIs
  BodyTooLarge: responseOf(413, 413, 'RequestEntityTooLargeException', 'Request Too Long'),
  PayloadTooLarge: responseOf(413, 413, 'RequestEntityTooLargeException', 'Request Too Long'),
  Failed: responseOf(500, 500, INTERNAL, 'Internal server error'),
  HandlerFailed: responseOf(500, 502, INTERNAL, 'Internal server error'),
  TimedOut: responseOf(503, 504, INTERNAL, 'Endpoint request timed out'),
  // unverified: both the status of an HTTP API and the text of a REST API
  BackendUnreachable: responseOf(503, 504, INTERNAL, 'Network error communicating with endpoint'),
}

const bearerChallenge = (description: string | undefined): string =>
  description === undefined
    ? 'Bearer'
    : `Bearer scope="" error="invalid_token" error_description="${description}"`
