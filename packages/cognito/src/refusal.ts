import { IamFetchError, type ErrorCode, type ErrorDetails } from '@iamfetch/core'

/** What a remedy can name. Nothing in it is secret. */
export interface Facts {
  identityPoolId?: string | undefined
  /** The login's key as it was sent. */
  provider?: string | undefined
  iss?: string | undefined
  aud?: unknown
  role?: string | undefined
  /** The roles in the token. */
  roles?: readonly string[] | undefined
}

type Remedy = (facts: Facts) => string

const SIGN_IN: Remedy = () => 'Sign in again.'
const WAIT: Remedy = () => 'Try again later.'
const HEALED: Remedy = ({ identityPoolId }) =>
  `A new identity was tried once. Check that ${identityPoolId} is the right pool, then sign in again.`
const TRUST: Remedy = ({ identityPoolId }) =>
  `The role's trust policy must allow Federated cognito-identity.amazonaws.com to sts:AssumeRoleWithWebIdentity (and sts:TagSession with principal tags) where cognito-identity.amazonaws.com:aud is ${identityPoolId} and :amr is authenticated, or unauthenticated for guests.`

/** Which of Cognito's answers, `type status message`, has which code. The first that fits counts. */
const ROWS: readonly (readonly [RegExp, ErrorCode, Remedy])[] = [
  [/Token expired/, 'ID_TOKEN_EXPIRED', SIGN_IN],
  [
    /claim: aud/,
    'NOT_AN_ID_TOKEN',
    () => 'Let idToken give the ID token of the sign-in, not the access token.',
  ],
  [
    /match providerName/,
    'LOGIN_PROVIDER_MISMATCH',
    ({ provider, iss }) =>
      `The token is from ${iss} and was sent for ${provider}. Leave providerName out, or set it to the issuer without https:// and without a slash at the end.`,
  ],
  [
    /supported provider/,
    'LOGIN_PROVIDER_NOT_TRUSTED',
    ({ identityPoolId, provider, aud }) =>
      `Add ${provider} with the app client ID ${String(aud)} to the identity providers of ${identityPoolId}.`,
  ],
  [
    /verify signed token/,
    'ID_TOKEN_INVALID',
    ({ iss }) => `idToken must give the token exactly as the sign-in got it; it names ${iss}.`,
  ],
  [/Logins don't match/, 'IDENTITY_LOGIN_MISMATCH', HEALED],
  [/Identity '[^']*' is forbidden/, 'IDENTITY_DISABLED', HEALED],
  [
    /Unauthenticated access/,
    'GUEST_NOT_ALLOWED',
    ({ identityPoolId }) => `Sign in first, or allow guest access in ${identityPoolId}.`,
  ],
  [
    /ambiguous role/,
    'ROLE_AMBIGUOUS',
    ({ roles }) =>
      `Give the groups different precedence numbers, or choose with role: ${roles?.join(', ') || 'the token names none'}.`,
  ],
  [/^InvalidIdentityPoolConfig/, 'ROLE_TRUST_INVALID', TRUST],
  [
    /classic\) flow/,
    'CLASSIC_FLOW_BLOCKED',
    ({ identityPoolId }) =>
      `Use the enhanced flow, or remove the role mapping of ${identityPoolId}.`,
  ],
  [
    /IdentityPool '[^']*' not found/,
    'POOL_NOT_FOUND',
    ({ identityPoolId }) => `Check ID, region, account and endpoint of ${identityPoolId}.`,
  ],
  [/Identity '[^']*' not found/, 'IDENTITY_NOT_FOUND', HEALED],
  [/^ResourceConflict/, 'LOGIN_CONFLICT', HEALED],
  [
    /^TooManyRequests| 429 /,
    'THROTTLED',
    () =>
      'Try again later. GetId has 25 calls a second for an account and region: an identityStore saves them.',
  ],
  [
    /^LimitExceeded/,
    'QUOTA_EXHAUSTED',
    () => 'A limit of the AWS account is reached; repeating does not help. Ask for a higher quota.',
  ],
  [/^ExternalService/, 'IDP_UNAVAILABLE', WAIT],
  [/^InternalError| 5\d\d /, 'SERVICE_UNAVAILABLE', WAIT],
  [
    /^NotAuthorized.*\brole\b/i,
    'ROLE_NOT_HELD',
    ({ role, roles }) =>
      `${role ?? 'The role'} is not in cognito:roles (${roles?.join(', ') || 'none'}). Put the user into the group of the role, then refreshIdentity().`,
  ],
  [
    /^NotAuthorized/,
    'FORBIDDEN',
    ({ identityPoolId }) => `Check ${identityPoolId} and sign in again.`,
  ],
  [
    /^/,
    'REQUEST_INVALID',
    ({ identityPoolId }) => `Check the options given for ${identityPoolId}.`,
  ],
]

const REMEDIES: { readonly [code in ErrorCode]?: Remedy } = {
  LOGIN_REQUIRED: SIGN_IN,
  CLEARED: () => 'Repeat the call if it is still wanted.',
  NETWORK_OR_CORS: () =>
    "Check the connection and the page's CSP: connect-src must allow the endpoint. An outage of the service looks the same.",
  UNEXPECTED_ANSWER: () => 'Check the endpoint: something else than Cognito answers there.',
}

const TRANSIENT = /^(THROTTLED|SERVICE_UNAVAILABLE|IDP_UNAVAILABLE|NETWORK_OR_CORS|CLEARED)$/

/** The error of a code, with the remedy that goes with it. */
export function refusal(
  code: ErrorCode,
  message: string,
  facts: Facts = {},
  details?: Partial<ErrorDetails>,
): IamFetchError {
  const remedy = REMEDIES[code] ?? ROWS.find((row) => row[1] === code)?.[2]
  return new IamFetchError(code, message, {
    remedy: remedy?.(facts) ?? '',
    retryable: TRANSIENT.test(code),
    ...details,
  })
}

/**
 * The error for an answer that Cognito refused with.
 *
 * @param type     Such as `NotAuthorizedException`.
 * @param message  Cognito's own; whatever is as long as a secret is cut out of it.
 */
export function refusedBy(
  operation: string,
  type: string,
  status: number,
  message: string,
  facts: Facts,
  requestId: string | undefined,
): IamFetchError {
  const row = ROWS.find(([pattern]) => pattern.test(`${type} ${status} ${message}`))
  // A secret access key has 40 characters, a GUID 36.
  const text = message.slice(0, 500).replace(/[\w+/=-]{40,}/g, '[…]')
  return refusal(row![1], `${operation}: ${text || type || `HTTP ${status}`}`, facts, {
    status,
    requestId,
  })
}
