import type { Refusal, RefusalKind } from '../api-gateway/refusal.ts'
import type { OrderedRefusal } from '../faults/fault-order.ts'
import { headerText } from '../http/printable.ts'

/**
 * Writes a refusal in the words of a function URL, and adds the true reason in `x-local-reason`.
 *
 * @param requestId  For `x-amzn-RequestId`.
 */
export function refuseCall(
  { kind, reason, label = kind, message }: Refusal,
  requestId: string,
): Response {
  const [status, errorType, body] = ROWS[kind] ?? FAILED
  const headers = new Headers({
    'x-amzn-RequestId': requestId,
    'content-type': 'application/json',
    'x-local-reason': headerText(`${label}: ${reason}`),
  })
  if (errorType !== undefined) headers.set('x-amzn-ErrorType', errorType)
  // The lines after the first quote the request.
  const [firstLine = ''] = (message ?? '').split('\n')
  return new Response(body ?? JSON.stringify({ message: firstLine }), { status, headers })
}

/** Refuses with a message that a test chose. */
export function refuseCallAs(
  { type, message, status = 403 }: OrderedRefusal,
  requestId: string,
): Response {
  const headers = new Headers({
    'x-amzn-RequestId': requestId,
    'content-type': 'application/json',
    'x-amzn-ErrorType': headerText(type),
  })
  return new Response(JSON.stringify({ message }), { status, headers })
}

/** The status, the error type and the body. Without a body the message of the refusal is sent. */
type Row = readonly [status: number, errorType: string | undefined, body?: string]

/** Seen on AWS: awsdocs/aws-lambda-developer-guide#494. */
const FORBIDDEN: Row = [
  403,
  'AccessDeniedException',
  '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}',
]

/** unverified */
const FAILED: Row = [500, 'ServiceException', '{"Message":"Internal Server Error"}']

/** What a client sees of a function that failed: unverified. */
const FUNCTION_FAILED: Row = [502, undefined, 'Internal Server Error']

/** unverified */
const TOO_LARGE: Row = [
  413,
  'RequestEntityTooLargeException',
  '{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}',
]

/**
 * `InvalidSignature` was seen on AWS (the table of refusals in packages/iamfetch/test has its source), and that an unknown access
 * key has its type, too: captured 2025-06-22, as are the message and the unsigned call. The rows without another source are
 * unverified.
 */
const ROWS: Partial<Record<RefusalKind, Row>> = {
  MissingAuthenticationToken: FORBIDDEN,
  AccessDenied: FORBIDDEN,
  InvalidSignature: [403, 'InvalidSignatureException'],
  IncompleteSignature: [403, 'IncompleteSignatureException'],
  UnrecognizedClient: [403, 'InvalidSignatureException'],
  ExpiredToken: [403, 'ExpiredTokenException'],
  BadRequest: [400, 'BadRequestException', '{"Message":"Bad Request"}'],
  Throttled: [429, 'TooManyRequestsException', '{"Message":"Rate Exceeded."}'],
  BodyTooLarge: TOO_LARGE,
  PayloadTooLarge: TOO_LARGE,
  HandlerFailed: FUNCTION_FAILED,
  TimedOut: FUNCTION_FAILED,
}
