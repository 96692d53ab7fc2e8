import { IamFetchError, isIamFetchError, type ErrorCode, type ErrorDetails } from '@iamfetch/core'

/** What a remedy can name. Nothing here is secret. */
export interface Facts {
  /** The identity pool's ID. */
  readonly pool?: string | undefined
  /** The key in `Logins`, as it was sent. */
  readonly provider?: string | undefined
  /** The roles in the token. */
  readonly roles?: readonly string[] | undefined
  /** The token's issuer. */
  readonly iss?: unknown
  /** The token's audience. */
  readonly aud?: unknown
}

/**
 * Creates the error for a code, with the remedy of the code.
 *
 * @param details.cause  An `IamFetchError` is returned as it is: its own code and remedy are more precise.
 */
export function refusal(
  code: ErrorCode,
  message: string,
  facts: Facts = {},
  details: Partial<ErrorDetails> = {},
): IamFetchError {
  if (isIamFetchError(details.cause)) return details.cause
  return new IamFetchError(code, message, {
    remedy: remedyFor(code, facts),
    retryable: RETRYABLE.includes(code),
    ...details,
  })
}

/**
 * Finds the code for a response with which Cognito refused.
 *
 * @param response  Its error type and its message.
 */
export function codeOf(response: string, status: number): ErrorCode {
  if (status >= 500) return 'SERVICE_UNAVAILABLE'
  return ROWS.find(([part]) => response.includes(part))?.[1] ?? 'REQUEST_INVALID'
}

const RETRYABLE: readonly ErrorCode[] = [
  'THROTTLED',
  'SERVICE_UNAVAILABLE',
  'IDP_UNAVAILABLE',
  'NETWORK_OR_CORS',
  'OFFLINE',
  'UNEXPECTED_ANSWER',
]

/**
 * What Cognito's responses contain, in their error type or in their message, and the code. The first that fits counts.
 *
 * The messages are quoted whole in `test/refusal.test.ts`. How Cognito responds to a role that the token lacks is unverified.
 */
const ROWS: readonly (readonly [part: string, code: ErrorCode])[] = [
  // Other services use these words when an organization denies the assumption of the role. That Cognito does is unverified.
  ['control policy', 'FORBIDDEN'],
  ['Token expired', 'ID_TOKEN_EXPIRED'],
  ['claim: aud', 'NOT_AN_ID_TOKEN'],
  ["doesn't match providerName", 'LOGIN_PROVIDER_MISMATCH'],
  ['supported provider', 'LOGIN_PROVIDER_NOT_TRUSTED'],
  ['Invalid login token', 'ID_TOKEN_INVALID'],
  ["Logins don't match", 'IDENTITY_LOGIN_MISMATCH'],
  ['is forbidden', 'IDENTITY_DISABLED'],
  ['Unauthenticated access', 'GUEST_NOT_ALLOWED'],
  ['ambiguous role mapping', 'ROLE_AMBIGUOUS'],
  ['InvalidIdentityPoolConfiguration', 'ROLE_TRUST_INVALID'],
  ['(classic) flow', 'CLASSIC_FLOW_BLOCKED'],
  ["IdentityPool '", 'POOL_NOT_FOUND'],
  ["' not found", 'IDENTITY_NOT_FOUND'],
  ['ResourceConflict', 'LOGIN_CONFLICT'],
  ['TooManyRequests', 'THROTTLED'],
  ['LimitExceeded', 'QUOTA_EXHAUSTED'],
  ['ExternalService', 'IDP_UNAVAILABLE'],
  ['InternalError', 'SERVICE_UNAVAILABLE'],
  ['Role ', 'ROLE_NOT_HELD'],
  ['NotAuthorized', 'FORBIDDEN'],
]

function remedyFor(code: ErrorCode, { pool, provider, roles, iss, aud }: Facts): string {
  const remedies: Partial<Record<ErrorCode, string>> = {
    LOGIN_REQUIRED: 'Sign in, then repeat the call.',
    ID_TOKEN_EXPIRED: 'Sign in again.',
    ID_TOKEN_INVALID:
      'Return the ID token from "idToken" unchanged, as it was issued: the text alone. For Facebook and Login with Amazon, set "providerName".',
    FORBIDDEN: `Read the message, and check the settings of ${pool}. If it names a service or resource control policy, ask the administrators of the organization instead.`,
    NOT_AN_ID_TOKEN: 'Return the ID token from "idToken", not the access token.',
    LOGIN_PROVIDER_MISMATCH: `Correct "providerName": it is ${provider}, but the token was issued by ${String(iss)}.`,
    LOGIN_PROVIDER_NOT_TRUSTED: `Add ${provider} with the app client ${String(aud)} as an authentication provider of ${pool}.`,
    LOGIN_CONFLICT: `Unlink this login from its other identity in ${pool}, or delete that identity.`,
    IDENTITY_LOGIN_MISMATCH: `Sign in again: the stored identity of ${pool} belongs to another login.`,
    IDENTITY_DISABLED: `Enable the identity in ${pool}, or delete it and sign in again.`,
    IDENTITY_NOT_FOUND: `Sign in again: the identity was deleted from ${pool}.`,
    POOL_NOT_FOUND: `Check the ID, the region and the "endpoint" of ${pool}.`,
    GUEST_NOT_ALLOWED: `Sign in, or allow guest access in ${pool}.`,
    CLASSIC_FLOW_BLOCKED: `Check "endpoint": this package uses the enhanced flow, which ${pool} asks for.`,
    IDP_UNAVAILABLE: 'Try again later.',
    ROLE_AMBIGUOUS: ambiguous(roles),
    ROLE_NOT_HELD: `Ask for one of the roles in the token (cognito:roles): ${listed(roles)}.`,
    ROLE_TRUST_INVALID: `Let the trust policy of the role allow the users of ${pool} to assume it; the documentation page of this error shows the whole policy.`,
    THROTTLED: 'Try again later: Cognito allows about 25 GetId calls per second.',
    QUOTA_EXHAUSTED: 'Ask AWS for a higher quota.',
    SERVICE_UNAVAILABLE: 'Try again later.',
    NETWORK_OR_CORS: "Check the network, and the page's Content Security Policy (connect-src).",
    OFFLINE: 'Repeat the call when the device is online.',
    UNEXPECTED_ANSWER:
      'Check "endpoint": a proxy, a captive portal or another server may have responded.',
  }
  return remedies[code] ?? `Read the message, and check the settings of ${pool}.`
}

function ambiguous(roles: readonly string[] | undefined): string {
  const choice = roles?.length
    ? `Pass one of these as "role": ${listed(roles)}. Or give`
    : 'Add the user to a group that has a role, and give'
  return `${choice} the user's groups different precedence values.`
}

const listed = (roles: readonly string[] | undefined): string => roles?.join(', ') || 'it has none'
