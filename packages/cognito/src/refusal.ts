import { IamFetchError, type ErrorCode, type ErrorDetails } from '@iamfetch/core'

/** What a remedy can name: the pool, the login's key as it was sent, the token's claims, the role, the roles in the token. */
export type Facts = Readonly<Record<string, unknown>>

const CHECK = 'Check that $pool is the right pool, then sign in again.'
const WAIT = 'Try again later.'

/** What Cognito's answers have in their type or message, the code, and the remedy. The first that fits counts. */
const ROWS: readonly (readonly [part: string, ErrorCode, remedy: string])[] = [
  ['Token expired', 'ID_TOKEN_EXPIRED', 'Sign in again.'],
  ['claim: aud', 'NOT_AN_ID_TOKEN', 'Give the ID token, not the access token.'],
  ['providerName', 'LOGIN_PROVIDER_MISMATCH', '$iss was sent as $provider: correct providerName.'],
  ['supported prov', 'LOGIN_PROVIDER_NOT_TRUSTED', 'Add $provider with app client $aud to $pool.'],
  ['signed token', 'ID_TOKEN_INVALID', 'Give the ID token as $iss issued it.'],
  ["Logins don't", 'IDENTITY_LOGIN_MISMATCH', CHECK],
  ["' is forb", 'IDENTITY_DISABLED', CHECK],
  ['Unauth', 'GUEST_NOT_ALLOWED', 'Sign in, or allow guests in $pool.'],
  [
    'ambiguous',
    'ROLE_AMBIGUOUS',
    'Give the groups different precedences, or choose a role: $roles.',
  ],
  [
    'InvalidIdentityPool',
    'ROLE_TRUST_INVALID',
    'Let the role trust cognito-identity.amazonaws.com: sts:AssumeRoleWithWebIdentity (and sts:TagSession) for aud $pool, amr authenticated.',
  ],
  ['classic', 'CLASSIC_FLOW_BLOCKED', 'Use the enhanced flow.'],
  ["Pool '", 'POOL_NOT_FOUND', 'Check ID, region and endpoint of $pool.'],
  ["' not found", 'IDENTITY_NOT_FOUND', CHECK],
  ['ResourceConf', 'LOGIN_CONFLICT', CHECK],
  ['TooMany', 'THROTTLED', `${WAIT} GetId allows 25 a second.`],
  ['LimitEx', 'QUOTA_EXHAUSTED', 'Ask AWS for a higher quota.'],
  ['ExternalS', 'IDP_UNAVAILABLE', WAIT],
  ['InternalE', 'SERVICE_UNAVAILABLE', WAIT],
  // What Cognito says for a role that the token lacks is unverified.
  [
    'Role ',
    'ROLE_NOT_HELD',
    'Choose a role from cognito:roles ($roles), or change the groups and refreshIdentity().',
  ],
  ['NotAuth', 'FORBIDDEN', CHECK],
  ['', 'REQUEST_INVALID', CHECK],
  // No answer of Cognito's.
  ['', 'LOGIN_REQUIRED', 'Sign in.'],
  ['', 'NETWORK_OR_CORS', "Check the connection and the CSP's connect-src."],
  ['', 'UNEXPECTED_ANSWER', 'Check the endpoint.'],
]

/** The error of a code, with the remedy that goes with it; a cause that is one already stays what it is. */
export function refusal(
  code: ErrorCode,
  message: string,
  facts: Facts = {},
  details: Partial<ErrorDetails> = {},
): IamFetchError {
  if (details.cause instanceof IamFetchError) return details.cause
  const [, , remedy = ''] = ROWS.find((row) => row[1] === code) ?? []
  return new IamFetchError(code, message, {
    remedy: remedy.replace(
      /\$(\w+)/g,
      (_, name: string) => [facts[name]].flat().join(', ') || 'none',
    ),
    retryable: /^(THR|SERV|IDP|NET)/.test(code),
    ...details,
  })
}

/**
 * The code for an answer that Cognito refused with.
 *
 * @param answer  Its type and its message.
 */
export const codeOf = (answer: string, status: number): ErrorCode =>
  status > 499 ? 'SERVICE_UNAVAILABLE' : ROWS.find(([part]) => answer.includes(part))![1]
