import { IamFetchError, type ErrorCode, type ErrorDetails } from '@iamfetch/core'

/** What a remedy can name: the pool, the login's key as it was sent, the token's claims, the role, the roles in the token. */
export type Facts = Readonly<Record<string, unknown>>

/**
 * A line for each refusal: what Cognito's answers have in their type or message, the code, the remedy. The first that
 * fits counts; an empty part fits everything, so the lines below `REQUEST_INVALID` are no answer of Cognito's.
 *
 * What Cognito says for a role that the token lacks is unverified.
 */
const TABLE = `Token exp|ID_TOKEN_EXPIRED|Sign in again.
claim: aud|NOT_AN_ID_TOKEN|Give the ID token, not the access token.
providerN|LOGIN_PROVIDER_MISMATCH|Correct providerName: $iss is not $provider.
supported prov|LOGIN_PROVIDER_NOT_TRUSTED|Add $provider with app client $aud to $pool.
login t|ID_TOKEN_INVALID|Give the ID token unchanged.
Logins don|IDENTITY_LOGIN_MISMATCH|
forb|IDENTITY_DISABLED|
Unauth|GUEST_NOT_ALLOWED|Sign in, or allow guests in $pool.
ambig|ROLE_AMBIGUOUS|Choose a role: $roles. Or check groups and precedences.
PoolC|ROLE_TRUST_INVALID|Let the role trust $pool, as the README says.
classic|CLASSIC_FLOW_BLOCKED|Use the enhanced flow.
Pool '|POOL_NOT_FOUND|Check ID, region and endpoint of $pool.
' not|IDENTITY_NOT_FOUND|
Confl|LOGIN_CONFLICT|
TooM|THROTTLED|Try again later: 25 GetId a second.
LimitE|QUOTA_EXHAUSTED|Ask AWS for a higher quota.
External|IDP_UNAVAILABLE|Try again later.
Internal|SERVICE_UNAVAILABLE|Try again later.
Role |ROLE_NOT_HELD|Choose one of cognito:roles: $roles.
NotAu|FORBIDDEN|
|REQUEST_INVALID|
|LOGIN_REQUIRED|Sign in.
|NETWORK_OR_CORS|Check connection and CSP.
|UNEXPECTED_ANSWER|Check the endpoint.`

/** The error of a code, with the remedy that goes with it; a cause that is one already stays what it is. */
export function refusal(
  code: ErrorCode,
  message: string,
  facts: Facts = {},
  details: Partial<ErrorDetails> = {},
): IamFetchError {
  if (details.cause instanceof IamFetchError) return details.cause
  const [remedy] = TABLE.split(`|${code}|`)[1]!.split('\n')
  return new IamFetchError(code, message, {
    remedy: (remedy || 'Check $pool, then sign in again.').replace(
      /\$(\w+)/g,
      (_, name: string) => [facts[name]].flat().join(', ') || 'none',
    ),
    retryable: /^(THR|SERV|IDP|NET|UNEX)/.test(code),
    ...details,
  })
}

/**
 * The code for an answer that Cognito refused with.
 *
 * @param answer  Its type and its message.
 */
export function codeOf(answer: string, status: number): ErrorCode {
  const rows = TABLE.split('\n').map((line) => line.split('|'))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tests go through every row
  const code = rows.find(([part]) => answer.includes(part!))![1] as ErrorCode
  return status > 499 ? 'SERVICE_UNAVAILABLE' : code
}
