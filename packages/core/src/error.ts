/**
 * Every reason for which an iamfetch package refuses or fails. Closed: a `switch` over it can be complete.
 *
 * Which package throws which code, when, and what to do is in that package's README; the sentence for a
 * person is the error's `remedy`.
 */
export type ErrorCode =
  // the sign-in
  | 'LOGIN_REQUIRED'
  | 'ID_TOKEN_EXPIRED'
  | 'ID_TOKEN_INVALID'
  | 'NOT_AN_ID_TOKEN'
  // the exchange at the identity pool
  | 'LOGIN_PROVIDER_MISMATCH'
  | 'LOGIN_PROVIDER_NOT_TRUSTED'
  | 'LOGIN_CONFLICT'
  | 'IDENTITY_LOGIN_MISMATCH'
  | 'IDENTITY_DISABLED'
  | 'IDENTITY_NOT_FOUND'
  | 'POOL_NOT_FOUND'
  | 'GUEST_NOT_ALLOWED'
  | 'CLASSIC_FLOW_BLOCKED'
  | 'IDP_UNAVAILABLE'
  // the role
  | 'ROLE_AMBIGUOUS'
  | 'ROLE_NOT_HELD'
  | 'ROLE_TRUST_INVALID'
  // the request, before it leaves
  | 'CREDENTIALS_INCOMPLETE'
  | 'CREDENTIALS_EXPIRED'
  | 'REGION_UNKNOWN'
  | 'ORIGIN_NOT_ALLOWED'
  | 'BODY_NOT_ALLOWED'
  | 'BODY_TOO_LARGE'
  | 'BODY_UNREADABLE'
  | 'URL_NOT_SIGNABLE'
  | 'HEADER_NOT_SIGNABLE'
  | 'EXPIRES_TOO_LATE'
  // the request, under way
  | 'REDIRECT_REFUSED'
  | 'DEADLINE_EXCEEDED'
  | 'NETWORK_OR_CORS'
  | 'OFFLINE'
  // machine tokens
  | 'INVALID_CLIENT'
  | 'INVALID_SCOPE'
  | 'SCOPES_MISSING'
  | 'UNAUTHORIZED_CLIENT'
  | 'TOKEN_REJECTED'
  | 'TOKEN_INVALID'
  | 'SECRET_UNAVAILABLE'
  // who called
  | 'CALLER_MISSING'
  | 'CALLER_UNPROVEN'
  | 'CALLER_NOT_TRUSTED'
  | 'CALLER_MISMATCH'
  | 'TOKEN_EXPIRED'
  | 'GROUP_MISSING'
  // keys that users make for themselves
  | 'KEY_NOT_FOUND'
  | 'KEY_LIMIT_REACHED'
  | 'KEY_REVOKED'
  | 'KEY_CHANGED'
  | 'SCOPES_NOT_HELD'
  | 'USERNAME_TAKEN'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'UNDER_WAY'
  // any service
  | 'REQUEST_INVALID'
  | 'FORBIDDEN'
  | 'THROTTLED'
  | 'QUOTA_EXHAUSTED'
  | 'SERVICE_UNAVAILABLE'
  | 'UNEXPECTED_ANSWER'
  // a value that was thrown away while somebody waited for it
  | 'CLEARED'

/** What an {@link IamFetchError} carries beside its code and message. */
export interface ErrorDetails {
  /** What a person can do about it, one or two sentences. */
  remedy: string
  /** Whether the same call may succeed later without anybody changing anything. @default false */
  retryable?: boolean | undefined
  /** HTTP status of the answer that was refused. */
  status?: number | undefined
  /** AWS's request ID (`x-amzn-requestid`), for a support case. */
  requestId?: string | null | undefined
  /** What was caught. Kept as it is. */
  cause?: unknown
}

/**
 * The one error class of the house. Switch on `code`, show `remedy`.
 *
 * Neither message, nor JSON, nor inspection ever holds a token or a secret. A wrong argument is a
 * `TypeError` at construction instead.
 */
export class IamFetchError extends Error {
  override readonly name: string = 'IamFetchError'
  declare readonly code: ErrorCode
  declare readonly retryable: boolean
  declare readonly remedy: string
  declare readonly status?: number
  declare readonly requestId?: string

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    // `Error` takes `cause` where it is given.
    super(message, details)
    this.code = code
    this.retryable = !!details.retryable
    this.remedy = details.remedy
    if (details.status) this.status = details.status
    if (details.requestId) this.requestId = details.requestId
  }

  /** The error without its stack and cause, for logs. */
  toJSON(): Record<string, unknown> {
    return Object.assign<Record<string, unknown>, this>({ message: this.message }, this)
  }
}
