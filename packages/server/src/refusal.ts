import { IamFetchError, isIamFetchError, type OptionNames } from '@iamfetch/core'
import { checkedOptions } from './checked-options.ts'
import { hasMultiValueHeaders, readSender } from './event-sender.ts'

/** Why a caller is refused. */
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

/** The details of a refusal in addition to its code and message. */
export interface RefusalDetails {
  /** @default the remedy of the code */
  remedy?: string
  /** The error that was caught. Leave it out if it may quote a token. */
  cause?: unknown
}

/**
 * Creates the error of a refusal. Its `status` is the one to respond with: 401 if no caller is proven, 403 if the caller may
 * not call, 503 if the keys to verify a token could not be fetched.
 */
export function refusal(
  code: RefusalCode,
  message: string,
  details: RefusalDetails = {},
): IamFetchError {
  const { status, remedy } = REFUSALS[code]
  return new IamFetchError(code, message, {
    remedy,
    status,
    retryable: code === 'SERVICE_UNAVAILABLE',
    ...details,
  })
}

/**
 * Whether an error is a refusal of this package, and not a fault of the code around it. It goes by the shape of the
 * error, so that refusals of another copy of `@iamfetch/core` are recognised.
 */
export const isRefusal = (error: unknown): error is IamFetchError =>
  isIamFetchError(error) && Object.hasOwn(REFUSALS, error.code) && error.status !== undefined

/** The response of a Lambda function. Load balancers expect `statusDescription`, too. */
export interface Answer {
  statusCode: number
  statusDescription?: string
  headers?: Record<string, string>
  multiValueHeaders?: Record<string, string[]>
  body: string
  isBase64Encoded: boolean
}

/** What the response to a refusal contains in addition: two of the options of a gate. */
export interface RefusalOptions {
  /** The scopes of which one is required. */
  scopes?: readonly string[] | undefined
  /** Headers to add, for example those of CORS. */
  refusalHeaders?: Readonly<Record<string, string>> | undefined
}

const REFUSAL_OPTIONS: OptionNames<RefusalOptions> = { scopes: true, refusalHeaders: true }

/** What {@link refusalResponse} returns. */
export interface RefusalResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/**
 * Turns a refusal into the response that the gateway would have given. It does not contain the reason, which is in the
 * error, for the log.
 *
 * A token that is missing, too weak or wrong gets the `www-authenticate` of RFC 6750, which names the scopes if they are what
 * is missing. A REST API's event gets the `x-amzn-errortype` that REST APIs have; the type of a 403 is unverified.
 *
 * @param event  What was refused. Defaults to an event of an HTTP API.
 * @throws {@link TypeError} with the code `INVALID_OPTION` for an unknown option.
 * @see [AWS: gateway responses](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html)
 * @see [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)
 */
export function refusalResponse(
  error: IamFetchError,
  event?: unknown,
  options: RefusalOptions = {},
): RefusalResponse {
  const { scopes, refusalHeaders } = checkedOptions('refusalResponse', options, REFUSAL_OPTIONS)
  const status = error.status ?? 403
  const [message, errorType] = SAID[status] ?? FORBIDDEN
  const challenge = challengeOf(error, scopes)
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(challenge && { 'www-authenticate': challenge }),
      ...(readSender(event) === 'rest' && { 'x-amzn-errortype': errorType }),
      ...refusalHeaders,
    },
    body: JSON.stringify({ message }),
  }
}

/** The same as {@link refusalResponse}, in the form that the sender of the event expects of a Lambda function. */
export function refusalAnswer(
  error: IamFetchError,
  event: unknown,
  options?: RefusalOptions,
): Answer {
  const { status, headers, body } = refusalResponse(error, event, options)
  const answer = { statusCode: status, body, isBase64Encoded: false }
  if (readSender(event) !== 'alb') return { ...answer, headers }
  const [text] = SAID[status] ?? FORBIDDEN
  const toAlb = { ...answer, statusDescription: `${status} ${text}` }
  if (!hasMultiValueHeaders(event)) return { ...toAlb, headers }
  const multiValueHeaders: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(headers)) multiValueHeaders[name] = [value]
  return { ...toAlb, multiValueHeaders }
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
      'Name the user pool in "userPools", so that the token is verified here, or attach an authorizer to the route.',
  },
  CALLER_NOT_TRUSTED: {
    status: 403,
    remedy:
      'Add the user pool to "userPools" and the identity pool to "identityPools" if its users may call this API.',
  },
  CALLER_MISMATCH: {
    status: 403,
    remedy:
      'Send the proofs of one user only: one token, or one signature and the ID token of the same user.',
  },
  TOKEN_INVALID: { status: 401, remedy: 'Get a new token for this API and send that one.' },
  TOKEN_EXPIRED: { status: 401, remedy: 'Refresh the token and repeat the call.' },
  TOKEN_REJECTED: { status: 401, remedy: 'Use the key or token that replaced this one.' },
  GROUP_MISSING: {
    status: 403,
    remedy: 'Add the user to one of these groups and let the user sign in again.',
  },
  SCOPES_MISSING: {
    status: 403,
    remedy: 'Request a token with one of the scopes that this route requires.',
  },
  FORBIDDEN: {
    status: 403,
    remedy: 'Call this route as one of the kinds of callers that it is for.',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    remedy:
      'Repeat the call in a few seconds. If it keeps failing, check that this code can reach the keys.',
  },
}
