import type { RefusalCode } from './kinds.ts'

const DENIED = 'You do not have permission to do this.'
const SIGN_IN = 'Sign in again to go on.'
const OUR_FAULT = 'This does not work at the moment. Try again later.'

/** One sentence for each code, for a person who uses the page: what it means for them and what they can do, and nothing else. */
export const USER_MESSAGES: Readonly<Record<RefusalCode, string>> = {
  CLOCK_SKEW: 'The clock of your device is wrong. Set it and try again.',
  SIGNATURE_MISMATCH: OUR_FAULT,
  TOKEN_EXPIRED: SIGN_IN,
  TOKEN_INVALID: SIGN_IN,
  URL_EXPIRED: 'This link has expired. Open the page again.',
  WRONG_SCOPE: OUR_FAULT,
  AUTH_MISSING: OUR_FAULT,
  AUTH_MALFORMED: OUR_FAULT,
  ACCESS_DENIED: DENIED,
  AUTHORIZER_DENIED: DENIED,
  FORBIDDEN: DENIED,
  BLOCKED: 'Your request was blocked. Try again later.',
  UNAUTHORIZED: SIGN_IN,
  SCOPES_MISSING: DENIED,
  GUEST_NOT_ALLOWED: 'Sign in to do this.',
  ROLE_TRUST_INVALID: OUR_FAULT,
  ROLE_AMBIGUOUS: OUR_FAULT,
  LOGIN_PROVIDER_NOT_TRUSTED: OUR_FAULT,
  UNKNOWN: 'This did not work.',
}
