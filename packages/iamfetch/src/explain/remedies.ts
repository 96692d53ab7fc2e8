import type { RefusalCode } from '../refusal.ts'
import type { Explanation } from './explanation.ts'

/** Who is responsible for a refusal that says what it is, and what to do. */
export type Advice = Pick<Explanation, 'responsible' | 'remedy'>

export const adviceFor = (code: RefusalCode): Advice => ADVICE[code]

const ADVICE: Record<RefusalCode, Advice> = {
  CLOCK_SKEW: {
    responsible: 'device',
    remedy: [
      'Set the clock of the device, or pass credentials that have a clock, such as cognitoCredentials: createIamFetch then corrects it once per call.',
    ],
  },
  SIGNATURE_MISMATCH: { responsible: 'proxy', remedy: [] },
  TOKEN_EXPIRED: {
    responsible: 'session',
    remedy: [
      'Pass "credentials" as a function that renews them: cognitoCredentials(…) itself, not its result.',
    ],
  },
  TOKEN_INVALID: {
    responsible: 'session',
    remedy: [
      'Send the session token with the keys of the same response, and check that they are of the partition of the API.',
    ],
  },
  WRONG_SCOPE: {
    responsible: 'caller',
    remedy: [
      'Set "region" to the region of the API, also for a custom domain, and remove "service".',
    ],
  },
  AUTH_MISSING: {
    responsible: 'caller',
    remedy: [
      'Check stage, path and method against the deployed API: a REST API gives this response for a route that does not exist.',
      'Call with the fetch that createIamFetch returned, not with the plain one, and check that no proxy removes the Authorization header.',
    ],
  },
  AUTH_MALFORMED: {
    responsible: 'caller',
    remedy: ['Send an AWS signature to this route: use createIamFetch, not a bearer token.'],
  },
  ACCESS_DENIED: { responsible: 'policy', remedy: [] },
  FORBIDDEN: { responsible: 'unknown', remedy: [] },
  UNAUTHORIZED: {
    responsible: 'session',
    remedy: [
      'Get a new token, and compare its iss and aud or client_id, and its scopes, with the authorizer of the route.',
      'Call a route that has a JWT or Cognito authorizer with createTokenFetch: it gives the same response to a signature.',
    ],
  },
  UNKNOWN: {
    responsible: 'api',
    remedy: ['Read the logs of the application: a gateway does not send this response.'],
  },
}
