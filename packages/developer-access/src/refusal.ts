import { IamFetchError, type ErrorCode } from '@iamfetch/core'

/** Why an operation on keys is refused. */
export type KeyRefusal = Extract<
  ErrorCode,
  | 'KEY_NOT_FOUND'
  | 'KEY_LIMIT_REACHED'
  | 'KEY_REVOKED'
  | 'KEY_CHANGED'
  | 'SCOPES_NOT_HELD'
  | 'REQUEST_INVALID'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'UNDER_WAY'
  | 'USERNAME_TAKEN'
  | 'CALLER_NOT_TRUSTED'
  | 'TOKEN_INVALID'
  | 'TOKEN_REJECTED'
  | 'SERVICE_UNAVAILABLE'
>

/**
 * Creates the error for a refusal.
 *
 * @param details.remedy  Replaces the general advice.
 */
export function refuse(
  code: KeyRefusal,
  message: string,
  { remedy, cause }: { remedy?: string; cause?: unknown } = {},
): IamFetchError {
  const { status, retryable, ...general } = REFUSALS[code]
  return new IamFetchError(code, message, {
    remedy: remedy ?? general.remedy,
    status,
    retryable,
    ...(cause !== undefined && { cause }),
  })
}

interface RefusalDetails {
  status: number
  remedy: string
  retryable?: true
}

const REFUSALS: Readonly<Record<KeyRefusal, RefusalDetails>> = {
  KEY_NOT_FOUND: { status: 404, remedy: 'List your keys and use an ID of the list.' },
  KEY_LIMIT_REACHED: { status: 409, remedy: 'Revoke a key that you no longer use.' },
  KEY_REVOKED: { status: 409, remedy: 'Create a new key. A key that has ended stays as it is.' },
  KEY_CHANGED: {
    status: 409,
    remedy: 'Read the key again, and repeat the change if you still want it.',
  },
  SCOPES_NOT_HELD: { status: 403, remedy: 'Choose only scopes that you hold yourself.' },
  REQUEST_INVALID: { status: 400, remedy: 'Correct the request and send it again.' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    remedy: 'Use a new idempotency key for each new request.',
  },
  UNDER_WAY: { status: 409, remedy: 'Repeat the request in a few seconds.', retryable: true },
  USERNAME_TAKEN: {
    status: 409,
    remedy: 'Remove the user who had this name before: removeUser(userId).',
  },
  CALLER_NOT_TRUSTED: {
    status: 403,
    remedy:
      'Pass "users.idOf" to createDeveloperAccess, so that users of different issuers have different IDs.',
  },
  TOKEN_INVALID: {
    status: 401,
    remedy: 'Use an active key, exactly as it was shown when it was created.',
  },
  TOKEN_REJECTED: { status: 401, remedy: 'Use another key, or create a new one.' },
  SERVICE_UNAVAILABLE: {
    status: 503,
    remedy: 'Repeat the call in a few seconds.',
    retryable: true,
  },
}
