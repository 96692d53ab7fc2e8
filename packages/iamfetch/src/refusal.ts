import { gatewayMessage, hideSecrets, requestIdOf } from '@iamfetch/core'
import { refusalText } from './refusal-text.ts'

/** Why a gateway refused, as far as its response tells. A minor version may add a code. */
export type RefusalCode =
  /** The signature's date is more than five minutes off. */
  | 'CLOCK_SKEW'
  | 'SIGNATURE_MISMATCH'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_INVALID'
  /** Signed for another region or service. */
  | 'WRONG_SCOPE'
  /** No authorization arrived, or there is no such path, method or stage. */
  | 'AUTH_MISSING'
  | 'AUTH_MALFORMED'
  /** The signature was good; the policy says no. */
  | 'ACCESS_DENIED'
  /** `{"message":"Forbidden"}`: an HTTP API, a WAF or a missing API key. It does not say why. */
  | 'FORBIDDEN'
  /** A 401: the bearer token was not accepted. */
  | 'UNAUTHORIZED'
  /** Not a text that a gateway is known to send; most likely the application's own answer. */
  | 'UNKNOWN'

/** What a response of status 401 or 403 says. */
export interface Refusal {
  code: RefusalCode
  /** What happened and what to check, for a person. It contains no token. */
  message: string
  /** AWS's request ID, for a support case. */
  requestId?: string
  /** For `ACCESS_DENIED`: who was refused, `arn:aws:sts::…:assumed-role/Role/CognitoIdentityCredentials`. */
  principal?: string
  /** For `ACCESS_DENIED`: what was refused, `arn:aws:execute-api:…`. */
  resource?: string
  /** For `ACCESS_DENIED`: whether a policy's `Deny` did it, not a missing `Allow`. */
  explicit?: boolean
  /** What the local stack reports in addition to AWS's response (`x-local-reason`). */
  localReason?: string
}

/**
 * Describes what a response of status 401 or 403 means, or a 400 of AWS's own services; of other responses only that they are not
 * refusals. Call it before the body is read; the body stays readable.
 *
 * Based on the known responses of REST APIs, HTTP APIs and Lambda function URLs. If the gateway hides the reason, it says so. Tokens and
 * secrets that the response repeats are hidden.
 *
 * @see [AWS: troubleshoot 403 errors](https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden)
 */
export async function describeRefusal(response: Response): Promise<Refusal> {
  return readRefusal(response, gatewayMessage(await refusalText(response)) ?? '')
}

/** {@link describeRefusal} for a response whose message has been read. Secrets that the response repeats are hidden. */
export function readRefusal({ headers, status }: Response, message: string): Refusal {
  const code = codeOf(message, headers.get('x-amzn-errortype') ?? '', status)
  const requestId = requestIdOf(headers)
  const localReason = headers.get('x-local-reason')
  const denied = /^User: (\S+) is .* on resource: (\S+)/.exec(message)
  const principal = denied?.[1] && hideSecrets(denied[1])
  const resource = denied?.[2] && hideSecrets(denied[2])
  const explicit = message.includes(' explicit deny')
  const text = messageFor(code, status, principal, resource, explicit)
  const reason = localReason && hideSecrets(localReason)
  return {
    code,
    message: reason ? `${text} The local stack reports: ${reason.replace(/\.?$/, '.')}` : text,
    ...(requestId && { requestId }),
    ...(principal && { principal }),
    ...(resource && { resource, explicit }),
    ...(reason && { localReason: reason }),
  }
}

/** The statuses with which gateways refuse a caller; AWS's own services use 400. */
const REFUSING = [400, 401, 403]

function codeOf(message: string, type: string, status: number): RefusalCode {
  const row = TABLE.find(([text]) => text.test(message)) ?? TABLE.find(([text]) => text.test(type))
  return row?.[1] ?? (status === 401 ? 'UNAUTHORIZED' : 'UNKNOWN')
}

function messageFor(
  code: RefusalCode,
  status: number,
  principal: string | undefined,
  resource: string | undefined,
  explicit: boolean,
): string {
  if (code === 'UNKNOWN' && !REFUSING.includes(status)) return otherStatus(status)
  if (code !== 'ACCESS_DENIED' || !principal) return MESSAGES[code]
  const role = /:assumed-role\/([^/]+)/.exec(principal)?.[1]
  const who = role ? `The role ${role}` : principal
  const how = explicit ? 'is denied by a policy' : 'is not allowed'
  return `${who} ${how} to call ${routeOf(resource)}.`
}

/**
 * The table of refusals: the start of the message, or of `x-amzn-errortype` where it may be read. In this order,
 * messages first: one errortype stands for several reasons.
 *
 * @see [AWS: gateway response types](https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html)
 */
const TABLE: readonly (readonly [RegExp, RefusalCode])[] = [
  [/^Signature (expired|not\s+yet current)/, 'CLOCK_SKEW'],
  [/^(The security token .*expired|ExpiredToken)/, 'TOKEN_EXPIRED'],
  [/^(The security token .*invalid|UnrecognizedClient)/, 'TOKEN_INVALID'],
  [/^Credential should be scoped/, 'WRONG_SCOPE'],
  [/^(The request signature we|InvalidSignature)/, 'SIGNATURE_MISMATCH'],
  [/^Missing ?Authentication ?Token/, 'AUTH_MISSING'],
  [/^(Authorization header requires|Invalid key=value pair|IncompleteSignature)/, 'AUTH_MALFORMED'],
  [/^User: .*not authorized to perform/, 'ACCESS_DENIED'],
  [/^Forbidden/, 'FORBIDDEN'],
  [/^AccessDenied/, 'ACCESS_DENIED'],
]

const MESSAGES: Record<RefusalCode, string> = {
  CLOCK_SKEW: 'The clock of the device is more than five minutes wrong.',
  SIGNATURE_MISMATCH:
    'The gateway computed another signature: something on the way changed the host, the path, a signed header or the body, or the secret access key is wrong.',
  TOKEN_EXPIRED: 'The session has expired. Get new credentials.',
  TOKEN_INVALID:
    'AWS does not know this session token or access key. Get new credentials, and check that they are complete and of this partition.',
  WRONG_SCOPE:
    'The signature is for another region or service. Set "region" to the region of the API; its service is execute-api.',
  AUTH_MISSING:
    'There is no such path, method or stage, or something on the way removed the Authorization header. Check the stage in "baseUrl" and whether the API is deployed.',
  AUTH_MALFORMED:
    'The Authorization header is not an AWS signature. A JWT that is sent to an IAM route gets this response.',
  ACCESS_DENIED: 'The signature is valid, but the policy of the role does not allow this call.',
  FORBIDDEN:
    'The gateway refused and does not say why. An HTTP API gives this response if the role may not call the route, and if the signature, the session or the clock is wrong; a WAF or a missing API key gives it, too.',
  UNAUTHORIZED:
    'The token was not accepted: it has expired, or it is from another issuer or for another audience than this API expects.',
  UNKNOWN: 'No gateway is known to send this response; the application behind it refused.',
}

/** For a response that is not a refusal. */
const otherStatus = (status: number): string =>
  status === 404
    ? 'There is no such path or method, or the application has no such resource. Check both, and the stage in "baseUrl".'
    : `The API responded with ${status}; the signature or token was not the reason.`

/** `POST /test` for `arn:aws:execute-api:region:account:api/stage/POST/test`. */
function routeOf(resource = ''): string {
  const [, method, path] = /^arn:[^/]+\/[^/]*\/([^/]+)(\/.*)?$/.exec(resource) ?? []
  return method ? `${method} ${path ?? '/'}` : resource
}
