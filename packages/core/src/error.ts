/**
 * Every reason for which an iamfetch package rejects a call or fails. A minor version may add a code: give a `switch`
 * over it a `default`.
 *
 * Each code has a page in the documentation; {@link IamFetchError.docs} is its address.
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
  | 'CREDENTIALS_UNAVAILABLE'
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
  // the user changed while the call was under way
  | 'CALLER_CHANGED'
  | 'CLEARED'
  // a wrong option: the code of a `TypeError`, never of an `IamFetchError`
  | 'INVALID_OPTION'

/** What an {@link IamFetchError} carries in addition to its code and message. */
export interface ErrorDetails {
  /** What a person can do about it: one or two imperative sentences. */
  remedy: string
  /** Whether the same call may succeed later without a change by anybody. @default false */
  retryable?: boolean | undefined
  /** HTTP status of the response that reported the problem. */
  status?: number | undefined
  /** AWS's request ID (`x-amzn-requestid`), for a support case. */
  requestId?: string | null | undefined
  /** The error that was caught, kept as it is. */
  cause?: unknown
}

/**
 * The one error class of all iamfetch packages. Switch on `code`, show `message` and `remedy`.
 *
 * Neither the message, nor JSON, nor inspection contains a token or a secret. A wrong option is a `TypeError` with the code
 * `INVALID_OPTION` instead, thrown when the object is created.
 *
 * @example
 * ```ts
 * try {
 *   await iamFetch('/notes')
 * } catch (error) {
 *   if (!isIamFetchError(error)) throw error
 *   console.warn(error.code, error.message, error.remedy)
 * }
 * ```
 */
export class IamFetchError extends Error {
  override readonly name: string = 'IamFetchError'
  declare readonly code: ErrorCode
  declare readonly retryable: boolean
  declare readonly remedy: string
  declare readonly status?: number
  declare readonly requestId?: string

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    // `Error` reads `cause` from the details if there is one.
    super(message, details)
    this.code = code
    this.retryable = !!details.retryable
    this.remedy = details.remedy
    if (details.status) this.status = details.status
    if (details.requestId) this.requestId = details.requestId
    this.stack = withHeader(this.stack, message, String(this))
  }

  /** The address of the documentation page for this code. */
  get docs(): string {
    return docsUrl(this.code)
  }

  /** The code, what happened, what to do and where to read more, on one line. */
  override toString(): string {
    // A message that quotes AWS may end without a period.
    const message = /[.!?…]$/.test(this.message) ? this.message : `${this.message}.`
    return `${this.name} [${this.code}]: ${message} ${this.remedy} See ${this.docs}`
  }

  /** The error without its stack and cause, for logs. */
  toJSON(): Record<string, unknown> {
    return Object.assign<Record<string, unknown>, this, object>({}, this, {
      message: this.message,
      docs: this.docs,
    })
  }
}

/**
 * Returns whether a value is an {@link IamFetchError}, by its shape: an error of another copy or version of
 * `@iamfetch/core`, for which `instanceof` is false, is one too.
 *
 * @param code  Only an error with this code counts. Defaults to any code.
 * @example
 * ```ts
 * if (isIamFetchError(error, 'LOGIN_REQUIRED')) showSignIn()
 * ```
 */
export function isIamFetchError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C,
): error is IamFetchError & { readonly code: C } {
  if (typeof error !== 'object' || error === null) return false
  if (!('name' in error && 'code' in error && 'remedy' in error)) return false
  if (error.name !== 'IamFetchError' || typeof error.remedy !== 'string') return false
  return code === undefined ? typeof error.code === 'string' : error.code === code
}

/**
 * Replaces the first line of a stack, which consoles built on V8 print: it was written before the code was known.
 * Stacks of other engines have no such line and stay as they are.
 */
function withHeader(stack: string | undefined, message: string, header: string): string {
  const written = [`Error: ${message}`, `IamFetchError: ${message}`]
  const found = written.find((text) => stack?.startsWith(text))
  return found ? header + stack!.slice(found.length) : (stack ?? '')
}

/** The address of the documentation page for an error code. */
export const docsUrl = (code: ErrorCode): string => `${DOCS}/errors/${code}`

/** Where the documentation is published. */
const DOCS = 'https://iamfetch.github.io/iamfetch'
