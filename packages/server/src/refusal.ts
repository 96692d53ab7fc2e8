import { IamFetchError, type ErrorCode } from '@iamfetch/core'
import { own, ownObject } from './own.ts'

/** Why a caller is not taken. */
export type RefusalCode =
  | 'CALLER_MISSING'
  | 'CALLER_UNPROVEN'
  | 'CALLER_NOT_TRUSTED'
  | 'CALLER_MISMATCH'
  | 'TOKEN_INVALID'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_REJECTED'
  | 'GROUP_MISSING'
  | 'SCOPES_MISSING'
  | 'FORBIDDEN'
  | 'SERVICE_UNAVAILABLE'

/**
 * Makes the error of a refusal. Its `status` is the one to answer with: 401 when nobody is proven, 403 when
 * somebody is who may not, 503 when the keys to verify a token could not be fetched.
 *
 * @param cause  Left out where it could hold a piece of a token.
 */
export function refusal(code: RefusalCode, message: string, cause?: unknown): IamFetchError {
  const { status, remedy } = REFUSALS[code]
  const retryable = code === 'SERVICE_UNAVAILABLE'
  return new IamFetchError(code, message, {
    remedy,
    status,
    retryable,
    ...(cause !== undefined && { cause }),
  })
}

/** Whether an error is a refusal of this package, and not a fault of the code around it. */
export const isRefusal = (error: unknown): error is IamFetchError =>
  error instanceof IamFetchError &&
  Object.hasOwn(REFUSALS, error.code satisfies ErrorCode) &&
  error.status !== undefined

/** What a Lambda function answers. Load balancers want `statusDescription` too. */
export interface Answer {
  statusCode: number
  statusDescription?: string
  headers?: Record<string, string>
  multiValueHeaders?: Record<string, string[]>
  body: string
  isBase64Encoded: boolean
}

/** What a refusal's answer tells more. The options of a gate are it. */
export interface RefusalOptions {
  /** The scopes that were asked for. */
  scopes?: readonly string[] | undefined
  /** Headers to add, as those of CORS. */
  refusalHeaders?: Readonly<Record<string, string>> | undefined
}

/** What {@link refusalResponse} gives. */
export interface RefusalResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * Puts a refusal into the gateway's words. The reason stays here; it is in the error, for the log.
 *
 * A token that is missing, too weak or wrong gets the `www-authenticate` of RFC 6750, which names the
 * scopes where they are what is missing. A REST API's event gets the `x-amzn-errortype` that REST APIs have;
 * the type of a 403 is unverified.
 *
 * @param event  What was refused; nothing for an answer like an HTTP API's.
 * @see [AWS: gateway responses](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html)
 * @see [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)
 */
export function refusalResponse(
  error: IamFetchError,
  event?: unknown,
  { scopes, refusalHeaders }: RefusalOptions = {},
): RefusalResponse {
  const status = error.status ?? 403
  const [message, errorType] = SAID[status] ?? FORBIDDEN
  const challenge = challengeOf(error, scopes)
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(challenge && { 'www-authenticate': challenge }),
      ...(senderOf(event) === 'rest' && { 'x-amzn-errortype': errorType }),
      ...refusalHeaders,
    },
    body: JSON.stringify({ message }),
  }
}

/** The same as {@link refusalResponse}, in the form that the event's sender reads from a Lambda function. */
export function refusalAnswer(
  error: IamFetchError,
  event: unknown,
  options?: RefusalOptions,
): Answer {
  const { status, headers, body } = refusalResponse(error, event, options)
  const answer = { statusCode: status, body, isBase64Encoded: false }
  if (senderOf(event) !== 'alb') return { ...answer, headers }
  const [text] = SAID[status] ?? FORBIDDEN
  const toAlb = { ...answer, statusDescription: `${status} ${text}` }
  if (!own(event, 'multiValueHeaders')) return { ...toAlb, headers }
  const multiValueHeaders: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(headers)) multiValueHeaders[name] = [value]
  return { ...toAlb, multiValueHeaders }
}

function senderOf(event: unknown): 'rest' | 'http' | 'alb' {
  const request = ownObject(event, 'requestContext')
  if (!request) return 'http'
  if (own(request, 'elb')) return 'alb'
  return own(event, 'version') === undefined ? 'rest' : 'http'
}

function challengeOf(error: IamFetchError, scopes: readonly string[] = []): string | undefined {
  if (error.code === 'SCOPES_MISSING') {
    return `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`
  }
  if (error.status !== 401) return undefined
  return error.code.startsWith('TOKEN_') ? 'Bearer error="invalid_token"' : 'Bearer'
}

type Said = readonly [message: string, errorType: string]
const FORBIDDEN: Said = ['Forbidden', 'AccessDeniedException']
/** Text and REST error type of a status. */
const SAID: Readonly<Record<number, Said>> = {
  401: ['Unauthorized', 'UnauthorizedException'],
  403: FORBIDDEN,
  503: ['Service Unavailable', 'ServiceUnavailableException'],
}

const REFUSALS: Record<RefusalCode, { status: number; remedy: string }> = {
  CALLER_MISSING: {
    status: 401,
    remedy:
      'Sign in and send the token, or sign the request. If the gateway has an authorizer, attach it to this route.',
  },
  CALLER_UNPROVEN: {
    status: 401,
    remedy:
      'Nobody verified this. Name the user pool in userPools, so that the token is verified here, or attach an authorizer to the route.',
  },
  CALLER_NOT_TRUSTED: {
    status: 403,
    remedy:
      'The signature is real, but of a user pool or an identity pool that this API was not told to believe. Add it to the options if it may call.',
  },
  CALLER_MISMATCH: {
    status: 403,
    remedy: 'The request names more than one caller. Send the proofs of one user only.',
  },
  TOKEN_INVALID: { status: 401, remedy: 'Get a new token from the user pool and send that one.' },
  TOKEN_EXPIRED: { status: 401, remedy: 'Refresh the token and repeat the call.' },
  TOKEN_REJECTED: { status: 401, remedy: 'The key was revoked or rotated. Use the new one.' },
  GROUP_MISSING: {
    status: 403,
    remedy: 'Ask to be added to a group that may do this; then sign in again.',
  },
  SCOPES_MISSING: {
    status: 403,
    remedy: 'Get a token with one of the scopes that this route asks for.',
  },
  FORBIDDEN: { status: 403, remedy: 'This route is for another kind of caller.' },
  SERVICE_UNAVAILABLE: {
    status: 503,
    remedy: 'The keys to verify the token could not be fetched. Repeat the call in a few seconds.',
  },
}
