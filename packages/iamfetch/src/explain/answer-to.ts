import type { RefusalCode } from '../refusal.ts'
import type { Explanation } from './explanation.ts'

/** Whose fault a refusal is that says what it is, and what to do. */
export const answerTo = (code: RefusalCode): Answer => ANSWERS[code]

type Answer = readonly [Explanation['whose'], ...string[]]

const ANSWERS: Record<RefusalCode, Answer> = {
  CLOCK_SKEW: [
    'device',
    "Set the device's clock, or give the fetch a credentials source with a clock: createIamFetch corrects it once a call.",
  ],
  SIGNATURE_MISMATCH: ['proxy'],
  TOKEN_EXPIRED: [
    'session',
    'Pass credentials as a function that renews them: cognitoCredentials(…), not its result.',
  ],
  TOKEN_INVALID: [
    'session',
    'Send the session token with the keys of the same answer; check that region and partition are those of the API.',
  ],
  WRONG_SCOPE: [
    'caller',
    "Give region: the API's own, also for a custom domain, and leave service out.",
  ],
  AUTH_MISSING: [
    'caller',
    'Check stage, path and method against the deployed API: a route that is not there is answered like this.',
    'Call with the fetch that createIamFetch gave, not with the plain one, and check that no proxy removes Authorization.',
  ],
  AUTH_MALFORMED: [
    'caller',
    'Send an AWS signature to this route: createIamFetch, not a bearer token.',
  ],
  ACCESS_DENIED: ['policy'],
  FORBIDDEN: ['unknown'],
  UNAUTHORIZED: [
    'session',
    "Get a new token; compare its iss and aud or client_id, and its scopes, with the route's authorizer.",
    'A signature is answered like this, too, by a route with a JWT or Cognito authorizer: call it with createTokenFetch.',
  ],
  UNKNOWN: ['api', "Look into the application's own logs: a gateway does not answer like this."],
}
