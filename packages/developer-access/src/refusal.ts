import { IamFetchError, type ErrorCode } from '@iamfetch/core'

/** Why something about a key is refused. */
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
  | 'TOKEN_INVALID'
  | 'TOKEN_REJECTED'
  | 'SERVICE_UNAVAILABLE'
>

/** Makes the error of a refusal. */
export function refuse(code: KeyRefusal, message: string, cause?: unknown): IamFetchError {
  const [status, remedy, retryable] = REFUSALS[code]
  return new IamFetchError(code, message, {
    remedy,
    status,
    retryable,
    ...(cause !== undefined && { cause }),
  })
}

type Refusal = readonly [status: number, remedy: string, retryable?: true]

const REFUSALS: Readonly<Record<KeyRefusal, Refusal>> = {
  KEY_NOT_FOUND: [404, 'List the keys and take an ID from there.'],
  KEY_LIMIT_REACHED: [409, 'Revoke a key that is no longer used.'],
  KEY_REVOKED: [409, 'It stays as it is. Make a new key.'],
  KEY_CHANGED: [409, 'Read the key again, and repeat the change if it is still wanted.'],
  SCOPES_NOT_HELD: [403, 'Choose among the scopes that you hold yourself.'],
  REQUEST_INVALID: [400, 'Correct the request and send it again.'],
  IDEMPOTENCY_KEY_REUSED: [422, 'Take a new idempotency key for a new request.'],
  UNDER_WAY: [409, 'Repeat the request in a few seconds.', true],
  USERNAME_TAKEN: [409, 'Remove the user that had this name before: removeUser(userId).'],
  TOKEN_INVALID: [401, 'Use a key that is active, as it was shown when it was made.'],
  TOKEN_REJECTED: [401, 'The key was revoked or has expired. Use another one.'],
  SERVICE_UNAVAILABLE: [503, 'Repeat the call in a few seconds.', true],
}
